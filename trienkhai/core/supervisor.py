"""Runs the processes of the site together: they start together and stop together.

The first process that ends, for whatever reason, ends the others; so do SIGINT and SIGTERM. Each process leads
a group of its own, so that its workers end with it, and the system ends it if the supervisor itself is killed.
"""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError

GRACE_SECONDS: Final = 10.0

# Of <sys/prctl.h>
_SET_PARENT_DEATH_SIGNAL: Final = 1
_SET_CHILD_SUBREAPER: Final = 36
_LIBC: Final = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Process:
    """One process to run: a name for messages, its command, and what it adds to the environment."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def web(*, host: str, port: int, workers: int, threads: int, live_port: int | None = None) -> Process:
    """Return the process `web`: Django over WSGI on granian. Its pages find `live` on that port, else on their own."""
    return Process(
        "web",
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "warning",
            "--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(threads),
            "trienkhai.config.wsgi:application",
        ],
        {"TRIENKHAI_LIVE_PORT": str(live_port)} if live_port else {},
    )  # fmt: skip


def live(*, host: str, port: int) -> Process:
    """Return the process `live`: the stream of changes on uvicorn."""
    return Process("live", [sys.executable, "-m", "trienkhai.live", "--host", host, "--port", str(port)])


def jobs() -> Process:
    """Return the process `jobs`: what runs by the clock."""
    return Process("jobs", [sys.executable, "-m", "trienkhai.config.jobs"])


def serve(
    host: str,
    port: int,
    *,
    live_port: int,
    is_proxied: bool,
    workers: int = 2,
    threads: int = 4,
    ready: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = print,
) -> int:
    """Serve the site on `host:port` and its changes on `live_port`, with the jobs beside, until it is told to stop.

    `is_proxied` says that a proxy in front joins the two under one address; else the pages are told of `live_port`.
    `ready` is called once both accept connections; `say` gets a line for each process that ended by itself.
    Returns the exit code for the caller: 0 if it was told to stop, else that of the process that ended first.
    Raises DomainError if a port is taken or may not be used.
    """
    ports = (port, live_port)
    for wanted in ports:
        check_port(host, wanted)
    told = None if is_proxied else live_port
    processes = [
        web(host=host, port=port, workers=workers, threads=threads, live_port=told),
        live(host=host, port=live_port),
        jobs(),
    ]
    return run(processes, started=lambda: all(_accepts(host, each) for each in ports), ready=ready, say=say)


def run(
    processes: Sequence[Process],
    *,
    started: Callable[[], bool] = lambda: True,
    ready: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = print,
) -> int:
    """Run the processes until one ends or a signal comes, then stop all of them and what they started.

    `ready` is called once, as soon as `started` returns true. Returns as `serve` does. For the main thread only.
    """
    # Workers whose leader has died become children of this process, which can then see that they have ended.
    _prctl(_SET_CHILD_SUBREAPER, 1)
    running: list[tuple[Process, subprocess.Popen[bytes]]] = []
    with _signals() as received:
        try:
            for process in processes:
                running.append((process, _start(process)))  # noqa: PERF401 (those started before a failure are stopped)
            is_ready = False
            while not received:
                for process, child in running:
                    if child.poll() is not None:
                        say(_ended(process, child.returncode))
                        return _exit_code(child.returncode)
                if not is_ready and started():
                    is_ready = True
                    ready()
                time.sleep(0.1)
            return 0
        finally:
            _stop([child for _process, child in running])


def check_port(host: str, port: int) -> None:
    """Raise DomainError, with a sentence for the user, if nothing can listen on `host:port`."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise DomainError(
            "port_unusable",
            _("Nothing can listen on %(host)s, port %(port)s: %(reason)s. Choose another with --port.")
            % {"host": host, "port": port, "reason": error.strerror},
        ) from error


def _start(process: Process) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def die_with_the_parent() -> None:
        _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 (commands come from this program, never from input)
        process.command,
        env={**os.environ, **process.environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_the_parent,  # noqa: PLW1509 (the supervisor has no other thread)
    )


def _stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """End every process and its group: asked first, killed after the time of grace."""
    for child in children:
        _signal(child, signal.SIGTERM)
    end = time.monotonic() + GRACE_SECONDS
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, end - time.monotonic()))
    while any(child.returncode is not None and _group_lives(child) for child in children) and time.monotonic() < end:
        time.sleep(0.05)
    for child in children:
        _signal(child, signal.SIGKILL)
        child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _group_lives(child: subprocess.Popen[bytes]) -> bool:
    """Whether a process of the group is left; for groups whose leader has been waited for."""
    try:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-child.pid, os.WNOHANG)[0]:
                pass
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _prctl(option: int, value: int) -> None:
    if _LIBC is not None:
        _LIBC.prctl(option, value)


@contextlib.contextmanager
def _signals() -> Iterator[list[int]]:
    """Gather SIGINT and SIGTERM in a list for the time of the block, instead of dying of them."""
    received: list[int] = []
    kept = {
        number: signal.signal(number, lambda number, _frame: received.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield received
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _ended(process: Process, code: int) -> str:
    if code < 0:
        return _("The process %(name)s was ended by the signal %(signal)s; the others are stopped.") % {
            "name": process.name,
            "signal": signal.Signals(-code).name,
        }
    return _("The process %(name)s ended with code %(code)s; the others are stopped.") % {
        "name": process.name,
        "code": code,
    }


def _exit_code(code: int) -> int:
    """Return the shell's code for an ended process; one that ended well has still ended too early."""
    return 128 - code if code < 0 else code or 1
