import pytest

from trienkhai.organisation.operations import move_unit
from trienkhai.progress.operations import cancel_assignments
from trienkhai.progress.queries import list_assignments
from trienkhai.tasks.operations import close_programme


@pytest.fixture
def listed(world):
    """Issue two tasks to the communes, due on days 10 and 30, and return a function that lists them under a unit."""
    programme = world.issue(world.task(1, due=world.day(10)), world.task(2))

    def listed(unit, day=0, **options):
        return list_assignments(unit.unit_id, programme=programme, on=world.day(day), **options)

    listed.programme = programme
    return listed


def test_a_row_says_what_is_held_by_whom_and_where_it_stands(world, listed):
    world.report(world.assignment(world.commune, task=2), on=world.day(3), progress=40)

    (row,) = listed(world.commune, 25, task=2)

    assert (row.unit_id, row.unit_name, row.unit_code) == (world.commune.unit_id, "Xã Lũng Cú", "00715")
    assert (row.above_name, row.task_number, row.task_title) == ("Đồng Văn", 2, "Nhiệm vụ 2")
    assert (row.role, row.due, row.original_due) == ("lead", world.day(30), world.day(30))
    assert (row.progress, row.standing, row.submitted_on) == (40, "due_soon", None)


def test_rows_come_by_unit_and_then_by_task(world, listed):
    rows = listed(world.north)

    assert [row.task_number for row in rows] == [1, 2, 1, 2]
    assert [row.unit_id for row in rows] == sorted(row.unit_id for row in rows)


@pytest.mark.parametrize(
    ("options", "rows"),
    [({"task": 1}, 4), ({"standing": "overdue"}, 4), ({"standing": "overdue", "task": 2}, 0), ({"task": 9}, 0)],
)
def test_a_list_is_narrowed_by_task_and_standing(world, listed, options, rows):
    assert len(listed(world.centre, 11, **options)) == rows


def test_pages_go_on_after_the_last_row_and_leave_nothing_out(world, listed):
    pages, last = [], None
    while page := listed(world.centre, limit=3, after=last):
        pages.append(page)
        last = (page[-1].unit_id, page[-1].task_number, page[-1].id)

    assert [len(page) for page in pages] == [3, 3, 2]
    assert [row for page in pages for row in page] == listed(world.centre)


def test_a_past_day_shows_what_was_held_then(world, listed):
    world.accept(world.result(world.assignment(world.commune, task=1), on=world.day(5)), on=world.day(8))

    assert [listed(world.commune, day, task=1)[0].standing for day in (2, 5, 8)] == [
        "not_started",
        "waiting_in_time",
        "done_on_time",
    ]


def test_before_the_issue_there_is_nothing(world, listed):
    assert listed(world.centre, -1) == []


def test_what_left_the_count_is_listed_on_its_days_only(world, listed):
    held = world.assignment(world.commune, task=1)
    cancel_assignments([held.pk], reason="Trùng", scope=world.scope("centre", on=world.day(5)))

    assert [len(listed(world.commune, day)) for day in (4, 5)] == [2, 1]


def test_units_are_those_of_the_structure_of_the_day(world, listed):
    scope = world.shell(on=world.day(9))
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=scope)

    assert [len(listed(world.north, day)) for day in (8, 9)] == [4, 2]
    assert {row.above_name for row in listed(world.commune, 9)} == {"Hải Châu"}


def test_after_the_close_nothing_becomes_later(world, listed):
    close_programme(listed.programme, scope=world.scope("centre", on=world.day(9)))

    assert {row.standing for row in listed(world.centre, 99, task=1)} == {"due_soon"}


def test_a_page_is_one_statement(world, listed, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(listed(world.centre)) == 8
