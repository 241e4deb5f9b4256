"""Which row of a table holds its headings, and which column is which."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from trienkhai.core.errors import Problem
from trienkhai.core.tables.cells import Cell, Row, Table, as_text, plain_key, shown

HEADINGS_WITHIN = 50


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table under the fields of a reader; what is wrong with it goes into `problems`."""

    row: Row
    table: Table
    columns: Mapping[str, int]
    problems: list[Problem]

    def cell(self, field: str) -> Cell:
        """Return the cell of a field, "" where the table has no such column."""
        return self.row.cells[self.columns[field]] if field in self.columns else ""

    def line_of_text(self, field: str) -> str:
        """Return the cell of a field as one line of single-spaced text."""
        cell = self.cell(field)
        return " ".join((cell if isinstance(cell, str) else as_text(cell)).split())

    def refuse(self, field: str, sentence: str) -> None:
        """Note that the cell of a field is wrong."""
        self.problems.append(
            Problem(
                sentence,
                line=self.row.line,
                column=self.table.headings[self.columns[field]] if field in self.columns else field,
                sheet=self.table.sheet,
                value=shown(self.cell(field)),
            )
        )

    def refuse_long(self, texts: Mapping[str, str], longest: Mapping[str, int]) -> None:
        """Note every field whose text is longer than it may be, in characters."""
        for field, most in longest.items():
            if len(texts[field]) > most:
                self.refuse(field, _("The text is longer than %(most)s characters.") % {"most": most})


def with_headings(table: Table, known: Collection[str]) -> Table:
    """Return the table under its headings: the first row, of 50, with two `known` ones and half of what any row has.

    `known` are keys as `plain_key` makes them. What stands above is title and left out; so is a row that repeats
    headings, as later pages do. Of headings in two rows, the lower word counts where it is known. Without a row of
    headings the table comes back as it is, with `headings` empty.
    """
    hits = [len({plain_key(cell) for cell in row.cells} & set(known)) for row in table.rows[:HEADINGS_WITHIN]]
    most = max(hits, default=0)
    if most < 2:
        return table
    # Not the row with most: the rows of a table above it would be taken for titles.
    best = next(place for place, found in enumerate(hits) if found >= max(2, most / 2))
    if best + 1 < len(table.rows) and _continues(table.rows[best + 1], table.rows[best], known):
        best += 1
    headings = [as_text(cell) for cell in table.rows[best].cells]
    if best:
        _take_upper_headings(headings, table.rows[best - 1], known)
    while headings and not headings[-1]:
        headings.pop()
    width = len(headings)
    words = [heading.casefold() if plain_key(heading) in known else None for heading in headings]
    rows = [
        row if len(row.cells) >= width else Row(row.line, row.cells + ("",) * (width - len(row.cells)))
        for row in table.rows[best + 1 :]
        if not _repeats(row, words)
    ]
    return replace(table, headings=tuple(headings), rows=tuple(rows))


def columns_of(table: Table, fields: Mapping[str, str]) -> tuple[dict[str, int], tuple[str, ...], list[Problem]]:
    """Match the headings of a table with the fields of a reader, given as `plain_key` of a heading → field.

    Returns field → index of its column, the headings that are not known, and as problems the fields that several
    columns claim and the cells that stand under no heading.
    """
    columns: dict[str, int] = {}
    unknown: list[str] = []
    problems: list[Problem] = []
    for index, heading in enumerate(table.headings):
        field = fields.get(plain_key(heading))
        if field is None:
            unknown += [heading] if heading else []
        elif field in columns:
            sentence = _("The headings “%(first)s” and “%(second)s” mean the same column.")
            words = {"first": table.headings[columns[field]], "second": heading}
            problems.append(Problem(sentence % words, column=heading, sheet=table.sheet))
        else:
            columns[field] = index
    problems += _cells_without_heading(table)
    return columns, tuple(unknown), problems


def _cells_without_heading(table: Table) -> Iterator[Problem]:
    width = len(table.headings)
    bare = [index for index, heading in enumerate(table.headings) if not heading]
    for row in table.rows:
        for index in (*bare, *range(width, len(row.cells))):
            if row.cells[index] != "":
                yield Problem(
                    _("The cell stands under no heading."),
                    line=row.line,
                    column=get_column_letter(index + 1),
                    sheet=table.sheet,
                    value=shown(row.cells[index]),
                )


def _repeats(row: Row, words: Sequence[str | None]) -> bool:
    """Tell whether two cells or more are the known heading above them."""
    pairs = zip(row.cells, words, strict=False)
    return sum(word is not None and isinstance(cell, str) and cell.casefold() == word for cell, word in pairs) > 1


def _continues(below: Row, above: Row, known: Collection[str]) -> bool:
    """Tell whether a row is the lower one of two rows of headings: a heading is merged over both, others differ."""
    pairs = [(plain_key(lower), plain_key(upper)) for lower, upper in zip(below.cells, above.cells, strict=False)]
    is_merged = any(lower == upper and lower in known for lower, upper in pairs)
    return is_merged and any(lower != upper for lower, upper in pairs)


def _take_upper_headings(headings: list[str], above: Row, known: Collection[str]) -> None:
    taken = {plain_key(heading) for heading in headings}
    for index, cell in enumerate(above.cells):
        key = plain_key(cell)
        if index < len(headings) and key in known and key not in taken and plain_key(headings[index]) not in known:
            headings[index] = as_text(cell)
            taken.add(key)
