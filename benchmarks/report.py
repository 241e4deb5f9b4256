"""Taking reports, one and ten thousand at a time, beside plain statements that write the same rows."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import psycopg
from django.core.serializers.json import DjangoJSONEncoder

from benchmarks.ground import LATER, Grounds, owner, twin_tables
from benchmarks.measuring import Pair, seconds

if TYPE_CHECKING:
    from trienkhai.accounts.models import User
    from trienkhai.organisation.scoping import Scope
    from trienkhai.progress.rules import ReportLine
    from trienkhai.tasks.models import Assignment

TEXT: Final = "Đã tổ chức họp triển khai và giao việc cho từng thành viên; tiến độ bảo đảm."
PROOF: Final = "a" * 64
TABLES: Final = ("operation", "assignment", "report", "indicator_value", "evidence")

REPORT: Final = """
INSERT INTO twin.report (assignment_id, programme_id, author_id, progress, text, day, entered_on, operation_id)
VALUES (%(assignment)s, %(programme)s, %(author)s, %(progress)s, %(text)s, %(day)s, %(day)s, %(operation)s)
"""
MOVE: Final = """
UPDATE twin.assignment
SET state = 'in_progress', submitted_on = NULL, progress = %(progress)s, since = %(day)s, version = version + 1,
    operation_id = %(operation)s
WHERE id = %(assignment)s
"""
RECORD: Final = """
INSERT INTO twin.operation (id, name, actor_id, actor_name, source, reason, day, recorded_at, is_simulated, detail)
VALUES (%(operation)s, 'progress.submit_reports', %(author)s, %(name)s, %(source)s, '', %(day)s, now(), false,
    jsonb_build_object('reports', %(reports)s::integer))
"""
BATCH: Final = """
WITH line AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
        assignment bigint, programme bigint, is_result boolean, progress integer, text text, "values" jsonb,
        evidence jsonb)
),
moved AS (
    UPDATE twin.assignment
    SET state = CASE WHEN is_result THEN 'waiting' ELSE 'in_progress' END,
        submitted_on = CASE WHEN is_result THEN %(day)s::date END,
        progress = line.progress, since = %(day)s, version = version + 1, operation_id = %(operation)s
    FROM line
    WHERE assignment.id = line.assignment
),
written AS (
    INSERT INTO twin.report (assignment_id, programme_id, author_id, is_result, progress, text, day, entered_on,
        operation_id)
    SELECT assignment, programme, %(author)s, is_result, progress, text, %(day)s, %(day)s, %(operation)s
    FROM line
    RETURNING id, assignment_id
),
valued AS (
    INSERT INTO twin.indicator_value (report_id, indicator_id, numerator, denominator, operation_id)
    SELECT written.id, value.indicator, value.numerator, value.denominator, %(operation)s
    FROM written
    JOIN line ON line.assignment = written.assignment_id
    CROSS JOIN LATERAL jsonb_to_recordset("values") AS value (indicator bigint, numerator numeric, denominator numeric)
)
INSERT INTO twin.evidence (report_id, file_id, name, operation_id)
SELECT written.id, proof.file, proof.name, %(operation)s
FROM written
JOIN line ON line.assignment = written.assignment_id
CROSS JOIN LATERAL jsonb_to_recordset(evidence) AS proof (file text, name text)
"""
LEFT: Final = """
SELECT report.assignment_id, report.programme_id, report.author_id, report.client_key, report.is_result, report.state,
    report.period, report.progress, report.text, report.difficulties, report.day, report.entered_on,
    (SELECT jsonb_agg(jsonb_build_array(indicator_id, numerator, denominator)) FROM indicator_value
        WHERE report_id = report.id),
    (SELECT jsonb_agg(jsonb_build_array(file_id, evidence.name)) FROM evidence WHERE report_id = report.id),
    assignment.state, assignment.progress, assignment.submitted_on, assignment.since, assignment.version,
    assignment.bucket, operation.name, operation.actor_id, operation.actor_name, operation.source, operation.day,
    operation.detail
FROM report
JOIN assignment ON assignment.id = report.assignment_id AND assignment.operation_id = report.operation_id
JOIN operation ON operation.id = report.operation_id
ORDER BY report.assignment_id
"""


@contextmanager
def report(grounds: Grounds, *, reports: int = 100) -> Iterator[Pair]:
    """Take one report after the other from one client; the seconds are those of one report."""
    from trienkhai.progress.operations import submit_reports
    from trienkhai.progress.rules import ReportLine

    with _reporting(grounds) as (plain, author):
        for_ours, for_twin = _slices(reports), _slices(reports)

        def ours() -> float:
            calls = [
                ([ReportLine(held.pk, progress=50, text=TEXT, version=held.version)], _reporter(author, [held]))
                for held in next(for_ours)
            ]
            return seconds(lambda: [submit_reports(lines, scope=scope) for lines, scope in calls]) / reports

        def twin() -> float:
            calls = [
                _written_by(author) | {"assignment": held.pk, "programme": held.programme_id, "reports": 1}
                for held in next(for_twin)
            ]
            return seconds(lambda: [_write_one(plain, values) for values in calls]) / reports

        yield Pair(ours, twin, left)


def _write_one(plain: psycopg.Connection[Any], values: dict[str, Any]) -> None:
    with plain.transaction():
        plain.execute(REPORT, values)
        plain.execute(MOVE, values)
        plain.execute(RECORD, values)


@contextmanager
def report_batch(grounds: Grounds, *, reports: int = 10_000) -> Iterator[Pair]:
    """Take ten thousand reports, half of them results, with values and evidence, in one call."""
    from trienkhai.progress.operations import submit_reports

    with _reporting(grounds) as (plain, author):
        for_ours, for_twin = _slices(reports), _slices(reports)

        def ours() -> float:
            held = next(for_ours)
            lines, scope = _lines(held), _reporter(author, held)
            return seconds(lambda: submit_reports(lines, scope=scope))

        def twin() -> float:
            held = next(for_twin)
            lines = [asdict(line) | {"programme": held[0].programme_id} for line in _lines(held)]
            return seconds(lambda: _write_all(plain, lines, _written_by(author)))

        yield Pair(ours, twin, left)


def _write_all(plain: psycopg.Connection[Any], lines: list[dict[str, Any]], values: dict[str, Any]) -> None:
    with plain.transaction():
        plain.execute(BATCH, values | {"lines": json.dumps(lines, cls=DjangoJSONEncoder, ensure_ascii=False)})
        plain.execute(RECORD, values | {"reports": len(lines)})


@contextmanager
def _reporting(grounds: Grounds) -> "Iterator[tuple[psycopg.Connection[Any], User]]":
    from trienkhai.accounts.models import User
    from trienkhai.progress.models import StoredFile

    with grounds.nation.copied():
        author = User.objects.create(username="reporter", name="Reporter")
        StoredFile.objects.create(sha256=PROOF, size=1, media_type="application/pdf")
        with twin_tables(*TABLES, filled=("operation", "assignment")) as plain:
            yield plain, author


def _slices(size: int) -> "Iterator[list[Assignment]]":
    """Yield so many assignments at a time that nobody has reported on, those of a unit after one another."""
    from trienkhai.tasks.models import Assignment

    held = Assignment.objects.select_related("task").prefetch_related("task__indicators").order_by("unit", "task")
    place = 0
    while found := list(held[place : place + size]):
        yield found
        place += size


def _lines(held: "Sequence[Assignment]") -> "list[ReportLine]":
    from trienkhai.progress.rules import EvidenceLine, ReportLine, ValueLine

    return [
        ReportLine(
            assignment.pk,
            progress=100 if place % 2 else 50,
            text=TEXT,
            is_result=bool(place % 2),
            values=[
                ValueLine(indicator.pk, Decimal(place), None if indicator.over_units == "sum" else Decimal(place))
                for indicator in assignment.task.indicators.all()
            ],
            evidence=[EvidenceLine(PROOF, "báo cáo.pdf")] if place % 2 else [],
            version=assignment.version,
            line=place,
        )
        for place, assignment in enumerate(held, start=1)
    ]


def _reporter(author: "User", held: "Sequence[Assignment]") -> "Scope":
    """Return the scope of somebody who reports for the units that hold these assignments, and for no other."""
    from trienkhai.audit.models import Source
    from trienkhai.organisation.scoping import Role, Scope

    units = frozenset(assignment.unit_id for assignment in held)
    return Scope(author.name, on=LATER, source=Source.PAGE, actor_id=author.pk, grants={Role.REPORTER: units})


def _written_by(author: "User") -> dict[str, Any]:
    return {
        "operation": uuid4(),
        "author": author.pk,
        "name": author.name,
        "source": "page",
        "day": LATER,
        "progress": 50,
        "text": TEXT,
    }


def left() -> tuple[Sequence[Any], Sequence[Any]]:
    """Return what reports have left in the real tables, and in the twin ones."""
    with owner() as keeper:
        by_ours = keeper.execute(LEFT).fetchall()
        keeper.execute("SET search_path TO twin, public")
        return by_ours, keeper.execute(LEFT).fetchall()
