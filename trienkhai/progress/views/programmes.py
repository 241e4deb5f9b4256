"""Which programmes there are, and how each task stands in each unit."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from trienkhai.core.requests import whole_number, with_query
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import Rollup, UnitFigures, count_programmes, programmes_within, rollup, units_reached
from trienkhai.progress.rules import WORST_FIRST, Figures
from trienkhai.progress.views.assignments import names_of
from trienkhai.progress.views.clears import tasks_with_clears
from trienkhai.progress.views.issuing import draft
from trienkhai.progress.views.place import Place, place_of
from trienkhai.progress.views.units import SORTS, level_counts
from trienkhai.tasks.models import Programme
from trienkhai.tasks.permissions import ISSUE

PAGE = 50
MATRIX_PAGE = 100


@require_safe
def programme_list(request: ScopedRequest) -> HttpResponse:
    """List the programmes that reach what the reader may see, and the drafts that they may issue."""
    after = whole_number(request.GET.get("after"))
    found = programmes_within(request.scope)
    page = list((found.filter(number__lt=after) if after else found)[: PAGE + 1])
    shown = page[:PAGE]
    context = {
        "programmes": list(_listed(request, shown)),
        "first_href": reverse("programme_list") if after else "",
        "after_href": with_query(reverse("programme_list"), [("after", shown[-1].number)]) if len(page) > PAGE else "",
        "today": request.scope.on,
        "may_import": request.scope.units(ISSUE) != [],
    }
    return render(request, "progress/programme_list.html", context)


@require_safe
def programme_detail(request: ScopedRequest, number: int) -> HttpResponse:
    """Show how each task of a programme stands in each unit directly below one, and what the tasks order."""
    programme = get_object_or_404(programmes_within(request.scope), number=number)
    if programme.issued_on is None:
        return render(request, "progress/programme_draft.html", draft(request, programme))
    unit_id = whole_number(request.GET.get("unit"))
    if unit_id is None:
        unit_id = get_object_or_404(units_reached(programme, scope=request.scope)[:1]).unit_id
    place = place_of(request, unit_id, programme=programme)
    found = rollup(place.unit, programme=programme, on=place.on, by_task=True)
    context = place.frame() | _head(request, place, programme) | _matrix(request, place, found)
    context["tasks"] = _tasks(place, programme, found)
    return render(request, "progress/programme_detail.html", context)


def _listed(request: ScopedRequest, programmes: list[Programme]) -> Iterator[dict[str, Any]]:
    """Yield programmes with who issued them and where they stand in everything that the reader may see."""
    figures = count_programmes(programmes, scope=request.scope)
    names = names_of({programme.issuer_id for programme in programmes}, on=request.scope.on)
    tops = request.scope.units(READ) or []
    for programme in programmes:
        row = figures.get(programme.pk, Figures())
        href = reverse("programme_detail", args=[programme.number])
        overdue = [("programme", programme.number), ("standing", "overdue")]
        yield {
            "programme": programme,
            "issuer": names[programme.issuer_id],
            "href": href,
            "overdue_href": with_query(reverse("assignment_list", args=tops), overdue) if len(tops) == 1 else href,
            "assignments": row.assignments,
            "standings": row.standings,
            "share_done": row.share_done,
        }


def _head(request: ScopedRequest, place: Place, programme: Programme) -> dict[str, Any]:
    """Return what the page says of the programme itself, what its issuer may do, and the way down to the unit."""
    may_issue = request.scope.allows(ISSUE, at=programme.issuer_id)
    return {
        "issuer": names_of({programme.issuer_id}, on=request.scope.on)[programme.issuer_id],
        "breadcrumbs": [(row.short_name, place.matrix_href(row.unit_id)) for row in [*place.above, place.unit]],
        "unit_href": place.unit_href(place.unit.unit_id),
        "indicators_href": place.indicators_href(place.unit.unit_id),
        "kept": [("unit", place.unit.unit_id)],
        "is_issued_later": (programme.issued_on or place.on) > place.on,
        "may_issue": may_issue and not programme.is_closed(on=request.scope.on),
        "may_close": may_issue and programme.closed_on is None,
    }


def _matrix(request: ScopedRequest, place: Place, found: Rollup) -> dict[str, Any]:
    """Return the rows of the matrix: the whole, the unit's own, and one page of its children in the chosen order."""
    unit_id = place.unit.unit_id
    sort = "overdue" if request.GET.get("sort") == "overdue" else "name"
    held = [row for row in found.tasks if row.figures.assignments]
    cells = found.cells()
    children = sorted(found.units, key=SORTS[sort])
    page = _page(children, after=whole_number(request.GET.get("after")))
    last = page[-1].unit.unit_id if page and page[-1] != children[-1] else None

    def row(unit: int, figures: Figures, by_task: Iterable[Figures | None], **filters: object) -> dict[str, Any]:
        tasks = zip(held, by_task, strict=True)
        return {
            "all": _cell(figures, place.list_href(unit, **filters)),
            "cells": [
                _cell(cell, place.list_href(unit, **filters, task=column.task.number)) if cell else None
                for column, cell in tasks
            ],
        }

    return {
        "columns": [{"number": column.task.number, "title": column.task.title} for column in held],
        "whole": row(unit_id, found.whole, (column.figures for column in held)),
        "own": row(unit_id, found.own, (cells.get((unit_id, column.task.pk)) for column in held), own=1)
        if found.own.assignments
        else None,
        "units": [
            row(
                child.unit.unit_id,
                child.figures,
                (cells.get((child.unit.unit_id, column.task.pk)) for column in held),
            )
            | {"name": child.unit.short_name, "href": place.matrix_href(child.unit.unit_id)}
            for child in page
        ],
        "shown_standings": _worst(found, cells.values()),
        "units_label": level_counts(found.units),
        "sort": sort,
        "sort_choices": [
            ("name", _("By name"), place.matrix_href(unit_id)),
            ("overdue", _("Most overdue"), place.matrix_href(unit_id, ("sort", "overdue"))),
        ],
        "first_href": place.matrix_href(unit_id, ("sort", sort)) if page and page[0] != children[0] else "",
        "after_href": place.matrix_href(unit_id, ("sort", sort), ("after", last)) if last else "",
    }


def _worst(found: Rollup, cells: Iterable[Figures]) -> list[str]:
    """Return the standings that some cell shows as its worst, the worst first."""
    units, tasks = (unit.figures for unit in found.units), (task.figures for task in found.tasks)
    shown = {figures.worst for figures in [found.whole, found.own, *units, *tasks, *cells]}
    return [standing for standing in WORST_FIRST if standing in shown]


def _page(children: list[UnitFigures], *, after: int | None) -> list[UnitFigures]:
    """Return the children that follow one of them; from the first, where that is none of them."""
    places = (place for place, child in enumerate(children, start=1) if child.unit.unit_id == after)
    start = next(places, 0)
    return children[start : start + MATRIX_PAGE]


def _cell(figures: Figures, href: str) -> dict[str, Any] | None:
    if not figures.worst:
        return None
    return {"standings": figures.standings, "total": figures.assignments, "worst": figures.worst, "href": href}


def _tasks(place: Place, programme: Programme, found: Rollup) -> list[dict[str, Any]]:
    """Return the tasks with their six clears and where each stands under the unit."""
    figures = {row.task.pk: row.figures for row in found.tasks}
    return [
        clears
        | {
            "assignments": figures[task.pk].assignments,
            "standings": figures[task.pk].standings,
            "href": place.list_href(place.unit.unit_id, task=task.number),
        }
        for task, clears in tasks_with_clears(programme, on=place.today)
    ]
