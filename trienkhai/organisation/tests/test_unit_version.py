"""What the database keeps of the structure, whoever writes it, and how versions are read."""

import unicodedata

import pytest
from django.db import IntegrityError
from psycopg.types.range import DateRange

from trienkhai.audit.operations import operation
from trienkhai.core.errors import DomainError
from trienkhai.organisation.models import Unit, UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.organisation.rules import short_name

PROVINCE, DISTRICT, COMMUNE = 10, 20, 30


@pytest.fixture
def write(world):
    """Return a function that writes a version of a new unit: a commune of the north, with these fields changed."""

    def write(**changes):
        complete = {
            "level_id": COMMUNE,
            "code": "99999",
            "kind": "Xã",
            "name": "Xã Mới",
            "short_name": "Mới",
            "parent_id": world.north_district.unit_id,
            "parent_level": DISTRICT,
            "valid": DateRange(world.day(), None),
        }
        with operation("organisation.write_version", by=world.shell()):
            unit = changes.pop("unit", None) or Unit.objects.create()
            return UnitVersion.objects.create(unit=unit, **(complete | changes))

    return write


def test_a_version_that_breaks_no_rule_is_kept(write):
    written = write()

    assert UnitVersion.objects.get(code="99999") == written


def test_a_parent_that_is_missing_is_refused(write, world):
    with operation("organisation.found_unit", by=world.shell()):
        nobody = Unit.objects.create()

    with pytest.raises(IntegrityError, match="unit_version_parent_exists"):
        write(parent_id=nobody.pk)


def test_a_parent_that_begins_later_or_ends_earlier_is_refused(write, world):
    with pytest.raises(IntegrityError, match="unit_version_parent_exists"):
        write(valid=DateRange(world.day(-1), None))


def test_a_parent_of_another_level_than_is_said_is_refused(write, world):
    with pytest.raises(IntegrityError, match="unit_version_parent_exists"):
        write(parent_id=world.north.unit_id, parent_level=DISTRICT)


def test_a_unit_above_itself_is_refused(write, world):
    unit = write().unit

    with pytest.raises(IntegrityError, match="unit_version_parent_is_above"):
        write(unit=unit, code="99998", parent_id=unit.pk, parent_level=COMMUNE)


@pytest.mark.parametrize("level", [DISTRICT, PROVINCE])
def test_a_parent_of_its_own_or_a_lower_level_is_refused(write, level):
    with pytest.raises(IntegrityError, match="unit_version_parent_is_above"):
        write(level_id=level)


@pytest.mark.parametrize("left_out", ["parent_id", "parent_level"])
def test_a_parent_and_its_level_are_said_together(write, left_out):
    with pytest.raises(IntegrityError, match="unit_version_parent_is_above"):
        write(**{left_out: None})


def test_a_code_stands_for_one_unit_of_a_level_on_a_day(write):
    with pytest.raises(IntegrityError, match="unit_version_code_is_unique"):
        write(code="00715")


def test_a_code_may_stand_for_units_of_several_levels_and_for_one_after_another(write, world):
    write(code="026", valid=DateRange(world.day(), world.day(5)))
    write(code="026", valid=DateRange(world.day(5), None))

    assert UnitVersion.objects.on(world.day(5)).filter(code="026").count() == 2


def test_a_unit_has_one_version_on_a_day(write, world):
    unit = write(valid=DateRange(world.day(), world.day(5))).unit

    with pytest.raises(IntegrityError, match="unit_version_one_at_a_time"):
        write(unit=unit, code="99998", valid=DateRange(world.day(4), None))


@pytest.mark.parametrize("days", [(3, 3), (None, 3)], ids=["no day", "no beginning"])
def test_a_version_has_a_first_day_and_at_least_one(write, world, days):
    first, last = (day if day is None else world.day(day) for day in days)

    with pytest.raises(IntegrityError, match="unit_version_valid_is_not_empty"):
        write(valid=DateRange(first, last))


def test_a_unit_that_has_units_under_it_does_not_go(world):
    with (
        pytest.raises(IntegrityError, match="unit_version_parent_exists"),
        operation("organisation.end_unit", by=world.shell()),
    ):
        UnitVersion.objects.filter(pk=world.north_district.pk).update(valid=DateRange(world.day(), world.day(5)))


def test_names_levels_and_parents_are_read_as_of_a_day(world):
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=world.shell(on=world.day(9)))

    children = [
        {version.code for version in UnitVersion.objects.on(world.day(day)).children_of(world.south_district.unit_id)}
        for day in (8, 9)
    ]
    assert children == [{"20230", "20233"}, {"20230", "20233", "00715"}]


def test_units_under_a_unit_are_read_as_of_a_day(world):
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=world.shell(on=world.day(9)))

    under = [
        {version.code for version in UnitVersion.objects.under(world.south.unit_id, on=world.day(day))}
        for day in (8, 9)
    ]
    assert under == [{"48", "492", "20230", "20233"}, {"48", "492", "20230", "20233", "00715"}]


def test_a_code_is_found_on_its_days_only(world):
    assert UnitVersion.objects.by_code("00715", on=world.day()) == world.commune

    with pytest.raises(DomainError) as caught:
        UnitVersion.objects.by_code("00715", on=world.day(-1))

    assert caught.value.code == "unit_unknown"


def test_a_code_of_several_levels_asks_for_the_level(world, write):
    district = write(code="02", level_id=DISTRICT, parent_id=world.north.unit_id, parent_level=PROVINCE)

    with pytest.raises(DomainError) as caught:
        UnitVersion.objects.by_code("02", on=world.day())

    assert (caught.value.code, "province, district" in str(caught.value)) == ("unit_ambiguous", True)
    assert UnitVersion.objects.by_code("02", on=world.day(), level="district") == district


@pytest.mark.parametrize("typed", ["da nang", "ĐÀ NẴNG", "Đà Nẵng", unicodedata.normalize("NFD", "Đà Nẵng")])
def test_search_ignores_case_accents_and_how_they_are_written(world, typed):
    assert [version.code for version in UnitVersion.objects.named(typed)] == ["48"]


def test_names_sort_the_vietnamese_way(world, write):
    names = ["Ba", "Bà", "Băng", "Cam", "Da", "Đa", "Đà", "Ea", "Quận 2", "Quận 10", "Ơ", "Ưu", "Ý"]
    for number, name in enumerate(reversed(names)):
        write(code=str(number), short_name=name, parent_id=world.north.unit_id, parent_level=PROVINCE)

    children = UnitVersion.objects.children_of(world.north.unit_id).filter(level=COMMUNE).in_name_order()

    assert [version.short_name for version in children] == [
        "Ba", "Bà", "Băng", "Cam", "Da", "Đa", "Đà", "Ea", "Ơ", "Quận 2", "Quận 10", "Ưu", "Ý",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "short"),
    [
        ("Thành phố Hà Nội", "Thành phố", "Hà Nội"),
        ("Quận 1", "Quận", "Quận 1"),
        ("Phường 01", "Phường", "Phường 01"),
        ("Trung ương", "Trung ương", "Trung ương"),
        ("Xã Tân Xã", "Xã", "Tân Xã"),
        ("Xãm Lũng", "Xã", "Xãm Lũng"),
        ("XÃ TÂN LẬP", "Xã", "TÂN LẬP"),
    ],
)
def test_a_short_name_leaves_out_the_kind_but_not_where_a_number_alone_would_be_left(name, kind, short):
    assert short_name(name, kind=kind) == short
