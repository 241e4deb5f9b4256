"""Names of files as people see them. On the disk a file is named by its content."""

import re
import unicodedata

from django.utils.translation import gettext as _

from trienkhai.core.files.kinds import EXTENSIONS, Kind

NAME_LIMIT = 200
"""How long a name may be, in characters, extension included."""

_DIRECTORIES = re.compile(r".*[/\\]", re.DOTALL)
# Windows can store none of these.
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def plain_name(name: str) -> str:
    """Return a name as NFC on one line, without directories, invisible characters or dots at its ends."""
    words = " ".join(_DIRECTORIES.sub("", name).split())
    # Category C: controls, marks that turn the direction of writing, halves of characters.
    visible = "".join(char for char in words if not unicodedata.category(char).startswith("C"))
    return _FORBIDDEN.sub("_", unicodedata.normalize("NFC", visible)).strip(" .")[:NAME_LIMIT] or _("file")


def fitting_name(name: str, kind: Kind) -> str:
    """Return a plain name with an extension that fits the kind: its own, or the right one in place of a wrong one.

    What follows the last dot is an extension only if some kind that is taken has it ("Báo cáo quý I.2021" has none).
    """
    stem, _dot, extension = name.rpartition(".")
    if not stem or extension.lower() not in EXTENSIONS:
        stem, extension = name, kind.extensions[0]
    elif extension.lower() not in kind.extensions:
        extension = kind.extensions[0]
    return f"{stem[: NAME_LIMIT - len(extension) - 1].rstrip(' .')}.{extension}"
