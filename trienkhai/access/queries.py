"""Reads of grants and tokens, and the scope that they make."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from trienkhai.accounts.rules import digest_of
from trienkhai.audit.models import Source
from trienkhai.core.sql import rows
from trienkhai.organisation.scoping import Role, Scope, ScopedQuerySet

if TYPE_CHECKING:
    from trienkhai.accounts.models import User


class GrantQuerySet(ScopedQuerySet):
    """Grants; they belong to the unit under which they hold."""

    def on(self, day: date) -> Self:
        """Keep the grants that hold on the day."""
        return self.filter(valid__contains=day)

    def lasting(self, day: date) -> Self:
        """Keep the grants that have not ended by the day: they hold on it, or begin later."""
        return self.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=day))


def scope_of(user: "User | AnonymousUser", *, on: date, source: str) -> Scope:
    """Return what a user may read and do on a day, from their grants. One query.

    Nobody in particular may do nothing.
    """
    from trienkhai.access.models import Grant

    if isinstance(user, AnonymousUser):
        return Scope(name="", on=on, source=source)
    held = Grant.objects.on(on).filter(user=user).values_list("role", "unit_id")
    return Scope(name=user.name or user.username, on=on, source=source, grants=_grants(held), actor_id=user.pk)


@dataclass(frozen=True, slots=True)
class _TokenGrant:
    user_id: int
    name: str
    permissions: list[str]
    role: str | None
    unit_id: int | None


def scope_of_token(token: str, *, on: date) -> Scope | None:
    """Return what both the token of these characters and the grants of its user allow on a day, or None.

    None stands for a token that is unknown, expired or revoked, or whose user may not log in. One query.
    """
    found = rows("access", "read_token", {"digest": digest_of(token), "day": on}, as_=_TokenGrant)
    if not found:
        return None
    held = found[0]
    return Scope(
        name=held.name,
        on=on,
        source=Source.API,
        grants=_grants((row.role, row.unit_id) for row in found if row.role and row.unit_id),
        actor_id=held.user_id,
        limited_to=frozenset(held.permissions),
    )


def _grants(held: Iterable[tuple[str, int]]) -> dict[Role, frozenset[int]]:
    granted: dict[Role, set[int]] = {}
    for role, unit_id in held:
        granted.setdefault(Role(role), set()).add(unit_id)
    return {role: frozenset(units) for role, units in granted.items()}
