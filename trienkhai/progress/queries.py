"""Reads of reports and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import Case, Count, Exists, OuterRef, Q, When

from trienkhai.core.sql import rows
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.queries import UnitVersionQuerySet
from trienkhai.organisation.scoping import Scope, ScopedQuerySet
from trienkhai.progress.permissions import REPORT, REVIEW
from trienkhai.progress.rules import Change, Figures, ProgrammeCount, StandingCount, total
from trienkhai.tasks.models import Assignment, Programme, Task
from trienkhai.tasks.permissions import ISSUE
from trienkhai.tasks.queries import AssignmentQuerySet


class ReportQuerySet(ScopedQuerySet):
    """Reports; they belong to the unit whose assignment they are of."""

    unit_column = "assignment__unit_id"

    def with_proof(self) -> Self:
        """Fetch along the review, the values and the evidence: two more statements."""
        return self.select_related("review__operation").prefetch_related("values__indicator", "evidence__file")


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """Figures of one unit and everything under it."""

    unit: UnitVersion
    figures: Figures


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Figures of one task under a unit."""

    task: Task
    figures: Figures


@dataclass(frozen=True, slots=True)
class Rollup:
    """Where a programme stands under a unit at the end of a day.

    The figures of the whole are those that the unit itself holds (`own`) and those of `units`, its children; and
    they are those of `tasks`.
    """

    unit: UnitVersion
    programme: Programme
    on: date
    whole: Figures
    own: Figures
    units: list[UnitFigures]
    tasks: list[TaskFigures]
    counts: list[StandingCount]

    def cells(self) -> dict[tuple[int, int], Figures]:
        """Return the figures of each task in each child, by the ids of unit and task; under the unit's id its own.

        Where nothing is assigned there is no cell; of a roll-up that was not made `by_task` the children have none.
        """
        counted: dict[tuple[int, int], list[StandingCount]] = {}
        for count in self.counts:
            if count.task_id is not None:
                counted.setdefault((count.unit_id, count.task_id), []).append(count)
        cells = {key: total(counts) for key, counts in counted.items()}
        for task in (row.task.pk for row in self.tasks):
            whole = cells.pop((self.unit.unit_id, task), None)
            below = [cells[row.unit.unit_id, task] for row in self.units if (row.unit.unit_id, task) in cells]
            own = _less(whole or Figures(), below)
            if own.assignments:
                cells[self.unit.unit_id, task] = own
        return cells


def rollup(unit: UnitVersion, *, programme: Programme, on: date, by_task: bool = False) -> Rollup:
    """Count where a programme stands under a unit at the end of a day, by the structure of that day.

    Children in the Vietnamese order of their names, tasks by number; with `by_task` the children are counted by task
    too, as `cells` needs it, which takes half as long again. Three statements whatever the size.
    """
    counts = count_standings(unit.unit_id, programme=programme, on=on, by_task=by_task)
    by_unit: dict[int, list[StandingCount]] = {}
    of_task: dict[int | None, list[StandingCount]] = {}
    for count in counts:
        by_unit.setdefault(count.unit_id, []).append(count)
        if count.unit_id == unit.unit_id:
            of_task.setdefault(count.task_id, []).append(count)
    children = UnitVersion.objects.on(on).children_of(unit.unit_id).select_related("level").in_name_order()
    units = [UnitFigures(child, total(by_unit.get(child.unit_id, ()))) for child in children]
    whole = total(by_unit.get(unit.unit_id, ()))
    tasks = [TaskFigures(task, total(of_task.get(task.pk, ()))) for task in programme.tasks.order_by("number")]
    own = _less(whole, [row.figures for row in units])
    return Rollup(unit, programme, on, whole, own, units, tasks, counts)


def programmes_of(unit_id: int, *, on: date) -> models.QuerySet[Programme]:
    """Return the programmes issued by the end of the day that reach the unit or something under it, by number."""
    from trienkhai.progress.models import LedgerNow

    counted = LedgerNow.objects.filter(unit_id=unit_id, programme_id=OuterRef("pk"))
    programmes: models.QuerySet[Programme] = Programme.objects.issued(on=on).filter(Exists(counted))
    return programmes.order_by("number")


def programmes_within(scope: Scope) -> models.QuerySet[Programme]:
    """Return the programmes that reach what the scope may read, and the drafts that it may issue, the latest first.

    What reaches it is read from the ledger, of which the units at the top of the scope are enough.
    """
    from trienkhai.progress.models import LedgerNow

    issued = Programme.objects.issued(on=scope.on)
    tops = scope.units(READ)
    if tops is not None:
        counted = LedgerNow.objects.filter(unit_id__in=tops, programme_id=OuterRef("pk"))
        issued = issued.filter(Exists(counted))
    drafts = Programme.objects.within(scope, ISSUE).filter(issued_on=None)
    programmes: models.QuerySet[Programme] = Programme.objects.filter(Q(pk__in=issued) | Q(pk__in=drafts))
    return programmes.order_by("-number")


def units_reached(programme: Programme, *, scope: Scope) -> UnitVersionQuerySet:
    """Return where reading a programme may begin: the issuer, then the highest units of the scope that it reaches.

    Only those that the scope may read today; what reaches a unit below reaches the one at the top, too.
    """
    from trienkhai.progress.models import LedgerNow

    counted = LedgerNow.objects.filter(unit_id=OuterRef("unit_id"), programme=programme)
    candidates = {programme.issuer_id, *(scope.units(READ) or ())}
    visible = UnitVersion.objects.on(scope.on).within(scope, READ).filter(unit_id__in=candidates)
    is_issuer = Case(When(unit_id=programme.issuer_id, then=0), default=1)
    ordered: UnitVersionQuerySet = visible.filter(Exists(counted)).order_by(is_issuer, "level_id", "code")
    return ordered


def count_programmes(programmes: Sequence[Programme], *, scope: Scope) -> dict[int, Figures]:
    """Return where programmes stand today in everything that the scope may read, by their ids. One statement."""
    tops = scope.units(READ)
    if tops is None:
        roots = UnitVersion.objects.on(scope.on).filter(parent=None)
        tops = list(roots.values_list("unit_id", flat=True))
    parameters = {"programmes": [programme.pk for programme in programmes], "units": tops, "day": scope.on}
    counts: dict[int, list[ProgrammeCount]] = {}
    for count in rows("progress", "count_programmes", parameters, as_=ProgrammeCount):
        counts.setdefault(count.programme_id, []).append(count)
    return {programme: total(found) for programme, found in counts.items()}


@dataclass(frozen=True, slots=True)
class ListedAssignment:
    """An assignment as it was at the end of a day, in a list; `is_lead` is false for a coordinating unit."""

    id: int
    unit_id: int
    unit_name: str
    unit_code: str
    above_name: str
    task_number: int
    task_title: str
    role: str
    due: date | None
    original_due: date | None
    submitted_on: date | None
    progress: int
    standing: str


def list_assignments(
    unit_id: int,
    *,
    programme: Programme,
    on: date,
    task: int | None = None,
    standing: str | None = None,
    is_own: bool = False,
    has_no_deadline: bool = False,
    after: tuple[int, int, int] | None = None,
    limit: int = 50,
) -> list[ListedAssignment]:
    """Return the assignments under a unit that count at the end of a day, by the structure of that day.

    In the order of units, then of tasks; `task` is a number and `standing` one of the nine; with `is_own` those alone
    that the unit itself holds, with `has_no_deadline` those without one; `after` are unit, task number and assignment
    of the last row of the page before. One statement.
    """
    last_unit, last_number, last_id = after or (0, 0, 0)
    parameters = {
        "unit": unit_id,
        "programme": programme.pk,
        "day": on,
        "task": task,
        "standing": standing,
        "is_own": is_own,
        "has_no_deadline": has_no_deadline,
        "last_unit": last_unit,
        "last_number": last_number,
        "last_id": last_id,
        "limit": limit,
    }
    return rows("progress", "list_assignments", parameters, as_=ListedAssignment)


@dataclass(frozen=True, slots=True)
class OwnWork:
    """An assignment that a unit has not finished, in the list of its officer; `in_group` is how many the group holds.

    `returned_on`, `reason` and `new_due` are those of the review that returned its latest report.
    """

    id: int
    work_group: str
    in_group: int
    unit_name: str
    programme_number: int
    programme_title: str
    task_number: int
    task_title: str
    role: str
    due: date | None
    original_due: date | None
    progress: int
    standing: str
    reported_on: date | None
    returned_on: date | None
    reason: str
    new_due: date | None


def list_own_work(
    scope: Scope, *, group: str | None = None, after: tuple[date | None, int] | None = None, limit: int
) -> list[OwnWork]:
    """Return what the scope may report on and is not finished, at most `limit` rows of each group.

    By group (one of `WORK_GROUPS`), then by due date, those without one last; `after` are due date and assignment of
    the last row of the page before, of one group. One statement.
    """
    last_due, last_id = after or (None, 0)
    parameters = {
        "units": scope.units(REPORT) or [],
        "day": scope.on,
        "group": group,
        "last_due": last_due,
        "last_id": last_id,
        "limit": limit,
    }
    return rows("progress", "list_own_work", parameters, as_=OwnWork)


@dataclass(frozen=True, slots=True)
class WaitingResult:
    """A result that waits for review, in the list of its reviewer; `in_all` is how many wait, `id` the assignment."""

    id: int
    report_id: int
    in_all: int
    unit_name: str
    programme_number: int
    programme_title: str
    task_number: int
    task_title: str
    due: date | None
    submitted_on: date
    standing: str
    evidence: int


def list_waiting_results(
    scope: Scope, *, after: tuple[date | None, int] | None = None, limit: int
) -> list[WaitingResult]:
    """Return the results that wait for the units in whose name the scope reviews, the oldest first.

    Those that wait for a reviewer under these units are not among them, although the scope may decide on them.
    `after` are day and report of the last row of the page before. One statement.
    """
    last_day, last_id = after or (None, 0)
    parameters = {
        "units": scope.units(REVIEW) or [],
        "day": scope.on,
        "last_day": last_day,
        "last_id": last_id,
        "limit": limit,
    }
    return rows("progress", "list_waiting_results", parameters, as_=WaitingResult)


def count_standings(unit_id: int, *, programme: Programme, on: date, by_task: bool = True) -> list[StandingCount]:
    """Return how many assignments of the unit and of each unit directly under it have each standing, by task.

    Without `by_task` only those of the unit are told apart by task. One statement, exact for any day at every moment.
    """
    parameters = {"unit": unit_id, "programme": programme.pk, "day": on, "by_task": by_task}
    return rows("progress", "count_standings", parameters, as_=StandingCount)


def _less(whole: Figures, parts: Sequence[Figures]) -> Figures:
    standings = {name: number - sum(part.standings[name] for part in parts) for name, number in whole.standings.items()}
    return Figures(
        assignments=whole.assignments - sum(part.assignments for part in parts),
        standings=standings,
        no_deadline=whole.no_deadline - sum(part.no_deadline for part in parts),
    )


def reviewer_of(assignment: Assignment, *, on: date) -> int:
    """Return the unit that reviews an assignment: the task's monitor, else the unit above on that day, else the issuer.

    No unit reviews itself while another one stands above it, though it were the monitor. One query, unless a monitor
    is another unit.
    """
    monitor = assignment.task.monitor_id
    if monitor is not None and monitor != assignment.unit_id:
        return int(monitor)
    above = UnitVersion.objects.on(on).filter(unit_id=assignment.unit_id).values_list("parent_id", flat=True).first()
    return int(above or assignment.programme.issuer_id)


def is_reviewer_of(assignment: Assignment, *, scope: Scope) -> bool:
    """Say whether the scope may review the reports of an assignment. Two queries at most."""
    return scope.allows(REVIEW, at=reviewer_of(assignment, on=scope.on))


def readable_assignments(scope: Scope) -> AssignmentQuerySet:
    """Return the assignments that the scope may read: of units under it, and those that it follows as the monitor."""
    monitors = UnitVersion.objects.within(scope, READ).values("unit_id")
    held: AssignmentQuerySet = Assignment.objects.all()
    return held.within(scope, READ) | held.filter(task__monitor_id__in=monitors)


def list_changes(assignment_id: int) -> list[Change]:
    """Return every row of an assignment, its reports, reviews and extensions, as each operation left it.

    In the order in which they were recorded. One statement.
    """
    return rows("progress", "list_changes", {"assignment": assignment_id}, as_=Change)


@dataclass(frozen=True, slots=True)
class ChainStep:
    """The task above one that makes it concrete, in the hands of the unit that does so."""

    assignment: int | None
    unit_id: int
    programme_number: int
    programme_title: str
    task_number: int
    task_title: str


def chain_above(task: Task) -> list[ChainStep]:
    """Return what a task makes concrete, and what that makes concrete in turn, the nearest first. One statement."""
    return rows("progress", "list_chain", {"task": task.pk}, as_=ChainStep)


def derived_tasks(assignment: Assignment, *, on: date) -> list[TaskFigures]:
    """Return the tasks by which the unit makes its assignment concrete, each with where it stands on the day.

    In the order of programmes and numbers. Two statements.
    """
    derived = Q(task__derives_from=assignment.task_id, programme__issuer=assignment.unit_id)
    held = Assignment.objects.filter(derived).counted().with_standing(on=on)
    counted = held.values("task_id", "standing").annotate(
        assignments=Count("pk"), no_deadline=Count("pk", filter=Q(due=None))
    )
    by_task: dict[int, list[StandingCount]] = {}
    for count in counted:
        by_task.setdefault(count["task_id"], []).append(StandingCount(unit_id=assignment.unit_id, **count))
    tasks = Task.objects.filter(pk__in=by_task).select_related("programme").order_by("programme__number", "number")
    return [TaskFigures(task, total(by_task[task.pk])) for task in tasks]


@dataclass(frozen=True, slots=True)
class IndicatorSum:
    """What the values of an indicator add up to under a unit: of `expected` assignments, `arrived` have a value."""

    unit_id: int
    indicator_id: int
    numerator: Decimal | None
    denominator: Decimal | None
    arrived: int
    expected: int

    @property
    def is_whole(self) -> bool:
        """Say whether every value has arrived, so that the sum is a total."""
        return self.arrived == self.expected


def sum_indicators(unit_id: int, *, programme: Programme, on: date) -> list[IndicatorSum]:
    """Return what the indicators of a programme add up to under a unit and each unit directly below, on a day.

    Accepted reports count, from the day on which they were accepted. One statement.
    """
    parameters = {"unit": unit_id, "programme": programme.pk, "day": on}
    return rows("progress", "sum_indicators", parameters, as_=IndicatorSum)
