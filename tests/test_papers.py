"""What the papers say of the code is so, and nothing is left out."""

import ast
import re
from functools import cache
from importlib import import_module

import pytest

from tests.tree import ROOT, SOURCE, cells, our_models
from trienkhai.config.jobs import jobs
from trienkhai.organisation.scoping import Permission, Role

DOCS = ROOT / "docs"
KINDS = {"text", "words", "flag", "integer", "day", "path", "secret", "database"}
"""The readers of `config.environment`; the papers call the kinds of settings by the same words."""

PARTS = {
    "AddresseeTerm": "Addressees",
    "AssignmentPast": "Assignment",
    "IndicatorValue": "Indicator",
    "LedgerDelta": "Ledger",
    "LedgerNow": "Ledger",
}
"""Tables that hold a part of what one word of the glossary means."""


@cache
def calls():
    """Return every call in the code of the program that is of an attribute and begins with a text: attribute, call."""
    modules = [path for path in SOURCE.rglob("*.py") if "tests" not in path.parts and path.name != "testing.py"]
    nodes = [node for path in modules for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    return [
        (node.func, node)
        for node in nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def settings():
    """Return every setting that the program reads: its name, the reader, and whether it must be set."""
    found = {}
    for function, call in calls():
        if isinstance(function.value, ast.Name) and function.value.id == "environment" and function.attr in KINDS:
            has_default = function.attr == "day" or any(keyword.arg == "default" for keyword in call.keywords)
            found.setdefault(call.args[0].value, (function.attr, not has_default))
    return found


def other_variables():
    """Return the names of the variables that are read past the settings."""
    known = settings()
    read = {
        call.args[0].value for function, call in calls() if ast.unparse(function) in ("os.environ.get", "os.getenv")
    }
    return {name for name in read if name.removesuffix("_FILE") not in known}


def permissions():
    """Return the permissions of all apps."""
    modules = [import_module(f"trienkhai.{path.parent.name}.permissions") for path in SOURCE.glob("*/permissions.py")]
    return {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Permission)}


def test_every_setting_is_in_the_papers_with_its_kind():
    documented = {row[0].strip("`"): row[1] for row in cells(DOCS / "settings.md")[1:]}

    assert documented == {name: kind for name, (kind, _) in settings().items()}


def test_the_papers_say_which_settings_must_be_set():
    documented = {row[0].strip("`") for row in cells(DOCS / "settings.md")[1:] if row[2] == "must be set"}
    without_default = {name for name, (_, is_required) in settings().items() if is_required}

    assert documented == {name for name in without_default if not name.startswith("DATABASE_")}


def test_every_setting_that_comes_from_a_file_is_said_to():
    (sentence,) = re.findall(r"^(.*) also come from a file\.$", (DOCS / "settings.md").read_text(), re.MULTILINE)
    from_files = {name for name, (kind, _) in settings().items() if kind in ("secret", "database")}

    assert set(re.findall(r"`(\w+)`", sentence)) == from_files


def test_every_other_variable_is_in_the_papers():
    text = (DOCS / "settings.md").read_text(encoding="utf-8")

    assert [name for name in sorted(other_variables()) if f"`{name}" not in text] == []


def test_every_permission_is_in_the_papers_with_its_roles():
    heading, *rows = cells(DOCS / "permissions.md")
    roles = heading[1:-1]
    documented = {row[0].strip("`"): dict(zip(roles, row[1:-1], strict=True)) for row in rows}

    def of(permission, role):
        holds = "own unit" if permission.is_for_own_unit else "yes"
        return holds if role in permission.roles else "–"

    assert roles == Role.values
    assert documented == {
        name: {role: of(permission, role) for role in Role.values} for name, permission in permissions().items()
    }


def test_every_job_is_in_the_papers_with_its_rhythm():
    documented = {row[0].strip("`"): row[1] for row in cells(DOCS / "jobs.md")[1:]}

    assert documented == {job.run.__name__: f"{job.seconds:g} s" for job in jobs()}


def test_every_table_has_its_word_in_the_glossary():
    words = set(re.findall(r"`(\w+)`", " ".join(row[0] for row in cells(DOCS / "glossary.md"))))
    names = {PARTS.get(model.__name__, model.__name__) for model in our_models()}

    assert names - words == set()
    assert PARTS.keys() <= {model.__name__ for model in our_models()}


def test_the_changelog_says_what_is_not_yet_released():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## \[Unreleased\]\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)

    assert re.search(r"^- \S", section, re.MULTILINE)


@pytest.mark.parametrize("paper", sorted(DOCS.rglob("*.md")) + sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_every_link_of_the_papers_leads_somewhere(paper):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", paper.read_text(encoding="utf-8"))
    broken = [link for link in links if "://" not in link and not (paper.parent / link).exists()]

    assert broken == []
