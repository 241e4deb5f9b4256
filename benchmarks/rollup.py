"""Reading where a programme stands, beside plain statements that sum up the same tables and read the same names."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from django.db import connection

from benchmarks.ground import LATER, Ground, Grounds, connected_to, plain
from benchmarks.measuring import Pair, seconds

if TYPE_CHECKING:
    from trienkhai.progress.queries import Rollup

READS: Final = 20
"""How many reads are timed together; the seconds are those of one."""

SUM: Final = """
WITH shown AS (
    SELECT unit_id FROM unit_version WHERE (unit_id = %(unit)s OR parent_id = %(unit)s) AND valid @> %(day)s::date
),
entry AS (
    SELECT unit_id, task_id, due, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late,
        suspended
    FROM ledger_now
    JOIN shown USING (unit_id)
    WHERE programme_id = %(programme)s
    UNION ALL
    SELECT ancestor_id, task_id, due, not_started, in_progress, waiting_in_time, waiting_late, done_on_time, done_late,
        suspended
    FROM ledger_delta
    JOIN ancestry ON descendant_id = ledger_delta.unit_id AND valid @> %(day)s::date
    JOIN shown ON shown.unit_id = ancestor_id
    WHERE programme_id = %(programme)s
)
SELECT unit_id, CASE WHEN unit_id = %(unit)s THEN task_id END, due,
    sum(not_started)::integer, sum(in_progress)::integer, sum(waiting_in_time)::integer, sum(waiting_late)::integer,
    sum(done_on_time)::integer, sum(done_late)::integer, sum(suspended)::integer
FROM entry
GROUP BY 1, 2, 3
"""
UNITS: Final = """
SELECT unit_id, name, short_name, code, level_id FROM unit_version
WHERE parent_id = %(unit)s AND valid @> %(day)s::date
ORDER BY level_id, vi_sort_key(short_name) COLLATE "C", code
"""
TASKS: Final = 'SELECT id, number, title, "group", due FROM task WHERE programme_id = %(programme)s ORDER BY number'


@contextmanager
def rollup(grounds: Grounds, *, deltas: int = 500) -> Iterator[Pair]:
    """Read the nation, its provinces and its tasks while so many deltas wait for the poster."""
    with grounds.nation.copied() as ground:
        report_on(deltas)
        with plain() as connected:
            yield _beside_the_sum(ground, connected)


@contextmanager
def rollup_during_backup(grounds: Grounds, *, deltas: int = 500, posted: int = 10_000) -> Iterator[Pair]:
    """Read the same while a backup's snapshot keeps every delta alive that was posted since it began."""
    from trienkhai.progress.operations import post_deltas

    with grounds.nation.copied() as ground, plain() as backup, backup.transaction():
        backup.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        backup.execute("SELECT count(*) FROM ledger_delta")
        report_on(posted)
        post_deltas(on=LATER)
        report_on(deltas)
        with plain() as connected:
            yield _beside_the_sum(ground, connected)


def _beside_the_sum(ground: Ground, connected: psycopg.Connection[Any]) -> Pair:
    def plainly() -> list[list[Any]]:
        # Planned for their values, as Django's statements are; prepared ones take several times as long.
        values = {"unit": ground.centre.unit_id, "programme": ground.programme.pk, "day": LATER}
        return [connected.execute(statement, values, prepare=False).fetchall() for statement in (SUM, UNITS, TASKS)]

    return Pair(
        ours=lambda: seconds(lambda: [read(ground) for _read in range(READS)]) / READS,
        twin=lambda: seconds(lambda: [plainly() for _read in range(READS)]) / READS,
        left=lambda: (_figures(read(ground)), _added_up(*plainly(), ground)),
    )


@contextmanager
def growth_rollup(grounds: Grounds, *, deltas: int = 500) -> Iterator[Pair]:
    """Read a larger country and the nation, both with a programme for everybody."""
    with grounds.large.copied() as large:
        report_on(deltas)
        with grounds.small.copied() as small:
            report_on(deltas)

            def per_read(ground: Ground) -> float:
                with connected_to(ground.database):
                    read(ground)  # the first of a connection is slower
                    return seconds(lambda: [read(ground) for _read in range(READS)]) / READS

            yield Pair(
                ours=lambda: per_read(large),
                twin=lambda: per_read(small),
                left=lambda: (_not_counted(large, deltas), _not_counted(small, deltas)),
            )


def report_on(number: int) -> None:
    """Take reports on so many assignments, spread over the country, that nobody has reported on."""
    from trienkhai.audit.models import Source
    from trienkhai.organisation.scoping import Scope
    from trienkhai.progress.operations import submit_reports
    from trienkhai.progress.rules import ReportLine
    from trienkhai.tasks.models import Assignment, State

    idle = Assignment.objects.filter(state=State.NOT_STARTED).order_by("pk").values_list("pk", flat=True)
    chosen = idle[:: max(1, len(idle) // number)][:number]
    lines = [ReportLine(assignment, progress=50, line=line) for line, assignment in enumerate(chosen, start=1)]
    submit_reports(lines, scope=Scope.system("measure", on=LATER, source=Source.SHELL))


def read(ground: Ground) -> "Rollup":
    """Read the whole country through the query of the pages."""
    from trienkhai.progress.queries import rollup

    return rollup(ground.centre, programme=ground.programme, on=LATER)


def _figures(found: "Rollup") -> Sequence[Any]:
    """Return the units directly below and then the tasks, in their order, with their standings."""
    return [
        *((row.unit.name, row.figures.standings) for row in found.units),
        *((row.task.title, row.figures.standings) for row in found.tasks),
    ]


def _added_up(sums: list[Any], units: list[Any], tasks: list[Any], ground: Ground) -> Sequence[Any]:
    from trienkhai.tasks.rules import BUCKETS, STANDINGS, standing

    standings = {row[0]: dict.fromkeys(STANDINGS, 0) for row in units}
    by_task = {row[0]: dict.fromkeys(STANDINGS, 0) for row in tasks}
    for unit, task, due, *numbers in sums:
        figures = by_task[task] if unit == ground.centre.unit_id else standings[unit]
        for bucket, number in zip(BUCKETS, numbers, strict=True):
            figures[standing(bucket, due, on=LATER, due_soon_days=ground.programme.due_soon_days)] += number
    return [*((row[1], standings[row[0]]) for row in units), *((row[2], by_task[row[0]]) for row in tasks)]


def _not_counted(ground: Ground, deltas: int) -> Sequence[Any]:
    """Return what is missing of the figures: assignments of each task, less the units there are; reports, less those
    that were taken.
    """
    with connected_to(ground.database), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) - 1 FROM unit")
        (units,) = cursor.fetchone()
        found = read(ground)
    started = found.whole.assignments - found.whole.standings["not_started"]
    return [*(row.figures.assignments - units for row in found.tasks), started - deltas]
