from decimal import Decimal

import pytest
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Report
from trienkhai.progress.operations import submit_reports
from trienkhai.progress.rules import ReportLine, ValueLine
from trienkhai.tasks.models import Indicator
from trienkhai.tasks.readers import IndicatorRow

SHARE = IndicatorRow(name="Tỷ lệ dự học", measure="%", target=Decimal(95), over_units="ratio", over_time="stock")


def page(client, unit, **parameters):
    return client.get(reverse("indicator_list", args=[unit.unit_id]), parameters)


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def reported(world, settings):
    settings.DEMONSTRATION_DAY = world.day(20)
    world.issue(world.task(indicator=SHARE))
    held = world.assignment(world.commune)
    value = ValueLine(Indicator.objects.get().pk, Decimal(1), Decimal(8))
    line = ReportLine(assignment=held.pk, progress=10, text="x", values=[value])
    (number,) = submit_reports([line], scope=world.officer(world.commune, Role.REPORTER, on=world.day(1)))
    world.accept(Report.objects.get(pk=number), on=world.day(2))


@pytest.mark.parametrize(
    ("language", "value", "of_how_many"), [("vi", "12,5", "1/4 đơn vị"), ("en", "12.5", "1 of 4 units")]
)
def test_a_figure_that_is_not_whole_says_of_how_many_units_it_is(
    world, officer, reported, language, value, of_how_many
):
    client = officer(world.centre, Role.VIEWER)
    client.cookies["django_language"] = language

    said = words(page(client, world.centre))

    assert f"<strong>{value}</strong> %" in said
    assert "= 1 / 8" in said
    assert of_how_many in said


def test_a_figure_is_whole_when_every_unit_has_reported(world, officer, reported):
    response = page(officer(world.centre, Role.VIEWER), world.commune)

    (row,) = response.context["indicators"]
    assert (row["arrived"], row["expected"], row["is_whole"]) == (1, 1, True)


def test_units_below_are_told_apart(world, officer, reported):
    (row,) = page(officer(world.centre, Role.VIEWER), world.centre).context["indicators"]

    assert [(unit["name"], unit["value"], unit["arrived"]) for unit in row["units"]] == [
        ("Đà Nẵng", None, 0),
        ("Hà Giang", Decimal("12.5"), 1),
    ]


def test_nothing_is_shown_of_a_day_before_the_acceptance(world, officer, reported):
    response = page(officer(world.centre, Role.VIEWER), world.centre, on=world.day(1).isoformat())

    assert [row["value"] for row in response.context["indicators"]] == [None]


def test_indicators_of_others_are_not_there(world, officer, reported):
    assert page(officer(world.south, Role.VIEWER), world.north).status_code == 404


@pytest.mark.parametrize("number", [2, 60])
def test_the_page_costs_the_same_queries_for_any_number_of_units(
    world, officer, settings, number, django_assert_max_num_queries
):
    settings.DEMONSTRATION_DAY = world.day(20)
    world.communes(number, under=world.north_district)
    world.issue(world.task(indicator=SHARE))
    client = officer(world.centre, Role.VIEWER)

    with django_assert_max_num_queries(12):
        (row,) = page(client, world.north_district).context["indicators"]

    assert len(row["units"]) == number + 2
