"""Every request knows what it may read and do, and every page may watch what it shows."""

from collections.abc import Callable
from typing import cast

from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject

from trienkhai.access.queries import scope_of
from trienkhai.access.tickets import COOKIE, PATH, set_ticket
from trienkhai.audit.models import Source
from trienkhai.core import clock
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.organisation.scoping import Scope


class ScopeMiddleware:
    """Set `request.scope`: what the grants of the user allow today. One query, made when it is first asked.

    A page of somebody who is logged in brings the ticket with which it watches changes; any other takes it away.
    """

    def __init__(self, get_response: Callable[[ScopedRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: ScopedRequest) -> HttpResponse:
        """Answer the request."""
        request.scope = cast(
            Scope, SimpleLazyObject(lambda: scope_of(request.user, on=clock.today(), source=Source.PAGE))
        )
        response = self._get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if is_page and not request.user.is_authenticated:
            response.delete_cookie(COOKIE, path=PATH)
        elif is_page and response.status_code == 200:
            set_ticket(response, units=request.scope.units(READ))
        return response
