"""Shapes of reports, decisions and figures: frozen values, no database and no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from trienkhai.tasks.rules import STANDINGS

BATCH_LIMIT = 10_000
"""How many reports or decisions one operation takes at most."""

DONE = ("done_on_time", "done_late")
WAITING = ("waiting_in_time", "waiting_late")


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
    def share_done(self) -> float | None:
        """Return the share done (0–1), or None where there is nothing to do."""
        return self.done / self.assignments if self.assignments else None

    @property
    def share_overdue(self) -> float:
        """Return the share overdue (0–1)."""
        return self.standings["overdue"] / self.assignments if self.assignments else 0.0


@dataclass(frozen=True, slots=True)
class StandingCount:
    """How many assignments of a unit (and all under it) and a task have a standing."""

    unit_id: int
    task_id: int
    standing: str
    assignments: int
    no_deadline: int


def total(counts: Iterable[StandingCount]) -> Figures:
    """Add counts up to one set of figures."""
    standings = dict.fromkeys(STANDINGS, 0)
    no_deadline = 0
    for count in counts:
        standings[count.standing] += count.assignments
        no_deadline += count.no_deadline
    return Figures(assignments=sum(standings.values()), standings=standings, no_deadline=no_deadline)
