from datetime import date
from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from trienkhai.audit.models import made_by
from trienkhai.organisation.models import Level, Unit
from trienkhai.tasks.queries import AssignmentQuerySet, ProgrammeQuerySet, TaskQuerySet
from trienkhai.tasks.rules import TaskFacts, missing_clears


class StandingOf(Func):
    """The standing of an assignment: SQL's twin of `rules.standing` (bucket, due, day, due_soon_days)."""

    function = "standing_of"
    output_field = models.CharField()
    arity = 4


class Programme(models.Model):
    """The tasks that one unit rolls out for one period. A draft until it is issued; nothing moves after `closed_on`."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    title = models.CharField(_("title"), max_length=500)
    document = models.CharField(_("document"), max_length=500, blank=True)
    issuer = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", verbose_name=pgettext_lazy("unit", "issuer")
    )
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    due_soon_days = models.PositiveSmallIntegerField(_("days before due that count as soon"), default=7)
    extension_days = models.PositiveSmallIntegerField(_("days a reviewer may extend by"), default=0)
    operation = made_by()

    objects: ClassVar[Any] = ProgrammeQuerySet.as_manager()

    class Meta:
        db_table = "programme"
        ordering = ("number",)
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = (
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(issued_on__isnull=False, closed_on__gte=F("issued_on")),
                name="programme_closes_after_issue",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def is_closed(self, *, on: date) -> bool:
        """Say whether the programme was closed before the day; the day of closing is its last."""
        return self.closed_on is not None and self.closed_on < on


class ReportingPeriod(models.TextChoices):
    NONE = "", _("once")
    WEEK = "week", _("week")
    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half-year")
    YEAR = "year", _("year")


class Task(models.Model):
    """One piece of work of a programme, in the words in which it is ordered."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="tasks", verbose_name=_("programme")
    )
    number = models.PositiveIntegerField(_("number"))
    group = models.CharField(_("group"), max_length=200, blank=True)
    title = models.TextField(_("task"))
    due = models.DateField(_("due"), null=True, blank=True)
    has_no_deadline = models.BooleanField(_("without deadline"), default=False)
    product = models.CharField(_("product"), max_length=500)
    acceptance_test = models.TextField(_("accepted when"))
    authority = models.CharField(_("ordered by"), max_length=500)
    monitor = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("monitor")
    )
    demands_evidence = models.BooleanField(_("evidence is demanded"), default=True)
    reporting_period = models.CharField(
        _("reporting period"), max_length=10, choices=ReportingPeriod.choices, blank=True, default=""
    )
    derives_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="derived_tasks",
        verbose_name=_("makes concrete"),
    )
    operation = made_by()

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        db_table = "task"
        ordering = ("programme", "number")
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = (
            models.UniqueConstraint(fields=["programme", "number"], name="task_number_is_unique"),
            models.CheckConstraint(
                condition=Q(due__isnull=True) | Q(has_no_deadline=False),
                name="task_says_one_deadline",
                violation_error_message=_("A task has a due date or says that it has none, not both."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    def missing_clears(self, *, has_lead: bool) -> list[str]:
        """Return which of the six clears are missing."""
        facts = TaskFacts(
            title=self.title,
            has_lead=has_lead,
            due=self.due,
            has_no_deadline=self.has_no_deadline,
            authority=self.authority,
            product=self.product,
            acceptance_test=self.acceptance_test,
        )
        return list(missing_clears(facts))


class Role(models.TextChoices):
    LEAD = "lead", _("lead")
    COORDINATING = "coordinating", _("coordinating")


class AddresseeTerm(models.Model):
    """One term of the addressees of a task: units that are all that it names (level, kind, under, unit).

    The rule is: any term, but no unit that an exception names. The SQL function `addressed_units` reads it.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="addressees")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.LEAD)
    is_exception = models.BooleanField(default=False)
    level = models.ForeignKey(Level, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=60, blank=True)
    under = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    operation = made_by()

    class Meta:
        db_table = "addressee_term"
        verbose_name = _("term of the addressees")
        verbose_name_plural = _("terms of the addressees")
        constraints = (
            models.CheckConstraint(
                condition=Q(level__isnull=False) | ~Q(kind="") | Q(under__isnull=False) | Q(unit__isnull=False),
                name="addressee_term_names_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.task_id}: {self.role}"


class OverUnits(models.TextChoices):
    SUM = "sum", _("sum")
    WEIGHTED_MEAN = "weighted_mean", _("mean weighted by a count")
    RATIO = "ratio", _("ratio of sums")


class OverTime(models.TextChoices):
    FLOW = "flow", _("flow: periods add up")
    STOCK = "stock", _("stock: the last value counts")


class Indicator(models.Model):
    """A number that a task must reach, with how it adds up over units and over time."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="indicators")
    name = models.CharField(_("name"), max_length=300)
    measure = models.CharField(_("unit of measure"), max_length=60)
    target = models.DecimalField(_("target"), max_digits=18, decimal_places=4, null=True, blank=True)
    over_units = models.CharField(_("over units"), max_length=14, choices=OverUnits.choices)
    over_time = models.CharField(_("over time"), max_length=5, choices=OverTime.choices)
    operation = made_by()

    class Meta:
        db_table = "indicator"
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")

    def __str__(self) -> str:
        return self.name


class State(models.TextChoices):
    NOT_STARTED = "not_started", _("not started")
    IN_PROGRESS = "in_progress", _("in progress")
    WAITING = "waiting", _("waiting for review")
    DONE = "done", _("done")
    SUSPENDED = "suspended", _("suspended")
    CANCELLED = "cancelled", _("cancelled")
    HANDED_OVER = "handed_over", _("handed over")
    MERGED = "merged", _("merged")


def _in_time_or(late: str, in_time: str) -> Case:
    return Case(When(submitted_on__gt=F("due"), then=Value(late)), default=Value(in_time))


class AssignmentFacts(models.Model):
    """What holds of an assignment from a day on; `bucket` is what the ledger counts, None when it counts no more."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="%(class)s_set", db_index=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    part = models.CharField(pgettext_lazy("of a task", "part"), max_length=500, blank=True, db_default="")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, db_default=State.NOT_STARTED)
    due = models.DateField(_("due"), null=True)
    original_due = models.DateField(_("original due date"), null=True)
    submitted_on = models.DateField(_("result submitted on"), null=True)
    suspended_on = models.DateField(_("suspended on"), null=True)
    progress = models.PositiveSmallIntegerField(_("progress in per cent"), db_default=0)
    since = models.DateField(_("since"))
    version = models.PositiveIntegerField(_("version"), db_default=1)
    inherited_from = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    bucket = models.GeneratedField(
        expression=Case(
            When(state__in=["not_started", "in_progress", "suspended"], then=F("state")),
            When(state="waiting", then=_in_time_or("waiting_late", "waiting_in_time")),
            When(state="done", then=_in_time_or("done_late", "done_on_time")),
        ),
        output_field=models.CharField(max_length=15, null=True),
        db_persist=True,
    )
    operation = made_by()

    class Meta:
        abstract = True


class Assignment(AssignmentFacts):
    """One task in the hands of one unit, as it is now; what it was before is in `AssignmentPast`."""

    objects: ClassVar[Any] = AssignmentQuerySet.as_manager()

    class Meta:
        db_table = "assignment"
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = (
            models.UniqueConstraint(
                fields=["task", "unit", "inherited_from"], nulls_distinct=False, name="assignment_reaches_a_unit_once"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="assignment_progress_is_a_share"),
            models.CheckConstraint(
                condition=~Q(state__in=["waiting", "done"]) | Q(submitted_on__isnull=False),
                name="assignment_result_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended", suspended_on__isnull=False)
                | (~Q(state="suspended") & Q(suspended_on__isnull=True)),
                name="assignment_suspension_has_a_day",
            ),
        )
        indexes = (models.Index(fields=["unit", "programme"], name="assignment_unit"),)

    def __str__(self) -> str:
        return f"#{self.pk}"


class AssignmentPast(AssignmentFacts):
    """What held of an assignment during `valid` and ended. Written by triggers only."""

    past_id = models.BigAutoField(primary_key=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, db_column="id", related_name="past")
    valid = DateRangeField()

    class Meta:
        db_table = "assignment_past"
        verbose_name = _("past of an assignment")
        verbose_name_plural = _("past of assignments")
        indexes = (models.Index(fields=["unit", "programme"], name="assignment_past_unit"),)

    def __str__(self) -> str:
        return f"#{self.assignment_id} {self.valid}"
