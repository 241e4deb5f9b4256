import pytest

from trienkhai.organisation.operations import move_unit
from trienkhai.tasks.queries import preview_programme

NOBODY = {"central": 0, "province": 0, "district": 0, "commune": 0, "cell": 0}


@pytest.fixture
def reached(world):
    """Return a function that says how many units of each level terms reach, and how many coordinate."""

    def reached(*lead, coordinators=(), on=0, by="centre"):
        programme = world.programme(world.task(lead=lead, coordinators=coordinators), by=by, on=world.day(on))
        (preview,) = preview_programme(programme, on=world.day(on))
        return {level: units for level, units in preview.units.items() if units}, preview.coordinating

    return reached


@pytest.mark.parametrize(
    ("named", "units"),
    [
        ({"level": "commune"}, {"commune": 4}),
        ({"level": "central"}, {"central": 1}),
        ({"level": "cell"}, {}),
        ({"kind": "Phường"}, {"commune": 2}),
        ({"kind": "Phường", "level": "district"}, {}),
        ({"under": "Tỉnh Hà Giang"}, {"district": 1, "commune": 2}),
        ({"under": "Tỉnh Hà Giang", "level": "commune"}, {"commune": 2}),
        ({"unit": "00715"}, {"commune": 1}),
    ],
)
def test_a_term_reaches_the_units_that_are_all_that_it_names(world, reached, named, units):
    assert reached(world.addressees(**named)) == (units, 0)


def test_a_unit_that_several_terms_name_is_reached_once(world, reached):
    assert reached(world.addressees(level="commune"), world.addressees(unit="00715")) == ({"commune": 4}, 0)


def test_an_exception_takes_units_out_of_all_terms(world, reached):
    everyone, lung_cu = world.addressees(level="commune"), world.addressees(unit="00715")
    but = world.addressees(under="026", is_exception=True)

    assert reached(everyone, lung_cu, but) == ({"commune": 2}, 0)


def test_a_unit_that_leads_does_not_coordinate_too(world, reached):
    communes, all_units = world.addressees(level="commune"), world.addressees(under="02")

    assert reached(communes, coordinators=(all_units,)) == ({"commune": 4}, 1)


def test_an_exception_among_coordinators_takes_nobody_out_of_those_who_lead(world, reached):
    communes, but = world.addressees(level="commune"), world.addressees(unit="00715", is_exception=True)

    assert reached(communes, coordinators=(world.addressees(under="02"), but)) == ({"commune": 4}, 1)


def test_a_programme_reaches_only_units_under_its_issuer(world, reached):
    assert reached(world.addressees(level="commune"), by="north") == ({"commune": 2}, 0)


def test_addressees_are_those_of_the_day(world, reached):
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=world.shell(on=world.day(9)))
    under = world.addressees(level="commune", under="02")

    assert reached(under, on=8) == ({"commune": 2}, 0)
    assert reached(under, on=9) == ({"commune": 1}, 0)


def test_every_level_is_named_also_where_nobody_is_reached(world):
    (preview,) = preview_programme(world.programme(world.task(to="cell")), on=world.day())

    assert (preview.units, preview.is_ready) == (NOBODY, False)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, ()),
        ({"lead": ()}, ("who",)),
        ({"title": " "}, ("what",)),
        ({"due": None}, ("when",)),
        ({"due": None, "no_deadline": True}, ()),
        ({"authority": ""}, ("authority",)),
        ({"product": ""}, ("product",)),
        ({"acceptance_test": ""}, ("product",)),
        ({"title": "", "authority": ""}, ("what", "authority")),
    ],
)
def test_each_missing_clear_is_named(world, changes, missing):
    (preview,) = preview_programme(world.programme(world.task(**changes)), on=world.day())

    assert (preview.missing_clears, preview.is_ready) == (missing, not missing)


def test_coordinators_alone_do_not_say_who_leads(world):
    row = world.task(lead=(), coordinators=(world.addressees(level="commune"),))
    (preview,) = preview_programme(world.programme(row), on=world.day())

    assert (preview.missing_clears, preview.coordinating) == (("who",), 4)


@pytest.mark.parametrize(("due", "is_past"), [(-1, True), (0, False)])
def test_a_task_due_before_its_issue_is_named(world, due, is_past):
    (preview,) = preview_programme(world.programme(world.task(due=world.day(due))), on=world.day())

    assert (preview.is_due_before_issue, preview.is_ready) == (is_past, not is_past)


@pytest.mark.parametrize("communes", [2, 200])
def test_a_preview_costs_the_same_statements_for_any_number_of_units(world, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    programme = world.programme(world.task(1), world.task(2), world.task(3))

    with django_assert_num_queries(3):
        previews = preview_programme(programme, on=world.day())

    assert [preview.units["commune"] for preview in previews] == [communes + 4] * 3
