"""What somebody has to do: the unit's own work, and the results that wait for its review."""

import re
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from trienkhai.core.requests import with_query
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.permissions import REPORT, REVIEW
from trienkhai.progress.queries import OwnWork, WaitingResult, list_own_work, list_waiting_results
from trienkhai.progress.views.assignments import names_of
from trienkhai.tasks.models import Role

OVERVIEW = 10
"""How many rows of each group the first page shows."""
PAGE = 50
TO_REVIEW = "to_review"

_HEADINGS: dict[str, str | Promise] = {
    "returned": _("Returned to you"),
    "overdue": _("Overdue"),
    "due_soon": _("Due soon"),
    TO_REVIEW: _("For you to review"),
    "in_progress": _("Under way"),
    "not_started": _("Without report yet"),
    "waiting": _("Sent, waiting for review"),
}
_ADVICE: dict[str, str | Promise] = {
    "returned": _("Read why, mend it, and send it again."),
    "overdue": _("Send the result; if something is in the way, report what it is."),
    "due_soon": _("Send the result before the deadline passes."),
    TO_REVIEW: _("Compare each result with what was ordered, then accept or return it. The oldest comes first."),
    "in_progress": _("Report how far the work is; send the result when it is done."),
    "not_started": _("The first report says that the work has begun."),
    "waiting": _("Nothing to do here until the reviewer has decided."),
}
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)?\.(\d{1,18})")


@require_safe
def my_work(request: ScopedRequest) -> HttpResponse:
    """Show what the reader has to do, the most pressing first; with `group` one group, page by page."""
    chosen = request.GET.get("group", "")
    if chosen and chosen not in _HEADINGS:
        raise Http404
    rows = _rows(request, chosen)
    shown = [row for group in rows.values() for row in group]
    own = [row for row in shown if isinstance(row, OwnWork)]
    context = {
        "groups": [_group(name, found, chosen, on=request.scope.on) for name, found in rows.items() if found],
        "chosen": _HEADINGS.get(chosen, ""),
        "is_later_page": "after" in request.GET,
        "has_programmes": len({row.programme_number for row in shown}) > 1,
        "has_units": len({row.unit_name for row in own}) > 1,
        "today": request.scope.on,
    }
    context |= _duties(request)
    return render(request, "progress/my_work.html", context)


def _rows(request: ScopedRequest, chosen: str) -> dict[str, list[Any]]:
    """Return the rows of each group, in the order of the page; of one group a page, and a row more if there is one."""
    after = _cursor(request.GET.get("after", "")) if chosen else None
    limit = PAGE + 1 if chosen else OVERVIEW
    rows: dict[str, list[Any]] = {name: [] for name in _HEADINGS}
    if chosen != TO_REVIEW:
        for row in list_own_work(request.scope, group=chosen or None, after=after, limit=limit):
            rows[row.work_group].append(row)
    if chosen in ("", TO_REVIEW):
        rows[TO_REVIEW] = list_waiting_results(request.scope, after=after, limit=limit)
    return rows


def _cursor(text: str) -> tuple[date | None, int] | None:
    """Read where the page before ended: a date, which may be missing, and a key; None where the text says no such."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    try:
        return parse_date(found[1]) if found[1] else None, int(found[2])
    except ValueError:
        return None


def _group(name: str, rows: list[Any], chosen: str, *, on: date) -> dict[str, Any]:
    """Return a group with its rows, how many it holds in all, and the address of the rows that are not shown."""
    is_review = name == TO_REVIEW
    shown = rows[:PAGE]
    number = rows[0].in_all if is_review else rows[0].in_group
    here = [("group", name)]
    if not chosen:
        more = here if number > len(shown) else []
    elif len(rows) > PAGE:
        last = shown[-1]
        day, key = (last.submitted_on, last.report_id) if is_review else (last.due, last.id)
        more = [*here, ("after", f"{day or ''}.{key}")]
    else:
        more = []
    return {
        "name": name,
        "heading": _HEADINGS[name],
        "advice": _ADVICE[name],
        "number": number,
        "rows": [_result(row, on=on) if is_review else _work(row) for row in shown],
        "more_href": with_query(reverse("my_work"), more) if more else "",
    }


def _work(row: OwnWork) -> dict[str, Any]:
    page = "assignment_detail" if row.work_group == "waiting" else "report_submit"
    return {
        "row": row,
        "href": reverse("assignment_detail", args=[row.id]),
        "action_href": reverse(page, args=[row.id]),
        "is_lead": row.role == Role.LEAD,
    }


def _result(row: WaitingResult, *, on: date) -> dict[str, Any]:
    back = [("next", reverse("my_work"))]
    return {
        "row": row,
        "href": reverse("assignment_detail", args=[row.id]),
        "action_href": with_query(reverse("report_decide", args=[row.report_id]), back),
        "days": (on - row.submitted_on).days,
    }


def _duties(request: ScopedRequest) -> dict[str, Any]:
    """Return the names of the units for which the reader reports, and of those for which they review. One query."""
    reporting, reviewing = (request.scope.units(right) or [] for right in (REPORT, REVIEW))
    names = names_of({*reporting, *reviewing}, on=request.scope.on)
    return {
        "reports_for": [names[unit] for unit in reporting if unit in names],
        "reviews_for": [names[unit] for unit in reviewing if unit in names],
    }
