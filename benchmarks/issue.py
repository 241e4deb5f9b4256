"""Issuing a programme to every unit, beside one INSERT … SELECT of the same assignments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import psycopg

from benchmarks.ground import Ground, Grounds, connected_to, owner, twin_tables
from benchmarks.measuring import Pair, seconds

_RECORD: Final = """
INSERT INTO twin.operation (id, name, actor_name, source, reason, day, recorded_at, is_simulated, detail)
VALUES (%s, 'tasks.issue_programme', 'measure', 'shell', '', %s, now(), false, '{}')
"""
_WRITE: Final = """
INSERT INTO twin.assignment (programme_id, task_id, unit_id, role, due, original_due, since)
SELECT programme_id, task_id, unit_id, role, due, original_due, since FROM twin.addressed
"""
_LEFT: Final = """
SELECT programme_id, task_id, unit_id, role, part, state, due, original_due, progress, since, version, bucket
FROM {}.assignment ORDER BY task_id, unit_id
"""


@contextmanager
def issue(grounds: Grounds) -> Iterator[Pair]:
    """Issue the year's programme, with history and ledger; the twin writes the bare assignments."""
    with grounds.nation.copied() as ground, twin_tables("operation", "assignment") as plain, owner() as keeper:
        keeper.execute(
            "CREATE TABLE twin.addressed AS"
            " SELECT programme_id, task_id, unit_id, role, due, original_due, since FROM assignment"
        )

        def ours() -> float:
            _forget(keeper)
            return seconds(ground.issue)

        def twin() -> float:
            keeper.execute("TRUNCATE twin.assignment")
            return seconds(lambda: _write(plain, ground))

        yield Pair(ours, twin, lambda: (_rows(keeper, "public"), _rows(keeper, "twin")))


def _write(plain: psycopg.Connection[Any], ground: Ground) -> None:
    with plain.transaction():
        made = uuid4()
        plain.execute("SELECT set_config('trienkhai.operation', %s, true)", [str(made)])
        plain.execute(_WRITE)
        plain.execute(_RECORD, [made, ground.scope.on])


def _forget(keeper: psycopg.Connection[Any]) -> None:
    keeper.execute("TRUNCATE assignment, ledger, ledger_now, ledger_delta CASCADE")


def _rows(keeper: psycopg.Connection[Any], schema: str) -> Sequence[Any]:
    return keeper.execute(_LEFT.format(schema)).fetchall()


@contextmanager
def growth_issue(grounds: Grounds) -> Iterator[Pair]:
    """Issue a programme for everybody in a larger country, and in the nation; the seconds are those of one row."""

    def per_row(ground: Ground) -> float:
        with connected_to(ground.database), owner() as keeper:
            rows = keeper.execute("SELECT count(*) FROM assignment").fetchone()
            _forget(keeper)
            return seconds(ground.issue) / rows[0]

    with grounds.large.copied() as large, grounds.small.copied() as small:
        yield Pair(
            ours=lambda: per_row(large),
            twin=lambda: per_row(small),
            left=lambda: (_not_reached(large), _not_reached(small)),
            repetitions=3,
        )


def _not_reached(ground: Ground) -> Sequence[Any]:
    """Return for each task how many units under the centre it did not reach: none, however many there are."""
    with owner(database=ground.database) as keeper:
        return keeper.execute(
            "SELECT number, (SELECT count(*) FROM unit) - 1 - count(assignment.id)"
            " FROM task LEFT JOIN assignment ON assignment.task_id = task.id GROUP BY task.id ORDER BY number"
        ).fetchall()
