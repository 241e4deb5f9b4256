"""PDF documents: kept byte for byte, because a signature covers every byte, and so refused if they can act."""

import io
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import DeprecationError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, PdfObject

from trienkhai.core.errors import DomainError
from trienkhai.core.files.documents import is_archive
from trienkhai.core.files.foreign import carries_more
from trienkhai.core.files.kinds import refused

OBJECT_LIMIT = 100_000
"""How many objects a PDF may have; reading that many takes a core about six seconds."""

SEARCH_LIMIT = 400 * 1024 * 1024
"""How much may be read, in bytes, in search of objects that are not in their place; that takes about five seconds."""

_ACTIVE = {"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"}
_END = b"%%EOF"
_BEGINNING_OF_OBJECT = re.compile(rb"\s*(\d+)\s+(\d+)\s+obj")
# What pypdf raises on damaged files.
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DeprecationError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    PyPdfError,
    RecursionError,
    TypeError,
    ValueError,
)


def check_pdf(content: bytes, *, name: str) -> None:
    """Refuse a PDF that is damaged or encrypted, that can act, or that carries other files.

    Raises DomainError `file_damaged`, `file_protected`, `file_unsafe` (scripts, commands, attached files, anything
    behind its end), `file_too_large` (too many or too large objects).
    """
    _body, end, rest = content.rpartition(_END)
    if not end:
        raise _damaged(name)
    if rest.strip(b"\x00 \t\r\n\x1a") or is_archive(content):
        raise carries_more(name)
    try:
        reader = _Reader(content)
        if reader.is_encrypted:
            sentence = _("The PDF %(name)s is encrypted. Save or print it to PDF without protection, and send that.")
            raise refused("file_protected", sentence, name)
        if not reader.pages[0]:
            raise _damaged(name)
        found = _ACTIVE.intersection(_names_in(reader))
    except LimitReachedError as error:
        raise _too_large(name) from error
    except _UNREADABLE as error:
        raise _damaged(name) from error
    if found:
        sentence = _(
            "The PDF %(name)s holds scripts, commands or attached files (%(found)s). Print it to PDF again, and send "
            "the copy; send attached files by themselves."
        )
        raise refused("file_unsafe", sentence, name, found=", ".join(sorted(found)))


class _Reader(PdfReader):
    """A reader that gives up, instead of searching the whole file for ever more objects that are not in their place."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._searched = 0
        super().__init__(io.BytesIO(content), xref_stream_maximum_entries=OBJECT_LIMIT)

    def get_object(self, indirect_reference: int | IndirectObject) -> PdfObject | None:
        """Return an object. Raises LimitReachedError if too many had to be searched for."""
        reference = (
            IndirectObject(indirect_reference, 0, self) if isinstance(indirect_reference, int) else indirect_reference
        )
        if not self._is_placed(reference.idnum, reference.generation):
            self._searched += len(self._content)
            if self._searched > SEARCH_LIMIT:
                raise LimitReachedError
        return super().get_object(reference)

    def _is_placed(self, number: int, generation: int) -> bool:
        if generation == 0 and number in self.xref_objStm:
            return True
        place = self.xref.get(generation, {}).get(number)
        found = None if place is None else _BEGINNING_OF_OBJECT.match(self._content, place)
        return found is not None and (int(found[1]), int(found[2])) == (number, generation)


def _damaged(name: str) -> DomainError:
    sentence = _("The PDF %(name)s is damaged. Open it, print it to PDF again, and send the copy.")
    return refused("file_damaged", sentence, name)


def _too_large(name: str) -> DomainError:
    sentence = _("The PDF %(name)s has too many or too large parts. Print it to PDF again, and send the copy.")
    return refused("file_too_large", sentence, name)


def _names_in(reader: _Reader) -> Iterator[str]:
    """Yield every name in the trailer, in the objects that the tables list, and in all to which they refer."""
    waiting: list[Any] = [reader.trailer]
    # A table may list an object that nothing refers to; a viewer that repairs the file could still find it.
    waiting += [IndirectObject(number, 0, reader) for number in reader.xref_objStm]
    for generation, places in reader.xref.items():
        waiting += [IndirectObject(number, generation, reader) for number in places]
    seen = set()
    while waiting:
        match waiting.pop():
            case IndirectObject(idnum=number, generation=generation) as reference:
                if (number, generation) not in seen:
                    seen.add((number, generation))
                    waiting.append(reader.get_object(reference))
                    if len(seen) > OBJECT_LIMIT:
                        raise LimitReachedError
            case NameObject() as name:
                yield name
            case DictionaryObject() as entries:
                waiting += entries.keys()
                waiting += entries.values()
            case ArrayObject() as parts:
                waiting += parts
