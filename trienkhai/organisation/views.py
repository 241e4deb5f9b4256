"""The organisation by pages: find a unit, walk down and up, see what it was before."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from trienkhai.core import clock
from trienkhai.core.requests import as_of, typed, whole_number, with_query
from trienkhai.organisation.models import Level, UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.queries import UnitVersionQuerySet, count_below
from trienkhai.organisation.requests import ScopedRequest

PAGE = 50


@require_safe
def unit_list(request: ScopedRequest) -> HttpResponse:
    """Find units by a part of their name, accents or not; without a name, show where the reader's units begin."""
    on = as_of(request)
    text = typed(request, "name")
    visible = UnitVersion.objects.on(on).within(request.scope, READ).select_related("level")
    found = visible.named(text) if text else visible.tops(on=on)
    context = _listed(request, found, on=on) | {"on": on, "today": clock.today(), "name_filter": text}
    return render(request, "organisation/unit_list.html", context)


@require_safe
def unit_children(request: ScopedRequest, unit_id: int) -> HttpResponse:
    """Show a unit on a day: what stands above and below it, and what it was called and where it stood before."""
    on = as_of(request)
    visible = UnitVersion.objects.within(request.scope, READ).select_related("level")
    unit = get_object_or_404(visible.nearest(unit_id, on=on))
    text = typed(request, "name")
    children = visible.on(on).children_of(unit_id)
    context = _listed(request, children.named(text) if text else children, on=on)
    context |= {
        "unit": unit,
        "on": on,
        "today": clock.today(),
        "exists": on in unit.valid,
        "breadcrumbs": [(row.short_name, _address(row.unit_id, on)) for row in visible.above(unit_id, on=on)],
        "below": _below([unit_id], on=on).get(unit_id, []),
        "versions": _versions(unit_id, visible),
        "name_filter": text,
        "figures_href": with_query(reverse("unit_detail", args=[unit_id]), [_day(on)]),
    }
    return render(request, "organisation/unit_children.html", context)


def _listed(request: ScopedRequest, found: UnitVersionQuerySet, *, on: date) -> dict[str, Any]:
    """Return one page of units in the order of names, with how many stand below each."""
    visible = UnitVersion.objects.within(request.scope, READ)
    last = visible.filter(pk=whole_number(request.GET.get("after")) or 0).first()
    page = list((found.after(last) if last else found).in_name_order()[: PAGE + 1])
    shown = page[:PAGE]
    below = _below([row.unit_id for row in shown], on=on)
    above = UnitVersion.objects.on(on).filter(unit_id__in={row.parent_id for row in shown})
    names = dict(above.values_list("unit_id", "short_name"))
    following = [*_parameters(request), ("after", shown[-1].pk)] if len(page) > PAGE else []
    return {
        "units": [
            {
                "name": row.name,
                "code": row.code,
                "level": row.level,
                "above": names.get(row.parent_id, ""),
                "below": below.get(row.unit_id, []),
                "href": _address(row.unit_id, on),
            }
            for row in shown
        ],
        "kept": [("on", on.isoformat())] if on != clock.today() else [],
        "before_href": with_query(request.path, _parameters(request)) if last else "",
        "after_href": with_query(request.path, following) if following else "",
    }


def _parameters(request: ScopedRequest) -> list[tuple[str, str]]:
    return [(name, request.GET[name]) for name in ("name", "on") if request.GET.get(name)]


def _below(units: Sequence[int], *, on: date) -> dict[int, list[tuple[str, int]]]:
    """Return (name of the level, number of units) for each unit that has units below it."""
    levels = {level.rank: str(level) for level in Level.objects.all()}
    found: dict[int, list[tuple[str, int]]] = {}
    for row in count_below(units, on=on):
        found.setdefault(row.unit_id, []).append((levels[row.level_id], row.units))
    return found


def _versions(unit_id: int, visible: UnitVersionQuerySet) -> list[dict[str, Any]]:
    """Return what the unit was, the latest first; `until` is the last day, None while it lasts."""
    versions = list(visible.filter(unit_id=unit_id).order_by("-valid"))
    parents: dict[tuple[int | None, date], str] = {}
    above = UnitVersion.objects.filter(unit_id__in={row.parent_id for row in versions} - {None})
    for parent in above:
        for row in versions:
            if row.parent_id == parent.unit_id and row.valid.lower in parent.valid:
                parents[row.parent_id, row.valid.lower] = parent.name
    return [
        {
            "name": row.name,
            "code": row.code,
            "level": row.level,
            "above": parents.get((row.parent_id, row.valid.lower), ""),
            "since": row.valid.lower,
            "until": row.valid.upper - timedelta(days=1) if row.valid.upper else None,
        }
        for row in versions
    ]


def _address(unit_id: int, on: date) -> str:
    return with_query(reverse("unit_children", args=[unit_id]), [_day(on)])


def _day(on: date) -> tuple[str, str | None]:
    return "on", None if on == clock.today() else on.isoformat()
