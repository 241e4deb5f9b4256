"""Documents that bear a mark of secrecy, which are refused."""

import io
import itertools
import zipfile
from collections.abc import Iterator

from defusedxml.ElementTree import iterparse
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from trienkhai.core.errors import DomainError
from trienkhai.core.files.kinds import CSV, DOCX, ODS, ODT, PDF, PPTX, TEXT, XLSX, Kind
from trienkhai.core.secrecy import refusal_of, secrecy_mark

# The parts in which a reader sees a mark, and the elements that hold a paragraph or a cell.
_PARTS = {
    DOCX: ("word/", {"p"}),
    XLSX: ("xl/", {"si", "is", "p"}),
    PPTX: ("ppt/", {"p"}),
    ODT: ("", {"p", "h"}),
    ODS: ("", {"p"}),
}
_FIRST_PAGES = 3
"""A mark stands on the first page; that a blank or a cover comes before it is provided for."""


def refuse_classified(content: bytes, kind: Kind, *, name: str) -> None:
    """Refuse a document whose text holds a mark of secrecy. Raises DomainError `file_classified`.

    A mark that is only a picture is seen by nobody but people: a scan passes.
    """
    if kind in (TEXT, CSV):
        texts: Iterator[str] = _lines(content)
    elif kind == PDF:
        texts = _pages(content)
    elif kind in _PARTS:
        texts = _paragraphs(content, kind)
    else:
        return
    if mark := secrecy_mark(texts):
        raise DomainError("file_classified", refusal_of(name, mark), file=name)


def _lines(content: bytes) -> Iterator[str]:
    for line in content.decode("utf-8-sig").splitlines():
        yield line
        yield from line.replace(";", ",").split(",")


def _paragraphs(content: bytes, kind: Kind) -> Iterator[str]:
    folder, elements = _PARTS[kind]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.namelist():
            if not (member.startswith(folder) and member.endswith(".xml")):
                continue
            with archive.open(member) as stream:
                for _event, element in iterparse(stream, forbid_dtd=True):
                    if element.tag.rpartition("}")[2] in elements:
                        yield "".join(element.itertext())


def _pages(content: bytes) -> Iterator[str]:
    try:
        for page in itertools.islice(PdfReader(io.BytesIO(content)).pages, _FIRST_PAGES):
            yield from page.extract_text().splitlines()
    except (PyPdfError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # The file is sound; only its letters cannot be told.
        return
