"""What is told to whom, without a network and a database."""

import asyncio
import json

import pytest

from trienkhai.live.watchers import Change, Subject, Watcher, Watchers

HERE, ELSEWHERE = Subject(unit=1, programme=1), Subject(unit=2, programme=1)


class Browser:
    """Takes what a watcher writes; `takes` is cleared while it reads nothing."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def send(self, message: dict) -> None:
        await self.takes.wait()
        lines = dict(line.split(": ", 1) for line in message["body"].decode().splitlines() if ": " in line)
        assert json.loads(lines["data"])["unit"] == HERE.unit
        self.events.append((lines["event"], int(lines["id"])))

    def watcher(self) -> Watcher:
        return Watcher(HERE, self.send, asyncio.timeout(60))


async def written() -> None:
    for _round in range(5):
        await asyncio.sleep(0)


def first_event(watchers: Watchers, *, seen: int | None) -> tuple[str, int]:
    async def join() -> tuple[str, int]:
        browser = Browser()
        with watchers.joined_by(browser.watcher(), seen=seen):
            await written()
        (event,) = browser.events
        return event

    return asyncio.run(join())


def noted(*changes: Change, before: int = 1) -> Watchers:
    async def note() -> Watchers:
        watchers = Watchers()
        watchers.lose_track(before=before)
        watchers.note(changes)
        return watchers

    return asyncio.run(note())


@pytest.mark.parametrize(
    ("seen", "event"),
    [
        pytest.param(None, "changed", id="a page that was drawn a moment ago"),
        pytest.param(10, "changed", id="before the change"),
        pytest.param(11, "watching", id="the change itself"),
        pytest.param(12, "watching", id="a later change of something else"),
        pytest.param(8, "changed", id="before all that is known"),
        pytest.param(13, "changed", id="a number that was never given"),
        pytest.param(0, "changed", id="no number at all"),
    ],
)
def test_a_browser_that_comes_is_told_at_once_what_it_has_missed(seen, event):
    watchers = noted(Change(11, HERE), Change(12, ELSEWHERE), before=10)

    assert first_event(watchers, seen=seen) == (event, 12)


def test_a_new_page_is_told_of_nothing_that_was_there_before_it_was_drawn(monkeypatch):
    watchers = noted(Change(11, HERE))
    monkeypatch.setattr("trienkhai.live.watchers._LOOK_BACK", -1.0)

    assert first_event(watchers, seen=None) == ("watching", 11)


def test_what_nothing_is_known_of_counts_as_changed():
    assert first_event(Watchers(), seen=0) == ("changed", 0)


def test_changes_that_are_too_many_to_keep_are_told_rather_than_forgotten(monkeypatch):
    monkeypatch.setattr("trienkhai.live.watchers._SUBJECTS_KEPT", 2)
    watchers = noted(*(Change(number, Subject(number, 1)) for number in range(1, 6)))

    assert [first_event(watchers, seen=seen)[0] for seen in (2, 3)] == ["changed", "watching"]


def test_a_browser_that_does_not_read_is_told_the_last_change_only():
    async def scenario() -> list[tuple[str, int]]:
        watchers, browser = Watchers(), Browser()
        with watchers.joined_by(browser.watcher(), seen=None):
            await written()
            browser.takes.clear()
            for number in range(1, 1000):
                watchers.note([Change(number, HERE)])
                await asyncio.sleep(0)
            browser.takes.set()
            await written()
        return browser.events

    assert asyncio.run(scenario()) == [("watching", 0), ("changed", 1), ("changed", 999)]


def test_whoever_has_left_is_told_nothing():
    async def scenario() -> tuple[list[tuple[str, int]], list[Watcher]]:
        watchers, browser = Watchers(), Browser()
        with watchers.joined_by(browser.watcher(), seen=None):
            await written()
        watchers.note([Change(1, HERE)])
        await written()
        return browser.events, list(watchers)

    assert asyncio.run(scenario()) == ([("watching", 0)], [])


def test_what_is_not_yet_written_when_a_stream_ends_is_dropped():
    async def scenario() -> list[dict]:
        sent: list[dict] = []
        takes = asyncio.Event()

        async def send(message: dict) -> None:
            if message.get("body"):
                await takes.wait()
            sent.append(message)

        watcher = Watcher(HERE, send, asyncio.timeout(60))
        watcher.tell("changed", 1)
        await written()
        await watcher.finish()
        takes.set()
        await written()
        return sent

    assert asyncio.run(scenario()) == [{"type": "http.response.body"}]
