import re
from datetime import UTC, date, datetime

import pytest
from django.db import connection

from tests.tree import ROOT, SOURCE
from trienkhai.core.integrity import Severity, checks, read_check

STATEMENTS = sorted(SOURCE.glob("*/sql/*.sql"))
CHECKS = sorted(SOURCE.glob("*/checks/*.sql"))
PARAMETER = re.compile(r"(?<!%)%\((\w+)\)s(?:::([a-z]+(?:\[\])?))?")
SAMPLES = {
    "bigint": 1,
    "bigint[]": [1, 2],
    "boolean": True,
    "date": date(2021, 9, 15),
    "integer": 1,
    "jsonb": "[]",
    "text": "a",
    "text[]": ["a", "b"],
    "timestamptz": datetime(2021, 9, 15, tzinfo=UTC),
}
"""A value of each type that a statement may be given."""

GIVEN = {
    "repost_ledger": "CREATE TEMPORARY TABLE ancestry_before AS SELECT ancestor_id, descendant_id, valid FROM ancestry"
}
"""What must be there before a statement can run, by its name."""


def name_of(file):
    return file.relative_to(SOURCE).as_posix()


def head(file):
    """Return the comment that a statement begins with, without the signs of comments."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line.removeprefix("--").strip() for line in lines[: next_line(lines)])


def next_line(lines):
    return next(number for number, line in enumerate(lines) if not line.startswith("--"))


def parameters(file):
    """Return the parameters of a statement and the type that each is cast to, "" where there is no cast."""
    return dict(PARAMETER.findall(file.read_text(encoding="utf-8")))


every_statement = pytest.mark.parametrize("file", [*STATEMENTS, *CHECKS], ids=name_of)


@every_statement
@pytest.mark.django_db
def test_every_statement_has_a_plan(file):
    values = {name: SAMPLES[kind] for name, kind in parameters(file).items()}
    with connection.cursor() as cursor:
        cursor.execute(GIVEN.get(file.stem, "SELECT"))
        cursor.execute(f"EXPLAIN {file.read_text(encoding='utf-8')}", values)
        plan = cursor.fetchall()

    assert plan


@every_statement
def test_every_parameter_has_a_cast(file):
    casts = PARAMETER.findall(file.read_text(encoding="utf-8"))

    assert [name for name, kind in casts if not kind] == []


@every_statement
def test_a_file_holds_one_statement(file):
    code = re.sub(r"--.*|'[^']*'", "", file.read_text(encoding="utf-8")).strip()

    assert ";" not in code.removesuffix(";")


@pytest.mark.parametrize("file", STATEMENTS, ids=name_of)
def test_the_head_of_a_statement_says_what_its_caller_must_know(file):
    text = head(file)
    unnamed = [name for name in parameters(file) if not re.search(rf"\b{name}\b", text)]

    assert re.match(r"[A-Z][^\n]+", text), "purpose"
    assert "Parameters:" in text or not parameters(file)
    assert unnamed == []
    assert re.search(r"\b(Result:|Touches )", text), "what comes back"
    assert "Locks:" in text
    assert "Measured" in text


@pytest.mark.parametrize("file", CHECKS, ids=name_of)
def test_the_head_of_a_check_says_what_is_wrong_and_what_to_do(file):
    check = read_check(file, name=file.stem)

    assert check.severity in Severity
    assert check.fault.endswith(".")
    assert check.advice.endswith(".")


@pytest.mark.parametrize("file", CHECKS, ids=name_of)
def test_a_check_asks_for_the_day_alone_and_needs_no_lock(file):
    assert parameters(file).keys() <= {"day"}
    assert not re.search(r"\b(FOR UPDATE|FOR SHARE|LOCK|INSERT|UPDATE \w+ SET|DELETE FROM)\b", file.read_text("utf-8"))


def test_every_check_is_run():
    assert {check.name for check in checks()} == {f"{file.parents[1].name}.{file.stem}" for file in CHECKS}


@pytest.mark.parametrize("file", CHECKS, ids=name_of)
def test_every_check_has_found_a_fault_that_a_test_planted(file):
    tests = "".join(path.read_text("utf-8") for path in (file.parents[1] / "tests").glob("test_*.py"))

    assert f'"{file.parents[1].name}.{file.stem}"' in tests, f"no test of {file.relative_to(ROOT)} finds a fault"
