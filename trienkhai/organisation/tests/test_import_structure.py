from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.audit.models import Operation
from trienkhai.core.errors import BadInput, DomainError
from trienkhai.organisation.models import Ancestry, Unit, UnitVersion
from trienkhai.organisation.operations import import_structure
from trienkhai.organisation.readers import StructureRow

LAO_CAI = StructureRow(2, "10", "province", "TW", "Tỉnh", "Tỉnh Lào Cai", "", 22.4, 103.9, "central")
SA_PA = StructureRow(3, "088", "district", "10", "Thị xã", "Thị xã Sa Pa", "", None, None, "province")
BAN_HO = StructureRow(4, "03043", "commune", "088", "Xã", "Xã Bản Hồ", "", None, None, "district")


def test_units_begin_on_the_day_under_the_units_that_the_file_names(world):
    began = import_structure([LAO_CAI, SA_PA, BAN_HO], scope=world.shell(on=world.day(5)))

    above = UnitVersion.objects.above(UnitVersion.objects.get(code="03043").unit_id, on=world.day(5))
    assert began == {"province": 1, "district": 1, "commune": 1}
    assert [version.code for version in above] == ["TW", "10", "088", "03043"]
    assert not UnitVersion.objects.on(world.day(4)).filter(code__in=["10", "088", "03043"]).exists()


def test_a_version_says_all_that_the_row_says(world):
    import_structure([LAO_CAI, replace(SA_PA, short_name="Sa Pa (thị xã)")], scope=world.shell())

    province, district = UnitVersion.objects.get(code="10"), UnitVersion.objects.get(code="088")
    assert (province.kind, province.name, province.short_name) == ("Tỉnh", "Tỉnh Lào Cai", "Lào Cai")
    assert (province.latitude, province.longitude) == (22.4, 103.9)
    assert (district.short_name, district.latitude) == ("Sa Pa (thị xã)", None)


def test_the_centre_is_made_once(world):
    import_structure([LAO_CAI], scope=world.shell(on=world.day(5)))

    centre = UnitVersion.objects.get(level__code="central")
    assert (centre.pk, centre.code, centre.name, centre.parent_id) == (world.centre.pk, "TW", "Trung ương", None)


def test_a_unit_stands_under_itself_and_everyone_above(world):
    lines = Ancestry.objects.filter(descendant=world.commune.unit_id).order_by("depth")

    assert [(line.ancestor_id, line.depth) for line in lines] == [
        (world.commune.unit_id, 0),
        (world.north_district.unit_id, 1),
        (world.north.unit_id, 2),
        (world.centre.unit_id, 3),
    ]
    assert {(line.through, line.valid.lower, line.valid.upper) for line in lines} == {("structure", world.day(), None)}


def test_units_that_are_there_already_are_all_named_and_nothing_is_written(world):
    rows = [LAO_CAI, replace(SA_PA, line=3, code="026"), replace(BAN_HO, line=4, code="00715")]

    with pytest.raises(BadInput) as caught:
        import_structure(rows, scope=world.shell(on=world.day(5)))

    assert [(problem.line, problem.value) for problem in caught.value.problems] == [(3, "026"), (4, "00715")]
    assert "Huyện Đồng Văn" in str(caught.value.problems[0].message)
    assert not UnitVersion.objects.filter(code="10").exists()


def test_units_that_begin_later_are_named_too(world):
    import_structure([LAO_CAI], scope=world.shell(on=world.day(5)))

    with pytest.raises(BadInput):
        import_structure([LAO_CAI], scope=world.shell(on=world.day(2)))


def test_units_cannot_begin_before_the_centre(world):
    with pytest.raises(DomainError) as caught:
        import_structure([LAO_CAI], scope=world.shell(on=world.day(-1)))

    assert caught.value.code == "structure_begins_later"


def test_a_dry_run_checks_everything_and_leaves_nothing(world):
    units, operations = Unit.objects.count(), Operation.objects.count()

    began = import_structure([LAO_CAI, SA_PA], scope=world.shell(), dry_run=True)

    assert began == {"province": 1, "district": 1}
    assert (Unit.objects.count(), Operation.objects.count()) == (units, operations)
    assert not Ancestry.objects.filter(descendant__versions__code="10").exists()


def test_only_who_may_do_everything_imports_a_structure(world):
    with pytest.raises(PermissionDenied):
        import_structure([LAO_CAI], scope=world.scope("centre"))


@pytest.mark.parametrize("communes", [2, 200])
def test_an_import_costs_the_same_statements_for_any_number_of_units(world, communes, django_assert_num_queries):
    rows = [replace(BAN_HO, code=f"9{number:04}", parent_code="026") for number in range(communes)]

    with django_assert_num_queries(21):
        import_structure(rows, scope=world.shell())

    assert UnitVersion.objects.children_of(world.north_district.unit_id).count() == communes + 2
