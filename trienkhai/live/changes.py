"""What changed, as the database tells it."""

import asyncio
import logging
from datetime import date
from typing import Any, Final, LiteralString

import psycopg

from trienkhai.config import environment
from trienkhai.live.watchers import Change, Subject, Watchers

logger = logging.getLogger(__name__)

_SHORTEST_PAUSE: Final = 0.25  # seconds
_LONGEST_PAUSE: Final = 10.0  # seconds

_CHANGES_FROM: Final = """
    SELECT id, unit_id, programme_id FROM live_event WHERE id >= %(number)s::bigint ORDER BY id
"""
_IS_UNDER: Final = """
    SELECT EXISTS (
        SELECT FROM ancestry
        WHERE descendant_id = %(unit)s::bigint AND ancestor_id = ANY(%(tops)s::bigint[]) AND valid @> %(day)s::date
    )
"""


class Database:
    """What the process asks of the database, over one connection that is opened again when it broke."""

    def __init__(self) -> None:
        self._connection: psycopg.AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def changes_from(self, number: int) -> list[Change]:
        """Return the changes that are still kept, from that number on, in their order."""
        rows = await self._rows(_CHANGES_FROM, number=number)
        return [Change(number, Subject(unit, programme)) for number, unit, programme in rows]

    async def is_under(self, unit: int, *, tops: list[int], on: date) -> bool:
        """Say whether a unit, or the heir of an ended one, is one of `tops` or stands under one of them on the day."""
        ((found,),) = await self._rows(_IS_UNDER, unit=unit, tops=tops, day=on)
        return bool(found)

    async def _rows(self, query: LiteralString, **parameters: Any) -> list[tuple[Any, ...]]:
        async with self._turn:
            if self._connection is not None:
                try:
                    return await _ask(self._connection, query, parameters)
                except psycopg.OperationalError:
                    await self._connection.close()
            self._connection = await connect()
            return await _ask(self._connection, query, parameters)


async def _ask(
    connection: psycopg.AsyncConnection, query: LiteralString, parameters: dict[str, Any]
) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(query, parameters)
    return await cursor.fetchall()


async def connect() -> psycopg.AsyncConnection:
    """Connect to the database of the installation; a connection that silently died is noticed within a minute."""
    return await psycopg.AsyncConnection.connect(
        environment.secret("DATABASE_URL"),
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
    )


async def follow(watchers: Watchers, database: Database, *, ready: asyncio.Event) -> None:
    """Tell the watchers of every change, without end, however often the database goes away.

    `ready` is set once the changes that are still kept are known.
    """
    pause = _SHORTEST_PAUSE
    while True:
        try:
            async with await connect() as listening:
                await listening.execute("LISTEN live")
                await _catch_up(watchers, database)
                ready.set()
                pause = _SHORTEST_PAUSE
                async for _notice in listening.notifies():
                    watchers.note(await database.changes_from(watchers.last + 1))
        except psycopg.OperationalError as error:
            logger.warning("The database cannot be reached; trying again in %s s: %s", pause, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _catch_up(watchers: Watchers, database: Database) -> None:
    """Read what was missed. Where the last change is no longer kept, others may have come and gone since."""
    last = watchers.last
    changes = await database.changes_from(last)
    was_kept = bool(changes) and changes[0].number == last
    watchers.note(changes[1:] if was_kept else changes)
    if not was_kept:
        watchers.lose_track(before=changes[0].number if changes else last + 1)
