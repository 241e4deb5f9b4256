from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.core.errors import BadInput, DomainError
from trienkhai.organisation.operations import import_structure
from trienkhai.organisation.readers import StructureRow
from trienkhai.tasks.models import AddresseeTerm, Assignment, Indicator, Programme, Task
from trienkhai.tasks.operations import import_programme
from trienkhai.tasks.readers import IndicatorRow


def test_an_annex_becomes_a_draft_that_reaches_nobody_yet(world):
    programme = world.programme(world.task(1), world.task(2), title="Chương trình 12", document="Nghị quyết 12")

    kept = Programme.objects.get(pk=programme.pk)
    assert (kept.number, kept.title, kept.document) == (1, "Chương trình 12", "Nghị quyết 12")
    assert (kept.issuer_id, kept.issued_on, kept.closed_on) == (world.centre.unit_id, None, None)
    assert [task.number for task in kept.tasks.all()] == [1, 2]
    assert not Assignment.objects.exists()


def test_a_task_keeps_all_that_the_row_says(world):
    row = world.task(
        4,
        group="Cán bộ",
        title="Kiện toàn",
        reporting_period="quarter",
        monitor="Tỉnh Hà Giang",
        evidence_required=True,
        indicator=IndicatorRow("Số lớp", "lớp", Decimal("5.5"), "sum", "flow"),
    )
    world.programme(row)

    task, indicator = Task.objects.get(), Indicator.objects.get()
    assert (task.number, task.group, task.title, task.due) == (4, "Cán bộ", "Kiện toàn", world.day(30))
    assert (task.product, task.acceptance_test, task.authority) == (row.product, row.acceptance_test, row.authority)
    assert (task.monitor_id, task.demands_evidence) == (world.north.unit_id, True)
    assert (task.reporting_period, task.has_no_deadline) == ("quarter", False)
    assert (indicator.name, indicator.measure, indicator.target) == ("Số lớp", "lớp", Decimal("5.5"))
    assert (indicator.over_units, indicator.over_time) == ("sum", "flow")


def test_names_and_codes_of_units_are_resolved_on_the_day(world):
    lead = (
        world.addressees(level="commune", under="huyện đồng văn"),
        world.addressees(unit="Đà Nẵng"),
        world.addressees(unit="00715", is_exception=True),
    )
    world.programme(world.task(lead=lead, coordinators=(world.addressees(kind="Phường"),)))

    terms = AddresseeTerm.objects.order_by("pk").values_list("role", "level", "kind", "under", "unit", "is_exception")
    assert list(terms) == [
        ("lead", 30, "", world.north_district.unit_id, None, False),
        ("lead", None, "", None, world.south.unit_id, False),
        ("lead", None, "", None, world.commune.unit_id, True),
        ("coordinating", None, "Phường", None, None, False),
    ]


@pytest.fixture
def namesake(world):
    """Make a second commune of the name Xã Lũng Cú."""
    row = StructureRow(2, "20236", "commune", "492", "Xã", "Xã Lũng Cú", "", None, None, "district")
    import_structure([row], scope=world.shell())


def test_every_name_that_nobody_or_several_bear_is_listed_and_nothing_is_written(world, namesake):
    rows = [
        world.task(1, lead=(world.addressees(unit="Tỉnh Atlantis"), world.addressees(unit="Lũng Cú"))),
        world.task(2, monitor="Huyện Ảo", coordinators=(world.addressees(level="commune", under="99"),)),
    ]

    with pytest.raises(BadInput) as caught:
        world.programme(*rows)

    assert [(problem.line, problem.value) for problem in caught.value.problems] == [
        (2, "Tỉnh Atlantis"),
        (2, "Lũng Cú"),
        (3, "99"),
        (3, "Huyện Ảo"),
    ]
    assert not Programme.objects.exists()


def test_a_level_that_is_none_is_listed(world):
    with pytest.raises(BadInput) as caught:
        world.programme(world.task(lead=(world.addressees(level="region", source="cấp vùng"),)))

    assert [problem.value for problem in caught.value.problems] == ["cấp vùng"]


def test_a_unit_of_another_day_is_not_found(world):
    world.communes(1, under=world.north_district, on=world.day(9))
    row = world.task(lead=(world.addressees(unit="90001"),))

    with pytest.raises(BadInput):
        world.programme(row, on=world.day(8))

    assert world.programme(row, on=world.day(9)).tasks.count() == 1


def test_numbers_go_on_from_the_highest(world):
    world.programme(number=7)

    assert world.programme().number == 8


def test_a_number_that_is_taken_is_refused(world):
    world.programme(number=7)

    with pytest.raises(DomainError) as caught:
        world.programme(number=7)

    assert caught.value.code == "number_taken"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_programmes_that_are_imported_at_once_get_numbers_of_their_own(world, at_once):
    world.scope("centre")

    made = at_once(*[world.programme] * 2, lock="LOCK programme IN SHARE ROW EXCLUSIVE MODE")

    assert {programme.number for programme in made} == {1, 2}


def test_a_draft_may_lack_clears(world):
    programme = world.programme(world.task(title="", lead=(), due=None, product="", authority=""))

    assert programme.tasks.get().missing_clears(has_lead=False) == ["who", "what", "when", "authority", "product"]


def test_a_dry_run_checks_everything_and_leaves_nothing(world):
    programme = world.programme(dry_run=True)

    assert (programme.number, Programme.objects.count(), Task.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize("actor", ["north", "commune", "nobody"])
def test_only_who_may_issue_for_the_issuer_drafts_a_programme(world, actor):
    with pytest.raises(PermissionDenied):
        import_programme(
            [world.task()], title="", document="", issuer_id=world.centre.unit_id, scope=world.scope(actor)
        )
