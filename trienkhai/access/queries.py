"""Reads of grants, and the scope that they make."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.models import AnonymousUser

from trienkhai.organisation.scoping import Role, Scope, ScopedQuerySet

if TYPE_CHECKING:
    from trienkhai.accounts.models import User


class GrantQuerySet(ScopedQuerySet):
    """Grants; they belong to the unit under which they hold."""

    def on(self, day: date) -> Self:
        """Keep the grants that hold on the day."""
        return self.filter(valid__contains=day)


def scope_of(
    user: "User | AnonymousUser", *, on: date, source: str, permissions: Collection[str] | None = None
) -> Scope:
    """Return what a user may read and do on a day, from their grants; nobody in particular may do nothing. One query.

    With `permissions`, the names of rights, no others are left (an API token).
    """
    from trienkhai.access.models import Grant

    if isinstance(user, AnonymousUser):
        return Scope(name="", on=on, source=source)
    granted: dict[Role, set[int]] = {}
    held: Any = Grant.objects.on(on).filter(user=user).values_list("role", "unit_id")
    for role, unit_id in held:
        granted.setdefault(Role(role), set()).add(unit_id)
    return Scope(
        name=user.name or user.username,
        on=on,
        source=source,
        grants={role: frozenset(units) for role, units in granted.items()},
        actor_id=user.pk,
        limited_to=None if permissions is None else frozenset(permissions),
    )
