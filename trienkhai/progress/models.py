from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from trienkhai.audit.models import made_by
from trienkhai.organisation.models import Unit
from trienkhai.progress.queries import ReportQuerySet
from trienkhai.tasks.models import Assignment, Indicator, Programme, Task


class Report(models.Model):
    """What a unit says of an assignment; with `is_result`, that the work is done and waits for review."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for review")
        ACCEPTED = "accepted", _("accepted")
        RETURNED = "returned", _("returned")

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="reports")
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    client_key = models.CharField(max_length=64, blank=True, db_default="")
    is_result = models.BooleanField(_("result"), db_default=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, db_default=State.WAITING)
    period = DateRangeField(_("period"), null=True, blank=True)
    progress = models.PositiveSmallIntegerField(_("progress in per cent"))
    text = models.TextField(_("what was done"))
    difficulties = models.TextField(_("difficulties"), blank=True, db_default="")
    day = models.DateField(_("day of arrival"))
    entered_on = models.DateField(_("day of entry"))
    operation = made_by()

    objects: ClassVar[Any] = ReportQuerySet.as_manager()

    class Meta:
        db_table = "report"
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = (
            models.UniqueConstraint(
                fields=["author", "client_key"],
                condition=~Q(client_key=""),
                nulls_distinct=False,
                name="report_key_is_unique",
            ),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(is_result=True, state="waiting"), name="report_one_result_waits"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="report_progress_is_a_share"),
            models.CheckConstraint(condition=Q(entered_on__lte=F("day")), name="report_entered_before_arrival"),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"


class IndicatorValue(models.Model):
    """The value of an indicator in a report; ratios and means keep numerator and denominator."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="values")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+")
    numerator = models.DecimalField(max_digits=18, decimal_places=4)
    denominator = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    operation = made_by()

    class Meta:
        db_table = "indicator_value"
        verbose_name = _("value of an indicator")
        verbose_name_plural = _("values of indicators")
        constraints = (
            models.UniqueConstraint(fields=["report", "indicator"], name="indicator_value_once_a_report"),
            models.CheckConstraint(condition=~Q(denominator=0), name="indicator_value_denominator_is_not_zero"),
        )

    def __str__(self) -> str:
        return f"{self.numerator}"


class StoredFile(models.Model):
    """A file, kept once by its content."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    media_type = models.CharField(_("media type"), max_length=100)
    taken_on = models.DateField(_("picture taken on"), null=True, blank=True)

    class Meta:
        db_table = "stored_file"
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """A file that proves a report, under the name that its unit gave it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=200)
    operation = made_by()

    class Meta:
        db_table = "evidence"
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (models.UniqueConstraint(fields=["report", "file"], name="evidence_once_a_report"),)

    def __str__(self) -> str:
        return self.name


class Review(models.Model):
    """The decision of the level above on a report, with its reason; a return may set a new due date."""

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        RETURNED = "returned", _("returned")

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="review")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices)
    reason = models.TextField(_("reason"), blank=True)
    new_due = models.DateField(_("new due date"), null=True, blank=True)
    day = models.DateField(_("day"))
    operation = made_by()

    class Meta:
        db_table = "review"
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.CheckConstraint(
                condition=Q(decision="accepted") | ~Q(reason=""),
                name="review_return_has_a_reason",
                violation_error_message=_("Say why the report is returned."),
            ),
            models.CheckConstraint(
                condition=Q(new_due__isnull=True) | Q(decision="returned"), name="review_new_due_only_with_a_return"
            ),
        )

    def __str__(self) -> str:
        return self.decision


class Extension(models.Model):
    """A request for a later due date, and its answer; while undecided the old date counts."""

    class State(models.TextChoices):
        ASKED = "asked", _("asked")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="extensions")
    old_due = models.DateField(_("due before"))
    asked_due = models.DateField(_("due asked for"))
    reason = models.TextField(_("reason"))
    asked_on = models.DateField(_("asked on"))
    state = models.CharField(_("state"), max_length=8, choices=State.choices, db_default=State.ASKED)
    answer = models.TextField(_("answer"), blank=True, db_default="")
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    operation = made_by()

    class Meta:
        db_table = "extension"
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = (
            models.CheckConstraint(condition=Q(asked_due__gt=F("old_due")), name="extension_is_later"),
            models.CheckConstraint(condition=Q(asked_on__lte=F("old_due")), name="extension_is_asked_in_time"),
            models.UniqueConstraint(
                fields=["assignment"], condition=Q(state="asked"), name="extension_one_is_undecided"
            ),
        )

    def __str__(self) -> str:
        return f"#{self.assignment_id} → {self.asked_due}"


class LedgerColumns(models.Model):
    """How many assignments entered (or, negative, left) each bucket."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    due = models.DateField(null=True)
    not_started = models.IntegerField(db_default=0)
    in_progress = models.IntegerField(db_default=0)
    waiting_in_time = models.IntegerField(db_default=0)
    waiting_late = models.IntegerField(db_default=0)
    done_on_time = models.IntegerField(db_default=0)
    done_late = models.IntegerField(db_default=0)
    suspended = models.IntegerField(db_default=0)

    class Meta:
        abstract = True


class LedgerDelta(LedgerColumns):
    """A change of the unit itself that the poster has not yet carried to its superiors."""

    day = models.DateField()

    class Meta:
        db_table = "ledger_delta"


class Ledger(LedgerColumns):
    """Entries of a unit and everything under it, by day: a figure of a past day is a sum of them."""

    day = models.DateField()

    class Meta:
        db_table = "ledger"
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "programme", "day", "task", "due"], nulls_distinct=False, name="ledger_key"
            ),
        )


class LedgerNow(LedgerColumns):
    """The sum of all entries of the ledger over the days."""

    class Meta:
        db_table = "ledger_now"
        constraints = (
            models.UniqueConstraint(
                fields=["unit", "programme", "task", "due"], nulls_distinct=False, name="ledger_now_key"
            ),
        )


class LiveEvent(models.Model):
    """A figure of a unit changed; numbered by the poster, resumed from by watchers."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)
    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "live_event"
