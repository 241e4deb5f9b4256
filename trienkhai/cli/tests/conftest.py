from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

import pytest
from typer.testing import CliRunner, Result

from trienkhai.cli import app, session


@pytest.fixture
def trienkhai(world, monkeypatch, settings) -> Callable[..., Result]:
    """Return what runs the command with these words in the database of the test, on its first day or `day` days later.

    The terminal is wide enough that no table breaks a line; a traceback fails the test.
    """
    monkeypatch.setattr(session, "instance", nullcontext)
    for console in (session.screen, session.errors):
        monkeypatch.setattr(console, "width", 240)

    def run(*words: object, day: int = 0, language: str = "en_GB.UTF-8", typed: str = "") -> Result:
        settings.DEMONSTRATION_DAY = world.day() + timedelta(days=day)
        return CliRunner().invoke(
            app,
            [str(word) for word in words],
            input=typed,
            env={"LC_ALL": language, "COLUMNS": "240", "NO_COLOR": "1"},
            catch_exceptions=False,
        )

    return run


@pytest.fixture
def told(trienkhai) -> Callable[..., str]:
    """Return what runs the command, which must end well, and gives what it says, each run of spaces as one."""

    def told(*words: object, **how: object) -> str:
        done = trienkhai(*words, **how)
        assert (done.exit_code, done.stderr) == (0, "")
        return " ".join(done.stdout.split())

    return told


@pytest.fixture
def refused(trienkhai) -> Callable[..., str]:
    """Return what runs the command, which must end with code 1, and gives what it says on standard error only."""

    def refused(*words: object, **how: object) -> str:
        done = trienkhai(*words, **how)
        assert (done.exit_code, done.stdout) == (1, "")
        return " ".join(done.stderr.split())

    return refused
