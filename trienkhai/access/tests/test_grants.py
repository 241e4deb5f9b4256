import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.access.models import Grant
from trienkhai.access.operations import end_role, give_role
from trienkhai.access.queries import scope_of
from trienkhai.audit.models import RowChange
from trienkhai.core.errors import DomainError
from trienkhai.organisation.scoping import Role
from trienkhai.progress.permissions import REPORT


def given(world, *, start=0, end=None, unit=None, role=Role.REPORTER):
    return give_role(
        world.user("lan"),
        role=role,
        unit_id=(unit or world.commune).unit_id,
        start=world.day(start),
        end=None if end is None else world.day(end),
        scope=world.shell(),
    )


@pytest.mark.parametrize(("day", "may"), [(4, False), (5, True), (9, True), (10, False)])
def test_a_grant_holds_from_its_first_day_to_the_day_before_its_end(world, day, may):
    given(world, start=5, end=10)

    scope = scope_of(world.user("lan"), on=world.day(day), source="page")

    assert scope.allows(REPORT, at=world.commune.unit_id) is may


def test_a_scope_costs_one_query(world, django_assert_num_queries):
    given(world)
    given(world, unit=world.other_commune)
    user = world.user("lan")

    with django_assert_num_queries(1):
        scope = scope_of(user, on=world.day(), source="page")

    assert scope.grants == {Role.REPORTER: frozenset({world.commune.unit_id, world.other_commune.unit_id})}


def test_a_role_is_held_once_at_a_time(world):
    given(world, start=0, end=10)

    with pytest.raises(DomainError) as refused:
        given(world, start=9)

    assert refused.value.code == "grant_overlaps"
    assert given(world, start=10).valid.lower == world.day(10)


def test_a_grant_that_ends_before_it_begins_is_refused(world):
    with pytest.raises(DomainError) as refused:
        given(world, start=5, end=5)

    assert refused.value.code == "grant_empty"


def test_an_ended_role_holds_no_more_on_the_day_of_its_end(world):
    grant = given(world)

    end_role(grant, scope=world.shell(on=world.day(3)))

    assert [Grant.objects.on(world.day(day)).count() for day in (2, 3)] == [1, 0]


def test_a_role_of_today_that_was_a_mistake_is_taken_back_and_kept_in_the_history(world):
    grant = given(world, start=3)

    end_role(grant, scope=world.shell(on=world.day(3)))

    assert not Grant.objects.exists()
    assert RowChange.objects.get(table_name="access_grant").before["role"] == Role.REPORTER


def test_a_role_ends_once(world):
    grant = given(world)
    end_role(grant, scope=world.shell(on=world.day(3)))

    with pytest.raises(DomainError) as refused:
        end_role(grant, scope=world.shell(on=world.day(4)))

    assert refused.value.code == "grant_ended"


def test_an_administrator_gives_roles_below_and_nowhere_else(world):
    administrator = world.officer(world.north, Role.ADMINISTRATOR)
    user = world.user("lan")

    give_role(user, role=Role.VIEWER, unit_id=world.commune.unit_id, scope=administrator)
    with pytest.raises(PermissionDenied):
        give_role(user, role=Role.VIEWER, unit_id=world.south.unit_id, scope=administrator)

    assert list(Grant.objects.values_list("unit_id", flat=True)) == [world.commune.unit_id]
