"""The ticket with which a browser watches changes: what its holder may read, signed, good for ten minutes.

The process `live` reads tickets without any query; nothing here may need the models.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from django.http import HttpResponse  # noqa: TID251 (the type alone)

COOKIE: Final = "live"
PATH: Final = "/live"
LIFETIME: Final = 600  # seconds

_SIGNER: Final = Signer(salt="trienkhai.access.tickets")
# Browsers drop a longer cookie, and a proxy may refuse the whole answer for it.
_LONGEST: Final = 3900  # bytes


@dataclass(frozen=True, slots=True)
class Ticket:
    """The units at the top of what its holder may read, None for everything, until an instant (seconds since 1970)."""

    units: Sequence[int] | None
    ends_at: float


def set_ticket(response: "HttpResponse", *, units: Sequence[int] | None) -> None:
    """Give the browser a ticket, in a cookie that only the stream's address gets and no script can read.

    Somebody with so many units that the cookie would be too long gets none: their pages change when loaded again.
    """
    ticket = sign_ticket(units)
    if len(ticket) <= _LONGEST:
        response.set_cookie(
            COOKIE,
            ticket,
            max_age=LIFETIME,
            path=PATH,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def sign_ticket(units: Sequence[int] | None, *, lifetime: float = LIFETIME) -> str:
    """Return a new ticket as text; `lifetime` in seconds."""
    return _SIGNER.sign_object({"units": units, "ends_at": time.time() + lifetime}, compress=True)


def read_ticket(text: str) -> Ticket:
    """Return what a ticket says. Raises BadSignature if this installation did not sign it or it has ended."""
    ticket = Ticket(**_SIGNER.unsign_object(text))
    if ticket.ends_at <= time.time():
        raise BadSignature("The ticket has ended.")
    return ticket
