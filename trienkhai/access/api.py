"""How programs show who they act for."""

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from trienkhai.access.queries import scope_of_token
from trienkhai.core import clock
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.organisation.scoping import Scope


class TokenAuth(HttpBearer):
    """A token in the header `Authorization: Bearer …`; cookies mean nothing here.

    The scope of the request is what both the token and the grants of its user allow today. One query.
    """

    def authenticate(self, request: HttpRequest, token: str) -> Scope | None:
        """Set the scope of the request to that of the token, and return it, if the token is usable today."""
        scope = scope_of_token(token, on=clock.today())
        if scope is not None:
            cast(ScopedRequest, request).scope = scope
        return scope
