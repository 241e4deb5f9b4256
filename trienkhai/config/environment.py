"""Typed reading of the environment: a value that is missing or malformed stops the start with a sentence.

Secrets may also come from a file that `NAME_FILE` names. Every `TRIENKHAI_…` variable that the settings did not
ask for is an error, so that a misspelt name is never silently without effect. Messages are plain English: they
are needed before any language is known.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

PREFIX: Final = "TRIENKHAI_"
CHECKOUT: Final = Path(__file__).resolve().parents[2]
INSTANCE_FILE: Final = CHECKOUT / ".trienkhai/environment"

_FLAGS: Final = {"yes": True, "no": False}
_DATABASE_KEYS: Final = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT", "dbname": "NAME"}

_asked: set[str] = set()


class _Required:
    """Stands for *no default*: the variable must be set."""


REQUIRED: Final = _Required()


def text(name: str, *, default: str | _Required = REQUIRED) -> str:
    """Return a variable as it stands. An empty one counts as not set."""
    _asked.add(name)
    value = os.environ.get(name, "")
    if value:
        return value
    if isinstance(default, _Required):
        raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    return default


def words(name: str, *, default: str | _Required = REQUIRED) -> list[str]:
    """Return a list of words that commas separate."""
    return [word for part in text(name, default=default).split(",") if (word := part.strip())]


def flag(name: str, *, default: bool) -> bool:
    """Return whether a variable says `yes`; it may only say `yes` or `no`."""
    value = text(name, default="yes" if default else "no")
    if value not in _FLAGS:
        raise ImproperlyConfigured(f"{name} must be yes or no, not {value!r}.")
    return _FLAGS[value]


def integer(name: str, *, default: int, least: int = 0, most: int) -> int:
    """Return a whole number from `least` to `most`, both included."""
    value = text(name, default=str(default))
    if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number from {least} to {most}, not {value!r}.")
    return int(value)


def day(name: str) -> date | None:
    """Return a date written YYYY-MM-DD, or None if the variable is not set."""
    value = text(name, default="")
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.isoformat() != value:
        raise ImproperlyConfigured(f"{name} must be a date like 2021-09-15, not {value!r}.")
    return found


def path(name: str, *, default: Path | _Required = REQUIRED) -> Path:
    """Return an absolute path; it need not exist."""
    value = Path(text(name, default=default if isinstance(default, _Required) else str(default)))
    if not value.is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path, not {str(value)!r}.")
    return value


def secret(name: str, *, least: int = 1) -> str:
    """Return a secret of at least `least` characters from the variable, or from the file that `NAME_FILE` names."""
    value = _value_or_file(name)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} must have at least {least} characters.")
    return value


def database(name: str) -> dict[str, Any]:
    """Return Django's connection settings for a `postgresql://` address (itself a secret: see `secret`).

    A socket's directory is the parameter `host`; other parameters of libpq become options.
    """
    address = _value_or_file(name)
    if not address.startswith(("postgresql://", "postgres://")):
        raise ImproperlyConfigured(f"{name} must begin with postgresql://.")
    try:
        parts = conninfo_to_dict(address)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"{name} is no address of a PostgreSQL database: {error}") from None
    if not parts.get("dbname") or not parts.get("user"):
        raise ImproperlyConfigured(f"{name} must name a role and a database.")
    found: dict[str, Any] = {django: str(parts.pop(libpq, "")) for libpq, django in _DATABASE_KEYS.items()}
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": parts}


def refuse_unknown() -> None:
    """Raise ImproperlyConfigured if there is a `TRIENKHAI_…` variable that no setting has asked for."""
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in _asked)
    if unknown:
        known = ", ".join(sorted(name for name in _asked if name.startswith(PREFIX)))
        raise ImproperlyConfigured(f"Unknown in the environment: {', '.join(unknown)}. Known are: {known}.")


def load_instance(file: Path = INSTANCE_FILE) -> None:
    """Put the values of the instance's file into the environment where they are not set; no file, no values.

    A line is `NAME=value`, taken as it stands (no quotes); empty lines and lines that begin with `#` are skipped.
    """
    if not file.exists():
        return
    if file.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"{file} holds secrets: make it readable for its owner only (chmod 600).")
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, separator, value = line.partition("=")
        if not separator or not name.isidentifier():
            raise ImproperlyConfigured(f"{file}, line {number}: expected NAME=value.")
        os.environ.setdefault(name, value)


def _value_or_file(name: str) -> str:
    file = text(f"{name}_FILE", default="")
    value = text(name, default="" if file else REQUIRED)
    if value and file:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not file:
        return value
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from None
