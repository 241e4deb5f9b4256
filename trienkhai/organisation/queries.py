"""Reads of the organisation: versions in force on a day, who is under whom."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.core.sql import rows
from trienkhai.organisation.scoping import ScopedQuerySet

if TYPE_CHECKING:
    from trienkhai.organisation.models import UnitVersion


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

    def nearest(self, unit_id: int, *, on: date) -> Self:
        """Keep the version of the unit in force on the day, else the next one, else the last one: at most one row."""
        later = Case(When(valid__contains=on, then=0), When(valid__startswith__gt=on, then=1), default=2)
        before = Case(When(valid__startswith__lte=on, then=F("valid__startswith")))
        ordered = self.filter(unit_id=unit_id).order_by(later, before.desc(nulls_last=True), "valid__startswith")
        return self.filter(pk__in=ordered.values("pk")[:1])

    def children_of(self, unit_id: int) -> Self:
        """Keep the versions directly under the unit."""
        return self.filter(parent_id=unit_id)

    def in_name_order(self) -> Self:
        """Sort by level, then by name the Vietnamese way, without the kind that full names begin with."""
        from trienkhai.organisation.models import SortKey

        return self.order_by("level_id", SortKey("short_name"), "code")

    def after(self, last: "UnitVersion") -> Self:
        """Keep what comes after a version in the order of names: the next page of a list."""
        from trienkhai.organisation.models import SortKey

        key = SortKey(models.Value(last.short_name))
        keyed = self.alias(sort_key=SortKey("short_name"))
        same_level = Q(level_id=last.level_id)
        return keyed.filter(
            Q(level_id__gt=last.level_id)
            | same_level & Q(sort_key__gt=key)
            | same_level & Q(sort_key=key, code__gt=last.code)
        )

    def above(self, unit_id: int, *, on: date) -> Self:
        """Keep the superiors of a unit on the day, itself included, the highest first."""
        from trienkhai.organisation.models import Ancestry

        lines = Ancestry.objects.on(on).structure().filter(descendant_id=unit_id)
        return self.on(on).filter(unit_id__in=lines.values("ancestor_id")).order_by("level_id")

    def tops(self, *, on: date) -> Self:
        """Keep the units that stand under none of the others on the day: where a tree of these rows begins."""
        return self.exclude(parent_id__in=self.on(on).values("unit_id"))

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


@dataclass(frozen=True, slots=True)
class UnitsBelow:
    """How many units of a level (its rank) stand under a unit."""

    unit_id: int
    level_id: int
    units: int


def count_below(units: Collection[int], *, on: date) -> list[UnitsBelow]:
    """Return how many units stand under each of the units on a day, by level, higher levels first. One statement."""
    return rows("organisation", "count_below", {"units": list(units), "day": on}, as_=UnitsBelow)
