"""Reads of tokens."""

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from trienkhai.accounts.rules import digest_of

if TYPE_CHECKING:
    from trienkhai.accounts.models import ApiToken


class ApiTokenQuerySet(models.QuerySet[Any, Any]):
    """API tokens."""

    def usable(self, *, on: date) -> Self:
        """Keep the tokens that are neither expired nor revoked on the day, of users who may log in."""
        return self.filter(expires_on__gte=on, revoked_on=None, user__is_active=True)

    def recognise(self, token: str, *, on: date) -> "ApiToken | None":
        """Return the usable token that these characters are, with its user, or None. One query."""
        found: ApiToken | None = self.usable(on=on).filter(digest=digest_of(token)).select_related("user").first()
        return found
