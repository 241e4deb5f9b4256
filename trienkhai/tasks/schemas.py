"""Programmes and tasks as the API says them."""

from datetime import date
from decimal import Decimal

from ninja import Schema
from pydantic import Field


class IndicatorOut(Schema):
    """A number that a task must reach; `over_units` and `over_time` say how it adds up."""

    id: int
    name: str
    measure: str
    target: Decimal | None
    over_units: str
    over_time: str


class TaskOut(Schema):
    """One piece of work, with what the six clears say of it."""

    number: int
    group: str
    title: str
    due: date | None = Field(description="Null together with `has_no_deadline`.")
    has_no_deadline: bool
    product: str
    acceptance_test: str
    authority: str
    monitor_id: int | None
    demands_evidence: bool
    reporting_period: str
    derives_from: int | None = Field(description="The id of the task above that this one makes concrete.")
    id: int
    indicators: list[IndicatorOut]


class ProgrammeOut(Schema):
    """The tasks that one unit rolls out for one period; a draft while `issued_on` is null."""

    number: int
    title: str
    document: str
    issuer_id: int
    issued_on: date | None
    closed_on: date | None
    due_soon_days: int


class ProgrammeDetailOut(ProgrammeOut):
    """A programme with its tasks, by number."""

    tasks: list[TaskOut]


class TaskPreviewOut(Schema):
    """What issuing a task would do today: units by level, coordinating units, and what it lacks of the six clears."""

    number: int
    title: str
    units: dict[str, int]
    coordinating: int
    missing_clears: list[str]
    is_due_before_issue: bool
    is_ready: bool


class ImportedProgrammeOut(Schema):
    """The draft that was made, or would have been; `unread_headings` are columns of the file that nobody reads."""

    is_dry_run: bool
    number: int | None
    tasks: int
    unread_headings: list[str]


class IssuedOut(Schema):
    """How many assignments began."""

    assignments: int
