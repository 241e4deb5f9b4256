"""The process `jobs`: what runs by the clock, one after the other, in one process."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import django
from django.db import Error, close_old_connections

from trienkhai.config import environment

logger = logging.getLogger("trienkhai.jobs")

ROUND_SECONDS = 0.5


@dataclass(slots=True)
class Job:
    """Something to do every so many seconds; `due_at` is on the monotonic clock."""

    run: Callable[[], None]
    seconds: float
    due_at: float = 0.0


def jobs() -> list[Job]:
    """Return all jobs; the apps must be ready."""
    from trienkhai.progress.jobs import forget_live_events, post_deltas

    return [Job(post_deltas, ROUND_SECONDS), Job(forget_live_events, 60)]


def run_due(due: Sequence[Job], *, now: float) -> None:
    """Run every job whose time has come; one that the database refuses is tried again in its next round."""
    for job in due:
        if job.due_at <= now:
            job.due_at = now + job.seconds
            try:
                job.run()
            except Error:
                logger.exception("The job %s failed; it is tried again.", job.run.__name__)
                close_old_connections()


def main() -> None:
    """Run the jobs until the process is told to stop."""
    environment.load_instance()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trienkhai.config.settings")
    django.setup()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    waiting = jobs()
    while not stopping.wait(ROUND_SECONDS):
        run_due(waiting, now=time.monotonic())


if __name__ == "__main__":
    main()
