"""The kinds of files that are taken, and how a file is refused."""

from dataclasses import dataclass

from trienkhai.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its media type, and the extensions that fit it, the usual one first."""

    media_type: str
    extensions: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

JPEG = Kind("image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
PNG = Kind("image/png", ("png",))
WEBP = Kind("image/webp", ("webp",))
PDF = Kind("application/pdf", ("pdf",))
DOCX = Kind(f"{_OFFICE}wordprocessingml.document", ("docx",))
XLSX = Kind(f"{_OFFICE}spreadsheetml.sheet", ("xlsx",))
PPTX = Kind(f"{_OFFICE}presentationml.presentation", ("pptx",))
ODT = Kind(f"{_OPEN_DOCUMENT}text", ("odt",))
ODS = Kind(f"{_OPEN_DOCUMENT}spreadsheet", ("ods",))
TEXT = Kind("text/plain", ("txt",))
CSV = Kind("text/csv", ("csv",))

EXTENSIONS = tuple(
    extension for kind in (JPEG, PNG, WEBP, PDF, DOCX, XLSX, PPTX, ODT, ODS, TEXT, CSV) for extension in kind.extensions
)
"""The extensions of all kinds that are taken, without the dot."""


def refused(code: str, sentence: str, name: str, **words: object) -> DomainError:
    """Return the error that refuses a file; the sentence names it."""
    return DomainError(code, sentence % {"name": name, **words}, file=name)
