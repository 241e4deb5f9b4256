"""Plain text and CSV, in UTF-8."""

import re

from django.utils.translation import gettext as _

from trienkhai.core.files.foreign import not_taken
from trienkhai.core.files.kinds import CSV, TEXT, Kind, refused

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BINARY = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# A browser or a program that guesses would take such a text for a page.
_MARKUP = re.compile(r"\A\s*<[a-z!?/]|<(?:!doctype|\?php|script|svg|iframe|object|embed)\b", re.IGNORECASE)


def text_kind(content: bytes, *, name: str) -> Kind:
    """Return whether a text is CSV, which only its name tells, or plain.

    Raises DomainError `file_kind` if it is no text, `file_encoding` if it is not in UTF-8, `file_unsafe` if it is a
    web page or a drawing in SVG.
    """
    if not content.startswith(_UTF_16):
        if _BINARY.search(content):
            raise not_taken(name, kind=_("unknown"))
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
        else:
            if _MARKUP.search(text):
                sentence = _(
                    "The file %(name)s is a web page or a drawing (HTML, SVG, XML), which can carry programs. "
                    "Print it to PDF, and send that."
                )
                raise refused("file_unsafe", sentence, name)
            return CSV if name.lower().endswith(".csv") else TEXT
    sentence = _("The text of %(name)s is not in UTF-8. Save it with this encoding, and send it again.")
    raise refused("file_encoding", sentence, name)
