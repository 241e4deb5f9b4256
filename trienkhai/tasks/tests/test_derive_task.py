from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.core.errors import BadInput, Conflict, DomainError
from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import cancel_assignments
from trienkhai.tasks.models import Assignment, Programme, Task
from trienkhai.tasks.operations import close_programme, derive_task
from trienkhai.tasks.rules import Addressee

DISTRICT, COMMUNE = 20, 30


@pytest.fixture
def above(world):
    """Issue one task to the provinces, and return what the north holds of it."""
    world.issue(world.task(to="province"))
    return world.assignment(world.north)


def concrete(**changes):
    """Return an unsaved task that lacks nothing, due on 1 April 2021."""
    complete = {
        "title": "Rà soát ở xã",
        "due": date(2021, 4, 1),
        "product": "Danh sách",
        "acceptance_test": "Đủ chữ ký",
        "authority": "Kế hoạch của tỉnh",
    }
    return Task(**(complete | changes))


def derive(world, above, *, level=COMMUNE, by="north", day=3, **changes):
    scope = world.scope(by, on=world.day(day))
    return derive_task(above, task=concrete(**changes), addressees=[Addressee(level=level)], scope=scope)


def test_a_task_made_concrete_reaches_the_units_under_the_unit_at_once(world, above):
    task = derive(world, above)

    held = Assignment.objects.filter(task=task)
    assert set(held.values_list("unit__versions__code", flat=True)) == {"00715", "00718"}
    assert {(row.since, row.due) for row in held} == {(world.day(3), date(2021, 4, 1))}


def test_it_belongs_to_a_programme_of_the_units_own(world, above):
    task = derive(world, above)

    assert (task.programme.issuer_id, task.programme.issued_on) == (world.north.unit_id, world.day(3))
    assert (task.programme.title, task.programme.number) == (above.programme.title, 2)


def test_later_tasks_join_the_same_programme(world, above):
    tasks = [derive(world, above), derive(world, above, level=DISTRICT, day=5)]

    assert [task.number for task in tasks] == [1, 2]
    assert Programme.objects.count() == 2


def test_the_chain_is_walked_both_ways_over_all_levels(world, above):
    district_task = derive(world, above, level=DISTRICT)
    below = world.assignment(world.north_district, programme=district_task.programme)
    officer = world.officer(world.north_district, Role.ISSUER, on=world.day(4))
    commune_task = derive_task(below, task=concrete(), addressees=[Addressee(level=COMMUNE)], scope=officer)

    assert commune_task.derives_from.derives_from == above.task
    assert above.task.derived_tasks.get().derived_tasks.get() == commune_task
    assert commune_task.programme.issuer_id == world.north_district.unit_id


@pytest.mark.parametrize("due", [None, date(2021, 4, 12)], ids=["never", "later"])
def test_it_is_due_no_later_than_the_task_above(world, above, due):
    with pytest.raises(BadInput) as caught:
        derive(world, above, due=due, has_no_deadline=due is None)

    assert [problem.column for problem in caught.value.problems] == ["due"]


def test_under_a_task_without_deadline_none_is_needed(world):
    world.issue(world.task(to="province", due=None, no_deadline=True))

    task = derive(world, world.assignment(world.north), due=None, has_no_deadline=True)

    assert Assignment.objects.filter(task=task, due=None).count() == 2


@pytest.mark.parametrize(
    ("changes", "clear"),
    [({"title": ""}, "what"), ({"authority": ""}, "authority"), ({"product": ""}, "product")],
)
def test_a_missing_clear_is_named_and_nothing_is_written(world, above, changes, clear):
    with pytest.raises(BadInput) as caught:
        derive(world, above, **changes)

    assert [problem.column for problem in caught.value.problems] == [clear]
    assert (Programme.objects.count(), Task.objects.count()) == (1, 1)


def test_addressees_that_reach_nobody_under_the_unit_are_refused(world, above):
    with pytest.raises(BadInput) as caught:
        derive_task(
            above,
            task=concrete(),
            addressees=[Addressee(unit=world.south_commune.unit_id)],
            scope=world.scope("north"),
        )

    assert [problem.column for problem in caught.value.problems] == ["who"]


@pytest.mark.parametrize("stranger", ["south_commune", "north", "nowhere"])
def test_a_unit_that_is_not_below_is_named_and_nothing_is_written(world, above, stranger):
    unit = 999_999 if stranger == "nowhere" else getattr(world, stranger).unit_id
    addressees = [Addressee(unit=world.commune.unit_id), Addressee(unit=unit)]

    with pytest.raises(BadInput) as caught:
        derive_task(above, task=concrete(), addressees=addressees, scope=world.scope("north"))

    assert [(problem.column, problem.value) for problem in caught.value.problems] == [("who", str(unit))]
    assert Task.objects.get() == above.task


def test_a_later_task_of_the_programme_is_not_due_before_it_is_issued(world, above):
    derive(world, above, day=3)

    with pytest.raises(BadInput) as caught:
        derive(world, above, day=6, due=world.day(5))

    assert [problem.column for problem in caught.value.problems] == ["due"]


def test_it_has_a_due_date_or_says_that_it_has_none(world, above):
    with pytest.raises(BadInput) as caught:
        derive(world, above, has_no_deadline=True)

    assert [problem.column for problem in caught.value.problems] == ["due"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_tasks_made_concrete_at_once_do_not_take_each_others_numbers(world, at_once):
    world.issue(world.task(1, to="province"), world.task(2, to="province"))
    held = [world.assignment(world.north), world.assignment(world.north, task=2), world.assignment(world.south)]
    scopes = [world.scope("north"), world.scope("north"), world.officer(world.south, Role.ISSUER)]

    made = at_once(
        *(
            partial(derive_task, above, task=concrete(), addressees=[Addressee(level=COMMUNE)], scope=scope)
            for above, scope in zip(held, scopes, strict=True)
        ),
        lock="LOCK programme IN SHARE ROW EXCLUSIVE MODE",
    )

    assert sorted((task.programme.issuer_id, task.number) for task in made) == sorted(
        [(world.north.unit_id, 1), (world.north.unit_id, 2), (world.south.unit_id, 1)]
    )
    assert Programme.objects.count() == 3


def test_an_assignment_that_is_not_open_any_more_is_a_conflict(world, above):
    cancel_assignments([above.pk], reason="Trùng", scope=world.scope("centre"))

    with pytest.raises(Conflict):
        derive(world, above)


def test_a_closed_programme_is_made_concrete_no_more(world, above):
    close_programme(above.programme, scope=world.scope("centre", on=world.day(1)))

    with pytest.raises(DomainError) as caught:
        derive(world, world.assignment(world.north), day=2)

    assert caught.value.code == "programme_closed"


@pytest.mark.parametrize("actor", ["commune", "nobody"])
def test_only_officers_of_the_unit_make_its_task_concrete(world, above, actor):
    with pytest.raises(PermissionDenied):
        derive(world, above, by=actor)
