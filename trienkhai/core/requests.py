"""What the addresses of pages say, read the same way by every view."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from trienkhai.core import clock


def as_of(request: HttpRequest) -> date:
    """Return the day for which a page reads, `on` in the address; today if it names none.

    A day that is none, or that is not yet over, is answered with today and a message that says so.
    """
    text = request.GET.get("on", "")
    today = clock.today()
    if not text:
        return today
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        messages.warning(request, _("“%(text)s” is not a date; today's figures are shown.") % {"text": text[:20]})
        return today
    if day > today:
        messages.warning(request, _("That day is not yet over; today's figures are shown."))
        return today
    return day


def with_query(path: str, parameters: Iterable[tuple[str, object]]) -> str:
    """Return the address of a path with those parameters that say something (not "" and not None)."""
    said = [(name, value) for name, value in parameters if value not in ("", None)]
    return f"{path}?{urlencode(said)}" if said else path


def typed(request: HttpRequest, name: str, *, longest: int = 100) -> str:
    """Return what somebody typed into a search, cut at `longest` characters; what no text can hold is left out."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:longest]


def whole_number(text: str | None) -> int | None:
    """Return the number that a parameter writes in decimal digits and that a key can be, else None."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
