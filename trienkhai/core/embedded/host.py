"""The machine: under which account the server runs, where its clusters are, which processes live."""

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, TypedDict

from trienkhai.core.errors import DomainError

_SYSTEM_USER: Final = "trienkhai"
_SYSTEM_BASE: Final = Path("/var/lib/trienkhai")


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system account under which the server's programs run."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """Whether programs must change to this account."""
        return self.uid != os.geteuid()


def server_account() -> Account:
    """Return the account of the server: the caller's own, or the system user (made if missing) if that is root."""
    try:
        own = pwd.getpwuid(os.geteuid())
    except KeyError:
        raise DomainError(
            "no_account",
            f"User number {os.geteuid()} has no entry in the list of users, which PostgreSQL needs. Run as a named "
            "user, or set DATABASE_URL.",
        ) from None
    if own.pw_uid != 0:
        return Account(own.pw_name, own.pw_uid, own.pw_gid)
    try:
        system = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        _make_system_user()
        system = pwd.getpwnam(_SYSTEM_USER)
    return Account(system.pw_name, system.pw_uid, system.pw_gid)


def _make_system_user() -> None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if program is None:
        raise DomainError(
            "no_account",
            f"PostgreSQL does not run as root, and the program useradd is missing. Make a system user {_SYSTEM_USER}, "
            "or run as another user than root, or set DATABASE_URL.",
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", str(_SYSTEM_BASE)]
    done = subprocess.run(  # noqa: S603
        [program, *options, "--shell", "/usr/sbin/nologin", _SYSTEM_USER], capture_output=True, text=True, check=False
    )
    already_there = 9
    if done.returncode not in (0, already_there):
        raise DomainError("no_account", f"The system user {_SYSTEM_USER} could not be made: {done.stderr.strip()}")


def base_directory() -> Path:
    """Return the directory that holds the account's clusters, and make it."""
    if os.geteuid() == 0:
        # Root runs the copied programs too: the server's account may pass through here, but change nothing.
        _SYSTEM_BASE.mkdir(mode=0o750, parents=True, exist_ok=True)
        _SYSTEM_BASE.chmod(0o750)
        os.chown(_SYSTEM_BASE, 0, server_account().gid)
        return _SYSTEM_BASE
    state = os.environ.get("XDG_STATE_HOME", "")
    base = (Path(state) if state.startswith("/") else Path.home() / ".local/state") / "trienkhai"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    return base.resolve()


def short_key(path: Path) -> str:
    """Return eight hexadecimal digits that stand for a path."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def identity(account: Account) -> Identity:
    """Return the arguments of `subprocess` that run a program as the account, with no other group of the caller."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account.is_other else {}


def is_alive(pid: int, *, working_in: Path) -> bool:
    """Whether the process exists and, where the system tells, works in the directory (a server does in its data)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False  # another account's process is never this server
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == working_in
    except FileNotFoundError:
        return not Path("/proc/self").exists()
    except PermissionError:
        return False


def tail(file: IO[bytes], size: int = 2000) -> str:
    """Return the text at the end of a file, of at most `size` bytes."""
    file.seek(0, os.SEEK_END)
    file.seek(max(0, file.tell() - size))
    return file.read().decode(errors="replace")
