import pytest

from trienkhai.access.models import Grant
from trienkhai.access.operations import give_role
from trienkhai.core.tests.faults import found_by, plant
from trienkhai.organisation.scoping import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("day", "is_found"), [(9, False), (10, True)])
def test_a_role_under_a_unit_that_has_ended_without_an_heir_is_found(world, day, is_found):
    give_role(world.user("north"), role=Role.VIEWER, unit_id=world.north.unit_id, scope=world.shell())
    plant(
        "UPDATE ancestry SET valid = daterange(lower(valid), %s) WHERE descendant_id = %s",
        [world.day(10), world.north.unit_id],
        into="ancestry",
    )

    found = [finding.subject for finding in found_by("access.grant_of_missing_unit", on=world.day(day))]

    assert found == ([f"access_grant {Grant.objects.get().pk}"] if is_found else [])


def test_a_role_that_has_ended_may_be_of_a_unit_that_has(world):
    give_role(
        world.user("north"),
        role=Role.VIEWER,
        unit_id=world.north.unit_id,
        start=world.day(),
        end=world.day(5),
        scope=world.shell(),
    )
    plant("DELETE FROM ancestry WHERE descendant_id = %s", [world.north.unit_id], into="ancestry")

    assert found_by("access.grant_of_missing_unit", on=world.day(10)) == []
