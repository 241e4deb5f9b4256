"""Assignments that are suspended, go on, or are cancelled."""

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.audit.models import Operation
from trienkhai.core.errors import Conflict, DomainError
from trienkhai.progress.operations import cancel_assignments, resume_assignments, suspend_assignments
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme


@pytest.fixture
def held(world):
    """Issue one task to the communes, due on day 30, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


def suspend(world, *held, day, by="centre", reason="Giãn cách xã hội"):
    return suspend_assignments([one.pk for one in held], reason=reason, scope=world.scope(by, on=world.day(day)))


def resume(world, *held, day, by="centre"):
    return resume_assignments([one.pk for one in held], scope=world.scope(by, on=world.day(day)))


def cancel(world, *held, day, by="centre", reason="Giao trùng"):
    return cancel_assignments([one.pk for one in held], reason=reason, scope=world.scope(by, on=world.day(day)))


def test_what_is_suspended_is_neither_due_nor_overdue(world, held):
    assert suspend(world, held, day=5) == 1

    held = Assignment.objects.with_standing(on=world.day(99)).get(pk=held.pk)
    assert (held.state, held.standing, held.suspended_on) == ("suspended", "suspended", world.day(5))


def test_resuming_moves_the_due_date_by_the_suspended_days(world, held):
    suspend(world, held, day=5)
    assert resume(world, held, day=15) == 1

    held.refresh_from_db()
    assert (held.state, held.due, held.original_due) == ("not_started", world.day(40), world.day(30))
    assert held.suspended_on is None


def test_each_suspension_moves_the_due_date(world, held):
    for start, end in ((5, 6), (10, 20)):
        suspend(world, held, day=start)
        resume(world, held, day=end)

    held.refresh_from_db()
    assert held.due == world.day(41)


def test_what_was_overdue_is_overdue_by_as_many_days_afterwards(world, held):
    suspend(world, held, day=33)
    resume(world, held, day=43)

    held = Assignment.objects.with_standing(on=world.day(43)).get(pk=held.pk)
    assert (held.due, held.standing) == (world.day(40), "overdue")


def test_work_that_had_begun_goes_on(world, held):
    world.report(held, on=world.day(2))
    suspend(world, held, day=5)
    resume(world, held, day=15)

    held.refresh_from_db()
    assert held.state == "in_progress"


def test_without_due_date_none_is_made(world):
    world.issue(world.task(due=None, no_deadline=True))
    held = world.assignment(world.commune)
    suspend(world, held, day=5)
    resume(world, held, day=15)

    held.refresh_from_db()
    assert held.due is None


def test_what_is_cancelled_leaves_the_count_and_stays_listed(world, held):
    assert cancel(world, held, day=5) == 1

    assert Assignment.objects.counted().count() == 3
    assert Assignment.objects.get(pk=held.pk).state == "cancelled"


def test_what_is_suspended_may_be_cancelled(world, held):
    suspend(world, held, day=5)
    cancel(world, held, day=6)

    held.refresh_from_db()
    assert (held.state, held.suspended_on) == ("cancelled", None)


def test_the_reason_is_kept_with_the_operation(world, held):
    suspend(world, held, day=5, reason="Dịch bệnh")

    done = Operation.objects.get(name="progress.suspend_assignments")
    assert (done.reason, done.detail) == ("Dịch bệnh", {"assignments": 1})


def waiting(world, held):
    world.result(held)


def done(world, held):
    world.accept(world.result(held))


def suspended(world, held):
    suspend(world, held, day=0)


def cancelled(world, held):
    cancel(world, held, day=0)


def not_started(world, held):
    """Leave it as it begins."""


@pytest.mark.parametrize(
    ("act", "become"),
    [
        *((suspend, state) for state in (waiting, done, suspended, cancelled)),
        *((resume, state) for state in (not_started, waiting, done, cancelled)),
        *((cancel, state) for state in (waiting, done, cancelled)),
    ],
    ids=lambda value: value.__name__,
)
def test_of_a_set_with_one_in_another_state_none_is_touched(world, held, act, become):
    other = world.assignment(world.other_commune)
    if act is resume:
        suspended(world, other)
    become(world, held)
    versions = list(Assignment.objects.order_by("pk").values_list("version", flat=True))

    with pytest.raises(Conflict):
        act(world, held, other, day=1)

    assert list(Assignment.objects.order_by("pk").values_list("version", flat=True)) == versions


@pytest.mark.parametrize("act", [suspend, resume, cancel])
def test_an_assignment_that_changed_on_a_later_day_is_a_conflict(world, held, act):
    if act is resume:
        suspend(world, held, day=9)
    else:
        world.report(held, on=world.day(9))

    with pytest.raises(Conflict):
        act(world, held, day=8)


@pytest.mark.parametrize("act", [suspend, resume, cancel])
def test_an_assignment_that_is_not_there_is_a_conflict(world, held, act):
    with pytest.raises(Conflict):
        act(world, Assignment(pk=10**12), day=1)


@pytest.mark.parametrize("act", [suspend, resume, cancel])
def test_a_closed_programme_is_left_as_it_is(world, held, act):
    close_programme(held.programme, scope=world.scope("centre", on=world.day(5)))

    with pytest.raises(DomainError) as caught:
        act(world, held, day=6)

    assert caught.value.code == "programme_closed"


@pytest.mark.parametrize("act", [suspend, cancel])
def test_a_reason_is_demanded(world, held, act):
    with pytest.raises(DomainError) as caught:
        act(world, held, day=1, reason=" ")

    assert caught.value.code == "reason_missing"


@pytest.mark.parametrize("actor", ["north", "commune", "nobody"])
@pytest.mark.parametrize("act", [suspend, resume, cancel])
def test_only_who_may_issue_for_every_programme_concerned(world, held, act, actor):
    own = world.issue(by="north")
    also = world.assignment(world.commune, programme=own)

    with pytest.raises(PermissionDenied):
        act(world, held, also, day=1, by=actor)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_suspensions_at_once_the_second_is_told(world, at_once):
    world.issue()
    held = world.assignment(world.commune)
    world.user("centre")

    outcomes = at_once(
        lambda: suspend(world, held, day=5),
        lambda: suspend(world, held, day=6),
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    assert {type(outcome) for outcome in outcomes} == {int, Conflict}
    assert world.assignment(world.commune).version == 2


@pytest.mark.parametrize("communes", [2, 200])
@pytest.mark.parametrize(("act", "statements"), [(suspend, 7), (cancel, 7)])
def test_a_set_costs_the_same_statements_whatever_its_size(world, act, statements, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.issue()
    held, _ = list(Assignment.objects.all()), world.user("centre")

    with django_assert_num_queries(statements):
        assert act(world, *held, day=1) == communes + 4
