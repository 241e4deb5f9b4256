"""Vietnamese text as bytes: Unicode, Windows-1258, and the font encodings TCVN3 (ABC) and VNI that came before.

A wrong guess stores names that nobody can read or find, so nothing is guessed: UTF-8 must be valid, Windows-1258
must give Vietnamese syllables, and the font encodings are recognised only to be refused by name. They cannot be
loaded without loss: TCVN3 has no capitals with tones, a second font draws them, so that “HÀ” and “Hà” are the same
bytes.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import gettext as _

from trienkhai.core.errors import BadInput

TCVN3 = "TCVN3 (ABC)"
VNI = "VNI"
WINDOWS_1258 = "Windows-1258"
UTF_8_TWICE = "UTF-8 read as Windows-1252"

_TONES = str.maketrans("", "", "\u0300\u0301\u0303\u0309\u0323")
_LETTERS = "àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđ"

_RIMES = """
    a ac ach ai ak am an ang anh ao ap at au ay ăc ăk ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec ek em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêk iêm iên iêng iêp iêt iêu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi ok om on ong oong ooc
    op ot ô ôc ôi ôk ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơng ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui uk um un ung uơ
    uơn uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưk ưm ưn ưng ươc ươi ươm ươn ương
    ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu ych ynh yt
"""
_RIME = "|".join(sorted(_RIMES.split(), key=len, reverse=True))
_SYLLABLE = re.compile(rf"(?:ngh|ng|nh|ch|gh|gi|kh|kr|ph|qu|th|tr|[bcdđghklmnpqrstvx])?(?:{_RIME})")
# Decides between encodings where a file has few words and both readings are syllables ("Xã", "Xó").
_COMMON_WORDS = """
    báo bộ cáo các căn cấp chỉ chủ chức của cứ cử đã để độ đơn được giao gồm hạn hiện họp hợp huyện hướng không kế kết
    khoá kỳ là loại lý mã mục năm ngày nghị người nhiệm nhóm những phẩm phần phối phố phường quận quý quyết sản số tại
    tên thành thị thời thực tiêu tỉnh tổ tổng trấn trì trước tuần và vào vị việc với vụ xã đề đến đồng
"""
_COMMON = frozenset(_COMMON_WORDS.split())
# A word: what stands between spaces, digits, ASCII signs and the signs of good typography.
_WORD = re.compile(r"[^\s\d!-/:-@\[-`{-~\x80-\x9f“”‘’„‚–—…•′″]+")
# Signs of Latin-1 and Windows-1252 that no Vietnamese word has; garbled words nearly always do. (Ð, the Icelandic
# letter, is a common slip for Đ.)
_SUSPECT = re.compile(rf"(?i:(?![{_LETTERS}ð])[\u00a1-\u00ffŠŽŒŸƒˆ˜‰‹›€†‡™])")

_HAS_ASCII = re.compile("[A-Za-z]")

# TCVN 5712:1993 as the ABC fonts use it: code points from 0xA1; a dot is a place that it leaves free.
_TCVN3_TABLE = str.maketrans(
    {
        code: letter
        for code, letter in enumerate(
            "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ", start=0xA1
        )
        if letter != "."
    }
)

_VNI_TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
_VNI_MARKS = (
    _VNI_TONES
    | dict(zip("âáàåãä", ("\u0302" + tone for tone in ("", *"\u0301\u0300\u0309\u0303\u0323")), strict=True))
    | dict(zip("êéèúüë", ("\u0306" + tone for tone in ("", *"\u0301\u0300\u0309\u0303\u0323")), strict=True))
)
_VNI_LETTERS = dict(zip("ôöñæóòîíì", "ơưđỉĩịỵíì", strict=True))
_VNI_PAIR = re.compile(r"([aeouyôö])([âáàåãäêéèúüëùøûõï])|([ôöñæóòîíì])")


def decode_text(data: bytes, *, name: str) -> str:
    """Return the text of a file that offices wrote: UTF-8, UTF-16 with its mark, or Windows-1258.

    A Unicode mark at the start is dropped; nothing else is normalised. Raises BadInput, with `name` in the message,
    if the file is in TCVN3 or VNI, or in an encoding that its text does not prove.
    """
    marked = _marked_encoding(data)
    try:
        return data.decode(marked or "utf-8")
    except UnicodeDecodeError as error:
        bad_line = data.count(b"\n", 0, error.start) + 1
    if marked:
        raise _undecidable(name, bad_line)
    likeness = {
        WINDOWS_1258: _likeness(data.decode("cp1258", errors="replace")),
        TCVN3: _likeness(_from_tcvn3(data.decode("latin-1"))),
        VNI: _likeness(_from_vni(data.decode("cp1252", errors="replace"))),
    }
    best, second = sorted(likeness, key=lambda encoding: -likeness[encoding])[:2]
    if likeness[best] < 0.7 or likeness[best] - likeness[second] < 0.2:
        raise _undecidable(name, bad_line)
    if best != WINDOWS_1258:
        sentence = _(
            "The file %(name)s is in %(encoding)s, an encoding of old fonts. Convert it to Unicode, "
            "and save it as UTF-8."
        )
        raise BadInput(sentence % {"name": name, "encoding": best}, ())
    try:
        return data.decode("cp1258")
    except UnicodeDecodeError as error:
        raise _undecidable(name, data.count(b"\n", 0, error.start) + 1) from error


@lru_cache(maxsize=4096)
def garbling(text: str) -> str:
    """Return the name of the encoding that a Unicode text was wrongly read from, or "" if it is sound.

    Cells typed with an old font (“Hµ Néi”) and UTF-8 opened as Windows-1252 (“HÃ Ná»™i”) hold Unicode characters,
    but the wrong ones. Signs such as ² ° × § alone do not make a text suspect.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return ""
    if _reads_as_utf_8(text):
        return UTF_8_TWICE
    words = [word for word in _WORD.findall(text) if _SUSPECT.search(word) and word != "µm"]
    readings = {
        encoding: [recode(word) for word in words if _HAS_ASCII.search(word)] for encoding, recode in _RECODINGS
    }
    best = max(readings, key=lambda encoding: sum(_weight(word) for word in readings[encoding]))
    sound = sum(is_syllable(word) for word in readings[best])
    return best if sound and sound >= 0.6 * len(words) else ""


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether a word is built like a Vietnamese syllable: onset, rime, at most one tone."""
    spread = unicodedata.normalize("NFD", word.lower())
    plain = spread.translate(_TONES)
    return len(spread) - len(plain) <= 1 and bool(_SYLLABLE.fullmatch(unicodedata.normalize("NFC", plain)))


def _marked_encoding(data: bytes) -> str:
    marks = (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    )
    return next((encoding for mark, encoding in marks if data.startswith(mark)), "")


def _undecidable(name: str, line: int) -> BadInput:
    sentence = _(
        "The text of %(name)s is in no encoding that can be recognised (first bad place: line %(line)s). "
        "Save it as UTF-8."
    )
    return BadInput(sentence % {"name": name, "line": line}, ())


def _likeness(text: str) -> float:
    """Return how Vietnamese a text looks: the share (0–1) of its words beyond ASCII that are syllables.

    Each different word counts once; to that comes half the share of those that are common ones.
    """
    words = {word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text)) if not word.isascii()}
    return sum(map(_weight, words)) / len(words) if words else 0.0


def _weight(word: str) -> float:
    return is_syllable(word) + 0.5 * (word.lower() in _COMMON)


def _from_tcvn3(text: str) -> str:
    return text.translate(_TCVN3_TABLE)


def _from_vni(text: str) -> str:
    def letter(found: re.Match[str]) -> str:
        base, mark, alone = found.groups()
        return _VNI_LETTERS[alone] if alone else _VNI_LETTERS.get(base, base) + _VNI_MARKS[mark]

    return unicodedata.normalize("NFC", _VNI_PAIR.sub(letter, text.lower()))


def _through(encoding: str) -> Callable[[str], str]:
    def recode(word: str) -> str:
        try:
            return unicodedata.normalize("NFC", word.encode("cp1252").decode(encoding))
        except UnicodeError:
            return ""

    return recode


def _reads_as_utf_8(text: str) -> bool:
    try:
        return not text.encode("cp1252").decode("utf-8").isascii()
    except UnicodeError:
        return False


_RECODINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    (TCVN3, _from_tcvn3),
    (VNI, _from_vni),
    (WINDOWS_1258, _through("cp1258")),
)
