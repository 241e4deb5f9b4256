"""The list of assignments: the rows behind every figure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from trienkhai.core.requests import whole_number, with_query
from trienkhai.core.templatetags.ui import STANDING_LABELS
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import ListedAssignment, count_standings, list_assignments
from trienkhai.progress.rules import StandingCount
from trienkhai.progress.views.place import Parameters, Place, place_of
from trienkhai.tasks.models import Programme, Role, Task
from trienkhai.tasks.rules import STANDINGS

PAGE = 50
_CURSOR = re.compile(r"(\d{1,18})-(\d{1,9})-(\d{1,18})-(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the assignments under a unit is listed; `after` is where the page before ended, `before` how many rows.

    A task, a standing, what the unit itself holds, what has no deadline: each alone or together with others.
    """

    task: Task | None
    standing: str
    is_own: bool
    has_no_deadline: bool
    after: tuple[int, int, int] | None
    before: int

    @property
    def parameters(self) -> Parameters:
        """Return the filters as addresses carry them."""
        return [
            ("task", self.task.number if self.task else None),
            ("standing", self.standing),
            ("own", 1 if self.is_own else None),
            ("no_deadline", 1 if self.has_no_deadline else None),
        ]

    @property
    def is_any(self) -> bool:
        """Say whether anything is left out."""
        return bool(self.task or self.standing or self.is_own or self.has_no_deadline)


@require_safe
@vary_on_headers("HX-Request")
def assignment_list(request: ScopedRequest, unit_id: int) -> HttpResponse:
    """List the assignments under a unit: all, or those of a task or of a standing, page by page."""
    place = place_of(request, unit_id)
    context = place.frame() | {"breadcrumbs": _breadcrumbs(place), "programmes": list(_choices(place))}
    if place.programme:
        tasks = list(place.programme.tasks.order_by("number"))
        filters = _filters(request, tasks)
        context |= _counted(place, place.programme, filters, tasks) | _page(place, place.programme, filters)
    part = "#page" if request.headers.get("HX-Request") else ""
    return render(request, f"progress/assignment_list.html{part}", context)


def _breadcrumbs(place: Place) -> list[tuple[str, str]]:
    units = [(row.short_name, place.unit_href(row.unit_id)) for row in [*place.above, place.unit]]
    return [*units, (_("List of assignments"), "")]


def _choices(place: Place) -> Iterator[dict[str, Any]]:
    path = reverse("assignment_list", args=[place.unit.unit_id])
    for programme in place.programmes:
        yield {
            "number": programme.number,
            "title": programme.title,
            "href": with_query(path, [("programme", programme.number), *place.day_kept]),
            "is_current": programme == place.programme,
        }


def _filters(request: ScopedRequest, tasks: list[Task]) -> Filters:
    """Read the filters from the address. Raises Http404 for a task or a standing that there is not."""
    number, standing = request.GET.get("task", ""), request.GET.get("standing", "")
    by_number = {task.number: task for task in tasks}
    task = by_number.get(whole_number(number) or 0)
    if (number and task is None) or (standing and standing not in STANDINGS):
        raise Http404
    cursor = _CURSOR.fullmatch(request.GET.get("after", ""))
    unit_id, task_number, assignment_id, before = map(int, cursor.groups()) if cursor else (0, 0, 0, 0)
    return Filters(
        task=task,
        standing=standing,
        is_own=request.GET.get("own") == "1",
        has_no_deadline=request.GET.get("no_deadline") == "1",
        after=(unit_id, task_number, assignment_id) if cursor else None,
        before=before,
    )


def _counted(place: Place, programme: Programme, filters: Filters, tasks: list[Task]) -> dict[str, Any]:
    """Return how many of how many are listed, and how many each other choice of a filter would list."""
    unit_id = place.unit.unit_id
    counts = count_standings(unit_id, programme=programme, on=place.on)
    whole = [count for count in counts if count.unit_id == unit_id]
    below = [count for count in counts if count.unit_id != unit_id] if filters.is_own else []

    def number(*, task: Task | None = filters.task, standing: str = filters.standing) -> int:
        return _sum(whole, filters, task, standing) - _sum(below, filters, task, standing)

    return {
        "filters": filters,
        "number": number(),
        "number_in_all": sum(count.assignments for count in whole),
        "task_choices": [
            (task, number(task=task)) for task in tasks if task == filters.task or number(task=task, standing="")
        ],
        "standing_choices": [(name, capfirst(str(STANDING_LABELS[name])), number(standing=name)) for name in STANDINGS],
        "kept": [("programme", programme.number), *place.day_kept],
        "date_kept": [("programme", programme.number), *(pair for pair in filters.parameters if pair[1])],
        "all_href": place.list_href(unit_id),
    }


def _sum(counts: Iterable[StandingCount], filters: Filters, task: Task | None, standing: str) -> int:
    return sum(
        count.no_deadline if filters.has_no_deadline else count.assignments
        for count in counts
        if (task is None or count.task_id == task.pk) and (not standing or count.standing == standing)
    )


def _page(place: Place, programme: Programme, filters: Filters) -> dict[str, Any]:
    """Return one page of rows, and the addresses of the first and of the next one."""
    rows = list_assignments(
        place.unit.unit_id,
        programme=programme,
        on=place.on,
        task=filters.task.number if filters.task else None,
        standing=filters.standing or None,
        is_own=filters.is_own,
        has_no_deadline=filters.has_no_deadline,
        after=filters.after,
        limit=PAGE + 1,
    )
    shown = rows[:PAGE]
    path = reverse("assignment_list", args=[place.unit.unit_id])
    here = [("programme", programme.number), *place.day_kept, *filters.parameters]
    is_one_unit = {row.unit_id for row in shown} <= {place.unit.unit_id}
    last = shown[-1] if len(rows) > PAGE else None
    cursor = f"{last.unit_id}-{last.task_number}-{last.id}-{filters.before + PAGE}" if last else ""
    return {
        "rows": [_row(row) for row in shown],
        "is_one_unit": is_one_unit,
        "is_one_task": filters.task is not None and not is_one_unit,
        "first": filters.before + 1,
        "last": filters.before + len(shown),
        "first_href": with_query(path, here) if filters.after else "",
        "after_href": with_query(path, [*here, ("after", cursor)]) if cursor else "",
    }


def _row(row: ListedAssignment) -> dict[str, Any]:
    return {
        "href": reverse("assignment_detail", args=[row.id]),
        "unit": row.unit_name,
        "above": row.above_name,
        "task_number": row.task_number,
        "task_title": row.task_title,
        "is_lead": row.role == Role.LEAD,
        "due": row.due,
        "original_due": row.original_due,
        "submitted_on": row.submitted_on,
        "progress": row.progress,
        "standing": row.standing,
    }
