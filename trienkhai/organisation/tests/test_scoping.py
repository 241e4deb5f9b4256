import pytest
from django.core.exceptions import PermissionDenied
from psycopg.types.range import DateRange

from trienkhai.audit.operations import operation
from trienkhai.organisation.models import Reorganisation, Succession, UnitVersion
from trienkhai.organisation.operations import change_of_structure, move_unit
from trienkhai.organisation.permissions import ORGANISE, READ
from trienkhai.organisation.scoping import Permission, Role, Scope

OWN = Permission("tests.sign", frozenset({Role.REPORTER}), is_for_own_unit=True)


def seen(scope):
    return {version.code for version in UnitVersion.objects.on(scope.on).within(scope, READ)}


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        ("centre", {"TW", "02", "026", "00715", "00718", "48", "492", "20233", "20230"}),
        ("north", {"02", "026", "00715", "00718"}),
        ("commune", {"00715"}),
        ("nobody", set()),
    ],
)
def test_a_reader_sees_only_their_own_subtree(world, reader, sees):
    assert seen(world.scope(reader)) == sees


def test_whoever_may_do_everything_sees_everything(world):
    assert len(seen(world.shell())) == 9


def test_a_right_follows_the_structure_of_the_day(world):
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=world.shell(on=world.day(9)))

    assert "00715" in seen(world.scope("north", on=world.day(8)))
    assert "00715" not in seen(world.scope("north", on=world.day(9)))


@pytest.mark.parametrize(
    ("actor", "at", "may"),
    [
        ("centre", "commune", True),
        ("centre", "centre", True),
        ("north", "north", False),
        ("nobody", "commune", False),
    ],
)
def test_a_verb_needs_a_role_that_holds_it(world, actor, at, may):
    assert world.scope(actor).allows(ORGANISE, at=getattr(world, at).unit_id) is may


def test_a_verb_without_the_right_is_refused_by_name(world):
    with pytest.raises(PermissionDenied, match=r"organisation\.organise"):
        world.scope("north").require(ORGANISE, at=world.north.unit_id)


def test_a_right_for_the_own_unit_covers_nothing_below(world):
    scope = world.scope("north")

    assert scope.allows(OWN, at=world.north.unit_id)
    assert not scope.allows(OWN, at=world.commune.unit_id)


def test_roles_in_several_units_add_up(world):
    units = frozenset({world.commune.unit_id, world.south.unit_id})
    scope = Scope(name="two", on=world.day(), source="page", grants={Role.VIEWER: units})

    assert seen(scope) == {"00715", "48", "492", "20233", "20230"}


def test_everything_is_required_of_the_shell_only(world):
    world.shell().require_everything(ORGANISE)

    with pytest.raises(PermissionDenied):
        world.scope("centre").require_everything(ORGANISE)


@pytest.mark.parametrize(("share", "sees"), [("whole", True), ("main part", True), ("part", False)])
def test_an_ended_unit_is_reached_through_its_heir(world, share, sees):
    scope = world.shell(on=world.day(9))
    with operation("organisation.merge", by=scope) as entry, change_of_structure(entry):
        UnitVersion.objects.filter(pk=world.commune.pk).update(valid=DateRange(world.day(), world.day(9)))
        Succession.objects.create(
            reorganisation=Reorganisation.objects.create(decision="Nghị quyết 9", day=scope.on),
            predecessor_id=world.commune.unit_id,
            successor_id=world.south_commune.unit_id,
            share=share,
            day=scope.on,
        )

    heir = world.officer(world.south_commune, Role.REPORTER, on=world.day(9))
    assert heir.allows(OWN, at=world.commune.unit_id) is sees
    assert world.scope("centre", on=world.day(9)).allows(READ, at=world.commune.unit_id) is sees
    assert not world.scope("north", on=world.day(9)).allows(READ, at=world.commune.unit_id)
    assert world.scope("north", on=world.day(8)).allows(READ, at=world.commune.unit_id)


def test_the_rows_of_a_reader_cost_one_statement(world, django_assert_num_queries):
    scope = world.scope("north")

    with django_assert_num_queries(1):
        assert len(UnitVersion.objects.within(scope, READ)) == 4
