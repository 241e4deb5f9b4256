"""Keep the Vietnamese messages complete, with Babel alone: a fresh machine has no gettext tools.

    python scripts/messages.py extract    bring every message of the source into the catalogue; translations stay
    python scripts/messages.py compile    write the .mo files that Django reads (not committed)
    python scripts/messages.py check      list what is missing, untranslated, fuzzy, obsolete or wrongly filled in

Message ids are English and stand in the source; one catalogue a language holds the translations.
"""

import argparse
import io
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from trienkhai.core.integrity import read_check

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "trienkhai"
CATALOGUES = {"vi": ROOT / "locale/vi/LC_MESSAGES/django.po"}

# Where each function of django.utils.translation holds its message, in the notation of Babel.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d*(?:\.\d+)?([diouxXeEfFgGcrs%])")
INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def sources() -> list[Path]:
    """Return the files that may hold messages, in a fixed order; tests speak to nobody."""
    return sorted(
        path
        for pattern in ("*.py", "*.html", "*.txt", "checks/*.sql")
        for path in SOURCE.rglob(pattern)
        if not {"tests", "migrations", "static", "data"} & set(path.relative_to(SOURCE).parts)
    )


def as_python(path: Path) -> str:
    """Return the file as Python: of a template only the calls that its tags stand for, of a check its sentences."""
    if path.suffix == ".sql":
        check = read_check(path, name=path.stem)
        return f"gettext({check.fault!r})\ngettext({check.advice!r})"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return text
    # The tokeniser would read the template's indentation as blocks.
    return INDENTATION.sub("", templatize(text, origin=str(path.relative_to(ROOT))))


def extracted() -> Catalog:
    """Return every message of the source, with the files that use it."""
    catalogue = Catalog(project="trienkhai", charset="utf-8")
    for path in sources():
        content = io.BytesIO(as_python(path).encode())
        for _line, text, comments, context in extract("python", content, KEYWORDS, ["Translators:"]):
            catalogue.add(
                text, locations=[(path.relative_to(ROOT).as_posix(), 0)], auto_comments=comments, context=context
            )
    return catalogue


def read(locale: str) -> Catalog:
    """Return the catalogue of a language, empty when there is none yet."""
    path = CATALOGUES[locale]
    if not path.exists():
        return Catalog(
            locale=locale,
            project="trienkhai",
            version="1",
            msgid_bugs_address="-",
            last_translator="-",
            language_team="-",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def replace_file(path: Path, content: io.BytesIO) -> None:
    """Write a file whole or not at all, since others may be reading it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content.getvalue())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue in the form that is committed; without line numbers, which change with every edit."""
    content = io.BytesIO()
    write_po(content, catalogue, width=110, include_lineno=False, sort_by_file=True)
    replace_file(path, content)


def update() -> list[str]:
    """Bring the catalogues up to date with the source; return what there is to say."""
    template = extracted()
    said = []
    for locale, path in CATALOGUES.items():
        catalogue = read(locale)
        template.creation_date = catalogue.creation_date
        # A guess at a translation would have to be found and proved wrong; none is made.
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.header_comment = (
            f"# The messages of trienkhai in {locale}. `scripts/messages.py extract` adds and removes entries."
        )
        write(path, catalogue)
        missing = sum(not message.string or not any(message.string) for message in catalogue if message.id)
        said.append(f"{locale}: {len(catalogue)} messages, {missing} without translation")
    return said


def compile_catalogues() -> list[str]:
    """Write the .mo beside each .po; return what there is to say."""
    for locale, path in CATALOGUES.items():
        content = io.BytesIO()
        write_mo(content, read(locale))
        replace_file(path.with_suffix(".mo"), content)
    return [f"{path.with_suffix('.mo').relative_to(ROOT)} written" for path in CATALOGUES.values()]


def placeholders(text: str) -> set[str]:
    """Return the named placeholders of a message; unnamed ones under their letter, `%%` left out."""
    return {name or letter for name, letter in PLACEHOLDER.findall(text) if letter != "%"}


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return a message or its translation as its forms: one, or one for each number of things."""
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)


def faults_of(message: Message) -> Iterator[str]:
    """Yield what is wrong with one message of a catalogue; a plural form may leave out what its singular does."""
    ids = forms(message.id)
    allowed = set().union(*map(placeholders, ids))
    needed = placeholders(ids[-1])
    if message.fuzzy:
        yield "fuzzy"
    for text in forms(message.string):
        if not text:
            yield "not translated"
        elif message.python_format and not needed <= placeholders(text) <= allowed:
            yield f"its placeholders are {sorted(placeholders(text))}, the message's {sorted(needed)}"
        elif (text[0] == "\n", text[-1] == "\n") != (ids[0][0] == "\n", ids[0][-1] == "\n"):
            yield "it begins or ends with another line break than the message"


def check() -> list[str]:
    """Return every fault of every catalogue, one line each; empty when all is well."""
    template = extracted()
    wanted = {(message.id, message.context) for message in template if message.id}
    faults = []
    for locale in CATALOGUES:
        catalogue = read(locale)
        present = {(message.id, message.context): message for message in catalogue if message.id}
        faults += [f"{locale}: {key[0]!r}: not in the catalogue; run extract" for key in wanted - present.keys()]
        faults += [f"{locale}: {key[0]!r}: no longer in the source; run extract" for key in present.keys() - wanted]
        faults += [f"{locale}: {message.id!r}: obsolete; delete it" for message in catalogue.obsolete.values()]
        for message in present.values():
            faults += [f"{locale}: {message.id!r}: {fault}" for fault in faults_of(message)]
    return sorted(faults)


def main() -> int:
    """Run one verb; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("extract", "compile", "check"))
    verb = parser.parse_args().verb
    if verb == "check":
        faults = check()
        print("\n".join(faults) or "every message is translated")
        return 1 if faults else 0
    print("\n".join(update() if verb == "extract" else compile_catalogues()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
