import pytest

from trienkhai.audit.operations import operation
from trienkhai.core.tests.faults import found_by, plant
from trienkhai.tasks.models import Assignment, Programme, Task
from trienkhai.tasks.operations import close_programme

pytestmark = pytest.mark.django_db


def subjects(name, world, *, on=100):
    return [finding.subject for finding in found_by(name, on=world.day(on))]


@pytest.fixture
def moved(world):
    """Return an assignment that has changed on days 5 and 8."""
    world.issue()
    assignment = world.assignment(world.commune)
    world.report(assignment, on=world.day(5))
    world.result(assignment, on=world.day(8))
    return world.assignment(world.commune)


def test_an_issued_programme_without_a_task_is_found(world):
    with operation("tasks.test", by=world.shell()):
        issued, _draft = (
            Programme.objects.create(number=number, title="Rỗng", issuer_id=world.centre.unit_id, issued_on=day)
            for number, day in ((8, world.day()), (9, None))
        )

    assert subjects("tasks.programme_without_task", world) == [f"programme {issued.pk}"]


@pytest.mark.parametrize(
    ("fault", "clear"),
    [
        ("UPDATE task SET title = '  '", "no what"),
        ("UPDATE task SET due = NULL", "no when"),
        ("UPDATE task SET authority = ''", "no authority"),
        ("UPDATE task SET acceptance_test = ''", "no product"),
        ("UPDATE task SET product = '', authority = ''", "no authority, product"),
    ],
)
def test_an_issued_task_that_lacks_a_clear_is_found(world, fault, clear):
    world.issue()
    plant(fault, into="task")

    (found,) = found_by("tasks.task_lacks_clear", on=world.day())

    assert (found.subject, found.detail) == (f"task {Task.objects.get().pk}", clear)


def test_an_issued_task_that_nobody_leads_is_found(world):
    world.issue()
    plant("UPDATE addressee_term SET role = 'coordinating'", into="addressee_term")

    (found,) = found_by("tasks.task_lacks_clear", on=world.day())

    assert found.detail == "no who"


def test_a_draft_may_lack_a_clear(world):
    world.programme(world.task(authority=""))

    assert subjects("tasks.task_lacks_clear", world) == []


@pytest.mark.parametrize("issued_on", [None, 3])
def test_a_task_that_is_held_before_its_issue_is_found(world, issued_on):
    programme = world.issue()
    plant("UPDATE programme SET issued_on = %s", [issued_on and world.day(issued_on)], into="programme")

    (found,) = found_by("tasks.assignment_before_issue", on=world.day())

    assert found.subject == f"programme {programme.pk}"
    assert found.detail.startswith("4 assignments")


def test_a_task_held_by_a_unit_that_does_not_exist_is_found(world):
    world.issue()
    plant("DELETE FROM ancestry WHERE descendant_id = %s", [world.commune.unit_id], into="ancestry")

    found = found_by("tasks.assignment_of_missing_unit", on=world.day(100))

    assert {finding.subject for finding in found} == {f"unit {world.commune.unit_id}"}
    assert [finding.detail.partition(",")[0] for finding in found] == [
        f"1 assignments on {world.day()}",
        f"1 assignments on {world.day(100)}",
    ]


def test_a_task_whose_unit_has_ended_since_is_found_on_the_day(world):
    world.issue()
    plant(
        "UPDATE ancestry SET valid = daterange(lower(valid), %s) WHERE descendant_id = %s",
        [world.day(50), world.commune.unit_id],
        into="ancestry",
    )

    assert subjects("tasks.assignment_of_missing_unit", world, on=49) == []
    assert subjects("tasks.assignment_of_missing_unit", world, on=50) == [f"unit {world.commune.unit_id}"]


@pytest.mark.parametrize(("state", "is_found"), [("in_progress", True), ("cancelled", False)])
def test_a_task_that_a_unit_holds_twice_is_found(world, state, is_found):
    world.issue()
    plant(
        "UPDATE assignment SET unit_id = %s, inherited_from_id = unit_id, state = %s WHERE unit_id = %s",
        [world.commune.unit_id, state, world.other_commune.unit_id],
        into="assignment",
    )

    expected = [f"unit {world.commune.unit_id}"] if is_found else []
    assert subjects("tasks.task_held_twice", world) == expected


def test_an_assignment_in_another_programme_than_its_task_is_found(world):
    first, other = world.issue(), world.issue()
    assignment = Assignment.objects.filter(programme=other).earliest("pk")
    plant(
        "UPDATE assignment SET programme_id = %s WHERE id = %s",
        [first.pk, assignment.pk],
        into="assignment",
    )

    assert subjects("tasks.programme_differs", world) == [f"assignment {assignment.pk}"]


def test_a_past_of_another_task_is_found(world, moved):
    other = world.issue()
    past = moved.past.earliest("past_id")
    plant(
        "UPDATE assignment_past SET task_id = %s WHERE past_id = %s",
        [other.tasks.get().pk, past.past_id],
        into="assignment_past",
    )

    assert subjects("tasks.programme_differs", world) == [f"assignment_past {past.past_id}"]


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE assignment_past SET valid = daterange(lower(valid), upper(valid) - 1) WHERE version = 1",
        "UPDATE assignment_past SET valid = daterange(lower(valid), upper(valid) - 1) WHERE version = 2",
        "UPDATE assignment_past SET valid = daterange(lower(valid), upper(valid) + 1) WHERE version = 2",
        "UPDATE assignment_past SET valid = daterange(lower(valid), NULL) WHERE version = 2",
        "UPDATE assignment_past SET since = since + 1 WHERE version = 2",
        "UPDATE assignment_past SET version = 3 WHERE version = 2",
        "DELETE FROM assignment_past WHERE version = 2",
    ],
)
def test_a_past_that_does_not_go_on_to_the_present_is_found(world, moved, fault):
    assert subjects("tasks.past_not_chained", world) == []

    plant(fault, into="assignment_past")

    assert set(subjects("tasks.past_not_chained", world)) == {f"assignment {moved.pk}"}


def test_two_pasts_of_one_day_are_found(world, moved):
    plant(
        "UPDATE assignment_past SET valid = daterange(lower(valid), upper(valid) + 1) WHERE version = 1",
        into="assignment_past",
        without=["assignment_past_one_at_a_time"],
    )

    assert subjects("tasks.past_not_chained", world) == [f"assignment {moved.pk}"]


def test_an_assignment_that_changed_after_the_close_is_found(world, moved):
    close_programme(moved.programme, scope=world.scope("centre", on=world.day(9)))
    assert subjects("tasks.moved_after_close", world) == []

    plant("UPDATE assignment SET since = %s WHERE id = %s", [world.day(10), moved.pk], into="assignment")

    assert subjects("tasks.moved_after_close", world) == [f"assignment {moved.pk}"]
