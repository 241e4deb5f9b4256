import pytest
from django.db import connection

from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.progress.operations import (
    cancel_assignments,
    post_deltas,
    resume_assignments,
    submit_reports,
    suspend_assignments,
)
from trienkhai.progress.queries import rollup
from trienkhai.progress.rules import ReportLine
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme, issue_programme
from trienkhai.tasks.rules import STANDINGS


def standings(figures):
    """Return the standings that occur."""
    return {name: number for name, number in figures.standings.items() if number}


@pytest.fixture
def read(world):
    """Issue one task to the communes, due on day 30, and return a function that reads where it stands on a day."""
    programme = world.issue()

    def read(unit, day):
        return rollup(unit, programme=programme, on=world.day(day))

    read.programme = programme
    return read


def test_a_programme_begins_with_its_issue(world, read):
    assert (read(world.centre, -1).whole.assignments, read(world.centre, 0).whole.assignments) == (0, 4)


def test_all_nine_standings_are_there_and_add_up(world, read):
    whole = read(world.centre, 5).whole

    assert tuple(whole.standings) == STANDINGS
    assert sum(whole.standings.values()) == whole.assignments == 4


def test_standings_are_exact_before_and_after_posting_and_for_every_day(world, read):
    held = world.assignment(world.commune)
    report = world.result(held, on=world.day(5))
    world.accept(report, on=world.day(8))

    def curve():
        return [standings(read(world.north, day).whole) for day in (4, 5, 7, 8, 23, 31)]

    expected = [
        {"not_started": 2},
        {"not_started": 1, "waiting_in_time": 1},
        {"not_started": 1, "waiting_in_time": 1},
        {"not_started": 1, "done_on_time": 1},
        {"due_soon": 1, "done_on_time": 1},
        {"overdue": 1, "done_on_time": 1},
    ]
    assert curve() == expected
    post_deltas(on=world.day(8))
    assert curve() == expected


def test_midnight_needs_no_write(world, read):
    assert [standings(read(world.centre, day).whole) for day in (22, 23, 30, 31)] == [
        {"not_started": 4},
        {"due_soon": 4},
        {"due_soon": 4},
        {"overdue": 4},
    ]


def test_the_whole_is_what_the_unit_holds_itself_and_what_its_children_hold(world):
    programme = world.issue(world.task(1, to="province"), world.task(2))
    world.report(world.assignment(world.north, task=1), on=world.day(1))

    found = rollup(world.north, programme=programme, on=world.day(1))

    assert standings(found.whole) == {"not_started": 2, "in_progress": 1}
    assert standings(found.own) == {"in_progress": 1}
    assert [(row.unit.code, standings(row.figures)) for row in found.units] == [("026", {"not_started": 2})]
    assert [(row.task.number, standings(row.figures)) for row in found.tasks] == [
        (1, {"in_progress": 1}),
        (2, {"not_started": 2}),
    ]


def test_children_that_hold_nothing_are_there_too_in_the_order_of_their_names(world):
    programme = world.issue(world.task(lead=(world.addressees(unit="20233"),)))

    found = rollup(world.centre, programme=programme, on=world.day())

    assert [(row.unit.short_name, row.figures.assignments) for row in found.units] == [("Đà Nẵng", 1), ("Hà Giang", 0)]
    assert found.own.assignments == 0


def test_a_share_of_nothing_is_no_share(world, read):
    assert read(world.centre, -1).whole.share_done is None
    world.accept(world.result(world.assignment(world.commune)))

    whole = read(world.centre, 31).whole
    assert (whole.done, whole.share_done, whole.share_overdue) == (1, 0.25, 0.75)


def test_without_deadline_is_a_second_figure_beside(world):
    programme = world.issue(world.task(1, due=None, no_deadline=True), world.task(2))
    world.report(world.assignment(world.commune, task=1), on=world.day(1))

    whole = rollup(world.centre, programme=programme, on=world.day(40)).whole

    assert standings(whole) == {"not_started": 3, "in_progress": 1, "overdue": 4}
    assert (whole.assignments, whole.no_deadline) == (8, 4)


def test_what_is_suspended_counts_as_such_and_what_is_cancelled_not_at_all(world, read):
    held, other = world.assignment(world.commune), world.assignment(world.other_commune)
    suspend_assignments([held.pk], reason="Giãn cách", scope=world.scope("centre", on=world.day(5)))
    cancel_assignments([other.pk], reason="Trùng", scope=world.scope("centre", on=world.day(6)))
    resume_assignments([held.pk], scope=world.scope("centre", on=world.day(10)))

    assert [standings(read(world.north, day).whole) for day in (4, 5, 6, 10, 31)] == [
        {"not_started": 2},
        {"suspended": 1, "not_started": 1},
        {"suspended": 1},
        {"not_started": 1},
        {"due_soon": 1},
    ]


def test_a_closed_programme_keeps_its_standings(world, read):
    close_programme(read.programme, scope=world.scope("centre", on=world.day(25)))
    read.programme.refresh_from_db()

    assert [standings(read(world.centre, day).whole) for day in (22, 25, 31, 365)] == [
        {"not_started": 4},
        {"due_soon": 4},
        {"due_soon": 4},
        {"due_soon": 4},
    ]


@pytest.mark.parametrize("is_posted", [False, True])
def test_a_figure_is_read_by_the_structure_of_its_day(world, read, is_posted):
    world.report(world.assignment(world.commune), on=world.day(5))
    if is_posted:
        post_deltas(on=world.day(5))
    scope = world.shell(on=world.day(10))
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=scope)
    world.result(world.assignment(world.commune), on=world.day(12))

    assert [standings(read(world.north, day).whole) for day in (9, 10, 12)] == [
        {"not_started": 1, "in_progress": 1},
        {"not_started": 1},
        {"not_started": 1},
    ]
    assert [standings(read(world.south, day).whole) for day in (9, 10, 12)] == [
        {"not_started": 2},
        {"not_started": 2, "in_progress": 1},
        {"not_started": 2, "waiting_in_time": 1},
    ]


def test_a_unit_that_begins_counts_from_its_day(world, read):
    world.communes(1, under=world.north_district, on=world.day(5))
    issue_programme(read.programme, scope=world.scope("centre", on=world.day(6)))

    assert [read(world.north, day).whole.assignments for day in (5, 6)] == [2, 3]


def test_programmes_do_not_mix(world, read):
    other = world.issue(world.task(1), world.task(2), on=world.day(3))

    assert read(world.centre, 5).whole.assignments == 4
    assert rollup(world.centre, programme=other, on=world.day(5)).whole.assignments == 8
    assert rollup(world.centre, programme=other, on=world.day(2)).whole.assignments == 0


def test_the_ledger_is_what_plain_sql_counts(world, read):
    submit_reports(
        [ReportLine(assignment=pk, progress=10) for pk in Assignment.objects.values_list("pk", flat=True)[:3]],
        scope=world.shell(on=world.day(4)),
    )
    world.accept(world.result(world.assignment(world.commune), on=world.day(6)), on=world.day(9))

    def recount(day):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT standing_of(bucket, due, %(day)s, 7), count(*) FROM ("
                " SELECT bucket, due FROM assignment WHERE since <= %(day)s"
                " UNION ALL SELECT bucket, due FROM assignment_past WHERE valid @> %(day)s"
                ") AS held GROUP BY 1",
                {"day": world.day(day)},
            )
            return dict(cursor.fetchall())

    assert all(standings(read(world.centre, day).whole) == recount(day) for day in range(40))


@pytest.mark.parametrize("communes", [2, 200])
def test_a_rollup_costs_the_same_statements_for_any_number_of_units(world, read, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    issue_programme(read.programme, scope=world.scope("centre"))

    with django_assert_num_queries(3):
        found = read(world.north_district, 5)

    assert (len(found.units), found.whole.assignments) == (communes + 2, communes + 2)
    assert UnitVersion.objects.count() == communes + 9
