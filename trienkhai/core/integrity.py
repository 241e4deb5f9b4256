"""Checks: what must be true and what no constraint can show, asked of the whole database at once.

A check is a file `<app>/checks/<fault>.sql`: one statement that returns a row for every place where the fault is,
none when all is well. Its head says, in this form, what is wrong, how grave that is and what to do:

    -- A unit holds one task in two assignments that are open.
    --
    -- Severity: error
    -- Advice: Cancel the one that was made by mistake.

The first two columns of a row are `subject`, the row that is at fault (its table and its key), and `detail`, the
values that contradict each other. A statement sees one moment, so that checks may run while others work; it takes no
locks, and the parameter `day` only: the present day, or one for which the database is asked.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.apps import AppConfig, apps
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

_HEAD = re.compile(
    r"\A(?P<fault>(?:-- .+\n)+)--\n-- Severity: (?P<severity>\w+)\n-- Advice: (?P<advice>.+\n(?:-- .+\n)*)"
)


class Severity(models.TextChoices):
    """How grave a fault is: an error makes figures or rights wrong, a warning is for somebody to look at."""

    ERROR = "error", _("error")
    WARNING = "warning", _("warning")


@dataclass(frozen=True, slots=True)
class Check:
    """One check; `fault` and `advice` are message ids."""

    name: str
    severity: Severity
    fault: str
    advice: str
    statement: str

    def findings(self, *, on: date) -> Iterator["Finding"]:
        """Run the check and yield what it finds, in the order of its statement."""
        with connection.cursor() as cursor:
            cursor.execute(self.statement, {"day": on})
            for subject, detail in cursor.fetchall():
                yield Finding(self, subject, detail)


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a check found its fault."""

    check: Check
    subject: str
    detail: str


def checks() -> list[Check]:
    """Return the checks of all apps: those of the lowest app first, because the higher ones build on what they ask."""
    return [
        read_check(file, name=f"{app.label}.{file.stem}")
        for app in reversed(list(apps.get_app_configs()))
        for file in check_files(app)
    ]


def check_files(app: AppConfig) -> list[Path]:
    """Return the files of an app's checks, by name."""
    return sorted(Path(app.path).glob("checks/*.sql"))


def read_check(file: Path, *, name: str) -> Check:
    """Return the check of a file. Raises ValueError, naming the file, if its head is not in the form above."""
    text = file.read_text(encoding="utf-8")
    head = _HEAD.match(text)
    if head is None or head["severity"] not in Severity.values:
        raise ValueError(f"{file} does not begin with the head of a check; see {__name__}.")
    return Check(name, Severity(head["severity"]), _sentences(head["fault"]), _sentences(head["advice"]), text)


def _sentences(comment: str) -> str:
    return " ".join(line.removeprefix("-- ").strip() for line in comment.splitlines())


def findings(*, on: date) -> Iterator[Finding]:
    """Run every check and yield what they find."""
    for check in checks():
        yield from check.findings(on=on)
