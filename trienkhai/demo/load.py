"""Load the demonstration: each step is done once, through the operations that everyone uses."""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from trienkhai.access.operations import give_role, make_user
from trienkhai.accounts.rules import DEMONSTRATION_PASSWORD
from trienkhai.audit.models import Operation, Source
from trienkhai.audit.operations import operation
from trienkhai.config.instance import as_owner
from trienkhai.core.errors import DomainError
from trienkhai.core.files import check_file, store_file
from trienkhai.core.tables import read_tables
from trienkhai.demo import simulation
from trienkhai.demo.evidence import make_evidence
from trienkhai.demo.simulation import ISSUED, LAST_DAY, Day, Decision, Indicator, Report, Work, simulate
from trienkhai.organisation.models import Level, UnitVersion
from trienkhai.organisation.operations import CENTRE_CODE, import_structure
from trienkhai.organisation.readers import read_structure
from trienkhai.organisation.scoping import Role, Scope
from trienkhai.progress.models import Extension
from trienkhai.progress.operations import (
    ask_extension,
    decide_extension,
    decide_reports,
    post_deltas,
    register_file,
    submit_reports,
    suspend_assignments,
)
from trienkhai.progress.rules import (
    BATCH_LIMIT,
    DecisionLine,
    EvidenceLine,
    ReportLine,
    ValueLine,
    reporting_period,
)
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.models import Indicator as TaskIndicator
from trienkhai.tasks.operations import import_programme, issue_programme
from trienkhai.tasks.readers import read_annex

DATA = Path(__file__).parent / "data"
STRUCTURE = DATA / "units-2021-03-12.csv"
PROGRAMME = DATA / "programme-2021.csv"
PROGRAMME_TITLE = "Chương trình công tác năm 2021"
PROGRAMME_DOCUMENT = "Kế hoạch công tác năm 2021 (soạn cho bản trình diễn)"
LOADED = "demo.load"
"""The name of the operation that marks a demonstration as whole."""

LOGINS = (
    ("trunguong", "Nguyễn Văn Trung", "central", CENTRE_CODE, (Role.ISSUER, Role.REVIEWER)),
    ("hanoi", "Trần Thị Hà", "province", "01", (Role.REPORTER, Role.REVIEWER)),
    ("hoankiem", "Lê Minh Hoàn", "district", "002", (Role.REPORTER, Role.REVIEWER)),
    ("hangbac", "Phạm Thu Bạc", "commune", "00061", (Role.REPORTER,)),
    ("thanhtra", "Đỗ Quang Tra", "central", CENTRE_CODE, (Role.INSPECTOR,)),
    ("quantri", "Vũ Ngọc Trị", "central", CENTRE_CODE, (Role.ADMINISTRATOR, Role.ORGANISER)),
)
"""Who can log in to the demonstration: user name, name (made up), level and code of the unit, roles."""

Track = Callable[[str, int], Callable[[int], None]]
"""Begins a step with a label and a total, and returns what adds to its count."""


def load(track: Track) -> Programme:
    """Load what is missing of the demonstration and return its programme.

    A load that was cut off is begun anew. Raises DomainError `not_a_demonstration` if the database holds work that
    is not simulated.
    """
    if not Operation.objects.filter(name=LOADED).exists():
        if Operation.objects.exists():
            _begin_anew()
        _load(track)
    programme: Programme = Programme.objects.get(number=1)
    return programme


def _begin_anew() -> None:
    if Operation.objects.filter(is_simulated=False).exists():
        raise DomainError(
            "not_a_demonstration",
            _("The database holds work that is not simulated; the demonstration is loaded into an empty one only."),
        )
    with as_owner():
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
            cursor.execute("GRANT USAGE ON SCHEMA public TO public")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)


def _load(track: Track) -> None:
    started = _scope(ISSUED)
    structure = read_structure(
        read_tables(STRUCTURE, name=STRUCTURE.name),
        levels=list(Level.objects.order_by("rank").values_list("code", flat=True)),
    )
    done = track(_("Units of 12 March 2021"), len(structure.rows))
    import_structure(structure.rows, scope=started)
    done(len(structure.rows))
    centre = UnitVersion.objects.by_code(CENTRE_CODE, on=ISSUED).unit_id

    done = track(_("Logins"), len(LOGINS))
    for username, name, level, code, roles in LOGINS:
        unit = UnitVersion.objects.by_code(code, on=ISSUED, level=level).unit_id
        user = make_user(username, name=name, password=DEMONSTRATION_PASSWORD, is_demonstration=True, scope=started)
        for role in roles:
            give_role(user, role=role, unit_id=unit, start=ISSUED, scope=started)
        done(1)

    tasks = read_annex(read_tables(PROGRAMME, name=PROGRAMME.name))
    programme = import_programme(
        tasks, title=PROGRAMME_TITLE, document=PROGRAMME_DOCUMENT, issuer_id=centre, scope=started, number=1
    )
    _analyze()
    total = Assignment.objects.count
    done = track(_("Assignments of %(number)s tasks, in one stroke") % {"number": len(tasks)}, 0)
    issue_programme(programme, scope=started)
    done(total())
    _analyze()

    files = _store_evidence(track)
    works = _works(programme)
    _simulate(works, files=files, track=track)
    _analyze()
    with operation(LOADED, by=_scope(LAST_DAY)) as entry:
        entry.detail = {"assignments": len(works)}


def _scope(day: date) -> Scope:
    return Scope.system("demonstration", on=day, source=Source.JOB, is_simulated=True)


def _analyze() -> None:
    """Let the planner know what has come; the server would do so by itself a minute later."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _store_evidence(track: Track) -> list[EvidenceLine]:
    evidence = list(make_evidence())
    done = track(_("Evidence files"), len(evidence))
    lines = []
    for name, content in evidence:
        checked = check_file(content, name=name)
        store_file(checked)
        register_file(checked, scope=_scope(ISSUED))
        lines.append(EvidenceLine(file=checked.sha256, name=checked.name))
        done(1)
    return lines


def _works(programme: Programme) -> list[Work]:
    """Return the assignments of the programme as the simulation sees them, in the order of units and tasks."""
    versions = UnitVersion.objects.on(ISSUED).values_list("unit_id", "level__code", "code", "parent_id")
    units = {unit_id: (level, code, parent) for unit_id, level, code, parent in versions}
    indicators = {
        task: Indicator(id=indicator, is_sum=over_units == "sum")
        for indicator, task, over_units in TaskIndicator.objects.values_list("id", "task_id", "over_units")
    }

    def name(unit_id: int) -> str:
        level, code, _parent = units[unit_id]
        return f"{level}:{code}"

    def province(unit_id: int) -> str:
        level, code, parent = units[unit_id]
        return code if level == "province" else province(parent)

    held = Assignment.objects.filter(programme=programme).order_by("unit_id", "task__number")
    return [
        Work(
            assignment=assignment,
            unit=name(unit),
            above=name(units[unit][2]),
            province=province(unit),
            level=units[unit][0],
            task=number,
            due=due,
            period=period,
            demands_evidence=demands,
            indicator=indicators.get(task),
        )
        for assignment, unit, task, number, due, period, demands in held.values_list(
            "id", "unit_id", "task_id", "task__number", "due", "task__reporting_period", "task__demands_evidence"
        )
    ]


def _simulate(works: Sequence[Work], *, files: Sequence[EvidenceLine], track: Track) -> None:
    days = list(simulate(works))
    player = _Player(files)
    done = track(_("Simulated reports"), sum(len(day.reports) for day in days))
    decided = track(_("Simulated reviews"), sum(len(day.decisions) for day in days))
    for day in days:
        player.play(day)
        done(len(day.reports))
        decided(len(day.decisions))


class _Player:
    """Plays the days of the simulation through the operations, in batches."""

    def __init__(self, files: Sequence[EvidenceLine]) -> None:
        self._files = files
        self._results: dict[int, int] = {}
        self._in_progress: deque[tuple[date, int]] = deque()

    def play(self, day: Day) -> None:
        """Do everything that happens on one day, and post it."""
        scope = _scope(day.day)
        if day.suspended:
            suspend_assignments(day.suspended, reason=simulation.SUSPENSION_REASON, scope=scope)
        for assignment, due in day.asked:
            held = Assignment.objects.get(pk=assignment)
            ask_extension(held, due=due, reason=simulation.EXTENSION_REASON, scope=scope)
        for assignment in day.answered:
            asked = Extension.objects.get(assignment=assignment, state=Extension.State.ASKED)
            decide_extension(asked, is_granted=True, answer=simulation.EXTENSION_ANSWER, scope=scope)
        lines = [self._decision(line, decision) for line, decision in enumerate(day.decisions, start=1)]
        while self._in_progress and self._in_progress[0][0] < day.day - timedelta(days=5):
            lines.append(DecisionLine(self._in_progress.popleft()[1], is_accepted=True, line=len(lines) + 1))
        for batch in _batches(lines):
            decide_reports(batch, scope=scope)
        for reports in _batches(day.reports):
            self._report(reports, scope=scope)
        post_deltas(on=day.day)

    def _decision(self, line: int, decision: Decision) -> DecisionLine:
        return DecisionLine(
            report=self._results.pop(decision.assignment),
            is_accepted=decision.is_accepted,
            reason=decision.reason,
            new_due=decision.new_due,
            line=line,
        )

    def _report(self, reports: Sequence[Report], *, scope: Scope) -> None:
        lines = [self._line(line, report, on=scope.on) for line, report in enumerate(reports, start=1)]
        for report, written in zip(reports, submit_reports(lines, scope=scope), strict=True):
            if report.is_result:
                self._results[report.work.assignment] = written
            else:
                self._in_progress.append((scope.on, written))

    def _line(self, line: int, report: Report, *, on: date) -> ReportLine:
        indicator = report.work.indicator
        return ReportLine(
            assignment=report.work.assignment,
            progress=report.progress,
            text=report.text,
            is_result=report.is_result,
            difficulties=report.difficulties,
            period=reporting_period(report.work.period, on=on),
            values=[ValueLine(indicator.id, *report.value)] if indicator and report.value else [],
            evidence=[self._files[number] for number in {n % len(self._files) for n in report.files}],
            line=line,
        )


def _batches(lines: Sequence[Any]) -> list[Sequence[Any]]:
    return [lines[start : start + BATCH_LIMIT] for start in range(0, len(lines), BATCH_LIMIT)]
