"""The fixed cast of the tests: the fixture `world`.

A country of nine units, real ones, as they stand from 12 March 2021 (`world.day()`; `world.day(5)` is five days later):

    centre                              TW     Trung ương
    ├── north                           02     Tỉnh Hà Giang
    │   └── north_district              026    Huyện Đồng Văn
    │       ├── commune                 00715  Xã Lũng Cú
    │       └── other_commune           00718  Xã Má Lé
    └── south                           48     Thành phố Đà Nẵng
        └── south_district              492    Quận Hải Châu
            ├── south_commune           20233  Phường Thạch Thang
            └── other_south_commune     20230  Phường Thuận Phước

Each is a `UnitVersion` under that name: `world.north.unit_id`, `.code`, `.name`. Who acts is a `Scope`:

- `world.scope("centre")`, `"north"` and `"commune"` are officers of those units; `"nobody"` may nothing anywhere.
  `world.user(name)` is who logs in, `ROLES` says what each holds in the own unit and under it.
- `world.officer(unit, Role.REVIEWER)` is the officer of any unit, in these roles; `world.shell()` may do everything.

What there is to do is built by plain functions that go through the operations and return what was made:

- `world.task(2, to="province", due=…)` is a complete row of an annex, which `world.programme(*rows)` imports as a
  draft and `world.issue(*rows)` issues too; without rows there is one task, for the four communes, due on day 30.
- `world.assignment(unit)` is what the unit holds of task 1 of the last programme (`task=`, `programme=` for others).
- `world.report(assignment)` and `world.result(assignment)` are sent by the unit; `world.accept(report)` and
  `world.send_back(report)` are said by its reviewer.
- `world.file()` is a stored file to prove a report with; `world.communes(200, under=world.north_district)` adds units.

Each takes `on`, the day on which it is done, by default the first one.

The fixture `at_once` runs acts in threads of their own that meet at a lock, for tests of two people at once; they
need `django_db(transaction=True, serialized_rollback=True)`.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from trienkhai.accounts.models import User
from trienkhai.core.files import check_file, store_file
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import import_structure
from trienkhai.organisation.readers import StructureRow
from trienkhai.organisation.scoping import Role, Scope
from trienkhai.progress.models import Report, StoredFile
from trienkhai.progress.operations import decide_reports, register_file, submit_reports
from trienkhai.progress.queries import reviewer_of
from trienkhai.progress.rules import DecisionLine, EvidenceLine, ReportLine
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.operations import import_programme, issue_programme
from trienkhai.tasks.readers import AddresseeText, TaskRow

BEGINNING = date(2021, 3, 12)

STRUCTURE = (
    ("province", "02", "central", "TW", "Tỉnh", "Tỉnh Hà Giang"),
    ("province", "48", "central", "TW", "Thành phố", "Thành phố Đà Nẵng"),
    ("district", "026", "province", "02", "Huyện", "Huyện Đồng Văn"),
    ("district", "492", "province", "48", "Quận", "Quận Hải Châu"),
    ("commune", "00715", "district", "026", "Xã", "Xã Lũng Cú"),
    ("commune", "00718", "district", "026", "Xã", "Xã Má Lé"),
    ("commune", "20233", "district", "492", "Phường", "Phường Thạch Thang"),
    ("commune", "20230", "district", "492", "Phường", "Phường Thuận Phước"),
)

ROLES = {
    "centre": (Role.VIEWER, Role.REPORTER, Role.REVIEWER, Role.ISSUER, Role.ORGANISER),
    "north": (Role.VIEWER, Role.REPORTER, Role.REVIEWER, Role.ISSUER),
    "commune": (Role.VIEWER, Role.REPORTER),
}


class World:
    """The cast, and the builders of what a test needs of it; the head of this file says how to use them."""

    def __init__(self) -> None:
        rows = [_structure_row(line, unit) for line, unit in enumerate(STRUCTURE, start=2)]
        import_structure(rows, scope=self.shell())
        found = {version.code: version for version in UnitVersion.objects.select_related("level")}
        self.centre, self.north, self.south = found["TW"], found["02"], found["48"]
        self.north_district, self.south_district = found["026"], found["492"]
        self.commune, self.other_commune = found["00715"], found["00718"]
        self.south_commune, self.other_south_commune = found["20233"], found["20230"]
        self._users: dict[str, User] = {}

    def day(self, number: int = 0) -> date:
        """Return the day so many days after the beginning."""
        return BEGINNING + timedelta(days=number)

    # Who acts

    def user(self, name: str) -> User:
        """Return who logs in under that name."""
        if name not in self._users:
            self._users[name] = User.objects.create(username=name, name=name.title())
        return self._users[name]

    def scope(self, name: str, *, on: date = BEGINNING) -> Scope:
        """Return what one of the cast may do."""
        if name == "nobody":
            return Scope(name=name, on=on, source="page", actor_id=self.user(name).pk)
        return self.officer(getattr(self, name), *ROLES[name], on=on)

    def officer(self, unit: UnitVersion, *roles: Role, on: date = BEGINNING) -> Scope:
        """Return what the officer of a unit may do who holds these roles in it."""
        at_home = (name for name in ROLES if getattr(self, name).unit_id == unit.unit_id)
        name = next(at_home, f"officer-{unit.code}")
        grants = {role: frozenset({unit.unit_id}) for role in roles}
        return Scope(name=name, on=on, source="page", grants=grants, actor_id=self.user(name).pk)

    def shell(self, *, on: date = BEGINNING) -> Scope:
        """Return what the shell of the server may do: everything."""
        return Scope.system("shell", on=on, source="shell")

    # The organisation

    def communes(self, number: int, *, under: UnitVersion, on: date = BEGINNING) -> list[UnitVersion]:
        """Add so many communes under a district."""
        first = 90_001 + UnitVersion.objects.filter(code__startswith="9").count()
        rows = [
            _structure_row(line, ("commune", str(code), under.level.code, under.code, "Xã", f"Xã số {code}"))
            for line, code in enumerate(range(first, first + number), start=2)
        ]
        import_structure(rows, scope=self.shell(on=on))
        return list(UnitVersion.objects.filter(code__in=[row.code for row in rows]).order_by("code"))

    # Programmes and tasks

    def addressees(self, **named: Any) -> AddresseeText:
        """Return one term of addressees, as an annex says it: `level`, `kind`, `under`, `unit`, `is_exception`."""
        nothing = {"level": "", "kind": "", "under": "", "unit": "", "is_exception": False, "source": ""}
        return AddresseeText(**(nothing | named))

    def task(self, number: int = 1, *, to: str = "commune", **changes: Any) -> TaskRow:
        """Return a task that lacks nothing, for all units of the level `to`, with these fields changed."""
        complete = TaskRow(
            line=number + 1,
            sheet="",
            number=number,
            group="",
            title=f"Nhiệm vụ {number}",
            lead=(self.addressees(level=to),),
            coordinators=(),
            due=self.day(30),
            no_deadline=False,
            product="Báo cáo",
            acceptance_test="Có số và ngày ban hành",
            authority="Nghị quyết đại hội",
            indicator=None,
            reporting_period="",
            evidence_required=False,
        )
        return replace(complete, **changes)

    def programme(self, *tasks: TaskRow, by: str = "centre", on: date = BEGINNING, **fields: Any) -> Programme:
        """Draft a programme of the unit of one of the cast."""
        issuer = getattr(self, by).unit_id
        named = {"title": "Chương trình năm 2021", "document": "Nghị quyết"} | fields
        return import_programme(tasks or [self.task()], issuer_id=issuer, scope=self.scope(by, on=on), **named)

    def issue(self, *tasks: TaskRow, by: str = "centre", on: date = BEGINNING, **fields: Any) -> Programme:
        """Draft a programme and issue it."""
        programme = self.programme(*tasks, by=by, on=on, **fields)
        issue_programme(programme, scope=self.scope(by, on=on))
        return programme

    def assignment(self, unit: UnitVersion, *, task: int = 1, programme: Programme | None = None) -> Assignment:
        """Return what a unit holds of a task, as it is now."""
        held = Assignment.objects.select_related("task", "programme").filter(unit=unit.unit_id, task__number=task)
        if programme:
            held = held.filter(programme=programme)
        return held.latest("programme__number")

    # Reports and reviews

    def file(self, content: bytes = b"Bien ban hop", name: str = "biên bản.txt") -> StoredFile:
        """Store a file and note it, so that reports may name it."""
        checked = check_file(content, name=name)
        store_file(checked)
        return register_file(checked, scope=self.scope("commune"))

    def report(self, assignment: Assignment, *, on: date = BEGINNING, **fields: Any) -> Report:
        """Report that half is done, or what the fields of a `ReportLine` say, in the name of the unit."""
        line = ReportLine(**({"assignment": assignment.pk, "progress": 50, "text": "Đang làm"} | fields))
        unit = UnitVersion.objects.on(on).get(unit=assignment.unit_id)
        (report,) = submit_reports([line], scope=self.officer(unit, Role.REPORTER, on=on))
        return Report.objects.get(pk=report)

    def result(self, assignment: Assignment, *, on: date = BEGINNING, **fields: Any) -> Report:
        """Report that all is done, proven where the task demands it."""
        proof = [EvidenceLine(file=self.file().pk, name="biên bản.txt")] if assignment.task.demands_evidence else ()
        said = {"progress": 100, "text": "Đã xong", "is_result": True, "evidence": proof} | fields
        return self.report(assignment, on=on, **said)

    def accept(self, report: Report, *, on: date = BEGINNING) -> Report:
        """Accept a report, in the name of its reviewer."""
        return self._decide(DecisionLine(report=report.pk, is_accepted=True), on=on)

    def send_back(
        self, report: Report, *, on: date = BEGINNING, reason: str = "Thiếu số liệu", new_due: date | None = None
    ) -> Report:
        """Return a report, in the name of its reviewer."""
        return self._decide(DecisionLine(report=report.pk, is_accepted=False, reason=reason, new_due=new_due), on=on)

    def _decide(self, line: DecisionLine, *, on: date) -> Report:
        report = Report.objects.select_related("assignment__task", "assignment__programme").get(pk=line.report)
        reviewer = UnitVersion.objects.on(on).get(unit=reviewer_of(report.assignment, on=on))
        decide_reports([line], scope=self.officer(reviewer, Role.REVIEWER, on=on))
        return Report.objects.get(pk=report.pk)


def _structure_row(line: int, unit: tuple[str, ...]) -> StructureRow:
    level, code, parent_level, parent_code, kind, name = unit
    return StructureRow(
        line=line,
        code=code,
        level=level,
        parent_code=parent_code,
        kind=kind,
        name=name,
        short_name="",
        latitude=None,
        longitude=None,
        parent_level=parent_level,
    )


@pytest.fixture
def world(db: None) -> World:  # noqa: ARG001 (a fixture asks for another by an argument)
    """Make the cast in an empty database; the head of this file says what is in it."""
    return World()


@pytest.fixture
def at_once() -> Callable[..., list[Any]]:
    """Return a function that runs acts at once: it holds the lock of a statement until all of them wait for it.

    Returns what each act returned or raised, in their order.
    """

    def run(*acts: Callable[[], Any], lock: str) -> list[Any]:
        waiting: list[int] = []

        def act_apart(act: Callable[[], Any]) -> Any:
            try:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_backend_pid()")
                    waiting.append(cursor.fetchone()[0])
                return act()
            except Exception as error:  # noqa: BLE001 (what is raised is what the test asks for)
                return error
            finally:
                connection.close()

        with ThreadPoolExecutor(len(acts)) as threads:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(lock)
                outcomes = [threads.submit(act_apart, act) for act in acts]
                end = time.monotonic() + 10
                while time.monotonic() < end:
                    cursor.execute(
                        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid = ANY (%s)", [waiting]
                    )
                    if cursor.fetchone()[0] == len(acts):
                        break
                    time.sleep(0.005)
                else:
                    pytest.fail("the acts do not meet at the lock")
            return [outcome.result() for outcome in outcomes]

    return run
