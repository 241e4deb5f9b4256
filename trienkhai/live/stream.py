"""The one address of the process, `/live/?unit=ID&programme=ID` (and `&after=NUMBER`): Server-Sent Events."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from django.core.signing import BadSignature
from django.utils.http import is_same_domain

from trienkhai.access.tickets import COOKIE, Ticket, read_ticket
from trienkhai.core import clock
from trienkhai.live.changes import Database
from trienkhai.live.watchers import Send, Subject, Watcher, Watchers

Receive = Callable[[], Awaitable[dict[str, Any]]]

PATH: Final = "/live/"
HEARTBEAT_SECONDS: Final = 15.0

_RETRY: Final = b"retry: 2000\n\n"  # ms until a browser comes back
_HOST: Final = re.compile(r"(?:https?://)?(\[[0-9a-f:.]+\]|[0-9a-z._-]+)(?::[0-9]+)?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


class Refused(Exception):
    """The request is not answered with a stream but with this status."""

    def __init__(self, status: HTTPStatus, **headers: str) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class Stream:
    """The ASGI application. It tells whoever may read a unit that the figures of the unit changed.

    Events: `watching`, once, if nothing has changed for the page since the number that it knows; `changed` otherwise
    and whenever it does. The id of an event is the number to come back with, in `Last-Event-ID` or `after`.
    """

    def __init__(self, watchers: Watchers, database: Database) -> None:
        self._watchers = watchers
        self._database = database

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request: 200 and a stream, or 400, 401, 403, 404, 405, 503 and nothing."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        shared: dict[str, str] = {}
        try:
            if scope["path"] != PATH:
                raise Refused(HTTPStatus.NOT_FOUND)
            if scope["method"] != "GET":
                raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, allow="GET")
            shared = _shared_with(headers)
            ticket = _ticket(headers)
            subject, seen = _wanted(scope["query_string"], headers)
            await self._require(ticket, subject)
        except Refused as refused:
            await _start(send, refused.status, shared | refused.headers | {"content-length": "0"})
            await send({"type": "http.response.body"})
        else:
            await _start(send, HTTPStatus.OK, shared | {"content-type": "text/event-stream", "x-accel-buffering": "no"})
            await self._stream(subject, seen, ticket=ticket, receive=receive, send=send)

    async def _require(self, ticket: Ticket, subject: Subject) -> None:
        if ticket.units is None:
            return
        try:
            is_under = await self._database.is_under(subject.unit, tops=list(ticket.units), on=clock.today())
        except psycopg.OperationalError:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE) from None
        if not is_under:
            raise Refused(HTTPStatus.FORBIDDEN)

    async def _stream(
        self, subject: Subject, seen: int | None, *, ticket: Ticket, receive: Receive, send: Send
    ) -> None:
        """Write events until the browser goes or the ticket ends; with a new one the browser comes back."""
        await send({"type": "http.response.body", "body": _RETRY, "more_body": True})
        limit = asyncio.timeout(ticket.ends_at - time.time())
        watcher = Watcher(subject, send, limit)
        try:
            async with limit:
                with self._watchers.joined_by(watcher, seen=seen):
                    while await _stays(receive, seconds=HEARTBEAT_SECONDS):
                        watcher.beat()
        except TimeoutError:
            await watcher.finish()


async def _stays(receive: Receive, *, seconds: float) -> bool:
    """Wait so long; return false as soon as the browser has gone."""
    try:
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return True
    return False


async def _start(send: Send, status: HTTPStatus, headers: Mapping[str, str]) -> None:
    lines = {"cache-control": "no-store", **headers}.items()
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in lines]
    await send({"type": "http.response.start", "status": int(status), "headers": encoded})


def _shared_with(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that let the site's own pages read the answer, whatever their port."""
    origin = headers.get("origin")
    if origin is None:
        return {}
    page, here = _HOST.fullmatch(origin), _HOST.fullmatch(headers.get("host", ""))
    if not page or not here or page[1].lower() != here[1].lower() or not _is_own(page[1]):
        raise Refused(HTTPStatus.FORBIDDEN)
    return {"access-control-allow-origin": origin, "access-control-allow-credentials": "true", "vary": "Origin"}


def _is_own(host: str) -> bool:
    return any(pattern == "*" or is_same_domain(host, pattern) for pattern in settings.ALLOWED_HOSTS)


def _ticket(headers: Mapping[str, str]) -> Ticket:
    for cookie in headers.get("cookie", "").split(";"):
        name, _separator, value = cookie.strip().partition("=")
        if name == COOKIE:
            try:
                return read_ticket(value)
            except BadSignature:
                break
    raise Refused(HTTPStatus.UNAUTHORIZED)


def _wanted(query: bytes, headers: Mapping[str, str]) -> tuple[Subject, int | None]:
    """Return what to watch, and the last number that the browser knows.

    A browser that reconnects by itself repeats the address and adds the header, which is therefore the newer one.
    """
    asked = parse_qs(query.decode("latin-1"))
    unit, programme = (_number(asked.get(name, [""])[-1]) for name in ("unit", "programme"))
    after = headers.get("last-event-id") or asked.get("after", [""])[-1]
    return Subject(unit, programme), _number(after) if after else None


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise Refused(HTTPStatus.BAD_REQUEST)
    return int(text)
