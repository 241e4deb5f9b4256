import unicodedata

import pytest
from django.utils import translation

from trienkhai.core.encodings import decode_text, garbling
from trienkhai.core.errors import BadInput

TEXT = "01,Thành phố Hà Nội\n24,Tỉnh Bắc Giang\n48,Thành phố Đà Nẵng\n"

# The letters of the sentence above in the three encodings that came before Unicode, written out by hand.
TCVN3 = {"à": 0xB5, "ạ": 0xB9, "ắ": 0xBE, "ẵ": 0xBD, "ố": 0xE8, "ộ": 0xE9, "ỉ": 0xD8, "Đ": 0xA7}
VNI = {"à": "aø", "ắ": "aé", "ẵ": "aü", "ố": "oá", "ộ": "oä", "ỉ": "æ", "Đ": "Ñ"}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def tcvn3(text):
    return b"".join(bytes([TCVN3[char]]) if char in TCVN3 else char.encode("ascii") for char in text)


def vni(text):
    return "".join(VNI.get(char, char) for char in text).encode("cp1252")


def windows_1258(text):
    """Spell each letter as Windows does: the letter with its hat, then its tone."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    spelt = []
    for char in text:
        spread = unicodedata.normalize("NFD", char)
        letter = "".join(mark for mark in spread if mark not in tones)
        spelt += [unicodedata.normalize("NFC", letter), *(mark for mark in spread if mark in tones)]
    return "".join(spelt).encode("cp1258")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_its_mark(encoding):
    assert decode_text(TEXT.encode(encoding), name="units.csv") == TEXT


def test_windows_1258_is_recognised_by_its_syllables():
    assert unicodedata.normalize("NFC", decode_text(windows_1258(TEXT), name="units.csv")) == TEXT


@pytest.mark.parametrize(("spell", "name"), [(tcvn3, "TCVN3"), (vni, "VNI")])
def test_an_encoding_of_old_fonts_is_refused_by_its_name(spell, name):
    with pytest.raises(BadInput, match=name):
        decode_text(spell(TEXT), name="units.csv")


@pytest.mark.parametrize(
    "data",
    [
        "Cœur de Genève, Besançon, Nîmes, Saint-Étienne".encode("cp1252"),
        TEXT.encode() + b"\xff",
        TEXT.encode("utf-16")[:-1],
        bytes(range(128, 256)),
    ],
    ids=["French", "one bad byte", "half a character", "no text"],
)
def test_a_text_that_proves_no_encoding_is_refused(data):
    with pytest.raises(BadInput, match=r"units\.csv"):
        decode_text(data, name="units.csv")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (tcvn3("Tỉnh Bắc Giang").decode("cp1252"), "TCVN3 (ABC)"),
        (vni("Tỉnh Bắc Giang").decode("cp1252"), "VNI"),
        ("Tỉnh Bắc Giang".encode().decode("cp1252"), "UTF-8 read as Windows-1252"),
    ],
)
def test_characters_that_came_from_a_wrong_encoding_are_recognised(text, encoding):
    assert garbling(text) == encoding


@pytest.mark.parametrize(
    "text", ["Tỉnh Bắc Giang", "Diện tích 25 m², 30°C, sai số ±5 µm", "Zürich, Malmö", "§ 3 · «Điều lệ»", "São Paulo"]
)
def test_sound_text_with_other_signs_is_not_suspect(text):
    assert garbling(text) == ""
