import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.audit.models import Operation
from trienkhai.core.errors import BadInput, DomainError
from trienkhai.progress.operations import cancel_assignments
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.operations import close_programme, import_programme, issue_programme


def test_every_addressed_unit_gets_every_task_once(world):
    programme = world.programme(world.task(1), world.task(2, to="province"))

    began = issue_programme(programme, scope=world.scope("centre"))

    held = Assignment.objects.values_list("task__number", "unit__versions__code").order_by("task__number", "unit")
    assert began == 6
    assert set(held) == {
        *((1, code) for code in ("00715", "00718", "20233", "20230")),
        *((2, code) for code in ("02", "48")),
    }


def test_an_assignment_begins_not_started_on_the_day_with_the_due_date_of_its_task(world):
    world.issue(on=world.day(2))

    held = world.assignment(world.commune)
    assert (held.state, held.bucket, held.progress) == ("not_started", "not_started", 0)
    assert (held.since, held.due, held.original_due) == (world.day(2), world.day(30), world.day(30))
    assert (held.role, held.version, held.submitted_on) == ("lead", 1, None)


def test_a_unit_that_leads_and_coordinates_leads(world):
    world.issue(world.task(coordinators=(world.addressees(under="026"), world.addressees(unit="02"))))

    roles = dict(Assignment.objects.values_list("unit__versions__code", "role"))
    assert roles["00715"] == "lead"
    assert roles["02"] == "coordinating"


def test_issuing_again_adds_only_what_is_missing(world):
    programme = world.issue()
    world.communes(3, under=world.north_district, on=world.day(5))

    again = [issue_programme(programme, scope=world.scope("centre", on=world.day(day))) for day in (4, 5, 6)]

    assert again == [0, 3, 0]
    assert Assignment.objects.count() == 7
    assert Programme.objects.get().issued_on == world.day()


def test_issuing_again_hands_out_no_task_that_is_past(world):
    programme = world.issue(world.task(1, due=world.day(4)), world.task(2, due=world.day(5)))
    (newcomer,) = world.communes(1, under=world.north_district, on=world.day(5))

    issue_programme(programme, scope=world.scope("centre", on=world.day(5)))

    assert [held.task.number for held in Assignment.objects.filter(unit=newcomer.unit_id)] == [2]


def test_a_cancelled_assignment_is_not_issued_again(world):
    programme = world.issue()
    cancel_assignments([world.assignment(world.commune).pk], reason="Trùng", scope=world.scope("centre"))

    assert issue_programme(programme, scope=world.scope("centre", on=world.day(1))) == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_issues_at_once_reach_each_unit_once(world, at_once):
    programme = world.programme()

    outcomes = at_once(
        lambda: issue_programme(programme, scope=world.scope("centre")),
        lambda: issue_programme(programme, scope=world.scope("centre")),
        lock="LOCK assignment IN SHARE ROW EXCLUSIVE MODE",
    )

    assert sorted(outcomes) == [0, 4]
    assert Assignment.objects.count() == 4


@pytest.mark.parametrize(
    ("changes", "clear"),
    [
        ({"lead": ()}, "who"),
        ({"title": ""}, "what"),
        ({"due": None}, "when"),
        ({"authority": ""}, "authority"),
        ({"product": ""}, "product"),
        ({"acceptance_test": ""}, "product"),
    ],
)
def test_a_task_that_lacks_a_clear_is_not_issued_and_the_clear_is_named(world, changes, clear):
    programme = world.programme(world.task(1), world.task(2, **changes))

    with pytest.raises(BadInput) as caught:
        issue_programme(programme, scope=world.scope("centre"))

    assert (2, clear) in {(problem.line, problem.column) for problem in caught.value.problems}
    assert {problem.line for problem in caught.value.problems} == {2}
    assert not Assignment.objects.exists()


def test_all_that_is_missing_is_named_at_once(world):
    programme = world.programme(world.task(1, title="", authority=""), world.task(2, product=""))

    with pytest.raises(BadInput) as caught:
        issue_programme(programme, scope=world.scope("centre"))

    assert [(problem.line, problem.column) for problem in caught.value.problems] == [
        (1, "what"),
        (1, "authority"),
        (2, "product"),
    ]


def test_a_task_due_before_its_issue_is_not_issued(world):
    programme = world.programme(world.task(due=world.day(4)))

    with pytest.raises(BadInput) as caught:
        issue_programme(programme, scope=world.scope("centre", on=world.day(5)))

    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(1, "due")]


def test_a_task_whose_addressees_reach_nobody_is_not_issued(world):
    programme = world.programme(world.task(to="cell"))

    with pytest.raises(BadInput) as caught:
        issue_programme(programme, scope=world.scope("centre"))

    assert [(problem.line, problem.column) for problem in caught.value.problems] == [(1, "who")]


def test_a_programme_without_a_task_is_not_issued(world):
    scope = world.scope("centre")
    empty = import_programme([], title="", document="", issuer_id=world.centre.unit_id, scope=scope)

    with pytest.raises(BadInput):
        issue_programme(empty, scope=scope)


def test_a_closed_programme_is_not_issued(world):
    programme = world.issue()
    close_programme(programme, scope=world.scope("centre", on=world.day(5)))
    programme.refresh_from_db()

    with pytest.raises(DomainError) as caught:
        issue_programme(programme, scope=world.scope("centre", on=world.day(6)))

    assert caught.value.code == "programme_closed"


@pytest.mark.parametrize("actor", ["north", "commune", "nobody"])
def test_only_who_may_issue_for_the_issuer_issues(world, actor):
    programme = world.programme()

    with pytest.raises(PermissionDenied):
        issue_programme(programme, scope=world.scope(actor))

    assert not Assignment.objects.exists()


def test_the_operation_says_how_many_assignments_began(world):
    programme = world.issue()

    done = Operation.objects.get(name="tasks.issue_programme")
    assert done.detail == {"programme": programme.pk, "assignments": 4}


@pytest.mark.parametrize("communes", [2, 200])
def test_an_issue_costs_the_same_statements_for_any_number_of_units(world, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    programme, scope = world.programme(world.task(1), world.task(2)), world.scope("centre")

    with django_assert_num_queries(11):
        assert issue_programme(programme, scope=scope) == 2 * (communes + 4)
