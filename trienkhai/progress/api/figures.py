"""Where it stands, by the API: the roll-up of a unit, and the lists behind its figures."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router

from trienkhai.core import clock
from trienkhai.core.errors import DomainError
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.api.programmes import programme_or_404
from trienkhai.progress.queries import (
    ListedAssignment,
    list_assignments,
    list_own_work,
    list_waiting_results,
    rollup,
    sum_indicators,
)
from trienkhai.progress.schemas import AssignmentPageOut, IndicatorSumOut, RollupOut, Standing, WorkOut

router = Router()

PAGE_LIMIT = 200
STREAM_ROWS = 2000
"""How many rows a stream reads at once: each page is a short transaction of its own."""

Day = Annotated[date | None, Query(alias="on", description="The day whose end is read; today if it is left out.")]
Number = Annotated[int, Query(alias="programme", ge=1, lt=2**31, description="The number of the programme.")]


@router.get("/units/{int:unit_id}/rollup", response=RollupOut, operation_id="get_rollup")
def get_rollup(request: ScopedRequest, unit_id: int, programme: Number, on: Day = None) -> RollupOut:
    """Return where a programme stands under a unit at the end of a day, exactly."""
    day = on or clock.today()
    unit = _unit(request, unit_id, day=day)
    return RollupOut.of(rollup(unit, programme=programme_or_404(request, programme), on=day))


@router.get("/units/{int:unit_id}/indicators", response=list[IndicatorSumOut], operation_id="sum_indicators")
def get_indicators(request: ScopedRequest, unit_id: int, programme: Number, on: Day = None) -> Any:
    """Return what indicators add up to under a unit and each unit directly below, from what was accepted by a day."""
    day = on or clock.today()
    unit = _unit(request, unit_id, day=day)
    return sum_indicators(unit.unit_id, programme=programme_or_404(request, programme), on=day)


@router.get("/units/{int:unit_id}/assignments", response=AssignmentPageOut, operation_id="list_assignments")
def get_assignments(
    request: ScopedRequest,
    unit_id: int,
    programme: Number,
    on: Day = None,
    task: Annotated[int | None, Query(ge=1, lt=2**31, description="The number of a task.")] = None,
    standing: Annotated[Standing | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT, description="More than 200 is an error.")] = 50,
    after: Annotated[str, Query(max_length=70, description="The cursor of the page before (`next`).")] = "",
    format: Annotated[  # noqa: A002 (the parameter's name in the address)
        Literal["json", "csv", "ndjson"], Query(description="csv and ndjson stream the whole list, without pages.")
    ] = "json",
) -> Any:
    """List the assignments under a unit that count at the end of a day; with `format`, all of them as a stream."""
    day = on or clock.today()
    unit = _unit(request, unit_id, day=day)
    filters: dict[str, Any] = {
        "unit_id": unit.unit_id,
        "programme": programme_or_404(request, programme),
        "on": day,
        "task": task,
        "standing": standing,
    }
    if format != "json":
        return _stream(filters, form=format)
    rows = list_assignments(**filters, after=_cursor(after), limit=limit + 1)
    page = rows[:limit]
    return {"on": day, "assignments": page, "next": _cursor_after(page[-1]) if len(rows) > limit else None}


@router.get("/work", response=WorkOut, operation_id="get_work")
def get_work(request: ScopedRequest) -> dict[str, Any]:
    """Return what the token's user has to do and to review, the most pressing first."""
    return {
        "on": request.scope.on,
        "to_do": list_own_work(request.scope, limit=PAGE_LIMIT),
        "to_review": list_waiting_results(request.scope, limit=PAGE_LIMIT),
    }


def _unit(request: ScopedRequest, unit_id: int, *, day: date) -> UnitVersion:
    visible = UnitVersion.objects.within(request.scope, READ).select_related("level")
    return get_object_or_404(visible.on(day), unit_id=unit_id)


def _cursor_after(row: ListedAssignment) -> str:
    return f"{row.unit_id}.{row.task_number}.{row.id}"


def _cursor(text: str) -> tuple[int, int, int] | None:
    if not text:
        return None
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and int(part) < 2**63 for part in parts):
        raise DomainError("cursor_unknown", _("“after” is no cursor of this list; take `next` of the page before."))
    unit, number, row = map(int, parts)
    return unit, min(number, 2**31 - 1), row


def _stream(filters: dict[str, Any], *, form: str) -> HttpResponseBase:
    lines = _as_csv(_every(filters)) if form == "csv" else _as_ndjson(_every(filters))
    media_type = "text/csv; charset=utf-8" if form == "csv" else "application/x-ndjson"
    response = StreamingHttpResponse(lines, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="assignments.{form}"'
    return response


def _every(filters: dict[str, Any]) -> Iterator[ListedAssignment]:
    after = None
    while rows := list_assignments(**filters, after=after, limit=STREAM_ROWS):
        yield from rows
        after = (rows[-1].unit_id, rows[-1].task_number, rows[-1].id)


def _as_ndjson(rows: Iterator[ListedAssignment]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(asdict(row), cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"


def _as_csv(rows: Iterator[ListedAssignment]) -> Iterator[str]:
    # The mark tells spreadsheets that the text is UTF-8.
    yield "\ufeff" + ",".join(ListedAssignment.__dataclass_fields__) + "\r\n"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(_harmless(value) for value in asdict(row).values())
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _harmless(value: object) -> object:
    """Return a value of which no spreadsheet makes a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
