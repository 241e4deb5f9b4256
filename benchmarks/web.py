"""A page and the API over HTTP, beside bare Django views on the same server."""

import http.client
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from benchmarks.ground import LATER, Ground, Grounds, twin_tables
from benchmarks.measuring import Pair, seconds
from benchmarks.report import TABLES, TEXT, left
from benchmarks.rollup import report_on
from trienkhai.config import environment
from trienkhai.core import supervisor
from trienkhai.organisation.scoping import Role

if TYPE_CHECKING:
    from trienkhai.accounts.models import User
    from trienkhai.tasks.models import Assignment

REPETITIONS: Final = 5
WORKERS: Final = 2
START_SECONDS: Final = 30
ALLOWANCE_S: Final = 0.040
"""What of a page does not count: a page that looks finished has more to say than its rows."""

_UNIT_ROW: Final = re.compile(r'id="unit-(\d+)".*?class="of">/ ([\d.]+)<', re.DOTALL)
_TASK_ROW: Final = re.compile(r'class="task-title"><span class="soft">(\d+)\..*?class="of">/ ([\d.]+)<', re.DOTALL)


@contextmanager
def page(grounds: Grounds, *, deltas: int = 500, views: int = 10) -> Iterator[Pair]:
    """Get the page of the nation as somebody who is logged in; the seconds are those of one whole response."""
    from django.test import Client

    with grounds.nation.copied() as ground, _served(ground) as port, _connected(port) as site:
        report_on(deltas)
        reader = _user("reader", Role.VIEWER, [ground.centre.unit_id], ground)
        browser = Client()
        browser.force_login(reader)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
        unit, programme = ground.centre.unit_id, ground.programme.pk

        def ours() -> bytes:
            return _answer(site, "GET", f"/units/{unit}/", headers={"Cookie": cookies})

        def twin() -> bytes:
            return _answer(site, "GET", f"/bare/units/{unit}/{programme}/")

        yield Pair(
            ours=lambda: seconds(lambda: [ours() for _view in range(views)]) / views,
            twin=lambda: seconds(lambda: [twin() for _view in range(views)]) / views,
            left=lambda: (_shown(ours().decode()), _answered(json.loads(twin()), unit)),
            allowance_s=ALLOWANCE_S,
        )


def _shown(text: str) -> Sequence[Any]:
    """Return the units and the tasks of a page, each with its assignments."""
    return [
        sorted((int(key), int(number.replace(".", ""))) for key, number in row.findall(text))
        for row in (_UNIT_ROW, _TASK_ROW)
    ]


def _answered(answer: Mapping[str, Any], unit: int) -> Sequence[Any]:
    units = dict.fromkeys((row[0] for row in answer["units"]), 0)
    numbers = {task: number for task, number, *_words in answer["tasks"]}
    tasks = dict.fromkeys(numbers.values(), 0)
    for unit_id, task, _due, *counts in answer["sums"]:
        if unit_id == unit:
            tasks[numbers[task]] += sum(counts)
        else:
            units[unit_id] += sum(counts)
    return [sorted(units.items()), sorted(tasks.items())]


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    body: str
    headers: Mapping[str, str]


@contextmanager
def report_http(grounds: Grounds, *, clients: int = 16, reports: int = 12) -> Iterator[Pair]:
    """Send so many reports from each of many clients at once; the seconds are those of one report of all."""
    with grounds.nation.copied() as ground:
        by_ours, by_twin = [], []
        for place, held in enumerate(_shares(clients, reports * REPETITIONS)):
            user = _user(f"reporter{place}", Role.REPORTER, {assignment.unit_id for assignment in held}, ground)
            by_ours.append(_to_api(held, token=_token(user, ground)))
            by_twin.append(_to_bare_view(held, user=user))
        with twin_tables(*TABLES, filled=("operation", "assignment")), _served(ground) as port:
            yield Pair(
                ours=lambda: _send(port, [[next(requests) for _report in range(reports)] for requests in by_ours]),
                twin=lambda: _send(port, [[next(requests) for _report in range(reports)] for requests in by_twin]),
                left=left,
                repetitions=REPETITIONS,
            )


def _shares(clients: int, size: int) -> "Iterator[list[Assignment]]":
    """Yield for each client so many assignments of tasks that are not reported on by periods, unit by unit."""
    from trienkhai.tasks.models import Assignment

    held = Assignment.objects.filter(task__reporting_period="").order_by("unit", "task")
    for client in range(clients):
        yield list(held[client * size : (client + 1) * size])


def _to_api(held: "Sequence[Assignment]", *, token: str) -> Iterator[_Request]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for assignment in held:
        body = {"progress": 50, "text": TEXT, "version": assignment.version}
        yield _Request(f"/api/v1/assignments/{assignment.pk}/reports", json.dumps(body), headers)


def _to_bare_view(held: "Sequence[Assignment]", *, user: "User") -> Iterator[_Request]:
    for assignment in held:
        body = {
            "assignment": assignment.pk,
            "programme": assignment.programme_id,
            "author": user.pk,
            "name": user.name,
            "source": "api",
            "progress": 50,
            "text": TEXT,
        }
        yield _Request("/bare/reports/", json.dumps(body), {"Content-Type": "application/json"})


def _send(port: int, requests: Sequence[Sequence[_Request]]) -> float:
    """Send the requests of each client in their order, all clients at once; returns the seconds of one of all."""

    def send(own: Sequence[_Request]) -> None:
        with _connected(port) as site:
            for request in own:
                _answer(site, "POST", request.path, body=request.body, headers=request.headers)

    with ThreadPoolExecutor(len(requests)) as clients:
        return seconds(lambda: list(clients.map(send, requests))) / sum(map(len, requests))


def _user(username: str, role: Role, units: Iterable[int], ground: Ground) -> "User":
    from trienkhai.access.operations import give_role
    from trienkhai.accounts.models import User

    user = User.objects.create(username=username, name=username.title())
    for unit_id in sorted(units):
        give_role(user, role=role, unit_id=unit_id, scope=ground.scope)
    return user


def _token(user: "User", ground: Ground) -> str:
    from trienkhai.access.operations import issue_token
    from trienkhai.organisation.permissions import READ
    from trienkhai.progress.permissions import REPORT

    _issued, token = issue_token(
        user, name="measure", permissions=[str(READ), str(REPORT)], scope=ground.scope.on_day(LATER)
    )
    return token


@contextmanager
def _served(ground: Ground) -> Iterator[int]:
    """Serve the site and the bare views on a free port for the time of the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = supervisor.web(host="127.0.0.1", port=port, workers=WORKERS, threads=4)
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{ground.database}").geturl()
    settings = {
        "DJANGO_SETTINGS_MODULE": "benchmarks.served.settings",
        "DATABASE_URL": address,
        "TRIENKHAI_TODAY": LATER.isoformat(),
    }
    environ = {**os.environ, **web.environment, **settings}
    served = subprocess.Popen(web.command, cwd=environment.CHECKOUT, env=environ)  # noqa: S603 (of this program)
    try:
        _wait_for(port)
        yield port
    finally:
        served.terminate()
        served.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    site = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        yield site
    finally:
        site.close()


def _answer(
    site: http.client.HTTPConnection,
    method: str,
    path: str,
    *,
    body: str = "",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Send a request and return the whole answer. Raises RuntimeError if it is a refusal."""
    site.request(method, path, body=body.encode() or None, headers=headers or {})
    response = site.getresponse()
    content = response.read()
    if response.status not in (200, 201):
        raise RuntimeError(f"{method} {path} was answered with {response.status}: {content[:500]!r}")
    return content
