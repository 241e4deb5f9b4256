"""Files of kinds that are not taken: named, with what to do about it."""

from django.utils.translation import gettext as _

from trienkhai.core.errors import DomainError
from trienkhai.core.files.kinds import refused

_PROGRAMS = {
    b"\x7fELF": "ELF",
    b"#!": "#!",
    b"\xca\xfe\xba\xbe": "Java, Mach-O",
    b"\xce\xfa\xed\xfe": "Mach-O",
    b"\xcf\xfa\xed\xfe": "Mach-O",
    b"\xfe\xed\xfa": "Mach-O",
    b"L\x00\x00\x00\x01\x14\x02\x00": "LNK",
    b"MSCF\x00": "CAB",
}
_OTHER_KINDS = {
    b"{\\rtf": "RTF",
    b"%!PS": "PostScript",
    b"GIF8": "GIF",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"Rar!\x1a": "RAR",
    b"7z\xbc\xaf": "7-Zip",
    b"\x1f\x8b": "gzip",
    b"PK\x05\x06": "ZIP",
    b"ID3\x03": "MP3",
    b"ID3\x04": "MP3",
    b"\xff\xfb": "MP3",
    b"RIFF": "AVI, WAV",
    b"\x1aE\xdf\xa3": "MKV, WebM",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"heif", b"mif1", b"msf1")


def refuse_foreign(content: bytes, *, name: str) -> None:
    """Raise DomainError if the content is recognisably of a kind that is not taken."""
    program = "EXE" if content.startswith(b"MZ") and b"\x00" in content else _kind_of(content, _PROGRAMS)
    if program:
        sentence = _(
            "The file %(name)s is a program (%(kind)s), whatever its name says, and programs are not taken. "
            "Send the document itself."
        )
        raise refused("file_unsafe", sentence, name, kind=program)
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise protected(name)
        sentence = _("The file %(name)s is an old office document. Save it as .docx, .xlsx or .pptx, and send that.")
        raise refused("file_kind", sentence, name)
    if content[4:8] == b"ftyp":
        if content[8:12] in _HEIC_BRANDS:
            sentence = _(
                "The picture %(name)s is a HEIC, which many devices cannot show. Share it as JPEG, or set the format "
                "of the phone's camera to “Most compatible” and take it again."
            )
            raise refused("file_kind", sentence, name)
        raise not_taken(name, kind="AVIF" if content[8:12] in {b"avif", b"avis"} else "MP4, MOV")
    if b"%PDF-" in content[:1024]:
        sentence = _("The PDF %(name)s does not begin with its first byte. Print it to PDF again, and send the copy.")
        raise refused("file_unsafe", sentence, name)
    if kind := _kind_of(content, _OTHER_KINDS):
        raise not_taken(name, kind=kind)


def not_taken(name: str, *, kind: str) -> DomainError:
    """Return the error that refuses a file for its kind and lists the kinds that are taken."""
    sentence = _(
        "The file %(name)s is of a kind that is not taken (%(kind)s). Send a picture (JPEG, PNG, WebP), a document "
        "(PDF, DOCX, XLSX, PPTX, ODT, ODS), or a text in UTF-8 (TXT, CSV)."
    )
    return refused("file_kind", sentence, name, kind=kind)


def protected(name: str) -> DomainError:
    """Return the error that refuses an office document with a password."""
    sentence = _("The file %(name)s has a password. Remove it, and save the file again.")
    return refused("file_protected", sentence, name)


def carries_more(name: str) -> DomainError:
    """Return the error that refuses a document in whose file something else lies before or behind it."""
    sentence = _("The file %(name)s carries something besides its document. Open it, save a copy, and send the copy.")
    return refused("file_unsafe", sentence, name)


def _kind_of(content: bytes, beginnings: dict[bytes, str]) -> str:
    return next((kind for beginning, kind in beginnings.items() if content.startswith(beginning)), "")
