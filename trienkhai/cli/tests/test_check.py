import json

import pytest

from trienkhai.core.tests.faults import plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(world):
    """Let a figure of the nation be wrong by one."""
    world.issue()
    plant(
        "UPDATE ledger_now SET suspended = suspended + 1 WHERE unit_id = %s", [world.centre.unit_id], into="ledger_now"
    )


def test_where_all_is_well_it_says_so(world, trienkhai):
    world.issue()

    done = trienkhai("check", day=10)

    assert done.exit_code == 0
    assert done.stdout.endswith("checks found nothing wrong.\n")


def test_an_error_is_shown_with_what_to_do_and_ends_with_code_1(broken, world, trienkhai):
    done = trienkhai("check", day=10)

    assert done.exit_code == 1
    assert "progress.ledger_now_differs" in done.stdout
    assert "trienkhai check --recount" in done.stdout
    assert f"unit {world.centre.unit_id}" in done.stdout


def test_as_json_every_finding_says_all(broken, trienkhai):
    done = trienkhai("check", "--json", day=10)

    (finding,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert finding.keys() == {"check", "severity", "fault", "advice", "subject", "detail"}
    assert (finding["check"], finding["severity"]) == ("progress.ledger_now_differs", "error")


def test_a_warning_does_not_end_with_code_1(world, trienkhai):
    plant("UPDATE operation SET day = '2199-01-01'", into="operation")

    done = trienkhai("check", "--json", day=10)

    assert done.exit_code == 0
    assert {finding["severity"] for finding in json.loads(done.stdout)} == {"warning"}


def test_a_recount_mends_the_ledger_before_it_is_checked(broken, trienkhai):
    done = trienkhai("check", "--recount", "--json", day=10)

    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


def test_findings_speak_the_language_of_the_terminal(broken, trienkhai):
    assert "lỗi: " in trienkhai("check", day=10, language="vi_VN.UTF-8").stdout
