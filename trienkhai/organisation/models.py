from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from trienkhai.audit.models import made_by
from trienkhai.organisation.queries import AncestryQuerySet, UnitVersionQuerySet


class SortKey(Func):
    """The key by which names sort the Vietnamese way (`vi_sort_key`)."""

    function = "vi_sort_key"
    template = '(%(function)s(%(expressions)s) COLLATE "C")'
    output_field = models.TextField()


class SearchKey(Func):
    """A name without case and accents, as people type it (`search_key`)."""

    function = "search_key"
    output_field = models.TextField()


class Level(models.Model):
    """A rank of the organisation; a smaller rank is higher. The installation defines them."""

    rank = models.SmallIntegerField(_("rank"), primary_key=True)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)

    class Meta:
        db_table = "level"
        ordering = ("rank",)
        verbose_name = _("level")
        verbose_name_plural = _("levels")

    def __str__(self) -> str:
        return self.name_en if get_language() == "en" else self.name_vi


class Unit(models.Model):
    """A node of the organisation that can receive work: identity only, which never changes."""

    operation = made_by()

    class Meta:
        db_table = "unit"
        verbose_name = _("unit")
        verbose_name_plural = _("units")

    def __str__(self) -> str:
        return f"#{self.pk}"


class UnitVersion(models.Model):
    """Name, kind, level, code and parent of a unit during one range of dates.

    The database keeps: versions of a unit do not overlap; a code is unique in its level on every day; the parent
    exists, above it, on every day of the version.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="versions", verbose_name=_("unit"))
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="+", verbose_name=_("level"))
    code = models.CharField(_("code"), max_length=20)
    kind = models.CharField(_("kind"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=200)
    parent = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit above")
    )
    parent_level = models.SmallIntegerField(_("level of the unit above"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    valid = DateRangeField(_("valid"))
    operation = made_by()

    objects: ClassVar[Any] = UnitVersionQuerySet.as_manager()

    class Meta:
        db_table = "unit_version"
        verbose_name = _("version of a unit")
        verbose_name_plural = _("versions of units")
        constraints = (
            models.CheckConstraint(
                condition=Q(parent__isnull=True, parent_level__isnull=True)
                | Q(parent__isnull=False, parent_level__isnull=False, parent_level__lt=F("level")),
                name="unit_version_parent_is_above",
                violation_error_message=_("The unit above must be of a higher level."),
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False), name="unit_version_valid_is_not_empty"
            ),
        )
        indexes = (
            models.Index(F("parent"), name="unit_version_parent"),
            models.Index(SortKey("short_name"), name="unit_version_sort"),
        )

    def __str__(self) -> str:
        return self.name


class Ancestry(models.Model):
    """Who is under whom during which dates, the unit itself included at depth 0. Derived; rebuilt by one statement.

    `through` structure says that the unit itself stands there; succession, that the unit has ended and its heir
    (by `whole` or `main part`) does.
    """

    class Through(models.TextChoices):
        STRUCTURE = "structure", _("structure")
        SUCCESSION = "succession", _("succession")

    ancestor = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_index=False)
    descendant = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_index=False)
    depth = models.SmallIntegerField()
    through = models.CharField(max_length=10, choices=Through.choices)
    valid = DateRangeField()

    objects: ClassVar[Any] = AncestryQuerySet.as_manager()

    class Meta:
        db_table = "ancestry"
        indexes = (
            models.Index(fields=["descendant", "ancestor"], name="ancestry_upwards"),
            models.Index(fields=["ancestor", "depth"], name="ancestry_downwards"),
        )

    def __str__(self) -> str:
        return f"#{self.ancestor_id} > #{self.descendant_id}"


class Reorganisation(models.Model):
    """One dated decision that creates, merges, divides, moves, renames or dissolves units."""

    decision = models.CharField(_("decision"), max_length=200)
    day = models.DateField(_("day"))
    operation = made_by()

    class Meta:
        db_table = "reorganisation"
        verbose_name = _("reorganisation")
        verbose_name_plural = _("reorganisations")

    def __str__(self) -> str:
        return f"{self.decision} ({self.day})"


class Succession(models.Model):
    """A unit's successor by a reorganisation, from its day on."""

    class Share(models.TextChoices):
        WHOLE = "whole", _("whole")
        MAIN_PART = "main part", _("main part")
        PART = "part", _("part")

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="successions")
    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    share = models.CharField(_("share"), max_length=10, choices=Share.choices)
    day = models.DateField(_("day"))
    operation = made_by()

    class Meta:
        db_table = "succession"
        verbose_name = _("succession")
        verbose_name_plural = _("successions")
        constraints = (
            models.UniqueConstraint(
                fields=["predecessor"], condition=~Q(share="part"), name="succession_has_one_main_heir"
            ),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="succession_is_to_another_unit"),
        )

    def __str__(self) -> str:
        return f"#{self.predecessor_id} → #{self.successor_id}"
