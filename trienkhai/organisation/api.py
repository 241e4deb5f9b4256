"""The organisation by the API."""

from datetime import date
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from trienkhai.core import clock
from trienkhai.organisation.models import Level, UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.queries import UnitVersionQuerySet, count_below
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.organisation.schemas import UnitDetailOut, UnitPageOut

router = Router()

PAGE_LIMIT = 200

On = Annotated[date | None, Query(description="The day to read for; today if it is left out.")]
Limit = Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="How many units at most; more than 200 is an error.")]
After = Annotated[int | None, Query(ge=1, lt=2**63, description="The cursor of the page before (`next`).")]


@router.get("/units", response=UnitPageOut, operation_id="list_units")
def list_units(
    request: ScopedRequest,
    on: On = None,
    name: Annotated[str, Query(max_length=100, description="A part of the name; accents may be left out.")] = "",
    code: Annotated[str, Query(max_length=20)] = "",
    level: Annotated[str, Query(max_length=20)] = "",
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """List the units that the token may read, as they stand on a day, by name, code or level."""
    day = on or clock.today()
    visible = _visible(request)
    found = visible.on(day)
    if name:
        found = found.named(name)
    if code:
        found = found.filter(code=code)
    if level:
        found = found.filter(level__code=level)
    return _page(found, visible=visible, day=day, limit=limit, after=after)


@router.get("/units/{int:unit_id}", response=UnitDetailOut, operation_id="get_unit")
def get_unit(request: ScopedRequest, unit_id: int, on: On = None) -> dict[str, Any]:
    """Return a unit on a day; one that does not exist on that day is not found."""
    day = on or clock.today()
    visible = _visible(request)
    unit = get_object_or_404(visible.on(day), unit_id=unit_id)
    levels = dict(Level.objects.values_list("rank", "code"))
    return _unit(unit) | {
        "on": day,
        "above": [_unit(row) for row in visible.above(unit_id, on=day) if row.unit_id != unit_id],
        "below": [{"level": levels[row.level_id], "units": row.units} for row in count_below([unit_id], on=day)],
    }


@router.get("/units/{int:unit_id}/children", response=UnitPageOut, operation_id="list_children")
def list_children(
    request: ScopedRequest, unit_id: int, on: On = None, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    """List the units directly below a unit on a day."""
    day = on or clock.today()
    visible = _visible(request)
    get_object_or_404(visible.on(day), unit_id=unit_id)
    return _page(visible.on(day).children_of(unit_id), visible=visible, day=day, limit=limit, after=after)


def _visible(request: ScopedRequest) -> UnitVersionQuerySet:
    visible: UnitVersionQuerySet = UnitVersion.objects.within(request.scope, READ).select_related("level")
    return visible


def _page(
    found: UnitVersionQuerySet, *, visible: UnitVersionQuerySet, day: date, limit: int, after: int | None
) -> dict[str, Any]:
    last = visible.filter(pk=after).first() if after else None
    rows = list((found.after(last) if last else found).in_name_order()[: limit + 1])
    page = rows[:limit]
    return {"on": day, "units": [_unit(row) for row in page], "next": page[-1].pk if len(rows) > limit else None}


def _unit(row: UnitVersion) -> dict[str, Any]:
    return {
        "id": row.unit_id,
        "code": row.code,
        "level": row.level.code,
        "kind": row.kind,
        "name": row.name,
        "short_name": row.short_name,
        "parent_id": row.parent_id,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "since": row.valid.lower,
        "until": row.valid.upper,
    }
