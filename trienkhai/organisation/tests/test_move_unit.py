import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.audit.models import Operation
from trienkhai.core.errors import Conflict, DomainError
from trienkhai.organisation.models import Ancestry, Reorganisation, UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.organisation.scoping import Role
from trienkhai.progress.queries import rollup


def move(world, unit, *, to, day, scope=None):
    scope = scope or world.shell(on=world.day(day))
    return move_unit(unit.unit_id, to=to.unit_id, decision="Nghị quyết 9", scope=scope)


def codes_above(unit, *, on):
    return [version.code for version in UnitVersion.objects.above(unit.unit_id, on=on)]


def test_everything_under_a_unit_goes_with_it_from_the_day_on(world):
    move(world, world.north_district, to=world.south, day=10)

    assert codes_above(world.commune, on=world.day(9)) == ["TW", "02", "026", "00715"]
    assert codes_above(world.commune, on=world.day(10)) == ["TW", "48", "026", "00715"]


def test_a_move_closes_one_version_and_opens_the_next(world):
    move(world, world.commune, to=world.south_district, day=10)

    versions = UnitVersion.objects.filter(unit=world.commune.unit_id).order_by("valid")
    assert [(version.parent_id, version.valid.lower, version.valid.upper) for version in versions] == [
        (world.north_district.unit_id, world.day(), world.day(10)),
        (world.south_district.unit_id, world.day(10), None),
    ]
    assert {version.name for version in versions} == {"Xã Lũng Cú"}


def test_a_unit_may_be_moved_more_than_once(world):
    move(world, world.commune, to=world.south_district, day=10)
    move(world, world.commune, to=world.north, day=12)
    move(world, world.commune, to=world.north_district, day=20)

    assert codes_above(world.commune, on=world.day(11)) == ["TW", "48", "492", "00715"]
    assert codes_above(world.commune, on=world.day(19)) == ["TW", "02", "00715"]
    assert codes_above(world.commune, on=world.day(20)) == ["TW", "02", "026", "00715"]


def test_a_move_on_the_day_on_which_the_unit_stands_elsewhere_corrects_that_day(world):
    move(world, world.commune, to=world.south_district, day=10)
    move(world, world.commune, to=world.north, day=10)

    versions = UnitVersion.objects.filter(unit=world.commune.unit_id).order_by("valid")
    assert [version.parent_id for version in versions] == [world.north_district.unit_id, world.north.unit_id]


def test_the_decision_is_kept_with_the_day(world):
    done = move(world, world.commune, to=world.south_district, day=10)

    kept = Reorganisation.objects.get(pk=done.pk)
    operation = Operation.objects.get(pk=kept.operation_id)
    assert (kept.decision, kept.day) == ("Nghị quyết 9", world.day(10))
    assert (operation.name, operation.reason) == ("organisation.move_unit", "Nghị quyết 9")


def test_figures_of_earlier_days_stay_where_they_were_counted(world):
    programme = world.issue()
    move(world, world.north_district, to=world.south, day=10)

    def assignments(unit, day):
        return rollup(unit, programme=programme, on=world.day(day)).whole.assignments

    assert [(assignments(world.north, day), assignments(world.south, day)) for day in (9, 10)] == [(2, 2), (0, 4)]
    assert [assignments(world.centre, day) for day in (9, 10)] == [4, 4]


@pytest.mark.parametrize("to", ["commune", "other_commune", "north_district"])
def test_a_unit_is_put_only_under_one_of_a_higher_level(world, to):
    unit = world.north_district if to == "north_district" else world.commune

    with pytest.raises(DomainError) as caught:
        move(world, unit, to=getattr(world, to), day=10)

    assert caught.value.code == "parent_not_above"


@pytest.mark.parametrize("day", [-1, 9])
def test_a_unit_is_not_moved_before_it_begins_or_before_its_last_move(world, day):
    move(world, world.commune, to=world.south_district, day=10)

    with pytest.raises(DomainError) as caught:
        move(world, world.commune, to=world.north, day=day)

    assert caught.value.code == "unit_not_open"


@pytest.mark.parametrize("holder", ["north", "south"])
def test_the_right_is_needed_at_both_places(world, holder):
    organiser = world.officer(getattr(world, holder), Role.ORGANISER, on=world.day(10))

    with pytest.raises(PermissionDenied):
        move(world, world.commune, to=world.south_district, day=10, scope=organiser)

    assert not Reorganisation.objects.exists()


def test_an_organiser_of_both_places_may_move(world):
    move(world, world.commune, to=world.south_district, day=10, scope=world.scope("centre", on=world.day(10)))

    assert codes_above(world.commune, on=world.day(10)) == ["TW", "48", "492", "00715"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_moves_at_once_the_second_is_told(world, at_once):
    outcomes = at_once(
        lambda: move(world, world.commune, to=world.south_district, day=10),
        lambda: move(world, world.commune, to=world.north, day=10),
        lock="LOCK assignment IN SHARE ROW EXCLUSIVE MODE",
    )

    assert {type(outcome) for outcome in outcomes} == {Reorganisation, Conflict}
    assert UnitVersion.objects.filter(unit=world.commune.unit_id).count() == 2
    assert Reorganisation.objects.count() == 1


@pytest.mark.parametrize("communes", [2, 200])
def test_a_move_costs_the_same_statements_for_any_number_of_units(world, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)

    with django_assert_num_queries(19):
        move(world, world.north_district, to=world.south, day=10)

    moved = Ancestry.objects.on(world.day(10)).filter(ancestor=world.south.unit_id, depth=2)
    assert moved.count() == communes + 4
