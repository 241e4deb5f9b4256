"""Shapes of reports, decisions and figures: frozen values, no database and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from trienkhai.tasks.rules import STANDINGS

BATCH_LIMIT = 10_000
"""How many reports or decisions one operation takes at most."""

DONE = ("done_on_time", "done_late")
WAITING = ("waiting_in_time", "waiting_late")

WORST_FIRST = (
    "overdue",
    "due_soon",
    "waiting_late",
    "not_started",
    "in_progress",
    "suspended",
    "waiting_in_time",
    "done_late",
    "done_on_time",
)
"""The standings in the order in which they ask for the attention of a unit above."""

WORK_GROUPS = ("returned", "overdue", "due_soon", "in_progress", "not_started", "waiting")
"""In which groups an officer takes up the unit's own work: what was returned and not answered yet, else by standing."""


@dataclass(frozen=True, slots=True)
class ValueLine:
    """The value of an indicator: a numerator alone for a sum, with its denominator for a mean or a ratio."""

    indicator: int
    numerator: Decimal
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """A stored file (its SHA-256) under the name that the unit gives it."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One report of a batch; `line` is its place in the batch, counted from 1.

    `version` is the version of the assignment that the reporter saw (None: whatever it is); `entered_on` the day on
    which an offline report was written (None: the day of arrival); `client_key` is unique per author, and a repeat
    is answered as the first time; `period` is half-open.
    """

    assignment: int
    progress: int
    text: str = ""
    is_result: bool = False
    difficulties: str = ""
    period: tuple[date, date] | None = None
    values: Sequence[ValueLine] = ()
    evidence: Sequence[EvidenceLine] = ()
    version: int | None = None
    entered_on: date | None = None
    client_key: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision of a batch: accepted, or returned with a reason and possibly a new due date."""

    report: int
    is_accepted: bool
    reason: str = ""
    new_due: date | None = None
    line: int = 1


def reporting_period(kind: str, *, on: date) -> tuple[date, date] | None:
    """Return the half-open calendar period of a kind (week, month, quarter, half_year, year) that holds the day.

    Weeks begin on Monday. Returns None for a task that is reported once.
    """
    if kind == "week":
        start = on - timedelta(days=on.weekday())
        return start, start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}.get(kind)
    if months is None:
        return None
    first = (on.month - 1) // months * months
    after = first + months
    return date(on.year, first + 1, 1), date(on.year + after // 12, after % 12 + 1, 1)


def plain_number(text: str, *, point: str) -> str:
    """Return a number without what separates its thousands, and with a full stop as its decimal sign.

    `point` is the decimal sign of the reader, a comma or a full stop; the other one separates thousands. Where it
    stands once and not before three digits, it is meant as the decimal sign: "1.5" is one and a half to everyone.
    What is no number comes back as it is.
    """
    digits = "".join(text.split())
    whole, sign, decimals = digits.partition(point)
    head, *thousands = whole.split("." if point == "," else ",")
    if all(len(group) == 3 for group in thousands):
        return f"{head}{''.join(thousands)}.{decimals}" if sign else head + "".join(thousands)
    if len(thousands) == 1 and not sign:
        return f"{head}.{thousands[0]}"
    return digits


def measured(numerator: Decimal, denominator: Decimal | None, *, measure: str) -> Decimal:
    """Return the value of an indicator: the number itself, or the quotient, in per cent where that is the measure."""
    if denominator is None:
        return numerator
    return numerator / denominator * (100 if measure == "%" else 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Standings counted over a unit, a task or both. They add up to `assignments`."""

    assignments: int = 0
    standings: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(STANDINGS, 0))
    no_deadline: int = 0

    @property
    def done(self) -> int:
        """Return how many are done, in time or late."""
        return sum(self.standings[name] for name in DONE)

    @property
    def waiting(self) -> int:
        """Return how many results wait for review."""
        return sum(self.standings[name] for name in WAITING)

    @property
    def worst(self) -> str | None:
        """Return the worst standing that occurs, or None where there is nothing to do."""
        return next((name for name in WORST_FIRST if self.standings[name]), None)

    @property
    def share_done(self) -> float | None:
        """Return the share done (0–1), or None where there is nothing to do."""
        return self.done / self.assignments if self.assignments else None

    @property
    def share_overdue(self) -> float:
        """Return the share overdue (0–1)."""
        return self.standings["overdue"] / self.assignments if self.assignments else 0.0


@dataclass(frozen=True, slots=True)
class StandingCount:
    """How many assignments of a unit (and all under it) and a task have a standing; of all tasks where it is None."""

    unit_id: int
    task_id: int | None
    standing: str
    assignments: int
    no_deadline: int


@dataclass(frozen=True, slots=True)
class ProgrammeCount:
    """How many assignments of a programme, under the units of a reader, have a standing."""

    programme_id: int
    standing: str
    assignments: int
    no_deadline: int


def total(counts: Iterable[StandingCount | ProgrammeCount]) -> Figures:
    """Add counts up to one set of figures."""
    standings = dict.fromkeys(STANDINGS, 0)
    no_deadline = 0
    for count in counts:
        standings[count.standing] += count.assignments
        no_deadline += count.no_deadline
    return Figures(assignments=sum(standings.values()), standings=standings, no_deadline=no_deadline)


def next_step(
    state: str, *, may_report: bool, may_review: bool, is_report_waiting: bool, was_returned: bool, is_closed: bool
) -> str:
    """Say what is to be done with an assignment by who looks at it, from its state and what they may do.

    One of: review, report, report_again (the last report was returned), wait_for_review, wait_for_report; and where
    nothing is to be done: closed (its programme is), done, suspended, left (cancelled, handed over, merged).
    """
    if state in ("done", "suspended"):
        return state
    if state in ("cancelled", "handed_over", "merged"):
        return "left"
    if is_closed:
        return "closed"
    if may_review and is_report_waiting:
        return "review"
    if state == "waiting":
        return "wait_for_review"
    if may_report:
        return "report_again" if was_returned else "report"
    return "wait_for_report"


@dataclass(frozen=True, slots=True)
class Change:
    """A row of an assignment, or of what hangs on it, as an operation left it; `sql/list_changes.sql` lists them.

    `subject` is assignment, report, review, extension or correction; `state` that of the row, of a review its
    decision; `due` the date that the row sets; `holder` and `reviewer` are names on that day; `files` counts evidence.
    """

    subject: str
    id: int
    operation: UUID
    name: str
    actor: str
    source: str
    day: date
    recorded_at: datetime
    is_simulated: bool
    unit_id: int
    holder: str
    reviewer: str
    version: int | None = None
    state: str = ""
    bucket: str = ""
    due: date | None = None
    progress: int | None = None
    is_result: bool = False
    quote: str = ""
    files: int = 0


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an assignment: in words who did what, what they wrote, the due date that they set."""

    words: str
    quote: str
    due: date | None
    files: int
    day: date
    recorded_at: datetime
    actor: str
    source: str
    is_simulated: bool


def history_of(changes: Sequence[Change], *, issuer: str) -> list[Happening]:
    """Tell what happened to an assignment, one entry an operation, the oldest first.

    `changes` are in the order in which they were recorded; `issuer` is the name of the unit that issued the task.
    """
    operations: dict[UUID, dict[str, Change]] = {}
    for change in changes:
        operations.setdefault(change.operation, {})[change.subject] = change
    told = []
    before: Change | None = None
    for made in operations.values():
        told.append(_happening(made, before, issuer=issuer))
        before = made.get("assignment", before)
    return told


def _happening(made: Mapping[str, Change], before: Change | None, *, issuer: str) -> Happening:
    """Tell of one operation: the rows that it made, by subject, and the assignment as it was before."""
    now = made.get("assignment")
    has_moved = now is not None and before is not None and now.unit_id != before.unit_id
    told = next(made[subject] for subject in (("assignment",) if has_moved else _TOLD_BY) if subject in made)
    match told.subject:
        case "review":
            words, due = _words_of_review(told, now), told.due
        case "extension":
            words, due = _words_of_extension(told), told.due if told.state == "asked" else None
        case "report":
            words, due = _words_of_report(told, now), None
        case "assignment":
            words, due = _words_of_assignment(told, before, issuer=issuer), None
        case _:
            words, due = _("The record of earlier days was corrected"), None
    if due is None and now and (before is None or now.due != before.due):
        due = now.due
    return Happening(
        words=words,
        quote=told.quote,
        due=due,
        files=told.files,
        day=told.day,
        recorded_at=told.recorded_at,
        actor=told.actor,
        source=told.source,
        is_simulated=told.is_simulated,
    )


_TOLD_BY = ("review", "extension", "report", "assignment", "correction")
"""Which row of an operation says best what it did, in this order."""


def _words_of_report(report: Change, now: Change | None) -> str:
    if not report.is_result:
        return _("%(unit)s reports progress: %(progress)s%%") % {"unit": report.holder, "progress": report.progress}
    if now and now.bucket == "waiting_late":
        return _("%(unit)s submits the result, after the due date") % {"unit": report.holder}
    return _("%(unit)s submits the result") % {"unit": report.holder}


def _words_of_review(review: Change, now: Change | None) -> str:
    names = {"unit": review.reviewer}
    if review.state == "returned":
        return (_("%(unit)s returns the result") if review.is_result else _("%(unit)s returns the report")) % names
    if not review.is_result:
        return _("%(unit)s accepts the report") % names
    if now and now.bucket == "done_late":
        return _("%(unit)s accepts the result: done late") % names
    return _("%(unit)s accepts the result: done on time") % names


def _words_of_extension(extension: Change) -> str:
    if extension.state == "asked":
        return _("%(unit)s asks for a later due date") % {"unit": extension.holder}
    if extension.state == "granted":
        return _("The later due date is granted")
    return _("The later due date is refused; the present one stays")


def _words_of_assignment(now: Change, before: Change | None, *, issuer: str) -> str:
    if before is None:
        words = _("%(issuer)s makes its task concrete and assigns it to %(unit)s")
        if now.name != "tasks.derive_task":
            words = _("%(issuer)s assigns the task to %(unit)s")
        return words % {"issuer": issuer, "unit": now.holder}
    if now.unit_id != before.unit_id:
        names = {"before": before.holder, "unit": now.holder}
        return _("The units were reorganised: %(unit)s takes over from %(before)s") % names
    if now.state == before.state:
        return _("The due date changes") if now.due != before.due else _("The assignment changes")
    if before.state == "suspended" and now.state in ("not_started", "in_progress"):
        return _("The work goes on after the suspension")
    return {
        "suspended": _("The work is suspended"),
        "cancelled": _("The assignment is cancelled"),
        "handed_over": _("The assignment is handed over"),
        "merged": _("The assignment is merged with the same one of another unit"),
    }.get(now.state, _("The assignment changes"))
