"""Files that people send as proof: checked by what they are, stored once by what they contain.

What a file is, its content says, never its name. Pictures are made anew, so that nothing remains of them but what
one sees; other kinds are kept byte for byte or refused.
"""

import errno
import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.core.files.classified import refuse_classified
from trienkhai.core.files.documents import document_kind
from trienkhai.core.files.foreign import refuse_foreign
from trienkhai.core.files.kinds import EXTENSIONS, PDF, refused
from trienkhai.core.files.names import fitting_name, plain_name
from trienkhai.core.files.pdfs import check_pdf
from trienkhai.core.files.pictures import made_anew, picture_kind
from trienkhai.core.files.texts import text_kind

__all__ = ["EXTENSIONS", "SIZE_LIMIT", "CheckedFile", "check_file", "open_file", "store_file"]

SIZE_LIMIT = 25 * 1024 * 1024
"""How large a file may be, in bytes."""

_DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be stored.

    `content` is what is stored, `sha256` its digest in hexadecimal digits; `name` fits the content; `taken_on` is the
    day that a picture itself tells.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)
    sha256: str
    taken_on: date | None = None

    @property
    def size(self) -> int:
        """Return the length of the stored content in bytes."""
        return len(self.content)


def check_file(source: Path | bytes | IO[bytes], *, name: str) -> CheckedFile:
    """Check a file, given by its path, its bytes or a stream, that somebody sends under a name.

    Taken are pictures (JPEG, PNG, WebP), PDF, DOCX, XLSX, PPTX, ODT, ODS, and text or CSV in UTF-8, to 25 MiB; no more
    than that is read of a larger one. A picture is turned upright, brought to at most 4,000 pixels a side and made
    anew; the same input gives the same bytes. The name loses its directories and control characters, and its
    extension is set right if the content is of another kind.
    Raises DomainError: `file_unreadable`, `file_empty`, `file_too_large`, `file_kind`, `file_encoding`,
    `file_protected`, `file_unsafe` (it carries a program, or more than it shows), `file_damaged`, `file_classified` (it
    bears a mark of secrecy).
    """
    name = plain_name(name)
    content = _read(source, name=name)
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise refused("file_empty", _("The file %(name)s is empty. Look for the right one, and send that."), name)
    taken_on = None
    if kind := picture_kind(content):
        content, taken_on = made_anew(content, kind, name=name)
        _refuse_large(content, name=name)
    elif content.startswith(b"%PDF-"):
        check_pdf(content, name=name)
        kind = PDF
    elif content.startswith(b"PK\x03\x04"):
        kind = document_kind(content, name=name)
    else:
        refuse_foreign(content, name=name)
        kind = text_kind(content, name=name)
    refuse_classified(content, kind, name=name)
    digest = hashlib.sha256(content).hexdigest()
    return CheckedFile(fitting_name(name, kind), kind.media_type, content, digest, taken_on)


def store_file(file: CheckedFile) -> None:
    """Put a checked file into the default storage, whole or not at all; the same content is written once.

    Raises DomainError `disk_full` or `storage_failed`.
    """
    path = _path(file.sha256)
    if default_storage.exists(path):
        return
    try:
        default_storage.save(path, ContentFile(file.content))
    except OSError as error:
        if error.errno in _DISK_IS_FULL:
            sentence = _(
                "The disk is full, so %(name)s was not stored. Tell the administrator, and send it again later."
            )
            raise refused("disk_full", sentence, file.name) from error
        sentence = _("The file %(name)s could not be stored (%(reason)s). Tell the administrator.")
        raise refused("storage_failed", sentence, file.name, reason=error.strerror or error) from error


def open_file(sha256: str) -> IO[bytes]:
    """Open a stored file for reading bytes; the caller closes it. Raises DomainError `file_missing`."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError(sha256)
    try:
        return default_storage.open(_path(sha256), "rb")
    except FileNotFoundError as error:
        sentence = _("The content of a stored file is missing (%(sha256)s). Tell the administrator.")
        raise DomainError("file_missing", sentence % {"sha256": sha256}, sha256=sha256) from error


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _read(source: Path | bytes | IO[bytes], *, name: str) -> bytes:
    try:
        if isinstance(source, bytes):
            content = source
        elif isinstance(source, Path):
            with source.open("rb") as stream:
                content = stream.read(SIZE_LIMIT + 1)
        else:
            # Whoever validated the upload may have read of it.
            source.seek(0)
            content = source.read(SIZE_LIMIT + 1)
    except OSError as error:
        sentence = _("The file %(name)s cannot be opened: %(reason)s.")
        raise refused("file_unreadable", sentence, name, reason=error.strerror) from error
    _refuse_large(content, name=name)
    return content


def _refuse_large(content: bytes, *, name: str) -> None:
    if len(content) > SIZE_LIMIT:
        sentence = _("The file %(name)s is larger than %(limit)s MiB. Split it, or save its pictures smaller.")
        raise refused("file_too_large", sentence, name, limit=SIZE_LIMIT // 1024**2)
