"""What holds of every file of the checkout."""

import ast
import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.tree import ROOT, files, script

LONGEST = 500
"""Lines of a module; a longer one becomes a package."""

NOT_HERE = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|registry\.yarnpkg|(?<!emit-)index-url|index_url|--find-links"
    r"|(?<![\w.])/root\b|/work/(?:main|shared|\.library)|/opt/pypi"
)
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\ssrc=)[^>]*>|\son[a-z]+\s*=|\shx-on[:\w-]*\s*=|javascript:", re.IGNORECASE
)
COMMENT = re.compile(r"{#.*?#}|{% comment.*?{% endcomment %}", re.DOTALL)
PICTURES = {".png", ".jpg", ".woff2", ".webp", ".pdf", ".docx", ".xlsx", ".ico"}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def test_vendored_files_are_as_they_came():
    assert script("vendor").problems() == []


def test_every_message_is_translated():
    assert script("messages").check() == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    said = io.StringIO()
    call_command("makemigrations", dry_run=True, stdout=said)

    assert said.getvalue().strip() == "No changes detected"


def test_no_template_holds_a_style_or_a_script():
    inline = [
        f"{name_of(path)}: {found.strip()}"
        for path in files("*.html")
        for found in INLINE.findall(COMMENT.sub("", path.read_text(encoding="utf-8")))
    ]

    assert inline == []


@pytest.mark.parametrize(
    "text", ['<p style="color: red">', "<style>", "<script>", '<a onclick="go()">', "<b hx-on:click=''>"]
)
def test_an_inline_style_or_script_would_be_seen(text):
    assert INLINE.search(text)


def test_no_file_names_a_registry_or_the_machine_it_was_written_on():
    named = [
        f"{name_of(path)}: {found.group()}"
        for path in files()
        if path.suffix not in PICTURES and path != Path(__file__)
        for found in NOT_HERE.finditer(path.read_text(encoding="utf-8"))
    ]

    assert named == []


@pytest.mark.parametrize(
    "text", ["https://pypi.org/simple", "--extra-index-url=…", "cd /root && make", "/opt/pypi", "/work/main/docs"]
)
def test_a_registry_or_a_machine_would_be_seen(text):
    assert NOT_HERE.search(text)


def test_no_module_is_too_long():
    too_long = [
        f"{name_of(path)}: {length}"
        for path in files("*.py")
        if not {"migrations", "tests"} & set(path.parts)
        and (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    ]

    assert too_long == []


def test_every_test_of_a_file_can_fail():
    without = [name_of(path) for path in files("test_*.py") if not can_fail(path)]

    assert without == []


def can_fail(path):
    """Say whether a file of tests demands something: by `assert`, or that an error is raised."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    raises = any(isinstance(node, ast.Attribute) and node.attr == "raises" for node in nodes)
    return raises or any(isinstance(node, ast.Assert) for node in nodes)
