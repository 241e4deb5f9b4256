"""Figures, assignments, reports and decisions as the API says them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from trienkhai.progress.queries import Rollup
from trienkhai.tasks.rules import STANDINGS

Standing = Annotated[str, Field(pattern=f"^({'|'.join(STANDINGS)})$", description=f"One of {', '.join(STANDINGS)}.")]
Key = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[
    Decimal,
    Field(max_digits=18, decimal_places=4),
    # Zero may be written with any exponent, and the database reads only some.
    AfterValidator(lambda number: number.quantize(Decimal("0.0001"))),
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class NamedUnitOut(Schema):
    """A unit by its code, which is unique within its level, and its name on the day."""

    code: str
    level: str
    name: str


class UnitStandingsOut(NamedUnitOut):
    """Standings of a unit and everything under it."""

    assignments: int
    standings: dict[str, int]


class TaskStandingsOut(Schema):
    """Standings of a task under the unit."""

    number: int
    title: str
    due: date | None
    assignments: int
    standings: dict[str, int]


class RollupOut(Schema):
    """Where a programme stands under a unit at the end of a day.

    The nine standings add up to `assignments`, which is `own` and the children's together, and the tasks' together.
    """

    unit: NamedUnitOut
    programme: int
    on: date
    assignments: int
    own: int
    standings: dict[str, int]
    no_deadline: int
    units: list[UnitStandingsOut]
    tasks: list[TaskStandingsOut]

    @classmethod
    def of(cls, found: Rollup) -> "RollupOut":
        """Return what a roll-up says."""
        return cls(
            unit=NamedUnitOut(code=found.unit.code, level=found.unit.level.code, name=found.unit.name),
            programme=found.programme.number,
            on=found.on,
            assignments=found.whole.assignments,
            own=found.own.assignments,
            standings=dict(found.whole.standings),
            no_deadline=found.whole.no_deadline,
            units=[
                UnitStandingsOut(
                    code=row.unit.code,
                    level=row.unit.level.code,
                    name=row.unit.name,
                    assignments=row.figures.assignments,
                    standings=dict(row.figures.standings),
                )
                for row in found.units
            ],
            tasks=[
                TaskStandingsOut(
                    number=row.task.number,
                    title=row.task.title,
                    due=row.task.due,
                    assignments=row.figures.assignments,
                    standings=dict(row.figures.standings),
                )
                for row in found.tasks
            ],
        )


class IndicatorSumOut(Schema):
    """What the values of an indicator add up to under a unit; a total only when `arrived` is `expected`."""

    unit_id: int
    indicator_id: int
    numerator: Decimal | None
    denominator: Decimal | None
    arrived: int = Field(description="How many assignments have an accepted value.")
    expected: int = Field(description="How many assignments there are.")


class ListedAssignmentOut(Schema):
    """An assignment as it was at the end of a day, in a list."""

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


class AssignmentPageOut(Schema):
    """Some assignments, in the order of units, then of tasks; `next` is the cursor of the page after, or null."""

    on: date
    assignments: list[ListedAssignmentOut]
    next: str | None


class ValueOut(Schema):
    """The value of an indicator in a report."""

    indicator_id: int
    numerator: Decimal
    denominator: Decimal | None


class EvidenceOut(Schema):
    """A file that proves a report; its content is at `/evidence/{id}`."""

    id: int
    name: str
    file_id: str = Field(description="The SHA-256 of the content.")
    size: int
    media_type: str
    taken_on: date | None


class ReviewOut(Schema):
    """The decision on a report."""

    decision: str
    reason: str
    new_due: date | None
    day: date


class ReportOut(Schema):
    """A report of a unit on its assignment."""

    id: int
    assignment_id: int
    is_result: bool
    state: str
    progress: int
    text: str
    difficulties: str
    day: date
    entered_on: date
    values: list[ValueOut]
    evidence: list[EvidenceOut]
    review: ReviewOut | None


class ChangeOut(Schema):
    """What one operation did to an assignment, or to a report, review or extension of it."""

    operation: UUID
    name: str = Field(description="What was done, `<app>.<verb>`.")
    actor: str
    day: date
    recorded_at: datetime
    is_simulated: bool
    subject: str = Field(description="assignment, report, review, extension or correction")
    id: int
    holder: str = Field(description="The unit that held the assignment on that day.")
    state: str
    due: date | None
    progress: int | None
    quote: str = Field(description="What was written: the text of a report, the reason of a return …")
    files: int = Field(description="How many files came along.")


class AssignmentOut(Schema):
    """One task in the hands of one unit, as it is now, with its reports, the latest first."""

    id: int
    unit_id: int
    programme: int
    task: int
    role: str
    part: str
    state: str
    standing: str
    due: date | None
    original_due: date | None
    submitted_on: date | None
    progress: int
    since: date
    version: int = Field(description="Send it with a report, so that nothing is written over what changed meanwhile.")
    reviewer_id: int
    reports: list[ReportOut]


class OwnWorkOut(Schema):
    """An assignment that the token's user may report on and that is not finished."""

    id: int
    work_group: str
    unit_name: str
    programme_number: int
    task_number: int
    task_title: str
    due: date | None
    progress: int
    standing: str
    returned_on: date | None
    reason: str


class WaitingResultOut(Schema):
    """A result that waits for a decision of the token's user; `id` is the assignment."""

    id: int
    report_id: int
    unit_name: str
    programme_number: int
    task_number: int
    task_title: str
    due: date | None
    submitted_on: date
    standing: str
    evidence: int


class WorkOut(Schema):
    """What the token's user has to do: at most 200 of each."""

    on: date
    to_do: list[OwnWorkOut]
    to_review: list[WaitingResultOut]


class StrictSchema(Schema):
    """What is sent: a member that nobody reads is refused, since it would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class ValueIn(StrictSchema):
    """The value of an indicator: a numerator alone for a sum, with its denominator for a mean or a ratio."""

    indicator: Key
    numerator: Number
    denominator: Number | None = None


class EvidenceIn(StrictSchema):
    """A file that was uploaded to `/files`, under the name that the unit gives it."""

    file: Sha256
    name: str = Field(min_length=1, max_length=200)


class ReportIn(StrictSchema):
    """A report on an assignment; with `is_result`, that the work is done and waits for review."""

    progress: int = Field(ge=0, le=100)
    text: str = Field(default="", max_length=20_000)
    is_result: bool = False
    difficulties: str = Field(default="", max_length=20_000)
    values: list[ValueIn] = Field(default=[], max_length=50)
    evidence: list[EvidenceIn] = Field(default=[], max_length=20)
    version: int | None = Field(
        default=None, ge=1, lt=2**31, description="The version of the assignment that was seen."
    )
    entered_on: date | None = Field(default=None, description="The day on which an offline report was written.")
    client_key: str = Field(default="", max_length=64, description="Unique per user; a repeat is answered as at first.")


class BatchReportIn(ReportIn):
    """A line of a batch of reports."""

    assignment: Key
    client_key: str = Field(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00]*$",
        description="Unique per user; a repeat is answered as at first.",
    )


class DecisionIn(StrictSchema):
    """Accepted, or returned with a reason and possibly (of a result) a new due date."""

    is_accepted: bool
    reason: str = Field(default="", max_length=20_000)
    new_due: date | None = None


class BatchDecisionIn(DecisionIn):
    """A line of a batch of decisions."""

    report: Key


class TakenOut(Schema):
    """The id of the report that was taken."""

    report: int


class TakenBatchOut(Schema):
    """The ids of the reports, in the order of the lines."""

    reports: list[int]


class DecidedOut(Schema):
    """How many reports were decided."""

    decided: int


class FileOut(Schema):
    """A stored file, to be named as evidence; `name` is how it was cleaned."""

    file: str
    name: str
    size: int
    media_type: str


class AddresseesIn(StrictSchema):
    """Whom a derived task goes to: all units of a level under the unit, or named units under it."""

    level: str = ""
    units: list[Key] = Field(default=[], max_length=1000)


class DerivedTaskIn(StrictSchema):
    """A task that makes an assignment concrete for units below, with the six clears."""

    title: str = Field(min_length=1, max_length=5000)
    due: date | None = None
    has_no_deadline: bool = False
    product: str = Field(min_length=1, max_length=500)
    acceptance_test: str = Field(min_length=1, max_length=5000)
    authority: str = Field(min_length=1, max_length=500)
    demands_evidence: bool = True
    lead: AddresseesIn


class DerivedTaskOut(Schema):
    """The task, in the unit's own programme."""

    programme: int
    task: int
