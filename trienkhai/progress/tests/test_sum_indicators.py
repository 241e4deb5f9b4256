from datetime import date
from decimal import Decimal

import pytest

from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Report
from trienkhai.progress.operations import submit_reports
from trienkhai.progress.queries import IndicatorSum, sum_indicators
from trienkhai.progress.rules import ReportLine, ValueLine
from trienkhai.tasks.models import Indicator
from trienkhai.tasks.readers import IndicatorRow

MARCH = (date(2021, 3, 1), date(2021, 4, 1))
APRIL = (date(2021, 4, 1), date(2021, 5, 1))


def asked(over_units="sum", over_time="flow"):
    return IndicatorRow(name="Số người", measure="người", target=None, over_units=over_units, over_time=over_time)


@pytest.fixture
def say(world):
    """Return what reports a value of the indicator of task 1 for a unit, and has it accepted on the next day."""

    def report(unit, numerator, denominator=None, *, period=MARCH, on=1, is_accepted=True):
        held = world.assignment(unit)
        value = ValueLine(
            Indicator.objects.get(task=held.task_id).pk,
            Decimal(numerator),
            None if denominator is None else Decimal(denominator),
        )
        line = ReportLine(assignment=held.pk, progress=10, text="x", values=[value], period=period)
        (number,) = submit_reports([line], scope=world.officer(unit, Role.REPORTER, on=world.day(on)))
        if is_accepted:
            world.accept(Report.objects.get(pk=number), on=world.day(on + 1))

    return report


def summed(world, unit, *, day=30):
    found = sum_indicators(unit.unit_id, programme=world.assignment(world.commune).programme, on=world.day(day))
    return {row.unit_id: row for row in found}[unit.unit_id]


def numbers(row: IndicatorSum):
    return (row.numerator, row.denominator, row.arrived, row.expected)


def test_a_sum_adds_the_units_and_says_of_how_many(world, say):
    world.issue(world.task(indicator=asked()))
    say(world.commune, 10)
    say(world.south_commune, 7)

    assert numbers(summed(world, world.centre)) == (17, None, 2, 4)
    assert numbers(summed(world, world.north)) == (10, None, 1, 2)
    assert numbers(summed(world, world.other_commune)) == (None, None, 0, 1)


@pytest.mark.parametrize(("over_time", "total"), [("flow", 15), ("stock", 5)])
def test_a_flow_adds_the_periods_and_a_stock_takes_the_last(world, say, over_time, total):
    world.issue(world.task(indicator=asked(over_time=over_time)))
    say(world.commune, 5, period=APRIL, on=1)
    say(world.commune, 10, period=MARCH, on=3)

    assert summed(world, world.centre).numerator == total


def test_of_one_period_the_latest_accepted_report_counts(world, say):
    world.issue(world.task(indicator=asked()))
    say(world.commune, 5, on=1)
    say(world.commune, 8, on=3)
    say(world.commune, 99, on=5, is_accepted=False)

    assert numbers(summed(world, world.centre)) == (8, None, 1, 4)


@pytest.mark.parametrize("over_units", ["ratio", "weighted_mean"])
def test_shares_are_never_averaged(world, say, over_units):
    world.issue(world.task(indicator=asked(over_units, "stock")))
    say(world.commune, 1, 10)
    say(world.other_commune, 90, 90)

    assert numbers(summed(world, world.north)) == (91, 100, 2, 2)
    assert summed(world, world.north).is_whole


def test_a_value_counts_from_the_day_of_its_acceptance(world, say):
    world.issue(world.task(indicator=asked()))
    say(world.commune, 10, on=5)

    assert [summed(world, world.centre, day=day).arrived for day in (5, 6)] == [0, 1]


def test_the_children_add_up_to_the_whole(world, say):
    programme = world.issue(world.task(indicator=asked()))
    for place, unit in enumerate((world.commune, world.other_commune, world.south_commune), start=1):
        say(unit, place)

    rows = sum_indicators(world.centre.unit_id, programme=programme, on=world.day(30))

    whole, *children = sorted(rows, key=lambda row: row.unit_id != world.centre.unit_id)
    assert len(children) == 2
    assert sum(child.numerator for child in children) == whole.numerator == 6
    assert sum(child.expected for child in children) == whole.expected == 4
