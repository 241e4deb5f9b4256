"""The one place that decides which rows somebody sees and which verbs they may use."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from typing import Any, ClassVar, Self

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a grant makes of somebody under a unit."""

    VIEWER = "viewer", _("viewer")
    REPORTER = "reporter", _("reporter")
    REVIEWER = "reviewer", _("reviewer")
    ISSUER = "issuer", _("issuer")
    ORGANISER = "organiser", _("organiser")
    INSPECTOR = "inspector", _("inspector")
    ADMINISTRATOR = "administrator", _("administrator")


@dataclass(frozen=True, slots=True)
class Permission:
    """A right, `<app>.<verb>`, and the roles that hold it; each app names its own in `permissions.py`.

    A right covers the unit of the grant and everything under it; with `is_for_own_unit` that unit alone (and the
    ended units whose heir it is): nobody reports in the name of a unit below.
    """

    name: str
    roles: frozenset[Role]
    is_for_own_unit: bool = False

    def __str__(self) -> str:
        return self.name


def all_permissions() -> Iterator[Permission]:
    """Yield every right that an app names in its `permissions.py`, from the top of the tree down."""
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "permissions"):
            names = vars(import_module(f"{config.name}.permissions"))
            yield from (right for right in names.values() if isinstance(right, Permission))


@dataclass(frozen=True, slots=True)
class Scope:
    """Who acts or reads, on which day, and for each role the units under which it is granted.

    Two questions: *which rows?* `queryset.within(scope, READ)`; *may I, here?* `scope.require(ISSUE, at=unit_id)`.
    What a right covers is read on the day of the scope, ended units through their heirs included. `limited_to` names
    the only rights that are left of the grants (those of an API token), or is None.
    """

    name: str
    on: date
    source: str
    grants: Mapping[Role, frozenset[int]] = field(default_factory=dict)
    actor_id: int | None = None
    is_unlimited: bool = False
    is_simulated: bool = False
    limited_to: frozenset[str] | None = None

    @classmethod
    def system(cls, name: str, *, on: date, source: str, is_simulated: bool = False) -> "Scope":
        """Make the named scope of a job or of the shell of the server, which may do everything."""
        return cls(name=name, on=on, source=source, is_unlimited=True, is_simulated=is_simulated)

    def units(self, permission: Permission) -> list[int] | None:
        """Return the units at the top of what a right covers, or None for everything: the form that SQL takes."""
        if self.is_unlimited:
            return None
        if self.limited_to is not None and permission.name not in self.limited_to:
            return []
        return sorted({unit for role in permission.roles for unit in self.grants.get(role, ())})

    def allows(self, permission: Permission, *, at: int) -> bool:
        """Say whether the right covers the unit `at`. Costs one query unless the scope is unlimited."""
        tops = self.units(permission)
        if not tops:
            return tops is None
        return _covered(permission, tops, on=self.on).filter(descendant_id=at).exists()

    def require(self, permission: Permission, *, at: int) -> None:
        """Raise PermissionDenied unless the right covers the unit `at`."""
        if not self.allows(permission, at=at):
            raise PermissionDenied(permission.name)

    def require_somewhere(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the right covers some unit: for what belongs to none yet."""
        if self.units(permission) == []:
            raise PermissionDenied(permission.name)

    def require_everything(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the scope may do everything, as the shell of the server may."""
        if not self.is_unlimited:
            raise PermissionDenied(permission.name)

    def on_day(self, day: date) -> Self:
        """Return the same scope on another day; only the demonstration and jobs choose a day."""
        return replace(self, on=day)


def _covered(permission: Permission, tops: list[int], *, on: date) -> models.QuerySet[Any, Any]:
    from trienkhai.organisation.models import Ancestry

    lines: models.QuerySet[Any, Any] = Ancestry.objects.on(on).filter(ancestor_id__in=tops)
    return lines.filter(depth=0) if permission.is_for_own_unit else lines


class ScopedQuerySet(models.QuerySet[Any, Any]):
    """Rows that belong to a unit; `unit_column` is the column that says to which."""

    unit_column: ClassVar[str] = "unit_id"

    def within(self, scope: Scope, permission: Permission) -> Self:
        """Keep the rows of units that the right covers."""
        tops = scope.units(permission)
        if tops is None:
            return self
        covered = _covered(permission, tops, on=scope.on)
        return self.filter(Exists(covered.filter(descendant_id=OuterRef(self.unit_column))))
