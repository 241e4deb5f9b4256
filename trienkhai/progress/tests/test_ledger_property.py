"""Random histories: on every day every unit's figures are those that a recount in plain Python finds.

A history is a list of acts, done one after another through the operations and told to a model that knows nothing of
the ledger. The model also says which acts must be refused. Acts may be dated some days back, deltas are posted at any
moment or never, and units move, so that what is posted late meets a structure that has changed since.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trienkhai.core.errors import DomainError
from trienkhai.core.integrity import findings
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import Extension, LedgerDelta
from trienkhai.progress.operations import (
    ask_extension,
    cancel_assignments,
    decide_extension,
    decide_reports,
    post_deltas,
    recount_ledger,
    resume_assignments,
    submit_reports,
    suspend_assignments,
)
from trienkhai.progress.queries import count_standings
from trienkhai.progress.rules import DecisionLine, ReportLine
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.operations import close_programme, issue_programme
from trienkhai.tasks.rules import bucket, standing

WORKABLE = ("not_started", "in_progress")
RANKS = {"central": 0, "province": 1, "district": 2, "commune": 3}
MOST_PROGRAMMES = 2


@dataclass(frozen=True)
class Facts:
    """What holds of an assignment from a day on."""

    since: date
    state: str
    due: date | None
    submitted_on: date | None = None
    suspended_on: date | None = None


@dataclass
class Held:
    """An assignment, as the model remembers it: all facts that ever held, the latest last."""

    assignment: int
    programme: int
    task: int
    unit: int
    facts: list[Facts]
    has_reports: bool = False
    waiting_report: int | None = None
    request: Extension | None = None

    @property
    def now(self) -> Facts:
        return self.facts[-1]

    def on(self, day: date) -> Facts | None:
        return next((facts for facts in reversed(self.facts) if facts.since <= day), None)

    def change(self, day: date, **changes: object) -> None:
        self.facts.append(replace(self.now, since=day, **changes))


@dataclass
class Issued:
    """A programme of one task, as the model remembers it."""

    programme: Programme
    task: int
    level: str
    due: date | None
    issued_on: date
    closed_on: date | None = None


@dataclass
class History:
    """The acts, each done in the system and told to the model; numbers choose among what is there."""

    world: object
    today: date
    levels: dict[int, str] = field(default_factory=dict)
    parents: dict[int, list[tuple[date, int | None]]] = field(default_factory=dict)
    issued: list[Issued] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def begin(self) -> None:
        for version in UnitVersion.objects.select_related("level"):
            self._add_unit(version)
        self.issue(level=0, due=9)

    # Acts on assignments

    def report(self, *, which: int, is_result: bool, ago: int) -> None:
        held, day = self._pick(which, *WORKABLE, ago=ago)
        line = ReportLine(assignment=held.assignment, progress=50, is_result=is_result)
        is_allowed = held.now.state in WORKABLE and self._may_change(held, day)
        if self._done(is_allowed, lambda: submit_reports([line], scope=self._shell(day))):
            held.has_reports = True
            held.change(day, state="waiting" if is_result else "in_progress", submitted_on=day if is_result else None)
            held.waiting_report = Assignment.objects.get(pk=held.assignment).reports.latest("pk").pk

    def decide(self, *, which: int, is_accepted: bool, new_due: int | None, ago: int) -> None:
        held, day = self._pick(which, "waiting", ago=ago)
        if held.now.state != "waiting":
            return
        due = None if is_accepted or new_due is None else day + timedelta(days=new_due)
        line = DecisionLine(report=held.waiting_report, is_accepted=is_accepted, reason="Thiếu", new_due=due)
        is_later = due is None or due >= max(day, held.now.due or day)
        is_allowed = self._may_change(held, day) and is_later
        if self._done(is_allowed, lambda: decide_reports([line], scope=self._shell(day))):
            if is_accepted:
                held.change(day, state="done")
            else:
                held.change(day, state="in_progress", submitted_on=None, due=due or held.now.due)

    def suspend(self, *, which: int, ago: int) -> None:
        held, day = self._pick(which, *WORKABLE, ago=ago)
        is_allowed = held.now.state in WORKABLE and self._may_change(held, day)
        if self._done(
            is_allowed, lambda: suspend_assignments([held.assignment], reason="Dịch", scope=self._shell(day))
        ):
            held.change(day, state="suspended", suspended_on=day)

    def resume(self, *, which: int, ago: int) -> None:
        held, day = self._pick(which, "suspended", ago=ago)
        is_allowed = held.now.state == "suspended" and self._may_change(held, day)
        if self._done(is_allowed, lambda: resume_assignments([held.assignment], scope=self._shell(day))):
            due = held.now.due and held.now.due + (day - held.now.suspended_on)
            state = "in_progress" if held.has_reports else "not_started"
            held.change(day, state=state, due=due, suspended_on=None)

    def cancel(self, *, which: int, ago: int) -> None:
        held, day = self._pick(which, *WORKABLE, "suspended", ago=ago)
        is_allowed = held.now.state in (*WORKABLE, "suspended") and self._may_change(held, day)
        if self._done(
            is_allowed, lambda: cancel_assignments([held.assignment], reason="Trùng", scope=self._shell(day))
        ):
            held.change(day, state="cancelled", suspended_on=None)

    def ask(self, *, which: int, more: int) -> None:
        held, _ = self._pick(which, *WORKABLE)
        due, assignment = held.now.due, Assignment.objects.get(pk=held.assignment)
        is_allowed = (
            due is not None
            and self.today <= due
            and held.request is None
            and held.now.state in WORKABLE
            and self._may_change(held, self.today)
        )
        asked = (due or self.today) + timedelta(days=more)
        held.request = (
            self._done(
                is_allowed, lambda: ask_extension(assignment, due=asked, reason="Dịch", scope=self._shell(self.today))
            )
            or held.request
        )

    def answer(self, *, which: int, is_granted: bool) -> None:
        asked = [held for held in self.held if held.request]
        if not asked:
            return
        held = asked[which % len(asked)]
        request = held.request
        may_be_granted = held.now.state in WORKABLE and held.now.due == request.old_due
        is_allowed = self._is_open(held, self.today) and (may_be_granted or not is_granted)

        def decide() -> bool:
            decide_extension(request, is_granted=is_granted, answer="", scope=self._shell(self.today))
            return True

        if self._done(is_allowed, decide):
            held.request = None
            if is_granted:
                held.change(self.today, due=request.asked_due)

    # Acts on programmes and on the organisation

    def issue(self, *, level: int, due: int | None) -> None:
        if len(self.issued) == MOST_PROGRAMMES:
            return
        name = ("commune", "district", "province")[level % 3]
        due_on = None if due is None else self.today + timedelta(days=due)
        row = self.world.task(to=name, due=due_on, no_deadline=due is None)
        programme = self.world.issue(row, on=self.today)
        self.issued.append(Issued(programme, programme.tasks.get().pk, name, due_on, self.today))
        self._take_up(self.issued[-1])

    def issue_again(self, *, which: int) -> None:
        issued = self.issued[which % len(self.issued)]
        is_allowed = issued.closed_on is None or issued.closed_on >= self.today
        before = Assignment.objects.filter(programme=issued.programme).count()
        began = self._done(is_allowed, lambda: issue_programme(issued.programme, scope=self._shell(self.today)))
        if is_allowed:
            assert Assignment.objects.filter(programme=issued.programme).count() == before + began
            if issued.due is None or issued.due >= self.today:
                self._take_up(issued)

    def close(self, *, which: int) -> None:
        issued = self.issued[which % len(self.issued)]

        def close() -> bool:
            close_programme(issued.programme, scope=self._shell(self.today))
            return True

        if self._done(issued.closed_on is None, close):
            issued.closed_on = self.today
            issued.programme.refresh_from_db()

    def found(self, *, under: int) -> None:
        districts = sorted(unit for unit, level in self.levels.items() if level == "district")
        above = UnitVersion.objects.on(self.today).select_related("level").get(unit=districts[under % len(districts)])
        (version,) = self.world.communes(1, under=above, on=self.today)
        self._add_unit(version)

    def move(self, *, which: int, to: int, ago: int) -> None:
        day = self.today - timedelta(days=ago)
        unit = sorted(self.levels)[which % len(self.levels)]
        rank, present = RANKS[self.levels[unit]], self.parents[unit][-1][1]
        others = [other for other in sorted(self.levels) if RANKS[self.levels[other]] < rank and other != present]
        if not others:
            return
        parent = others[to % len(others)]
        is_allowed = self.parents[unit][-1][0] <= day and self.parents[parent][-1][0] <= day
        if self._done(is_allowed, lambda: move_unit(unit, to=parent, decision="", scope=self._shell(day))):
            if self.parents[unit][-1][0] == day:
                self.parents[unit].pop()
            self.parents[unit].append((day, parent))

    def post(self) -> None:
        post_deltas(on=self.today)

    def recount(self) -> None:
        recount_ledger(scope=self._shell(self.today))

    # The recount

    def figures(self, issued: Issued, day: date) -> dict[int, dict[tuple[int, str], tuple[int, int]]]:
        """Return for each unit: task and standing → how many, and how many of them without due date."""
        number: Counter[tuple[int, int, str]] = Counter()
        no_deadline: Counter[tuple[int, int, str]] = Counter()
        shown = min(day, issued.closed_on or day)
        for held in self.held:
            facts = held.on(day)
            if held.programme != issued.programme.pk or facts is None:
                continue
            held_in = bucket(facts.state, due=facts.due, submitted_on=facts.submitted_on)
            if held_in is None:
                continue
            stands = standing(held_in, facts.due, on=shown, due_soon_days=issued.programme.due_soon_days)
            for unit in self._with_those_above(held.unit, day):
                number[unit, held.task, stands] += 1
                no_deadline[unit, held.task, stands] += facts.due is None
        figures: dict[int, dict[tuple[int, str], tuple[int, int]]] = {}
        for (unit, task, stands), assignments in number.items():
            figures.setdefault(unit, {})[task, stands] = (assignments, no_deadline[unit, task, stands])
        return figures

    def children(self, unit: int, day: date) -> set[int]:
        return {child for child in self.parents if self._parent(child, day) == unit}

    def days(self, issued: Issued) -> list[date]:
        """Return every day from the one before the issue until all due dates are past, or near enough."""
        first = issued.issued_on - timedelta(days=1)
        return [first + timedelta(days=number) for number in range((self.today - first).days + 3)]

    def _with_those_above(self, unit: int | None, day: date) -> Iterator[int]:
        while unit is not None:
            yield unit
            unit = self._parent(unit, day)

    def _parent(self, unit: int, day: date) -> int | None:
        return next((parent for since, parent in reversed(self.parents[unit]) if since <= day), None)

    # What acts share

    def _done(self, is_allowed: bool, act):
        """Do it, and return what came of it; demand that it is refused if it is not allowed."""
        if is_allowed:
            return act()
        with pytest.raises(DomainError):
            act()
        return None

    def _pick(self, which: int, *states: str, ago: int = 0) -> tuple[Held, date]:
        """Choose an assignment, one in these states if there is one, and a day on which it may change."""
        fitting = [held for held in self.held if held.now.state in states] or self.held
        held = fitting[which % len(fitting)]
        return held, max(held.now.since, self.today - timedelta(days=ago))

    def _shell(self, day: date):
        return self.world.shell(on=day)

    def _is_open(self, held: Held, day: date) -> bool:
        issued = next(issued for issued in self.issued if issued.programme.pk == held.programme)
        return issued.closed_on is None or day <= issued.closed_on

    def _may_change(self, held: Held, day: date) -> bool:
        return held.now.since <= day and self._is_open(held, day)

    def _add_unit(self, version: UnitVersion) -> None:
        self.levels[version.unit_id] = version.level.code
        self.parents[version.unit_id] = [(version.valid.lower, version.parent_id)]

    def _take_up(self, issued: Issued) -> None:
        """Remember who holds a task now: every unit of its level, unless it held it before."""
        holders = {held.unit for held in self.held if held.task == issued.task}
        units = {unit for unit, level in self.levels.items() if level == issued.level}
        assignments = dict(Assignment.objects.filter(task=issued.task).values_list("unit", "pk"))
        assert assignments.keys() == units | holders
        self.held += [
            Held(
                assignment=assignments[unit],
                programme=issued.programme.pk,
                task=issued.task,
                unit=unit,
                facts=[Facts(since=self.today, state="not_started", due=issued.due)],
            )
            for unit in sorted(units - holders)
        ]


def often(weight, name, **arguments):
    """Return so many strategies of an act, that it may be drawn in this proportion."""
    return [st.tuples(st.just(name), st.fixed_dictionaries(arguments)) for _ in range(weight)]


number = st.integers(0, 30)
ago = st.sampled_from([0, 1, 2, 5, 9])
acts = st.one_of(
    *often(7, "report", which=number, is_result=st.sampled_from([True, True, False]), ago=ago),
    *often(6, "decide", which=number, is_accepted=st.booleans(), new_due=st.none() | st.integers(-1, 30), ago=ago),
    *often(2, "suspend", which=number, ago=ago),
    *often(2, "resume", which=number, ago=ago),
    *often(1, "cancel", which=number, ago=ago),
    *often(2, "ask", which=number, more=st.integers(1, 9)),
    *often(2, "answer", which=number, is_granted=st.booleans()),
    *often(9, "move", which=number, to=number, ago=st.sampled_from([0, 0, 0, 2])),
    *often(2, "found", under=number),
    *often(2, "issue", level=number, due=st.none() | st.integers(0, 9)),
    *often(2, "issue_again", which=number),
    *often(1, "close", which=number),
    *often(5, "post"),
    *often(1, "recount"),
)
days_before = st.sampled_from([0, 0, 1, 2])


@contextmanager
def undone():
    """Undo at the end what is done inside; operations may open their transaction in it, as in Django's TestCase."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@given(history=st.lists(st.tuples(days_before, acts), min_size=20, max_size=40))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_every_figure_of_every_day_is_that_of_a_recount(world, history):
    world.user("centre")
    with undone():
        told = History(world=world, today=world.day())
        told.begin()
        for days, (name, arguments) in history:
            told.today += timedelta(days=days)
            getattr(told, name)(**arguments)

        if LedgerDelta.objects.exists():
            compare(told)
            told.post()
        compare(told)
        assert list(findings(on=told.today)) == []
        connection.check_constraints()


def compare(told):
    for issued in told.issued:
        for day in told.days(issued):
            assert read(told, issued, day) == told.figures(issued, day), (issued, day)


def read(told, issued, day):
    """Return the figures that the system shows for every unit on a day, in the form of `History.figures`."""
    shown: dict[int, dict[tuple[int, str], tuple[int, int]]] = {}
    for unit in told.parents:
        children = told.children(unit, day)
        if not children:
            continue
        for count in count_standings(unit, programme=issued.programme, on=day):
            assert count.unit_id in {unit, *children}
            figures = shown.setdefault(count.unit_id, {})
            said = (count.assignments, count.no_deadline)
            assert figures.setdefault((count.task_id, count.standing), said) == said
    return shown
