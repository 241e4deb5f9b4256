"""Reads of reports and figures."""

from dataclasses import dataclass
from datetime import date

from trienkhai.core.sql import rows
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.scoping import Scope, ScopedQuerySet
from trienkhai.progress.permissions import REVIEW
from trienkhai.progress.rules import Figures, StandingCount, total
from trienkhai.tasks.models import Assignment, Programme, Task


class ReportQuerySet(ScopedQuerySet):
    """Reports; they belong to the unit whose assignment they are of."""

    unit_column = "assignment__unit_id"


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


def rollup(unit: UnitVersion, *, programme: Programme, on: date) -> Rollup:
    """Count where a programme stands under a unit at the end of a day, by the structure of that day.

    Children in the Vietnamese order of their names, tasks by number. Three statements whatever the size.
    """
    counts = count_standings(unit.unit_id, programme=programme, on=on)
    by_unit: dict[int, list[StandingCount]] = {}
    by_task: dict[int, list[StandingCount]] = {}
    for count in counts:
        by_unit.setdefault(count.unit_id, []).append(count)
        if count.unit_id == unit.unit_id:
            by_task.setdefault(count.task_id, []).append(count)
    children = UnitVersion.objects.on(on).children_of(unit.unit_id).select_related("level").in_name_order()
    units = [UnitFigures(child, total(by_unit.get(child.unit_id, ()))) for child in children]
    whole = total(by_unit.get(unit.unit_id, ()))
    tasks = [TaskFigures(task, total(by_task.get(task.pk, ()))) for task in programme.tasks.order_by("number")]
    return Rollup(unit, programme, on, whole, _less(whole, units), units, tasks)


def count_standings(unit_id: int, *, programme: Programme, on: date) -> list[StandingCount]:
    """Return how many assignments of the unit and of each unit directly under it have each standing, by task.

    One statement, exact for any day at every moment.
    """
    parameters = {"unit": unit_id, "programme": programme.pk, "day": on}
    return rows("progress", "count_standings", parameters, as_=StandingCount)


def _less(whole: Figures, units: list[UnitFigures]) -> Figures:
    standings = {
        name: number - sum(row.figures.standings[name] for row in units) for name, number in whole.standings.items()
    }
    return Figures(
        assignments=whole.assignments - sum(row.figures.assignments for row in units),
        standings=standings,
        no_deadline=whole.no_deadline - sum(row.figures.no_deadline for row in units),
    )


def reviewer_of(assignment: Assignment, *, on: date) -> int:
    """Return the unit that reviews an assignment: the task's monitor, else the unit above on that day, else the issuer.

    One query unless the task names a monitor.
    """
    if assignment.task.monitor_id:
        return int(assignment.task.monitor_id)
    above = UnitVersion.objects.on(on).filter(unit_id=assignment.unit_id).values_list("parent_id", flat=True).first()
    return int(above or assignment.programme.issuer_id)


def is_reviewer_of(assignment: Assignment, *, scope: Scope) -> bool:
    """Say whether the scope may review the reports of an assignment. Two queries at most."""
    return scope.allows(REVIEW, at=reviewer_of(assignment, on=scope.on))
