"""Rows of cells between commas, semicolons or tabs (CSV)."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from trienkhai.core.errors import Problem
from trienkhai.core.tables.cells import Cell, Row, Table, bad_places, clean, fault_of, shown

ROWS_JUDGED = 50


def read_delimited(text: str, *, name: str) -> tuple[list[Table], list[Problem]]:
    """Read the text of a CSV file; the separator is found out, or obeyed where a first line `sep=;` says it.

    Returns one table, or none if nothing but blank rows is there, and every cell that cannot be taken. The line of a
    row counts rows, as the office program does, not the line ends inside of cells.
    Raises BadInput if the quotation marks do not pair or a cell is longer than the csv module's limit.
    """
    if text.startswith("sep=") and text[5:6] in ("\n", "\r"):
        # The office program obeys this line and does not count it.
        delimiter, text = text[4], text[5:].removeprefix("\r").removeprefix("\n")
    else:
        delimiter = _delimiter_of(text)
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, fields in _records(text, delimiter, name=name):
        cells: list[Cell] = [clean(field) for field in fields]
        for column, (field, cell) in enumerate(zip(fields, cells, strict=True), start=1):
            fault = fault_of(field)
            if not fault and field.startswith("="):
                fault = _("The cell holds a formula; save the file with the values that it gives.")
            if fault:
                problems.append(Problem(fault, line=line, column=get_column_letter(column), value=shown(cell)))
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows.append(Row(line, tuple(cells)))
    return [Table("", (), tuple(rows))] if rows else [], problems


def _records(text: str, delimiter: str, *, name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    try:
        for line, fields in enumerate(reader, start=1):
            yield line, fields
    except csv.Error as error:
        if "field limit" in str(error):
            sentence = _("A cell is longer than %(most)s characters; a closing quotation mark may be missing.")
            sentence %= {"most": csv.field_size_limit()}
        else:
            sentence = _("The quotation marks do not pair; a quotation mark inside a cell is written twice.")
        raise bad_places([Problem(sentence, line=line + 1)], name=name) from error


def _delimiter_of(text: str) -> str:
    """Return the comma, semicolon or tab that gives most cells in rows of one length, of the first 50."""

    def weight(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:100_000], newline=""), delimiter=delimiter)
        try:
            widths = [len(fields) for fields in islice(reader, ROWS_JUDGED) if len(fields) > 1]
        except csv.Error:
            return 0, 0
        usual = max(widths, key=lambda width: (widths.count(width), width), default=0)
        return widths.count(usual) * usual, usual

    return max(",;\t", key=weight)
