"""State secrets do not belong here: a document that bears a mark of secrecy is refused at the door.

A mark stands by itself, in a frame or a cell, or behind “Độ mật:”; the words inside a sentence are no mark.
"""

import re
import unicodedata
from collections.abc import Iterable

from django.utils.translation import gettext as _

_MARK = re.compile(r"TUYỆT MẬT|TỐI MẬT|MẬT|(?i:độ mật ?: ?(?:tuyệt mật|tối mật|mật))")
_AROUND = ' \t.,:;()[]|*-–_"“”'
_LONGEST = 40
"""No mark is longer; longer texts need not be looked at."""


def secrecy_mark(texts: Iterable[str]) -> str:
    """Return the first mark of secrecy among paragraphs or cells, or "" if none of them is one."""
    for text in texts:
        if len(text) > _LONGEST:
            continue
        words = " ".join(unicodedata.normalize("NFC", text).split()).strip(_AROUND)
        if _MARK.fullmatch(words):
            return words
    return ""


def refusal_of(name: str, mark: str) -> str:
    """Return the sentence that refuses a document of that name with that mark."""
    sentence = _(
        "The document %(name)s is marked %(mark)s. State secrets do not belong in this system: nothing of it was "
        "kept. Handle it as the rules on state secrets demand."
    )
    return sentence % {"name": name, "mark": mark}
