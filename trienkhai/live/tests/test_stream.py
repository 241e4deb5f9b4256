"""The process as browsers meet it: a real one, over HTTP, on the database of the tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from django.db import connection

from trienkhai.access.tickets import COOKIE, sign_ticket
from trienkhai.progress.models import LiveEvent
from trienkhai.progress.operations import post_deltas

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

TODAY = date(2021, 3, 12)


class Event(NamedTuple):
    name: str
    number: int
    unit: int
    programme: int


class Browser:
    """One request for the stream, and what is read of the answer."""

    def __init__(self, port: int, *, query: str, headers: dict[str, str]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=5)
        self._connection.request("GET", f"/live/?{query}", headers=headers)
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self.headers = self._answer.headers

    def event(self) -> Event:
        """Wait for the next event, past comments and what has no data."""
        while True:
            lines = dict(line.split(": ", 1) for line in iter(self._line, "") if line != ":")
            if "data" in lines:
                return Event(lines["event"], int(lines["id"]), **json.loads(lines["data"]))

    def _line(self) -> str:
        line = self._answer.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\n")

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


class Live:
    """A running process, and the browsers that ask it."""

    def __init__(self, port: int, process: subprocess.Popen[str], stack: ExitStack) -> None:
        self.port = port
        self.process = process
        self._stack = stack

    def ask(self, query: str, *, ticket: str | None = "", **headers: str) -> Browser:
        """Ask with a ticket for everything, with the one that is given, or with none."""
        cookie = {} if ticket is None else {"Cookie": f"theme=dark; {COOKIE}={ticket or sign_ticket(None)}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        browser = Browser(self.port, query=query, headers=cookie | named)
        self._stack.callback(browser.close)
        return browser

    def watch(self, unit, programme, **others) -> Browser:
        """Open a stream and read its first event, after which no change is missed."""
        browser = self.ask(urlencode({"unit": unit.unit_id, "programme": programme.pk}), **others)
        assert browser.status == 200
        assert browser.event().name == "watching"
        return browser


@contextmanager
def process() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    started = subprocess.Popen(
        [sys.executable, "-m", "trienkhai.live", "--port", str(port)],
        env=os.environ | {"DATABASE_URL": database, "TRIENKHAI_TODAY": TODAY.isoformat()},
        stderr=subprocess.PIPE,
        text=True,
    )
    with started:
        try:
            accepts(port)
            yield port, started
        finally:
            started.terminate()


def accepts(port: int) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture(scope="module")
def running(django_db_setup) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run one process for the tests that do not end it."""
    with process() as started:
        yield started


@pytest.fixture
def live(running) -> Iterator[Live]:
    with ExitStack() as stack:
        yield Live(*running, stack)


def reported(world, unit) -> int:
    """Let a unit report and the poster carry it; return the number of the last change."""
    world.report(world.assignment(unit))
    posted = post_deltas(on=TODAY).last_event
    assert posted is not None
    return posted


def disconnected() -> int:
    """End all connections to the database but that of the test; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_a_report_is_heard_of_in_its_commune_and_everywhere_above(world, live):
    programme = world.issue()
    above = (world.commune, world.north_district, world.north, world.centre)
    browsers = [live.watch(unit, programme) for unit in above]

    began = time.monotonic()
    reported(world, world.commune)
    events = [browser.event() for browser in browsers]

    assert [(event.name, event.unit, event.programme) for event in events] == [
        ("changed", unit.unit_id, programme.pk) for unit in above
    ]
    assert time.monotonic() - began < 2


def test_nobody_hears_of_what_happens_in_another_subtree_or_programme(world, live):
    other = world.issue()
    programme = world.issue()
    browsers = [live.watch(world.south, programme), live.watch(world.north, other)]
    earlier = reported(world, world.commune)

    reported(world, world.south_commune)
    world.report(world.assignment(world.commune, programme=other))
    post_deltas(on=TODAY)

    events = [browser.event() for browser in browsers]
    assert [(event.unit, event.programme) for event in events] == [
        (world.south.unit_id, programme.pk),
        (world.north.unit_id, other.pk),
    ]
    assert all(event.number > earlier for event in events)


@pytest.mark.parametrize("by", ["header", "address"])
def test_a_browser_that_comes_back_hears_what_it_has_missed_and_nothing_else(world, live, by):
    programme = world.issue()
    other = live.watch(world.centre, programme)
    first = reported(world, world.commune)
    last = reported(world, world.other_commune)
    while other.event().number <= first:
        pass

    def again(unit, seen: int) -> str:
        query = {"unit": unit.unit_id, "programme": programme.pk}
        if by == "address":
            return live.ask(urlencode(query | {"after": seen})).event().name
        return live.ask(urlencode(query | {"after": 1}), Last_Event_ID=str(seen)).event().name

    heard = {(unit.code, seen): again(unit, seen) for unit in (world.north, world.commune) for seen in (first, last)}

    assert heard == {
        ("02", first): "changed",
        ("02", last): "watching",
        ("00715", first): "watching",
        ("00715", last): "watching",
    }


def test_a_page_hears_of_what_changed_between_its_drawing_and_its_stream(world, live):
    programme = world.issue()
    before = live.watch(world.commune, programme)
    reported(world, world.commune)
    before.event()

    after = live.ask(urlencode({"unit": world.commune.unit_id, "programme": programme.pk}))

    assert after.event().name == "changed"


def test_three_hundred_watchers_hear_once_each(world, live):
    programme = world.issue()
    browsers = [live.watch(world.centre, programme) for _number in range(300)]

    number = reported(world, world.commune)
    heard = [browser.event() for browser in browsers]
    following = reported(world, world.other_commune)
    then = [browser.event() for browser in browsers]

    assert all(event.number <= number for event in heard)
    assert all(number < event.number <= following for event in then)


@pytest.mark.parametrize(
    "ticket",
    [
        pytest.param(None, id="none"),
        pytest.param("eyJ1bml0cyI6bnVsbH0:x", id="forged"),
        pytest.param(sign_ticket(None, lifetime=0), id="ended"),
    ],
)
def test_nobody_watches_without_a_ticket(live, ticket):
    assert live.ask("unit=1&programme=1", ticket=ticket).status == 401


@pytest.mark.parametrize(
    ("unit", "status"),
    [("north", 200), ("commune", 200), ("south", 403), ("centre", 403)],
)
def test_a_ticket_lets_in_under_its_units_only(world, live, unit, status):
    ticket = sign_ticket([world.north.unit_id])

    answer = live.ask(f"unit={getattr(world, unit).unit_id}&programme=1", ticket=ticket)

    assert answer.status == status


def test_who_is_under_whom_is_read_on_the_day_on_which_the_installation_stands(world, live):
    (later,) = world.communes(1, under=world.north_district, on=world.day(5))

    answer = live.ask(f"unit={later.unit_id}&programme=1", ticket=sign_ticket([world.north.unit_id]))

    assert answer.status == 403


def test_a_ticket_of_no_units_lets_in_nowhere(world, live):
    answer = live.ask(f"unit={world.commune.unit_id}&programme=1", ticket=sign_ticket([]))

    assert answer.status == 403


@pytest.mark.parametrize(
    "query",
    ["", "unit=1", "programme=1", "unit=x&programme=1", "unit=1&programme=-1", "unit=1&programme=1&after=x",
     f"unit=1&programme={'9' * 19}", "unit=%D9%A1&programme=1"],
)  # fmt: skip
def test_an_address_that_says_nothing_clear_is_refused(live, query):
    assert live.ask(query).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/live", 404), ("GET", "/", 404), ("POST", "/live/", 405)]
)
def test_there_is_one_address_and_it_is_read(live, method, path, status):
    asking = HTTPConnection("127.0.0.1", live.port, timeout=5)
    asking.request(method, path)
    answer = asking.getresponse()
    asking.close()

    assert answer.status == status


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://localhost:8000", "localhost:8001", 200),
        ("http://127.0.0.1:8000", "localhost:8001", 403),
        ("http://example.org", "example.org", 403),
        ("http://localhost.example.org", "localhost:8001", 403),
        ("null", "localhost:8001", 403),
    ],
)
def test_only_pages_of_the_site_itself_may_read_the_stream(live, origin, host, status):
    answer = live.ask("unit=1&programme=1", Origin=origin, Host=host)

    assert answer.status == status
    allowed = answer.headers["Access-Control-Allow-Origin"], answer.headers["Access-Control-Allow-Credentials"]
    assert allowed == ((origin, "true") if status == 200 else (None, None))


def test_the_answer_is_a_stream_that_nobody_keeps(live):
    answer = live.ask("unit=1&programme=1")

    kept = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control", "X-Accel-Buffering")}
    assert kept == {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def test_a_stream_ends_with_its_ticket(world, live):
    programme = world.issue()
    browser = live.watch(world.commune, programme, ticket=sign_ticket(None, lifetime=0.5))

    with pytest.raises(EOFError):
        browser.event()


def test_watching_outlives_the_connections_to_the_database(world, live):
    programme = world.issue()
    ticket = sign_ticket([world.north.unit_id])
    browser = live.watch(world.commune, programme, ticket=ticket)
    assert disconnected() == 2

    reported(world, world.commune)

    assert browser.event().name == "changed"
    assert live.ask(f"unit={world.north.unit_id}&programme={programme.pk}", ticket=ticket).status == 200


def test_whoever_may_have_missed_something_while_the_database_was_away_is_told(world, live):
    programme = world.issue()
    browser = live.watch(world.south, programme)
    number = reported(world, world.commune)

    # As after an outage that was longer than events are kept: what was heard last is no longer there.
    LiveEvent.objects.filter(pk__lte=number).delete()
    assert disconnected() == 2

    event = browser.event()
    assert (event.name, event.unit) == ("changed", world.south.unit_id)


def test_the_process_ends_at_once_with_open_streams(world):
    programme = world.issue()
    with process() as (port, started), ExitStack() as stack:
        live = Live(port, started, stack)
        browsers = [live.watch(world.centre, programme) for _number in range(20)]

        began = time.monotonic()
        started.send_signal(signal.SIGTERM)
        for browser in browsers:
            with pytest.raises(EOFError):
                browser.event()
        code = started.wait(2)

        assert time.monotonic() - began < 2
        assert (code, started.stderr.read()) == (0, "")


def test_the_process_needs_neither_models_nor_views():
    code = """
import sys, trienkhai.live.__main__
print([name for name in sys.modules if name.startswith(("django.db", "django.http"))])
"""

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout == "[]\n"
