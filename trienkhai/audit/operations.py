"""The only way to change data: inside `operation(...)`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from trienkhai.core import clock


class Author(Protocol):
    """Who changes data, on which day and from where; a `Scope` is one."""

    @property
    def actor_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def on(self) -> date: ...
    @property
    def is_simulated(self) -> bool: ...


@dataclass(slots=True)
class Entry:
    """An open operation; steps take it as their first argument, so that they cannot run outside one."""

    id: UUID
    name: str
    day: date
    detail: dict[str, Any] = field(default_factory=dict)


@contextmanager
def operation(name: str, *, by: Author, reason: str = "", dry_run: bool = False) -> Iterator[Entry]:
    """Open the only transaction of a verb and record it when it ends well; with `dry_run` undo it at the end.

    `name` is `<app>.<verb>`. Watched tables take the operation's id and day from the transaction; after the
    block a later write of the same transaction is refused. Raises RuntimeError inside another transaction.
    """
    entry = Entry(id=uuid4(), name=name, day=by.on)
    recorded_at = _simulated_instant(by.on) if by.is_simulated else clock.now()
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('trienkhai.operation', %s, true), set_config('trienkhai.day', %s, true)",
                [str(entry.id), by.on.isoformat()],
            )
        yield entry
        if dry_run:
            transaction.set_rollback(True)
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO operation"
                " (id, name, actor_id, actor_name, source, reason, day, recorded_at, is_simulated, detail)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)"
                " RETURNING set_config('trienkhai.operation', '', true), set_config('trienkhai.day', '', true)",
                [
                    entry.id,
                    name,
                    by.actor_id,
                    by.name,
                    by.source,
                    reason,
                    by.on,
                    recorded_at,
                    by.is_simulated,
                    json.dumps(entry.detail),
                ],
            )


def _simulated_instant(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(16, 30)))
