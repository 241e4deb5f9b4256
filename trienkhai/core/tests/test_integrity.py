from datetime import date

import pytest
from django.db import connection

from trienkhai.core.integrity import Severity, checks, read_check
from trienkhai.core.tests.faults import found_by

DAY = date(2021, 9, 15)
CHECK = """\
-- Two numbers are not
-- the same.
--
-- Severity: warning
-- Advice: Change one of them;
-- it does not matter which.
--
-- Measured at two rows: no time.
SELECT format('number %%s', number), %(day)s::date::text FROM generate_series(2, 3) AS number
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        (tmp_path / "numbers_differ.sql").write_text(text)
        return read_check(tmp_path / "numbers_differ.sql", name="core.numbers_differ")

    return write


def test_the_head_says_what_is_wrong_how_grave_and_what_to_do(written):
    check = written(CHECK)

    assert check.severity is Severity.WARNING
    assert check.fault == "Two numbers are not the same."
    assert check.advice == "Change one of them; it does not matter which."


@pytest.mark.parametrize(
    "text",
    [
        CHECK.replace("warning", "grave"),
        CHECK.replace("-- Severity: warning\n", ""),
        CHECK.replace("-- Advice", "-- Hint"),
        CHECK.partition("--\n")[2],
        "",
    ],
)
def test_a_file_with_another_head_is_refused_by_its_name(written, text):
    with pytest.raises(ValueError, match=r"numbers_differ\.sql"):
        written(text)


@pytest.mark.django_db
def test_every_row_is_a_finding_in_the_order_of_the_statement(written):
    found = list(written(CHECK).findings(on=DAY))

    assert [(finding.subject, finding.detail) for finding in found] == [
        ("number 2", "2021-09-15"),
        ("number 3", "2021-09-15"),
    ]
    assert found[0].check.name == "core.numbers_differ"


def test_the_checks_of_lower_apps_are_asked_first():
    apps = [check.name.partition(".")[0] for check in checks()]

    assert list(dict.fromkeys(apps)) == ["core", "audit", "organisation", "access", "tasks", "progress"]


@pytest.mark.django_db
def test_a_trigger_that_is_off_is_found():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE unit DISABLE TRIGGER watch_update")

    assert [finding.subject for finding in found_by("core.trigger_off", on=DAY)] == ["watch_update on unit"]


@pytest.mark.django_db
def test_a_constraint_that_is_not_proved_is_found():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE unit ADD CONSTRAINT unit_is_one CHECK (id = 1) NOT VALID")

    assert [finding.subject for finding in found_by("core.constraint_off", on=DAY)] == ["unit_is_one on unit"]
