"""The structure of an organisation from the table that an office keeps of its units."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from trienkhai.core.errors import Problem
from trienkhai.core.tables import Record, Table, bad_places, columns_of, in_file_order, plain_key, with_headings

TOP = ("central", "TW")
"""Level and code of the unit above all, which the installation makes: no file has it."""

_FIELDS = {
    "code": ("code", "mã", "mã số", "mã đơn vị"),
    "level": ("level", "cấp", "cấp đơn vị"),
    "parent_code": ("parent_code", "mã cấp trên", "mã đơn vị cấp trên", "mã đơn vị cha", "mã cha"),
    "parent_level": ("parent_level", "cấp của cấp trên", "cấp của đơn vị cấp trên"),
    "kind": ("kind", "loại", "loại hình", "loại đơn vị"),
    "name": ("name", "tên", "tên đơn vị", "tên gọi"),
    "short_name": ("short_name", "tên ngắn", "tên gọi tắt", "tên viết tắt"),
    "latitude": ("latitude", "vĩ độ"),
    "longitude": ("longitude", "kinh độ"),
    "number": ("TT", "STT", "số TT", "số thứ tự"),
}
_HEADINGS = {plain_key(heading): field for field, headings in _FIELDS.items() for heading in headings}
_LONGEST = {"code": 20, "kind": 60, "name": 200, "short_name": 100}
_TEXTS = (*_LONGEST, "parent_code", "level", "parent_level")


@dataclass(frozen=True, slots=True)
class StructureRow:
    """One unit of the file. `parent_level` and `parent_code` name the unit above, also where the file leaves it out."""

    line: int
    code: str
    level: str
    parent_code: str
    kind: str
    name: str
    short_name: str
    latitude: float | None
    longitude: float | None
    parent_level: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """The units of a file, those of higher levels first, within a level in file order."""

    rows: tuple[StructureRow, ...]


def read_structure(
    tables: Sequence[Table],
    *,
    levels: Sequence[str],
    level_names: Mapping[str, str] | None = None,
    existing: Collection[tuple[str, str]] = (),
    top: tuple[str, str] = TOP,
) -> Structure:
    """Read units from tables with the headings code, level, name, parent_code, parent_level, kind, short_name,
    latitude and longitude, or their Vietnamese words, in any order.

    `levels` are level codes from the highest down; `level_names` maps other words for them (“tỉnh”) to codes;
    `existing` are the (level, code) that stand already. Without `parent_level` the unit above is the one of that code
    at the nearest higher level, in the file or in `existing`; without `parent_code` it is `top`. A code that is a
    plain number in a workbook is refused, since its leading zeros may be lost; one shown with zeros is taken as shown.
    Raises BadInput with every bad place.
    """
    words = {plain_key(word).removeprefix("cap "): level for word, level in (level_names or {}).items()} | {
        plain_key(level): level for level in levels
    }
    problems: list[Problem] = []
    rows: list[StructureRow] = []
    headings: dict[tuple[str, str], str] = {}
    for table in tables:
        headed = with_headings(table, _HEADINGS)
        if headed.headings:
            sheet_rows, sheet_problems = _read_sheet(headed, words)
            headings |= {(table.sheet, _HEADINGS.get(plain_key(text), "")): text for text in headed.headings}
            rows += sheet_rows
            problems += sheet_problems
        elif not table.is_hidden:
            problems.append(Problem(_no_headings(), line=table.rows[0].line, sheet=table.sheet))
    rows, between = _placed(rows, levels=levels, existing=existing, top=top)
    problems += [
        replace(problem, column=headings.get((problem.sheet, problem.column), problem.column)) for problem in between
    ]
    problems = in_file_order(problems, tables)
    if not problems and not rows:
        problems = [Problem(_("The file has no units."))]
    if problems:
        raise bad_places(problems)
    rank = {level: place for place, level in enumerate(levels)}
    return Structure(tuple(sorted(rows, key=lambda row: rank[row.level])))


def _no_headings() -> str:
    return _("The sheet has no row of headings: at least code (mã), level (cấp) and name (tên) are needed.")


def _read_sheet(table: Table, words: Mapping[str, str]) -> tuple[list[StructureRow], list[Problem]]:
    columns, unknown, problems = columns_of(table, _HEADINGS)
    known = ", ".join(name for name in _FIELDS if name != "number")
    for heading in unknown:
        sentence = _("The heading “%(heading)s” is not known; known are %(known)s.")
        problems.append(Problem(sentence % {"heading": heading, "known": known}, column=heading, sheet=table.sheet))
    missing = [field for field in ("code", "level", "name") if field not in columns]
    for field in missing:
        sentence = _("The column %(column)s is missing.") % {"column": field}
        problems.append(Problem(sentence, column=field, sheet=table.sheet))
    rows = [] if missing else [_read_row(Record(row, table, columns, problems), words) for row in table.rows]
    return rows, problems


def _read_row(record: Record, words: Mapping[str, str]) -> StructureRow:
    texts = {field: record.line_of_text(field) for field in _TEXTS}
    for field in ("code", "parent_code"):
        if not isinstance(record.cell(field), str):
            record.refuse(field, _("The code is a number, and may have lost its zeros; format the column as text."))
    for field in ("code", "level", "name"):
        if not texts[field]:
            record.refuse(field, _("The cell is empty."))
    record.refuse_long(texts, _LONGEST)
    parent_level = _level_of(record, "parent_level", texts["parent_level"], words)
    if parent_level and not texts["parent_code"]:
        record.refuse("parent_level", _("The level of the unit above is given, but not its code."))
    if (record.cell("latitude") == "") != (record.cell("longitude") == ""):
        field = "latitude" if "latitude" in record.columns else "longitude"
        record.refuse(field, _("A place needs both a latitude and a longitude."))
    return StructureRow(
        line=record.row.line,
        code=texts["code"],
        level=_level_of(record, "level", texts["level"], words),
        parent_code=texts["parent_code"],
        kind=texts["kind"],
        name=texts["name"],
        short_name=texts["short_name"],
        latitude=_degrees_of(record, "latitude", reach=90),
        longitude=_degrees_of(record, "longitude", reach=180),
        parent_level=parent_level,
        sheet=record.table.sheet,
    )


def _level_of(record: Record, field: str, text: str, words: Mapping[str, str]) -> str:
    if not text:
        return ""
    if text in words:
        return words[text]
    level = words.get(plain_key(text).removeprefix("cap "), "")
    if not level:
        levels = ", ".join(dict.fromkeys(words.values()))
        record.refuse(field, _("There is no such level; the levels are %(levels)s.") % {"levels": levels})
    return level


def _degrees_of(record: Record, field: str, *, reach: int) -> float | None:
    cell = record.cell(field)
    if cell == "":
        return None
    degrees = None
    if isinstance(cell, Decimal):
        degrees = float(cell)
    elif isinstance(cell, str) and re.fullmatch(r"[+−-]?[0-9]{1,3}([.,][0-9]{1,20})?", cell):
        degrees = float(cell.replace(",", ".").replace("−", "-"))
    if degrees is None or abs(degrees) > reach:
        record.refuse(field, _("It is not a number from −%(reach)s to %(reach)s.") % {"reach": reach})
    return degrees


def _placed(
    rows: Sequence[StructureRow],
    *,
    levels: Sequence[str],
    existing: Collection[tuple[str, str]],
    top: tuple[str, str],
) -> tuple[list[StructureRow], list[Problem]]:
    """Return the rows with the unit above found, and what is wrong between rows: doubles, and units above."""
    problems: list[Problem] = []
    rank = {level: place for place, level in enumerate(levels)}
    places = _places(rows, problems, existing=[unit for unit in existing if unit[0] in rank], top=top)
    # Of a unit with an unreadable level no one knows what it is above; to say so once is enough.
    unplaced = {row.code for row in rows if not row.level}
    placed: list[StructureRow] = []
    for row in rows:
        if not row.level:
            continue
        if not row.parent_code:
            placed.append(replace(row, parent_level=top[0], parent_code=top[1]))
            continue
        at = places.get(row.parent_code, ())
        above = [level for level in at if rank.get(level, -1) < rank[row.level]]
        if row.parent_level:
            above = [level for level in above if level == row.parent_level]
        if above:
            placed.append(replace(row, parent_level=max(above, key=lambda level: rank.get(level, -1))))
        elif row.parent_code not in unplaced:
            problems.append(_parent_problem(row, at, rank))
    return placed, problems


def _places(
    rows: Sequence[StructureRow],
    problems: list[Problem],
    *,
    existing: Collection[tuple[str, str]],
    top: tuple[str, str],
) -> dict[str, list[str]]:
    """Return code → levels that have a unit of it, and note units that stand twice or are the one above all."""
    first: dict[tuple[str, str], StructureRow] = {}
    for row in rows:
        if row.level == top[0]:
            sentence = _("The unit above all is made by the installation; leave it out of the file.")
            problems.append(_problem(row, "level", sentence, value=row.level))
        if not row.code or not row.level:
            continue
        earlier = first.setdefault((row.level, row.code), row)
        if earlier is not row:
            sentence = _("The level and code are those of line %(line)s (%(name)s) too.")
            if earlier.sheet != row.sheet:
                sentence = _("The level and code are those of line %(line)s of the sheet %(sheet)s (%(name)s) too.")
            words = {"line": earlier.line, "sheet": earlier.sheet, "name": earlier.name}
            problems.append(_problem(row, "code", sentence % words, value=row.code))
    places: dict[str, list[str]] = {}
    for level, code in dict.fromkeys((*first, *existing, top)):
        places.setdefault(code, []).append(level)
    return places


def _parent_problem(row: StructureRow, at: Collection[str], rank: Mapping[str, int]) -> Problem:
    is_itself = row.parent_code == row.code and row.parent_level in ("", row.level)
    if is_itself:
        return _problem(row, "parent_code", _("The unit is its own unit above."), value=row.parent_code)
    below = [level for level in at if level == row.parent_level or not row.parent_level]
    if below:
        sentence = _("The unit above is of the level %(level)s, which is not above %(own)s.")
        words = {"level": min(below, key=lambda level: rank.get(level, -1)), "own": row.level}
        return _problem(row, "parent_code", sentence % words, value=row.parent_code)
    sentence = _("There is no unit of this code above the level %(own)s, neither in the file nor before it.")
    return _problem(row, "parent_code", sentence % {"own": row.level}, value=row.parent_code)


def _problem(row: StructureRow, column: str, sentence: str, *, value: str) -> Problem:
    return Problem(sentence, line=row.line, column=column, sheet=row.sheet, value=value)
