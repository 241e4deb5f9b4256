"""What a standing is, what an issuable task is: pure functions of values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

BUCKETS = (
    "not_started",
    "in_progress",
    "waiting_in_time",
    "waiting_late",
    "done_on_time",
    "done_late",
    "suspended",
)
"""What is stored of an assignment that counts, in the order of the ledger's columns."""

STANDINGS = (
    "not_started",
    "in_progress",
    "due_soon",
    "overdue",
    "waiting_in_time",
    "waiting_late",
    "done_on_time",
    "done_late",
    "suspended",
)
"""What is shown; the nine add up to the total."""

CLEARS = ("who", "what", "when", "responsibility", "authority", "product")
"""The six clears (6 rõ): a task is issued only when none is missing."""


def standing(bucket: str, due: date | None, *, on: date, due_soon_days: int) -> str:
    """Return the standing of one assignment at the end of the day `on`.

    Due on D means overdue from D+1; due soon from `due_soon_days` calendar days before D to D itself; without a
    due date an open assignment is never due soon or overdue. Source: glossary, "Standing". The SQL twin is the
    function `standing_of`, and a test holds them together.
    """
    if bucket not in ("not_started", "in_progress") or due is None:
        return bucket
    if due < on:
        return "overdue"
    if due - on <= timedelta(days=due_soon_days):
        return "due_soon"
    return bucket


def bucket(state: str, *, due: date | None, submitted_on: date | None) -> str | None:
    """Return the bucket of a stored state, or None when it has left the count (cancelled, handed over, merged).

    A result is in time when it was submitted on or before the due date. The stored column computes the same.
    """
    in_time = due is None or submitted_on is None or submitted_on <= due
    match state:
        case "not_started" | "in_progress" | "suspended":
            return state
        case "waiting":
            return "waiting_in_time" if in_time else "waiting_late"
        case "done":
            return "done_on_time" if in_time else "done_late"
    return None


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """What the six clears are judged by."""

    title: str
    has_lead: bool
    due: date | None
    has_no_deadline: bool
    authority: str
    product: str
    acceptance_test: str


def missing_clears(task: TaskFacts) -> Iterator[str]:
    """Yield the names of the clears that a task lacks, in the order of `CLEARS`.

    Responsibility is never missing: coordinators are named, or an empty cell says that there are none, which the
    preview shows. Source: glossary, "six clears".
    """
    if not task.has_lead:
        yield "who"
    if not task.title.strip():
        yield "what"
    if task.due is None and not task.has_no_deadline:
        yield "when"
    if not task.authority.strip():
        yield "authority"
    if not (task.product.strip() and task.acceptance_test.strip()):
        yield "product"


@dataclass(frozen=True, slots=True)
class Addressee:
    """One term of a rule of addressees, its names resolved: units that are all that it names (ids, level ranks)."""

    role: str = "lead"
    level: int | None = None
    kind: str = ""
    under: int | None = None
    unit: int | None = None
    is_exception: bool = False


@dataclass(frozen=True, slots=True)
class TaskPreview:
    """What issuing a task would do: how many units of each level it reaches, and what it lacks."""

    number: int
    title: str
    units: dict[str, int]
    coordinating: int
    missing_clears: tuple[str, ...]
    is_due_before_issue: bool

    @property
    def is_ready(self) -> bool:
        """Say whether the task can be issued."""
        return bool(sum(self.units.values())) and not self.missing_clears and not self.is_due_before_issue
