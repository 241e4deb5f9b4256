"""What goes wrong in the domain, raised once and translated at the edge (page, API, command line)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise


class DomainError(Exception):
    """A rule refuses what was asked; nothing was written.

    `code` is stable and English (for the API and tests); `message` is a translatable sentence that says
    what, where and how to mend it; `extra` is what else the reader needs, as JSON values.
    """

    def __init__(self, code: str, message: str | Promise, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.extra = extra

    def __str__(self) -> str:
        return str(self.message)


class Conflict(DomainError):
    """The row changed meanwhile; `extra` holds both versions, `yours` and `theirs`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One bad place of an imported file: where it is and why it is refused."""

    message: str | Promise
    line: int | None = None
    column: str = ""
    sheet: str = ""
    value: str = ""


class BadInput(DomainError):
    """A file or batch that was refused whole; `problems` lists every bad place, in file order."""

    def __init__(self, message: str | Promise, problems: Sequence[Problem]) -> None:
        super().__init__("bad_input", message)
        self.problems = tuple(problems)
