"""Where it stands: a unit and everything under it, on one day."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from trienkhai.core.requests import typed, with_query
from trienkhai.core.templatetags.ui import count
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import Rollup, UnitFigures, rollup
from trienkhai.progress.rules import Figures
from trienkhai.progress.views.place import Place, place_of
from trienkhai.tasks.models import Programme

SORTS: dict[str, Callable[[UnitFigures], Any]] = {
    "name": lambda _row: 0,
    "overdue": lambda row: (-row.figures.share_overdue, -row.figures.standings["overdue"]),
    "done": lambda row: (row.figures.share_done is None, row.figures.share_done or 0),
}
"""The orders of units; those that are equal stay in the order of their names."""


@require_safe
def home(request: ScopedRequest) -> HttpResponse:
    """Go to the highest unit that the reader may see."""
    highest = UnitVersion.objects.on(request.scope.on).within(request.scope, READ).order_by("level_id", "code").first()
    if highest is None:
        return render(request, "progress/nothing_to_see.html")
    return redirect("unit_detail", unit_id=highest.unit_id)


@require_safe
@vary_on_headers("HX-Request")
def unit_detail(request: ScopedRequest, unit_id: int) -> HttpResponse:
    """Show the standings of everything under a unit, its children side by side, and its tasks."""
    place = place_of(request, unit_id)
    programmes = [_choice(programme, place) for programme in place.programmes]
    context = place.frame() | {"breadcrumbs": _breadcrumbs(place), "programmes": programmes}
    if place.programme:
        context |= _figures(request, place, rollup(place.unit, programme=place.programme, on=place.on))
    part = "#figures" if request.headers.get("HX-Request") else ""
    return render(request, f"progress/unit_detail.html{part}", context)


def _breadcrumbs(place: Place) -> list[tuple[str, str]]:
    return [(row.short_name, place.unit_href(row.unit_id)) for row in [*place.above, place.unit]]


def _choice(programme: Programme, place: Place) -> dict[str, Any]:
    path = reverse("unit_detail", args=[place.unit.unit_id])
    return {
        "number": programme.number,
        "title": programme.title,
        "href": with_query(path, [("programme", programme.number), *place.day_kept]),
        "is_current": programme == place.programme,
    }


def _figures(request: ScopedRequest, place: Place, found: Rollup) -> dict[str, Any]:
    """Return the figures of the page: the whole, the children in the chosen order, the tasks."""
    unit_id = place.unit.unit_id
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "name"
    text = typed(request, "name")
    children = found.units
    if text:
        matching = UnitVersion.objects.on(found.on).children_of(unit_id).named(text)
        matches = set(matching.values_list("unit_id", flat=True))
        children = [row for row in children if row.unit.unit_id in matches]
    standings = found.whole.standings
    return {
        "total": _row(found.whole)
        | {
            "own": found.own.assignments,
            "own_href": place.list_href(unit_id, own=1),
            "no_deadline_href": place.list_href(unit_id, no_deadline=1),
            "href": place.list_href(unit_id),
            "links": {name: place.list_href(unit_id, standing=name) for name in standings if standings[name]},
        },
        "live": {"unit": unit_id, "programme": found.programme.pk} if place.is_live else None,
        "children": [
            _row(row.figures)
            | {
                "id": row.unit.unit_id,
                "name": row.unit.name,
                "href": place.unit_href(row.unit.unit_id),
                "overdue_href": place.list_href(row.unit.unit_id, standing="overdue"),
            }
            for row in sorted(children, key=SORTS[sort])
        ],
        "has_children": bool(found.units),
        "children_label": level_counts(found.units),
        "sort": sort,
        "sort_choices": [("name", _("By name")), ("overdue", _("Most overdue")), ("done", _("Least done"))],
        "name_filter": text,
        "worst_first_href": place.unit_href(unit_id, ("sort", "overdue")) if found.units else "",
        "clear_href": place.unit_href(unit_id, ("sort", sort)),
        "here_href": place.unit_href(unit_id),
        "matrix_href": place.matrix_href(unit_id),
        "indicators_href": place.indicators_href(unit_id),
        "programme_kept": place.programme_kept,
        "kept": [*place.programme_kept, *place.day_kept],
        "tasks": [
            _row(row.figures)
            | {
                "number": row.task.number,
                "title": row.task.title,
                "group": row.task.group,
                "due": row.task.due,
                "href": place.list_href(unit_id, task=row.task.number),
                "overdue_href": place.list_href(unit_id, task=row.task.number, standing="overdue"),
            }
            for row in found.tasks
            if row.figures.assignments
        ],
    }


def _row(figures: Figures) -> dict[str, Any]:
    return {
        "assignments": figures.assignments,
        "standings": figures.standings,
        "no_deadline": figures.no_deadline,
        "share_done": figures.share_done,
    }


def level_counts(units: Iterable[UnitFigures]) -> str:
    """Say how many units of which levels stand directly below."""
    return in_levels(Counter(str(row.unit.level).lower() for row in units))


def in_levels(numbers: Mapping[str, int]) -> str:
    """Say how many units there are of each level, by the name of the level."""
    return "; ".join(
        _("%(number)s units: %(level)s") % {"number": count(number), "level": level}
        for level, number in numbers.items()
    )
