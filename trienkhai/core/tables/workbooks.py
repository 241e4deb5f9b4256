"""Sheets of a workbook (XLSX), read as values by openpyxl.

openpyxl tells, in one pass that keeps memory small, neither merged cells nor formulas without a value: those two are
read from the markup itself, by a parser that refuses entities.
"""

import io
import re
import warnings
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from defusedxml.ElementTree import ParseError, iterparse
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.utils.exceptions import InvalidFileException

from trienkhai.core.errors import BadInput, Problem
from trienkhai.core.tables.cells import Cell, Row, Table, clean, fault_of, refused, shown

UNPACKED_LIMIT = 256 * 1024 * 1024
RATIO_LIMIT = 200
RATIO_COUNTS_FROM = 16 * 1024 * 1024
CELL_LIMIT = 20_000_000
COLUMN_LIMIT = 1_000

# What openpyxl, zipfile and the XML parsers raise on damaged or foreign files.
_UNREADABLE = (
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_MARKUP_OF_USE = re.compile(rb"[<:](?:f[ />]|mergeCell[ />])")


@dataclass(slots=True)
class _Budget:
    """How many cells may still be touched: sheets can name far more cells than they store."""

    left: int = CELL_LIMIT

    def spend(self, cells: int) -> None:
        self.left -= cells
        if self.left < 0:
            raise BadInput(_("The workbook has too many cells; delete the empty columns and rows."), ())


def read_workbook(data: bytes, *, name: str) -> tuple[list[Table], list[Problem]]:
    """Read the sheets of an XLSX file that have something in them, hidden ones too, in their order.

    Returns the tables, and every cell that cannot be taken. Raises BadInput if the file is damaged, protected, no
    workbook, or unpacks to far more than it is.
    """
    tables: list[Table] = []
    problems: list[Problem] = []
    budget = _Budget()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, warnings.catch_warnings():
            _check_archive(archive, name=name)
            # The library warns of what it leaves out (colours, checks, pictures); no value is among it.
            warnings.simplefilter("ignore", UserWarning)
            workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets: list[Any] = workbook.worksheets
            for sheet in sheets:
                # The stored dimensions are often wrong, and rows beyond them would be dropped.
                sheet.reset_dimensions()
                merges, uncomputed = _markup_of(archive, sheet._worksheet_path)
                table, bad_cells = _read_sheet(sheet, merges, uncomputed, budget)
                problems += bad_cells
                if table.rows:
                    tables.append(table)
            workbook.close()
    except _UNREADABLE as error:
        raise refused(_("The workbook %(name)s is damaged. Open it, and save it again as .xlsx."), name) from error
    return tables, problems


def _check_archive(archive: zipfile.ZipFile, *, name: str) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise refused(_("The file %(name)s has a password. Remove it, and save the file again."), name)
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    # zipfile never gives more than the declared size, so that a forged one only damages the file.
    if unpacked > UNPACKED_LIMIT or (unpacked > RATIO_COUNTS_FROM and unpacked > RATIO_LIMIT * packed):
        sentence = _("The workbook %(name)s unpacks to %(size)s MiB, which is too much. Delete empty rows and columns.")
        raise refused(sentence, name, size=unpacked // 1024**2)
    if "xl/workbook.bin" in names:
        raise refused(_("The file %(name)s is a binary workbook (.xlsb). Save it as .xlsx."), name)
    if not any(member.startswith("xl/") for member in names):
        sentence = _("The file %(name)s is not a table (%(kind)s). Save the table as .xlsx, or as CSV in UTF-8.")
        kinds = {"word/": "DOCX", "ppt/": "PPTX", "mimetype": "ODF"}
        kind = next((kind for mark, kind in kinds.items() if any(n.startswith(mark) for n in names)), "ZIP")
        raise refused(sentence, name, kind=kind)


def _markup_of(archive: zipfile.ZipFile, path: str) -> tuple[list[tuple[int, int, int, int]], set[tuple[int, int]]]:
    """Return the merged ranges (left, top, right, bottom), and the cells (row, column) whose formula has no value."""
    merges: list[tuple[int, int, int, int]] = []
    uncomputed: set[tuple[int, int]] = set()
    content = archive.read(path)
    if b"\x00" not in content[:100] and not _MARKUP_OF_USE.search(content):
        return merges, uncomputed
    for _event, element in iterparse(io.BytesIO(content)):
        match element.tag.rpartition("}")[2]:
            case "mergeCell":
                merges.append(_bounds(element.attrib["ref"]))
            case "c" if not _has_value(element):
                uncomputed.add(coordinate_to_tuple(element.attrib["r"]))
            case "row":
                element.clear()
    return merges, uncomputed


def _bounds(reference: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(reference)
    if left is None or top is None or right is None or bottom is None:
        raise ValueError(reference)
    return left, top, right, bottom


def _has_value(cell: Any) -> bool:
    parts = {part.tag.rpartition("}")[2]: part for part in cell}
    if "f" not in parts:
        return True
    # A formula may well give the empty text; then its type says so.
    return "v" in parts and bool(parts["v"].text or cell.get("t") == "str")


def _read_sheet(
    sheet: Any,
    merges: Sequence[tuple[int, int, int, int]],
    uncomputed: Collection[tuple[int, int]],
    budget: _Budget,
) -> tuple[Table, list[Problem]]:
    problems: list[Problem] = []
    rows: dict[int, list[Cell]] = {}
    faults: dict[tuple[int, int], tuple[str, str]] = {
        place: (_("The formula has no stored value; open the workbook, let it compute, and save it."), "")
        for place in uncomputed
    }
    for line, stored in enumerate(sheet.iter_rows(), start=1):
        budget.spend(len(stored) + 1)
        cells: list[Cell] = []
        for column, cell in enumerate(stored, start=1):
            if cell.value is None:
                continue
            value, fault = _value_of(cell)
            if fault:
                faults[line, column] = fault, shown(value)
            if value != "":
                cells += [""] * (column - 1 - len(cells))
                cells.append(value)
        if len(cells) > COLUMN_LIMIT:
            faults[line, len(cells)] = _("The sheet has too many columns."), ""
            break
        if cells:
            rows[line] = cells
    for (line, column), (fault, value) in sorted(faults.items()):
        letter = get_column_letter(column)
        sentence = _("Cell %(cell)s: %(fault)s") % {"cell": f"{letter}{line}", "fault": fault}
        problems.append(Problem(sentence, line=line, column=letter, sheet=sheet.title, value=value))
    _fill_merged(rows, merges, budget)
    kept = tuple(Row(line, tuple(cells)) for line, cells in rows.items())
    return Table(sheet.title, (), kept, is_hidden=sheet.sheet_state != "visible"), problems


def _value_of(cell: Any) -> tuple[Cell, str]:
    """Return the value of a stored cell as it is shown, and why it cannot be taken, or ""."""
    value = cell.value
    if cell.data_type == "e":
        return str(value), _("The cell shows an error.")
    match value:
        case str():
            text = unescape(value) if "_x" in value else value
            return (clean(text), "") if text.isascii() and text.isprintable() else (clean(text), fault_of(text))
        case bool():
            return str(value).upper(), ""
        case int() | float():
            return _number_as_shown(value, cell.number_format or ""), ""
        case datetime():
            return value.date(), ""
        case date():
            return value, ""
    return str(value), ""


def _number_as_shown(value: float, number_format: str) -> Cell:
    # Fifteen digits are what the office program shows; more are the noise of binary fractions.
    number = Decimal(format(value, ".15g")) if isinstance(value, float) else Decimal(value)
    if number == number.to_integral_value() and abs(number) < Decimal(10) ** 15:
        number = number.quantize(Decimal(1))
    if re.fullmatch("0{2,}", number_format) and number >= 0 and number == number.to_integral_value():
        return format(number, "f").zfill(len(number_format))
    if number_format.rstrip().endswith("%"):
        percentage = format(number * 100, "f")
        return (percentage.rstrip("0").rstrip(".") if "." in percentage else percentage) + "%"
    return number


def _fill_merged(rows: dict[int, list[Cell]], merges: Iterable[tuple[int, int, int, int]], budget: _Budget) -> None:
    """Put the first value of each merged range into the rest of it, in rows that have something of their own.

    Titles are merged far beyond the table, so that the fill ends at the last column that a row of the table has.
    """
    width = max((len(cells) for cells in rows.values() if sum(cell != "" for cell in cells) > 1), default=1)
    lines = list(rows)
    for left, top, right, bottom in merges:
        first = rows.get(top, [])
        value = first[left - 1] if left <= len(first) else ""
        if value == "":
            continue
        last = min(right, width)
        merged = lines[bisect_left(lines, top) : bisect_right(lines, bottom)]
        budget.spend(len(merged) * max(1, last - left + 1))
        for line in merged:
            cells = rows[line]
            cells += [""] * (last - len(cells))
            for place in range(left - 1, last):
                if cells[place] == "":
                    cells[place] = value
