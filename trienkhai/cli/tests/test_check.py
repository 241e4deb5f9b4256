import json
from datetime import datetime

import pytest
import typer
from django.utils import translation

from trienkhai.cli.upkeep import check
from trienkhai.core.tests.faults import plant

pytestmark = pytest.mark.django_db

ask = check.__wrapped__
"""The verb without the start of the installation around it, which the tests have behind them."""


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def today(world):
    return datetime.combine(world.day(10), datetime.min.time())


@pytest.fixture
def broken(world):
    """Let a figure of the nation be wrong by one."""
    world.issue()
    plant(
        "UPDATE ledger_now SET suspended = suspended + 1 WHERE unit_id = %s", [world.centre.unit_id], into="ledger_now"
    )


def test_where_all_is_well_it_says_so(today, capsys):
    ask(on=today)

    assert capsys.readouterr().out.endswith("checks found nothing wrong.\n")


def test_an_error_is_shown_with_what_to_do_and_ends_with_code_1(today, broken, world, capsys):
    with pytest.raises(typer.Exit) as ended:
        ask(on=today)

    shown = " ".join(capsys.readouterr().out.split())
    assert ended.value.exit_code == 1
    assert "progress.ledger_now_differs" in shown
    assert "trienkhai check --recount" in shown
    assert f"unit {world.centre.unit_id}" in shown


def test_as_json_every_finding_says_all(today, broken, capsys):
    with pytest.raises(typer.Exit):
        ask(on=today, json=True)

    (finding,) = json.loads(capsys.readouterr().out)
    assert finding.keys() == {"check", "severity", "fault", "advice", "subject", "detail"}
    assert (finding["check"], finding["severity"]) == ("progress.ledger_now_differs", "error")


def test_a_warning_does_not_end_with_code_1(today, world, capsys):
    plant("UPDATE operation SET day = '2199-01-01'", into="operation")

    ask(on=today, json=True)

    assert {finding["severity"] for finding in json.loads(capsys.readouterr().out)} == {"warning"}


def test_a_recount_mends_the_ledger_before_it_is_checked(today, broken, capsys):
    ask(on=today, recount=True, json=True)

    assert json.loads(capsys.readouterr().out) == []
