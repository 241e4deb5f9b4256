"""A web process that is killed in the middle of a batch leaves all of it or nothing, and it can be sent again."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.db import connection
from psycopg.types.range import DateRange

from trienkhai.access.models import Grant
from trienkhai.access.operations import issue_token
from trienkhai.audit.operations import operation
from trienkhai.core import supervisor
from trienkhai.core.integrity import findings
from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Report
from trienkhai.tasks.models import Assignment

# The web process reads what is committed.
pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

COMMUNES = 2000
MOMENTS = (None, 0.0, 0.5, 0.9)
"""When it is killed: as soon as the batch was sent, then after these shares of the time that its statement takes."""


@pytest.fixture
def token(world) -> str:
    """Let one person report for thousands of communes that hold a task; return the characters of a token."""
    communes = world.communes(COMMUNES, under=world.north_district)
    world.issue()
    user = world.user("sender")
    with operation("access.give_role", by=world.shell()):
        Grant.objects.bulk_create(
            Grant(user=user, role=Role.REPORTER, unit_id=commune.unit_id, valid=DateRange(world.day(), None))
            for commune in communes
        )
    _issued, characters = issue_token(user, name="batch", permissions=["progress.report"], scope=world.shell())
    return characters


class Web:
    """The process `web` on the database of the test, which can be killed and started again."""

    def __init__(self, token: str, *, today: str) -> None:
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        self._environment = os.environ | {"DATABASE_URL": database, "TRIENKHAI_TODAY": today}
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]

    def start(self) -> None:
        """Start it, and return as soon as it answers."""
        web = supervisor.web(host="127.0.0.1", port=self._port, workers=1, threads=2)
        self._process = subprocess.Popen(web.command, env=self._environment, start_new_session=True)
        wait_until(self._answers, every=0.05)

    def kill(self) -> None:
        """Kill it and its workers without a warning, and return as soon as the database has seen that they are gone."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not others())

    def _answers(self) -> bool:
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=30)) as client:
            try:
                client.request("GET", "/login/")
                return client.getresponse().status == 200
            except ConnectionError:
                return False

    def send(self, body: bytes) -> HTTPConnection:
        """Send a batch, and return the connection on which the answer will come."""
        client = HTTPConnection("127.0.0.1", self._port, timeout=30)
        client.request("POST", "/api/v1/reports:batch", body, self._headers)
        return client

    def answer(self, body: bytes) -> list[int]:
        """Send a batch, and return the ids of its reports."""
        with closing(self.send(body)) as client:
            response = client.getresponse()
            assert response.status == 201
            return json.loads(response.read())["reports"]


def wait_until(condition, *, every: float = 0.002) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(every)


def others(condition: str = "true") -> bool:
    """Say whether another connection to the database of the test fulfils a condition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND pid <> pg_backend_pid() AND ({condition})"
        )
        return cursor.fetchone()[0] > 0


def is_writing() -> bool:
    return others("state = 'active' AND query LIKE '-- Take reports%'")


def batch(name: str) -> bytes:
    """Return a report on every assignment of the communes, with keys that begin with the name."""
    held = Assignment.objects.filter(unit__versions__code__startswith="9").order_by("pk").values_list("pk", flat=True)
    lines = ({"assignment": pk, "progress": 40, "text": "Đang làm", "client_key": f"{name}-{pk}"} for pk in held)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def written(name: str) -> list[int]:
    found = Report.objects.filter(client_key__startswith=f"{name}-").order_by("assignment_id")
    return list(found.values_list("pk", flat=True))


@pytest.fixture
def web(world, token) -> Iterator[Web]:
    """Run the process on the day after the issue."""
    web = Web(token, today=world.day(1).isoformat())
    try:
        web.start()
        yield web
    finally:
        web.kill()


def test_a_batch_is_there_as_a_whole_or_not_at_all_and_once_when_it_is_sent_again(world, web):
    """Starts the process five times: ten seconds."""
    with closing(web.send(batch("undisturbed"))) as client:
        wait_until(is_writing)
        began = time.monotonic()
        assert client.getresponse().status == 201
        takes = time.monotonic() - began
    left = []
    for number, moment in enumerate(MOMENTS):
        name = f"round-{number}"
        with closing(web.send(batch(name))):
            if moment is not None:
                wait_until(is_writing)
                time.sleep(takes * moment)
            web.kill()
        left.append(len(written(name)))
        assert list(findings(on=world.day(1))) == []

        web.start()
        assert web.answer(batch(name)) == written(name)
        assert len(written(name)) == COMMUNES

    assert set(left) <= {0, COMMUNES}
    assert 0 in left
    assert list(findings(on=world.day(1))) == []
