"""Pictures: made anew from their pixels, so that nothing else that the file carried remains."""

import io
import struct
import zlib
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from PIL import ExifTags, Image, ImageOps

from trienkhai.core.files.kinds import JPEG, PNG, WEBP, Kind, refused

PIXEL_LIMIT = 50_000_000
"""How many pixels a picture may have: those of the large mode of common phones, about 150 MB when decoded."""

SIDE_LIMIT = 4_000
"""How long a side of a stored picture may be, in pixels; larger ones are scaled down."""

_FORMATS: dict[Kind, tuple[str, dict[str, Any]]] = {
    JPEG: ("JPEG", {"quality": 90}),
    PNG: ("PNG", {}),
    WEBP: ("WEBP", {"quality": 90}),
}
# What Pillow raises on damaged files.
_UNREADABLE = (
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


def picture_kind(content: bytes) -> Kind | None:
    """Return the kind of a picture, or None if the content does not begin as one."""
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    return None


def made_anew(content: bytes, kind: Kind, *, name: str) -> tuple[bytes, date | None]:
    """Return a picture as a new file of the same kind, and the day on which it was taken if it tells one.

    The picture stands upright and has at most 4,000 pixels a side and 8 bits a channel; place, camera, comments,
    colour profile, the other frames of an animation and whatever followed its end are gone.
    Raises DomainError `file_too_large` for too many pixels, `file_damaged`.
    """
    codec, options = _FORMATS[kind]
    try:
        with Image.open(io.BytesIO(content), formats=[codec]) as picture:
            if picture.width * picture.height > PIXEL_LIMIT:
                raise _too_many_pixels(name)
            taken_on = _taken_on(picture.getexif())
            stream = io.BytesIO()
            _plain(picture).save(stream, codec, **options)
    # Pillow's own limits are higher; what is an error and what a warning depends on the process.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    except _UNREADABLE as error:
        sentence = _("The picture %(name)s is damaged. Open it, save it again, and send the copy.")
        raise refused("file_damaged", sentence, name) from error
    return stream.getvalue(), taken_on


def _too_many_pixels(name: str) -> Exception:
    sentence = _("The picture %(name)s has more than %(limit)s million pixels. Save it smaller, and send that.")
    return refused("file_too_large", sentence, name, limit=PIXEL_LIMIT // 1_000_000)


def _taken_on(exif: Image.Exif) -> date | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    told = details.get(ExifTags.Base.DateTimeOriginal) or details.get(ExifTags.Base.DateTimeDigitized)
    try:
        return date.fromisoformat(str(told)[:10].replace(":", "-"))
    except ValueError:
        return None


def _plain(picture: Image.Image) -> Image.Image:
    # Lets a JPEG be decoded at a half, a quarter or an eighth, before it takes memory.
    picture.draft(None, (SIDE_LIMIT, SIDE_LIMIT))
    if picture.mode == "I;16":
        # Pillow's conversion would make all but the darkest greys white.
        picture = picture.point(lambda level: level / 256).convert("L")
    mode = "RGBA" if picture.has_transparency_data else "L" if picture.mode in {"1", "L"} else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture.thumbnail((SIDE_LIMIT, SIDE_LIMIT), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(picture)
    upright.info = {}
    return upright
