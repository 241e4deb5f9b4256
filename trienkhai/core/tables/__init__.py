"""Tables as offices write them: CSV and XLSX files in, rows of clean cells out, or every bad place by name.

What a file is, its content says, never its name. Nothing is dropped in silence: a cell that cannot be read is a
problem that names it.
"""

from pathlib import Path

from django.utils.translation import gettext as _

from trienkhai.core.encodings import decode_text
from trienkhai.core.errors import BadInput
from trienkhai.core.secrecy import refusal_of, secrecy_mark
from trienkhai.core.tables.cells import Cell, Row, Table, bad_places, in_file_order, plain_key, refused, shown
from trienkhai.core.tables.delimited import read_delimited
from trienkhai.core.tables.headings import Record, columns_of, with_headings
from trienkhai.core.tables.workbooks import read_workbook

__all__ = [
    "Cell",
    "Record",
    "Row",
    "Table",
    "bad_places",
    "columns_of",
    "in_file_order",
    "plain_key",
    "read_tables",
    "shown",
    "with_headings",
]

SIZE_LIMIT = 64 * 1024 * 1024
"""How large a file may be, in bytes."""


def read_tables(source: Path | str | bytes, *, name: str, limit: int = SIZE_LIMIT) -> tuple[Table, ...]:
    """Read every sheet with something in it of a CSV or XLSX file, given by its path or its bytes.

    Text is NFC, stripped, without invisible characters. A number formatted with zeros ("00000") or as a percentage is
    the text that the office program shows. A formula counts as its stored value. Merged cells all hold the value of
    their first one; a row that holds nothing else is blank. `name` stands in messages; `limit` is in bytes.
    Raises BadInput: the file is too large, of another kind, protected, empty, marked as a secret, in an encoding of old
    fonts, or holds cells that cannot be read, which are all listed.
    """
    data = source if isinstance(source, bytes) else _content(Path(source), name=name, limit=limit)
    if len(data) > limit:
        raise refused(_("The file %(name)s is larger than %(limit)s MiB."), name, limit=limit // 1024**2)
    if not data.strip():
        raise refused(_("The file %(name)s is empty."), name)
    if data.startswith(b"PK\x03\x04"):
        tables, problems = read_workbook(data, name=name)
    else:
        _refuse_other_kinds(data, name=name)
        tables, problems = read_delimited(decode_text(data, name=name), name=name)
    if problems:
        raise bad_places(problems, name=name)
    if not tables:
        raise refused(_("The file %(name)s is empty."), name)
    cells = (cell for table in tables for row in table.rows for cell in row.cells if isinstance(cell, str))
    if mark := secrecy_mark(cells):
        raise BadInput(refusal_of(name, mark), ())
    return tuple(tables)


def _content(path: Path, *, name: str, limit: int) -> bytes:
    try:
        with path.open("rb") as stream:
            # Not the size that the file system tells: a pipe or a device tells none.
            return stream.read(limit + 1)
    except OSError as error:
        raise refused(_("The file %(name)s cannot be opened: %(reason)s."), name, reason=error.strerror) from error


def _refuse_other_kinds(data: bytes, *, name: str) -> None:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise refused(_("The file %(name)s has a password. Remove it, and save the file again."), name)
        if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
            raise refused(_("The file %(name)s is an old workbook (.xls). Save it as .xlsx."), name)
        raise refused(_("The file %(name)s is an old office document, not a table. Save the table as .xlsx."), name)
    kinds = {
        b"%pdf": "PDF",
        b"{\\rtf": "RTF",
        b"\x89png": "PNG",
        b"\xff\xd8\xff": "JPEG",
        b"gif8": "GIF",
        b"\x1f\x8b": "gzip",
        b"7z\xbc\xaf": "7-Zip",
        b"rar!": "RAR",
        b"mz\x90": "EXE",
        b"\x7felf": "ELF",
        b"<": "HTML, XML",
    }
    for mark, kind in kinds.items():
        if start.startswith(mark):
            sentence = _("The file %(name)s is not a table (%(kind)s). Save the table as .xlsx, or as CSV in UTF-8.")
            raise refused(sentence, name, kind=kind)
