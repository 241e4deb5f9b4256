import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.audit.operations import operation
from trienkhai.core.errors import Conflict, DomainError
from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Extension
from trienkhai.progress.operations import ask_extension, decide_extension, resume_assignments, suspend_assignments
from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.operations import close_programme


@pytest.fixture
def held(world):
    """Issue one task to the communes, due on day 30, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


def ask(world, held, *, day, due, reason="Giãn cách xã hội", scope=None):
    scope = scope or world.scope("commune", on=world.day(day))
    return ask_extension(held, due=world.day(due), reason=reason, scope=scope)


def decide(world, extension, *, day, is_granted=True, scope=None):
    scope = scope or world.scope("centre", on=world.day(day))
    decide_extension(extension, is_granted=is_granted, answer="Đã xem xét", scope=scope)


def standing(world, day):
    held = Assignment.objects.with_standing(on=world.day(day))
    return held.get(unit=world.commune.unit_id).standing


# Asking


@pytest.mark.parametrize("day", [0, 30])
def test_an_extension_is_asked_for_until_the_due_date(world, held, day):
    extension = ask(world, held, day=day, due=45)

    assert (extension.state, extension.asked_on) == ("asked", world.day(day))
    assert (extension.old_due, extension.asked_due) == (world.day(30), world.day(45))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day": 31}, "too_late_to_ask"),
        ({"due": 30}, "not_later"),
        ({"due": 29}, "not_later"),
        ({"reason": " "}, "reason_missing"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(world, held, changes, code):
    with pytest.raises(DomainError) as caught:
        ask(world, held, **({"day": 5, "due": 45} | changes))

    assert (caught.value.code, Extension.objects.count()) == (code, 0)


def test_without_due_date_there_is_nothing_to_extend(world):
    world.issue(world.task(due=None, no_deadline=True))

    with pytest.raises(DomainError) as caught:
        ask(world, world.assignment(world.commune), day=5, due=45)

    assert caught.value.code == "no_deadline"


def test_while_it_is_undecided_the_old_date_counts(world, held):
    ask(world, held, day=30, due=45)

    assert (standing(world, 30), standing(world, 31)) == ("due_soon", "overdue")


def test_one_request_at_a_time(world, held):
    ask(world, held, day=5, due=45)

    with pytest.raises(Conflict):
        ask(world, held, day=6, due=50)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_requests_at_once_one_is_kept(world, at_once):
    world.issue()
    held = world.assignment(world.commune)
    world.user("commune")

    outcomes = at_once(
        *[lambda: ask(world, held, day=5, due=45)] * 2,
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    assert {type(outcome) for outcome in outcomes} == {Extension, Conflict}
    assert Extension.objects.count() == 1


def test_after_a_refusal_one_may_ask_again(world, held):
    decide(world, ask(world, held, day=5, due=45), day=6, is_granted=False)

    assert ask(world, held, day=7, due=40).state == "asked"


@pytest.mark.parametrize("actor", ["centre", "north", "nobody"])
def test_only_the_unit_asks(world, held, actor):
    with pytest.raises(PermissionDenied):
        ask(world, held, day=5, due=45, scope=world.scope(actor, on=world.day(5)))


def test_what_waits_for_review_asks_no_more(world, held):
    world.result(held, on=world.day(2))

    with pytest.raises(Conflict):
        ask(world, held, day=5, due=45)


def test_a_closed_programme_takes_no_request(world, held):
    close_programme(held.programme, scope=world.scope("centre", on=world.day(5)))

    with pytest.raises(DomainError) as caught:
        ask(world, world.assignment(world.commune), day=6, due=45)

    assert caught.value.code == "programme_closed"


# Deciding


def test_a_grant_holds_from_its_day_and_rewrites_no_earlier_day(world, held):
    decide(world, ask(world, held, day=29, due=45), day=33)

    held.refresh_from_db()
    assert (held.due, held.original_due) == (world.day(45), world.day(30))
    past = held.past.get()
    assert (past.due, past.valid.lower, past.valid.upper) == (world.day(30), world.day(0), world.day(33))
    assert standing(world, 37) == "not_started"


def test_a_refusal_leaves_the_due_date(world, held):
    extension = ask(world, held, day=5, due=45)
    decide(world, extension, day=6, is_granted=False)

    held.refresh_from_db()
    extension.refresh_from_db()
    assert (extension.state, extension.answer, extension.decided_on) == ("refused", "Đã xem xét", world.day(6))
    assert (held.due, held.version) == (world.day(30), 1)


@pytest.mark.parametrize("is_granted", [False, True])
def test_a_request_is_decided_once(world, held, is_granted):
    extension = ask(world, held, day=5, due=45)
    decide(world, extension, day=6, is_granted=is_granted)

    with pytest.raises(Conflict):
        decide(world, extension, day=7, is_granted=not is_granted)

    extension.refresh_from_db()
    assert extension.decided_on == world.day(6)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_decisions_at_once_the_second_is_told(world, at_once):
    world.issue()
    extension = ask(world, world.assignment(world.commune), day=5, due=45)
    world.user("centre")

    outcomes = at_once(
        *[lambda: decide(world, extension, day=6)] * 2,
        lock=f"SELECT FROM extension WHERE id = {extension.pk} FOR UPDATE",
    )

    assert {type(outcome) for outcome in outcomes} == {type(None), Conflict}
    assert world.assignment(world.commune).version == 2


def test_nothing_is_granted_when_the_result_came_meanwhile(world, held):
    extension = ask(world, held, day=5, due=45)
    world.result(held, on=world.day(6))

    with pytest.raises(Conflict):
        decide(world, extension, day=7)

    extension.refresh_from_db()
    held.refresh_from_db()
    assert (extension.state, held.due) == ("asked", world.day(30))
    decide(world, extension, day=7, is_granted=False)


def test_nothing_is_granted_when_the_due_date_moved_meanwhile(world, held):
    extension = ask(world, held, day=5, due=45)
    suspend_assignments([held.pk], reason="Giãn cách", scope=world.scope("centre", on=world.day(6)))
    resume_assignments([held.pk], scope=world.scope("centre", on=world.day(9)))

    with pytest.raises(Conflict):
        decide(world, extension, day=10)

    assert world.assignment(world.commune).due == world.day(33)


def test_a_closed_programme_grants_nothing(world, held):
    extension = ask(world, held, day=5, due=45)
    close_programme(held.programme, scope=world.scope("centre", on=world.day(6)))

    with pytest.raises(DomainError) as caught:
        decide(world, extension, day=7)

    assert caught.value.code == "programme_closed"


@pytest.fixture
def week_by_the_reviewer(world):
    """Issue a programme of the north whose reviewers may extend by seven days; the centre does not issue for it."""
    programme = world.issue(by="north")
    with operation("tasks.change_programme", by=world.shell()):
        Programme.objects.filter(pk=programme.pk).update(extension_days=7)
    return world.assignment(world.commune, programme=programme)


@pytest.mark.parametrize(("due", "may"), [(37, True), (38, False)])
def test_the_reviewer_extends_by_the_programmes_number_of_days(world, week_by_the_reviewer, due, may):
    held = week_by_the_reviewer
    extension = ask(world, held, day=5, due=due)
    reviewer = world.officer(world.north_district, Role.REVIEWER, on=world.day(6))

    if may:
        decide(world, extension, day=6, scope=reviewer)
    else:
        with pytest.raises(PermissionDenied):
            decide(world, extension, day=6, scope=reviewer)

    held.refresh_from_db()
    assert held.due == world.day(due if may else 30)


def test_the_issuer_extends_by_any_number_of_days(world, week_by_the_reviewer):
    decide(world, ask(world, week_by_the_reviewer, day=5, due=99), day=6, scope=world.scope("north", on=world.day(6)))

    assert world.assignment(world.commune).due == world.day(99)


@pytest.mark.parametrize("actor", ["commune", "south_district", "other_commune"])
def test_nobody_else_decides(world, week_by_the_reviewer, actor):
    extension = ask(world, week_by_the_reviewer, day=5, due=37)
    scope = world.officer(getattr(world, actor), *Role, on=world.day(6))

    with pytest.raises(PermissionDenied):
        decide(world, extension, day=6, scope=scope)
