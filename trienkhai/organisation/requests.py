"""The request as every view and endpoint gets it."""

from django.http import HttpRequest

from trienkhai.accounts.models import User
from trienkhai.organisation.scoping import Scope


class ScopedRequest(HttpRequest):
    """A request that knows what it may read and do: `access.middleware` or the API's token sets its scope."""

    scope: Scope
    user: User
