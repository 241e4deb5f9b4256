"""Who an annex hands a task to, in the words of its cells; the names of units are looked up elsewhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from trienkhai.core.tables import plain_key

LEVEL_WORDS = {
    "trung ương": "central",
    "cấp trung ương": "central",
    "cấp tỉnh": "province",
    "các tỉnh": "province",
    "các tỉnh, thành phố": "province",
    "các tỉnh, thành phố trực thuộc trung ương": "province",
    "cấp huyện": "district",
    "các huyện": "district",
    "các quận, huyện": "district",
    "các huyện, quận, thị xã, thành phố": "district",
    "các quận, huyện, thị xã, thành phố": "district",
    "các huyện, thị xã, thành phố": "district",
    "cấp xã": "commune",
    "các xã": "commune",
    "các xã, phường": "commune",
    "các xã, phường, thị trấn": "commune",
    "cấp chi bộ": "cell",
    "các chi bộ": "cell",
}
"""How an annex names all units of a level → the level's code."""

_KIND_WORDS = {
    "các phường": "Phường",
    "các thị trấn": "Thị trấn",
    "các quận": "Quận",
    "các thị xã": "Thị xã",
    "các thành phố": "Thành phố",
}
_ALL_UNITS = {"các đơn vị", "các cơ quan, đơn vị", "toàn bộ đơn vị", "tất cả đơn vị"}
_NOBODY = {"không", "không có"}

Meaning = TypeVar("Meaning")


def by_key(words: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Return the words under the keys by which typed words are compared."""
    return {plain_key(word): meaning for word, meaning in words.items()}


_KINDS_BY_KEY = by_key(_KIND_WORDS)
_ALL_UNITS_KEYS = {plain_key(words) for words in _ALL_UNITS}
_NOBODY_KEYS = {plain_key(words) for words in _NOBODY}
_EXCEPT = re.compile(r"(?P<base>.*?)[\s,(]*\b(?:ngoại\s+)?trừ\s+(?P<rest>.+?)\)?", flags=re.IGNORECASE | re.DOTALL)
_UNDER = re.compile(r"(?P<base>.+?)\s+(?:trực thuộc|thuộc|của|trên địa bàn)\s+(?P<under>.+)", flags=re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class AddresseeText:
    """One term of an addressee rule, in the words of the file: units that are all that it names.

    `level` is a level's code, `kind` a kind, `under` and `unit` a name or code to be looked up on the day; an
    exception takes units out of the whole rule. `source` is the text that it was read from.
    """

    level: str
    kind: str
    under: str
    unit: str
    is_exception: bool
    source: str


def read_addressees(text: str, levels: Mapping[str, str]) -> tuple[AddresseeText, ...]:
    """Read a rule: terms between semicolons or lines, “thuộc X” for units under X, “trừ X” for all but X.

    An exception that names a unit takes out that unit and everything under it; said of one term (“cấp xã trừ X”), only
    units of that term.
    """
    terms: list[AddresseeText] = []
    for part in re.split(r"[;\n]", text):
        source = " ".join(part.split()).strip(" .,-–+*•")
        if source and plain_key(source) not in _NOBODY_KEYS:
            terms += _terms(source, levels)
    return tuple(dict.fromkeys(terms))


def _terms(source: str, levels: Mapping[str, str]) -> Iterator[AddresseeText]:
    found = _EXCEPT.fullmatch(source)
    base = _included(found["base"], levels, source) if found and found["base"] else []
    if not found or any(term.unit for term in base):
        yield from _included(source, levels, source)
        return
    yield from base
    for term in _included(found["rest"], levels, source):
        yield replace(term, is_exception=True)
        if term.unit:
            for kept in base or [replace(term, unit="")]:
                yield replace(kept, under=term.unit, is_exception=True)


def _included(text: str, levels: Mapping[str, str], source: str) -> list[AddresseeText]:
    under = ""
    sets = _sets(text, levels)
    found = _UNDER.fullmatch(text)
    if not sets and found:
        sets, under = _sets(found["base"], levels), found["under"]
        if plain_key(found["base"]) in _ALL_UNITS_KEYS:
            sets = [("", "")]
    if sets:
        return [AddresseeText(level, kind, under, "", False, source) for level, kind in sets]
    return [AddresseeText("", "", "", text, False, source)]


def _sets(text: str, levels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the (level, kind) that a text names, if it names nothing else: “cấp tỉnh”, “cấp huyện, cấp xã”."""
    key = plain_key(text)
    if key in levels or key in _KINDS_BY_KEY:
        return [(levels.get(key, ""), "" if key in levels else _KINDS_BY_KEY[key])]
    parts = [plain_key(part) for part in re.split(r",|\bvà\b", text)]
    if len(parts) < 2:
        return []
    first = parts[0].split(" ")[0]
    full = [part if part in levels or part in _KINDS_BY_KEY else f"{first} {part}" for part in parts]
    if not all(part in levels or part in _KINDS_BY_KEY for part in full):
        return []
    return [(levels.get(part, ""), "" if part in levels else _KINDS_BY_KEY[part]) for part in full]
