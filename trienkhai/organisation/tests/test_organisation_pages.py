import pytest
from django.urls import reverse
from psycopg.types.range import DateRange

from trienkhai.access.operations import give_role
from trienkhai.audit.operations import operation
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.organisation.scoping import Role


@pytest.fixture
def reader(world, client):
    def log_in(unit):
        user = world.user(f"reader-{unit.code}")
        give_role(user, role=Role.VIEWER, unit_id=unit.unit_id, scope=world.shell())
        client.force_login(user)
        return client

    return log_in


def names(response):
    return [row["name"] for row in response.context["units"]]


def children(client, unit, **parameters):
    return client.get(reverse("unit_children", args=[unit.unit_id]), parameters)


@pytest.mark.parametrize("typed", ["da nang", "ĐÀ NẴNG", "Đà Nẵng", "nẵng", "thanh pho da"])
def test_a_unit_is_found_with_and_without_accents(world, reader, typed):
    response = reader(world.centre).get(reverse("unit_list"), {"name": typed})

    assert names(response) == ["Thành phố Đà Nẵng"]


def test_a_search_on_a_past_day_stays_on_that_day(world, reader, settings):
    settings.DEMONSTRATION_DAY = world.day(20)
    day = world.day(5).isoformat()

    said = reader(world.centre).get(reverse("unit_list"), {"name": "<b>", "on": day}).content.decode()

    assert f'<input type="hidden" name="on" value="{day}">' in said
    assert "“&lt;b&gt;”" in said
    assert "<b>" not in said
    assert "&amp;lt;" not in said


def test_a_search_finds_nothing_outside_the_readers_units(world, reader):
    client = reader(world.north)

    assert names(client.get(reverse("unit_list"), {"name": "da nang"})) == []
    assert names(client.get(reverse("unit_list"))) == ["Tỉnh Hà Giang"]


def test_a_unit_shows_what_stands_above_and_below(world, reader):
    response = children(reader(world.centre), world.north_district)

    assert names(response) == ["Xã Lũng Cú", "Xã Má Lé"]
    assert [name for name, _href in response.context["breadcrumbs"]] == ["Trung ương", "Hà Giang", "Đồng Văn"]
    assert response.context["below"] == [("Cấp xã", 2)]


def test_a_reader_sees_neither_other_units_nor_what_is_above(world, reader):
    client = reader(world.north_district)

    assert children(client, world.south).status_code == 404
    assert [name for name, _href in children(client, world.commune).context["breadcrumbs"]] == ["Đồng Văn", "Lũng Cú"]


def test_a_long_list_goes_on_by_pages_in_the_order_of_names(world, reader):
    world.communes(60, under=world.north_district)
    client = reader(world.centre)

    first = children(client, world.north_district)
    second = client.get(first.context["after_href"])

    every = list(UnitVersion.objects.children_of(world.north_district.unit_id).in_name_order())
    assert names(first) + names(second) == [unit.name for unit in every]
    assert (len(names(first)), second.context["after_href"]) == (50, "")


def test_a_moved_unit_stands_where_it_stood_on_the_day(world, reader, settings):
    settings.DEMONSTRATION_DAY = world.day(20)
    to = world.south_district.unit_id
    move_unit(world.commune.unit_id, to=to, decision="1", scope=world.shell(on=world.day(10)))
    client = reader(world.centre)

    assert "Xã Lũng Cú" in names(children(client, world.north_district, on=world.day(9).isoformat()))
    assert "Xã Lũng Cú" in names(children(client, world.south_district))
    assert [row["above"] for row in children(client, world.commune).context["versions"]] == [
        "Quận Hải Châu",
        "Huyện Đồng Văn",
    ]


def test_a_unit_is_shown_as_it_was_nearest_to_a_day_on_which_it_does_not_exist(world, reader):
    with operation("tests.end", by=world.shell(on=world.day(5))):
        ended = UnitVersion.objects.filter(unit_id=world.commune.unit_id)
        ended.update(valid=DateRange(world.day(), world.day(5)))

    response = children(reader(world.centre), world.commune, on=world.day(9).isoformat())

    assert response.context["exists"] is False
    assert response.context["unit"].name == "Xã Lũng Cú"


@pytest.mark.parametrize("number", [2, 49])
def test_a_page_costs_the_same_queries_for_any_number_of_units(world, reader, number, django_assert_max_num_queries):
    world.communes(number, under=world.north_district)
    client = reader(world.centre)

    with django_assert_max_num_queries(14):
        assert len(names(children(client, world.north_district))) >= number


@pytest.mark.parametrize(
    "query",
    ["after=999999999999", "after=x", "on=2021-13-99", "on=hôm qua", f"name={'đ' * 5000}", "name=%00", "on=9999-01-01"],
)
def test_an_address_that_makes_no_sense_is_answered_all_the_same(world, reader, query):
    client = reader(world.centre)

    assert client.get(f"{reverse('unit_list')}?{query}").status_code == 200
    assert client.get(f"{reverse('unit_children', args=[world.north.unit_id])}?{query}").status_code == 200


@pytest.mark.parametrize("unit", [0, 10**18, 10**40])
def test_an_unknown_unit_is_not_found(world, reader, unit):
    assert reader(world.centre).get(f"/organisation/{unit}/").status_code == 404
