"""Office documents (DOCX, XLSX, PPTX, ODT, ODS): archives whose parts tell what they are."""

import io
import re
import zipfile
import zlib

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring, iterparse
from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.core.files.foreign import carries_more, not_taken, protected
from trienkhai.core.files.kinds import DOCX, ODS, ODT, PPTX, XLSX, Kind, refused

MEMBER_LIMIT = 10_000
UNPACKED_LIMIT = 256 * 1024 * 1024
"""How much a document may unpack to, in bytes."""

RATIO_LIMIT = 200
"""How many times its size a document may unpack to, from `RATIO_COUNTS_FROM` bytes on."""

RATIO_COUNTS_FROM = 16 * 1024 * 1024

_CONTENTS = "[Content_Types].xml"
_OFFICE_KINDS = {f"{kind.media_type}.main+xml": kind for kind in (DOCX, XLSX, PPTX)}
_OPEN_DOCUMENT_KINDS = {kind.media_type.encode(): kind for kind in (ODT, ODS)}
_ROOTS = {DOCX: "document", XLSX: "workbook", PPTX: "presentation", ODT: "document-content", ODS: "document-content"}
_ACTIVE_TYPE = re.compile(r"macro|vba|activeX|oleObject", re.IGNORECASE)
_ACTIVE_MEMBER = re.compile(r"(?:^|/)vbaProject|(?:^|/)activeX/|^(?:Basic|Scripts)/.", re.IGNORECASE)
# The parts that tell what a document holds are small; no more than this is read of them, in bytes.
_INDEX_LIMIT = 1024 * 1024
_END_OF_ARCHIVE = b"PK\x05\x06"
_LENGTH_OF_END = 22
# What zipfile and the XML parsers raise on damaged files.
_UNREADABLE = (
    DefusedXmlException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


def document_kind(content: bytes, *, name: str) -> Kind:
    """Return the kind of an office document, after it was checked whole.

    Raises DomainError `file_kind` for another archive, `file_damaged`, `file_protected`, `file_unsafe` (macros,
    controls, embedded objects, anything besides the document, unpacking to far more than it is).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if content[-_LENGTH_OF_END:][:4] != _END_OF_ARCHIVE:
                raise carries_more(name)
            _check_members(archive, name=name)
            if _CONTENTS in archive.namelist():
                kind, part = _office_kind(archive, name=name)
            elif "mimetype" in archive.namelist():
                kind, part = _open_document_kind(archive, name=name)
            else:
                raise not_taken(name, kind="ZIP")
            with archive.open(part) as stream:
                _event, root = next(iterparse(stream, events=("start",), forbid_dtd=True))
            if root.tag.rpartition("}")[2] != _ROOTS[kind] or archive.testzip():
                raise _damaged(name)
    except _UNREADABLE as error:
        raise _damaged(name) from error
    return kind


def is_archive(content: bytes) -> bool:
    """Tell whether a program that unpacks archives would find one in the content, wherever it begins."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return bool(archive.infolist())
    except _UNREADABLE:
        return False


def _damaged(name: str) -> DomainError:
    sentence = _("The document %(name)s is damaged. Open it, save it again, and send the copy.")
    return refused("file_damaged", sentence, name)


def _active(name: str, found: str) -> DomainError:
    sentence = _(
        "The document %(name)s holds macros, controls or embedded objects (%(found)s). Save a copy without them, or "
        "print it to PDF, and send that."
    )
    return refused("file_unsafe", sentence, name, found=found)


def _check_members(archive: zipfile.ZipFile, *, name: str) -> None:
    members = archive.infolist()
    if min(member.header_offset for member in members) > 0:
        raise carries_more(name)
    # zipfile never gives more than the declared size, so that a forged one only damages the file.
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    is_bomb = unpacked > UNPACKED_LIMIT or (unpacked > RATIO_COUNTS_FROM and unpacked > RATIO_LIMIT * packed)
    if is_bomb or len(members) > MEMBER_LIMIT:
        sentence = _("The document %(name)s unpacks to far more than it is. Save a copy, or print it to PDF.")
        raise refused("file_unsafe", sentence, name)
    if any(member.flag_bits & 1 for member in members):
        raise protected(name)
    # Of two parts with one name, one program shows the first and another the last.
    if len(set(archive.namelist())) < len(members):
        raise _damaged(name)
    if found := next(filter(_ACTIVE_MEMBER.search, archive.namelist()), ""):
        raise _active(name, found)


def _office_kind(archive: zipfile.ZipFile, *, name: str) -> tuple[Kind, str]:
    types = [
        (entry.get("ContentType", ""), entry.get("PartName", "").removeprefix("/"))
        for entry in fromstring(_read_index(archive, _CONTENTS), forbid_dtd=True)
    ]
    if found := next((kind for kind, _part in types if _ACTIVE_TYPE.search(kind)), ""):
        raise _active(name, found)
    for declared, part in types:
        if declared in _OFFICE_KINDS:
            return _OFFICE_KINDS[declared], part
    raise not_taken(name, kind="OOXML")


def _open_document_kind(archive: zipfile.ZipFile, *, name: str) -> tuple[Kind, str]:
    if b"encryption-data" in _read_index(archive, "META-INF/manifest.xml"):
        raise protected(name)
    kind = _OPEN_DOCUMENT_KINDS.get(_read_index(archive, "mimetype").strip())
    if kind is None:
        raise not_taken(name, kind="ODF")
    return kind, "content.xml"


def _read_index(archive: zipfile.ZipFile, member: str) -> bytes:
    if archive.getinfo(member).file_size > _INDEX_LIMIT:
        raise ValueError(member)
    return archive.read(member)
