"""Reads of the organisation: versions in force on a day, who is under whom."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.organisation.scoping import ScopedQuerySet


class AncestryQuerySet(models.QuerySet[Any, Any]):
    """Rows of the dated closure."""

    def on(self, day: date) -> Self:
        """Keep what holds on the day."""
        return self.filter(valid__contains=day)

    def structure(self) -> Self:
        """Keep units that stand there themselves, not those that an heir stands for."""
        return self.filter(through="structure")


class UnitVersionQuerySet(ScopedQuerySet):
    """Versions of units."""

    def on(self, day: date) -> Self:
        """Keep the versions in force on the day."""
        return self.filter(valid__contains=day)

    def children_of(self, unit_id: int) -> Self:
        """Keep the versions directly under the unit."""
        return self.filter(parent_id=unit_id)

    def in_name_order(self) -> Self:
        """Sort by level, then by name the Vietnamese way, without the kind that full names begin with."""
        from trienkhai.organisation.models import SortKey

        return self.order_by("level_id", SortKey("short_name"), "code")

    def above(self, unit_id: int, *, on: date) -> Self:
        """Keep the superiors of a unit on the day, itself included, the highest first."""
        from trienkhai.organisation.models import Ancestry

        lines = Ancestry.objects.on(on).structure().filter(descendant_id=unit_id)
        return self.on(on).filter(unit_id__in=lines.values("ancestor_id")).order_by("level_id")

    def under(self, unit_id: int, *, on: date) -> Self:
        """Keep the units under a unit on the day, itself included."""
        from trienkhai.organisation.models import Ancestry

        lines = Ancestry.objects.on(on).structure().filter(ancestor_id=unit_id)
        return self.on(on).filter(unit_id__in=lines.values("descendant_id"))

    def named(self, text: str) -> Self:
        """Keep the versions whose name holds the text, without case and accents."""
        from trienkhai.organisation.models import SearchKey

        return self.alias(search=SearchKey("name")).filter(search__contains=SearchKey(models.Value(text)))

    def filter_names(self, texts: Iterable[str]) -> Self:
        """Keep the versions whose code, name or short name is one of the texts, without regard to case."""
        wanted = list({text.casefold() for text in texts})
        names = self.alias(low_code=Lower("code"), low_name=Lower("name"), low_short=Lower("short_name"))
        return names.filter(Q(low_code__in=wanted) | Q(low_name__in=wanted) | Q(low_short__in=wanted))

    def by_code(self, code: str, *, on: date, level: str = "") -> Any:
        """Return the one version of a code on the day.

        A code is unique within its level; without `level` a code of several levels is refused and the levels are
        named. Raises DomainError `unit_unknown` or `unit_ambiguous`.
        """
        found = list(self.on(on).filter(code=code, **({"level__code": level} if level else {})).select_related("level"))
        if not found:
            raise DomainError(
                "unit_unknown",
                _("No unit has the code %(code)s on %(day)s. Check the code, the level and the day.")
                % {"code": code, "day": on},
            )
        if len(found) > 1:
            levels = ", ".join(version.level.code for version in found)
            raise DomainError(
                "unit_ambiguous",
                _("The code %(code)s stands for several units; name the level: %(levels)s.")
                % {"code": code, "levels": levels},
            )
        return found[0]
