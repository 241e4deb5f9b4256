"""How programs show who they act for."""

from typing import cast

from django.http import HttpRequest
from ninja.security import HttpBearer

from trienkhai.access.queries import scope_of
from trienkhai.accounts.models import ApiToken
from trienkhai.audit.models import Source
from trienkhai.core import clock
from trienkhai.organisation.requests import ScopedRequest


class TokenAuth(HttpBearer):
    """A token in the header `Authorization: Bearer …`; cookies mean nothing here.

    The scope of the request is what both the token and the grants of its user allow today. Two queries.
    """

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token, if it is usable today, and set the scope of the request."""
        found: ApiToken | None = ApiToken.objects.recognise(token, on=clock.today())
        if found is not None:
            cast(ScopedRequest, request).scope = scope_of(
                found.user, on=clock.today(), source=Source.API, permissions=found.permissions
            )
        return found
