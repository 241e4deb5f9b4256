"""Who watches what, and what changed last."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

Send = Callable[[dict[str, Any]], Awaitable[None]]

HEARTBEAT: Final = b":\n\n"

_LOOK_BACK: Final = 5.0  # seconds; a page is drawn before its stream is open
_SUBJECTS_KEPT: Final = 100_000


class Subject(NamedTuple):
    """What can be watched: the figures of a unit, everything under it included, in a programme; both by their ids."""

    unit: int
    programme: int


class Change(NamedTuple):
    """A row of `live_event`: its number and what changed."""

    number: int
    subject: Subject


class Watcher:
    """One open stream. A change that waits to be written gives way to the next: the last number says it all."""

    def __init__(self, subject: Subject, send: Send, limit: asyncio.Timeout) -> None:
        self.subject = subject
        self._send = send
        self._limit = limit
        self._block = b""
        self._writing: asyncio.Task[None] | None = None

    def tell(self, event: str, number: int) -> None:
        """Write an event as soon as the browser takes it."""
        data = json.dumps(self.subject._asdict(), separators=(",", ":"))
        self._put(f"id: {number}\nevent: {event}\ndata: {data}\n\n".encode())

    def beat(self) -> None:
        """Show a proxy in between that the stream is alive, unless something is being written anyway."""
        if self._writing is None:
            self._put(HEARTBEAT)

    def _put(self, block: bytes) -> None:
        self._block = block
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._block:
            block, self._block = self._block, b""
            await self._send({"type": "http.response.body", "body": block, "more_body": True})
        self._writing = None

    def end(self) -> None:
        """End the stream as if its time were over."""
        self._limit.reschedule(0)

    async def finish(self) -> None:
        """Close the response; nothing may be told any more."""
        if self._writing is not None:
            self._writing.cancel()
        await self._send({"type": "http.response.body"})


class Watchers:
    """All open streams, and for each subject the number of its last change.

    A browser that comes back says the last number that it knows, and is told at once if its subject has changed since
    or if that can no longer be known. Numbers grow in the order in which changes are seen: the poster is alone.
    """

    def __init__(self) -> None:
        self.last = 0  # numbers begin with 1
        self._known_from = 1
        self._changes: dict[Subject, tuple[int, float]] = {}  # number and instant, the oldest first
        self._open: dict[Subject, set[Watcher]] = {}

    def __iter__(self) -> Iterator[Watcher]:
        """Yield every watcher."""
        return (watcher for watchers in self._open.values() for watcher in watchers)

    @contextmanager
    def joined_by(self, watcher: Watcher, *, seen: int | None) -> Iterator[None]:
        """Tell a watcher of changes for the time of the block; `seen` is the last number that the browser knows."""
        watchers = self._open.setdefault(watcher.subject, set())
        watchers.add(watcher)
        try:
            watcher.tell("changed" if self._has_changed(watcher.subject, seen) else "watching", self.last)
            yield
        finally:
            watchers.remove(watcher)
            if not watchers:
                del self._open[watcher.subject]

    def _has_changed(self, subject: Subject, seen: int | None) -> bool:
        number, instant = self._changes.get(subject, (0, 0.0))
        if seen is None:
            return number > 0 and instant > _now() - _LOOK_BACK
        return number > seen or not self._known_from <= seen <= self.last

    def note(self, changes: Iterable[Change]) -> None:
        """Take in changes, in the order of their numbers, and tell whom they concern."""
        for number, subject in changes:
            self.last = number
            self._changes.pop(subject, None)
            self._changes[subject] = (number, _now())
            for watcher in self._open.get(subject, ()):
                watcher.tell("changed", number)
        while len(self._changes) > _SUBJECTS_KEPT:
            self._known_from, _instant = self._changes.pop(next(iter(self._changes)))

    def lose_track(self, *, before: int) -> None:
        """Take it that anything may have changed before that number, and tell everybody."""
        self._known_from = max(before - 1, 1)
        for watcher in self:
            watcher.tell("changed", self.last)

    def end(self) -> None:
        """End all streams."""
        for watcher in self:
            watcher.end()


def _now() -> float:
    return asyncio.get_running_loop().time()
