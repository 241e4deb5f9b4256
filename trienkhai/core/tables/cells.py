"""What every reader of tables shares: cells, rows and tables, and why a cell is refused."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trienkhai.core.encodings import garbling
from trienkhai.core.errors import BadInput, Problem

Cell = str | Decimal | date
"""What a cell holds: text ("" if it is empty), a number, or a day."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff]")
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with something in it; `line` is its number in the file, from 1, as the office program shows it."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its rows, blank ones left out, in file order. `sheet` is "" for a CSV file.

    `headings` is empty until `with_headings` has found them; from then on every row is as long as they are.
    """

    sheet: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    is_hidden: bool = False


def plain_key(text: Cell) -> str:
    """Return a text in lower case, without accents and signs, single-spaced: what is compared when people type."""
    spread = unicodedata.normalize("NFD", as_text(text).casefold().replace("đ", "d").replace("_", " "))
    return " ".join(re.sub(r"[^\w\s]", " ", "".join(c for c in spread if not unicodedata.combining(c))).split())


def shown(cell: Cell, *, most: int = 100) -> str:
    """Return a cell as a message shows it, cut to `most` characters."""
    text = as_text(cell)
    return text if len(text) <= most else text[: most - 1] + "…"


def in_file_order(problems: Iterable[Problem], tables: Iterable[Table]) -> list[Problem]:
    """Return problems by sheet, as the tables stand, then by line; those without a line first."""
    place = {table.sheet: number for number, table in enumerate(tables)}
    return sorted(problems, key=lambda problem: (place.get(problem.sheet, -1), problem.line or 0))


def bad_places(problems: Sequence[Problem], *, name: str = "") -> BadInput:
    """Return the error that lists every bad place of a file."""
    if name:
        sentence = ngettext(
            "%(count)s place of %(name)s is wrong; nothing was taken from it.",
            "%(count)s places of %(name)s are wrong; nothing was taken from it.",
            len(problems),
        )
    else:
        sentence = ngettext(
            "%(count)s place of the file is wrong; nothing was taken from it.",
            "%(count)s places of the file are wrong; nothing was taken from it.",
            len(problems),
        )
    return BadInput(sentence % {"count": len(problems), "name": name}, problems)


def refused(sentence: str, name: str, **words: object) -> BadInput:
    """Return the error that refuses a whole file; the sentence names it."""
    return BadInput(sentence % {"name": name, **words}, ())


def clean(text: str) -> str:
    """Return a text as NFC, stripped, with plain spaces and line ends, without invisible characters.

    The Icelandic Ð, a common slip that looks the same, becomes Đ.
    """
    if not text.isascii():
        text = INVISIBLE.sub("", unicodedata.normalize("NFC", text)).replace("\xa0", " ")
        text = text.replace("Ð", "Đ").replace("ð", "đ")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def as_text(cell: Cell) -> str:
    """Return a cell as text: numbers without exponent, days in ISO form."""
    match cell:
        case str():
            return cell
        case Decimal():
            return format(cell, "f")
    return cell.isoformat()


def fault_of(text: str) -> str:
    """Return why a text, as it was before `clean`, cannot be taken, or ""."""
    if found := CONTROL.search(text):
        sentence = _("The cell holds the control character %(code)s; type its text anew.")
        return sentence % {"code": f"U+{ord(found[0]):04X}"}
    if encoding := garbling(text):
        sentence = _("The text is in %(encoding)s, not in Unicode. Convert the file to Unicode, and save it again.")
        return sentence % {"encoding": encoding}
    return ""
