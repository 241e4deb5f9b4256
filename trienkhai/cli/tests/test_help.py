from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from trienkhai.cli import app

VERBS = {
    "serve",
    "demo",
    "organisation import",
    "organisation show",
    "programme import",
    "programme preview",
    "programme issue",
    "programme show",
    "report",
    "review",
    "rollup",
    "check",
    "measure",
    "user add",
    "user password",
    "user grant",
    "user revoke",
    "user token",
    "user list",
}


def verbs(command: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Yield every verb with its full name."""
    for name, below in getattr(command, "commands", {}).items():
        if hasattr(below, "commands"):
            yield from verbs(below, *above, name)
        else:
            yield " ".join((*above, name)), below


FOUND = dict(verbs(typer.main.get_command(app)))


def test_there_are_the_verbs_that_the_papers_name():
    assert FOUND.keys() == VERBS


@pytest.mark.parametrize("name", sorted(VERBS))
def test_help_says_what_a_verb_does_and_what_each_of_its_options_means(name):
    said = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "240"})

    assert said.exit_code == 0
    assert FOUND[name].help.splitlines()[0] in said.stdout
    assert [option.name for option in FOUND[name].params if not option.help or option.help not in said.stdout] == []


@pytest.mark.parametrize("name", ["", "organisation", "programme", "user"])
def test_without_a_verb_the_verbs_are_listed(name):
    said = CliRunner().invoke(app, name.split())

    assert all(verb.removeprefix(name).split()[0] in said.output for verb in VERBS if verb.startswith(name))


@pytest.mark.parametrize(
    "words", [["rolup"], ["rollup", "--unit"], ["rollup", "--programm", "1"], ["programme", "show"]]
)
def test_a_word_that_is_none_ends_with_code_2(words):
    assert CliRunner().invoke(app, words).exit_code == 2
