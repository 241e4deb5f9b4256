import pytest
from psycopg.types.range import DateRange

from trienkhai.audit.operations import operation
from trienkhai.core.tests.faults import found_by, plant
from trienkhai.organisation.models import Reorganisation, Succession, Unit
from trienkhai.organisation.operations import move_unit

pytestmark = pytest.mark.django_db


def subjects(name, world):
    return [finding.subject for finding in found_by(name, on=world.day(100))]


def succeed(world, heir, *, share="whole", day=10, decided_on=10):
    """Let a unit take the place of the commune, which need not have ended."""
    with operation("organisation.test", by=world.shell()):
        decision = Reorganisation.objects.create(decision="Nghị quyết", day=world.day(decided_on))
        return Succession.objects.create(
            reorganisation=decision,
            predecessor_id=world.commune.unit_id,
            successor_id=heir.unit_id,
            share=share,
            day=world.day(day),
        )


def end(world, unit, *, day):
    plant(
        "UPDATE unit_version SET valid = %s WHERE unit_id = %s",
        [DateRange(world.day(), world.day(day)), unit.unit_id],
        into="unit_version",
    )


def test_a_unit_without_a_version_is_found(world):
    with operation("organisation.test", by=world.shell()):
        unit = Unit.objects.create()

    assert subjects("organisation.unit_without_version", world) == [f"unit {unit.pk}"]


def test_a_unit_that_begins_again_is_found(world):
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="QĐ", scope=world.shell(on=world.day(5)))
    plant(
        "UPDATE unit_version SET valid = %s WHERE unit_id = %s AND upper_inf(valid)",
        [DateRange(world.day(8), None), world.commune.unit_id],
        into="unit_version",
    )

    assert subjects("organisation.unit_with_gap", world) == [f"unit {world.commune.unit_id}"]


def test_a_unit_under_one_that_has_ended_is_found(world):
    plant(
        "UPDATE unit_version SET valid = %s WHERE unit_id = %s",
        [DateRange(world.day(), world.day(20)), world.north_district.unit_id],
        into="unit_version",
        without=["unit_version_parent_exists"],
    )

    found = found_by("organisation.parent_missing", on=world.day())

    assert [finding.subject for finding in found] == [
        f"unit_version {world.commune.pk}",
        f"unit_version {world.other_commune.pk}",
    ]
    assert found[0].detail.endswith(f"is not there on {{[{world.day(20)},)}}")


def test_a_unit_under_one_of_another_level_is_found(world):
    plant(
        "UPDATE unit_version SET parent_level = 10 WHERE id = %s",
        [world.commune.pk],
        into="unit_version",
        without=["unit_version_parent_exists"],
    )

    assert subjects("organisation.parent_missing", world) == [f"unit_version {world.commune.pk}"]


def test_a_second_unit_at_the_top_is_found(world):
    plant(
        "UPDATE unit_version SET parent_id = NULL, parent_level = NULL WHERE id = %s",
        [world.south.pk],
        into="unit_version",
    )

    (found,) = found_by("organisation.several_tops", on=world.day())

    assert {found.subject, found.detail.partition(" on ")[0]} == {
        f"unit {min(world.centre.unit_id, world.south.unit_id)}",
        f"beside unit {max(world.centre.unit_id, world.south.unit_id)}",
    }


@pytest.mark.parametrize(
    ("fault", "side"),
    [
        ("DELETE FROM ancestry WHERE ancestor_id = %(above)s AND descendant_id = %(unit)s", "so, not kept"),
        ("DELETE FROM ancestry WHERE descendant_id = %(unit)s AND depth = 0", "so, not kept"),
        ("UPDATE ancestry SET depth = 2 WHERE ancestor_id = %(above)s AND descendant_id = %(unit)s", "kept, not so"),
        (
            "INSERT INTO ancestry (ancestor_id, descendant_id, depth, through, valid)"
            " VALUES (%(other)s, %(unit)s, 2, 'structure', '[2021-03-12,)')",
            "kept, not so",
        ),
        (
            "UPDATE ancestry SET valid = '[2021-03-13,)' WHERE ancestor_id = %(above)s AND descendant_id = %(unit)s",
            "kept, not so",
        ),
    ],
)
def test_a_line_that_is_missing_wrong_or_too_many_is_found(world, fault, side):
    named = {
        "unit": world.commune.unit_id,
        "above": world.north_district.unit_id,
        "other": world.south.unit_id,
    }
    plant(fault, named, into="ancestry")

    found = found_by("organisation.ancestry_differs", on=world.day())

    assert any(finding.detail.startswith(side) for finding in found)
    assert all(finding.subject.startswith(f"unit {named['unit']} under") for finding in found)


def test_the_lines_of_a_unit_that_has_ended_are_those_of_its_heir(world):
    end(world, world.commune, day=10)
    succeed(world, world.other_south_commune)
    assert subjects("organisation.ancestry_differs", world) != []

    district = world.south_district.unit_id
    move_unit(world.other_commune.unit_id, to=district, decision="QĐ", scope=world.shell(on=world.day(12)))

    assert subjects("organisation.ancestry_differs", world) == []


def test_an_heir_that_is_not_there_is_found(world):
    end(world, world.other_commune, day=5)
    succession = succeed(world, world.other_commune)

    assert subjects("organisation.heir_missing", world) == [f"succession {succession.pk}"]


def test_a_unit_that_goes_on_after_its_succession_is_found(world):
    succession = succeed(world, world.other_commune)

    assert subjects("organisation.predecessor_goes_on", world) == [f"succession {succession.pk}"]


def test_a_unit_that_gave_a_part_of_itself_may_go_on(world):
    succeed(world, world.other_commune, share="part")

    assert subjects("organisation.predecessor_goes_on", world) == []


@pytest.mark.parametrize(("share", "day", "is_found"), [("whole", 10, False), ("part", 10, True), ("whole", 9, True)])
def test_a_unit_that_ended_without_an_heir_of_that_day_is_found(world, share, day, is_found):
    end(world, world.commune, day=10)
    succeed(world, world.other_commune, share=share, day=day)

    expected = [f"unit {world.commune.unit_id}"] if is_found else []
    assert subjects("organisation.unit_ended_without_heir", world) == expected


def test_a_succession_on_another_day_than_its_reorganisation_is_found(world):
    succession = succeed(world, world.other_commune, day=10, decided_on=11)

    assert subjects("organisation.succession_on_another_day", world) == [f"succession {succession.pk}"]
