"""A running site (web, live and jobs as real processes) with the cast of `world`, and Chromium to look at it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from trienkhai.access.operations import give_role, make_user
from trienkhai.core import supervisor
from trienkhai.organisation.scoping import Role

PASSWORD = "mot-cau-de-nho"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}

PEOPLE = {
    "trung": ("centre", Role.VIEWER),
    "phuong": ("north_district", Role.REVIEWER),
    "lan": ("commune", Role.REPORTER),
}
"""Who logs in: where, and as what."""


@dataclass(frozen=True, slots=True)
class Site:
    """The address of the running site."""

    address: str


@pytest.fixture
def site(world) -> Iterator[Site]:
    """Issue a task that demands evidence to the four communes, and serve the site on the day after."""
    world.issue(world.task(title="Tổ chức học tập nghị quyết", evidence_required=True))
    for username, (unit, role) in PEOPLE.items():
        user = make_user(username, name=username.title(), password=PASSWORD, scope=world.shell())
        give_role(user, role=role, unit_id=getattr(world, unit).unit_id, scope=world.shell())
    web, live = _free_port(), _free_port()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {"DATABASE_URL": database, "TRIENKHAI_TODAY": world.day(1).isoformat()}
    processes = [
        supervisor.web(host="127.0.0.1", port=web, workers=1, threads=4, live_port=live),
        supervisor.live(host="127.0.0.1", port=live),
        supervisor.jobs(),
    ]
    with ExitStack() as stack:
        for process in processes:
            started = subprocess.Popen(process.command, env=environment | process.environment, start_new_session=True)
            stack.callback(_end, started)
        for port in (web, live):
            _wait_for(port)
        yield Site(f"http://127.0.0.1:{web}")


@pytest.fixture
def chromium(site: Site) -> Iterator[Browser]:
    """Start the browser after the database was written: its loop forbids Django's queries in this thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def log_in(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return what opens a window of somebody who has logged in; what the page complains of fails the test."""
    complaints: list[str] = []

    def open_window(username: str, *, viewport: dict[str, int] = DESK, has_javascript: bool = True) -> Page:
        context = chromium.new_context(
            viewport=viewport, locale="vi-VN", java_script_enabled=has_javascript, base_url=site.address
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" and "422" not in said.text else None,
        )
        page.goto("/login/")
        page.get_by_label("Tên đăng nhập").fill(username)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url("**/work/")
        return page

    yield open_window
    assert complaints == []


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Make a photograph as a phone sends it: turned, with the day and the place in its metadata."""
    path = tmp_path / "hoi-nghi.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x9003] = "2021:03:13 08:30:00"
    Image.effect_noise((800, 600), 40).convert("RGB").save(path, exif=exif)
    return path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def _wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, f"nothing listens on port {port}"
            time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
