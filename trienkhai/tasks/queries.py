"""Reads of programmes, tasks and assignments."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db.models import Count, DateField, F, Q, Value
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.core.sql import rows
from trienkhai.organisation.scoping import ScopedQuerySet
from trienkhai.tasks.rules import TaskPreview

if TYPE_CHECKING:
    from trienkhai.tasks.models import Assignment, Programme


class ProgrammeQuerySet(ScopedQuerySet):
    """Programmes; they belong to their issuer."""

    unit_column = "issuer_id"

    def by_number(self, number: int) -> "Programme":
        """Return the programme of that number. Raises DomainError `programme_unknown`."""
        found: Programme | None = self.filter(number=number).first()
        if found is None:
            raise DomainError(
                "programme_unknown", _("There is no programme of the number %(number)s.") % {"number": number}
            )
        return found

    def issued(self, *, on: date) -> Self:
        """Keep what was issued by the end of the day."""
        return self.filter(issued_on__lte=on)


class TaskQuerySet(ScopedQuerySet):
    """Tasks; they belong to the issuer of their programme."""

    unit_column = "programme__issuer_id"


class AssignmentQuerySet(ScopedQuerySet):
    """Assignments as they are now; they belong to the unit that holds them."""

    def counted(self) -> Self:
        """Leave out what has left the count: cancelled, handed over, merged."""
        return self.filter(bucket__isnull=False)

    def with_standing(self, *, on: date) -> Self:
        """Add `standing`, one of the nine, as of the day; after a programme closed nothing becomes later."""
        from trienkhai.tasks.models import StandingOf

        day = Least(Value(on, DateField()), F("programme__closed_on"))
        return self.annotate(standing=StandingOf("bucket", "due", day, "programme__due_soon_days"))

    def held_by(self, unit_id: int, *, programme: int, task: int) -> "Assignment":
        """Return the assignment of a unit, by the numbers of programme and task. Raises DomainError `not_assigned`."""
        held = self.filter(unit_id=unit_id, programme__number=programme, task__number=task).select_related("task")
        found: Assignment | None = held.order_by("inherited_from").last()
        if found is None:
            raise DomainError(
                "not_assigned",
                _("The unit does not hold task %(task)s of programme %(programme)s.")
                % {"task": task, "programme": programme},
            )
        return found

    def open(self) -> Self:
        """Keep what still asks for work or a decision."""
        return self.filter(state__in=["not_started", "in_progress", "waiting", "suspended"])


@dataclass(frozen=True, slots=True)
class _AddressedRow:
    task_id: int
    level_id: int
    role: str
    units: int


def preview_programme(programme: "Programme", *, on: date) -> list[TaskPreview]:
    """Say for each task how many units it would reach on a day, by level code, and what it lacks.

    In the order of the tasks' numbers. Three statements whatever the number of units.
    """
    from trienkhai.organisation.models import Level

    addressed = rows("tasks", "count_addressed", {"programme": programme.pk, "day": on}, as_=_AddressedRow)
    levels = {level.rank: level.code for level in Level.objects.all()}
    reached: dict[int, dict[str, int]] = {}
    coordinating: dict[int, int] = {}
    for row in addressed:
        if row.role == "lead":
            reached.setdefault(row.task_id, {})[levels[row.level_id]] = row.units
        else:
            coordinating[row.task_id] = coordinating.get(row.task_id, 0) + row.units
    tasks = programme.tasks.annotate(
        lead_terms=Count("addressees", filter=Q(addressees__role="lead", addressees__is_exception=False))
    )
    return [
        TaskPreview(
            number=task.number,
            title=task.title,
            units={code: reached.get(task.pk, {}).get(code, 0) for code in levels.values()},
            coordinating=coordinating.get(task.pk, 0),
            missing_clears=tuple(task.missing_clears(has_lead=bool(task.lead_terms))),
            is_due_before_issue=task.due is not None and task.due < (programme.issued_on or on),
        )
        for task in tasks.order_by("number")
    ]


@dataclass(frozen=True, slots=True)
class _UnitsRow:
    units: int


def count_units_addressed(programme: "Programme", *, on: date) -> int:
    """Return how many units get something of a programme that is issued on a day, each counted once. One statement."""
    (row,) = rows("tasks", "count_units_addressed", {"programme": programme.pk, "day": on}, as_=_UnitsRow)
    return row.units
