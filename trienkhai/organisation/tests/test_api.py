import pytest

from trienkhai.access.operations import give_role, issue_token
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.organisation.scoping import Role


@pytest.fixture
def get(world, client, settings):
    settings.DEMONSTRATION_DAY = world.day(20)
    user = world.user("lan")

    def send(unit, path):
        if not user.grants.exists():
            give_role(user, role=Role.VIEWER, unit_id=unit.unit_id, scope=world.shell())
        _token, characters = issue_token(user, name="x", permissions=["organisation.read"], scope=world.shell())
        return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {characters}"})

    return send


def names(response):
    return [row["name"] for row in response.json()["units"]]


@pytest.mark.parametrize("query", ["name=da nang", "code=48", "code=48&level=province"])
def test_a_unit_is_found_by_name_or_code(world, get, query):
    assert names(get(world.centre, f"/units?{query}")) == ["Thành phố Đà Nẵng"]


def test_a_list_goes_on_by_its_cursor(world, get):
    first = get(world.centre, "/units?limit=5").json()
    second = get(world.centre, f"/units?limit=5&after={first['next']}").json()

    assert len(first["units"] + second["units"]) == UnitVersion.objects.count()
    assert second["next"] is None


def test_a_unit_is_told_with_what_stands_above_and_below(world, get):
    told = get(world.centre, f"/units/{world.north_district.unit_id}").json()

    assert [row["code"] for row in told["above"]] == ["TW", "02"]
    assert told["below"] == [{"level": "commune", "units": 2}]


def test_a_unit_is_told_as_it_stood_on_the_day(world, get):
    to = world.south_district.unit_id
    move_unit(world.commune.unit_id, to=to, decision="1", scope=world.shell(on=world.day(10)))
    path = f"/units/{world.north_district.unit_id}/children?on="

    assert len(names(get(world.centre, f"{path}{world.day(9)}"))) == 2
    assert len(names(get(world.centre, f"{path}{world.day(10)}"))) == 1


def test_units_of_others_are_not_there(world, get):
    assert get(world.north, f"/units/{world.south.unit_id}").status_code == 404
    assert get(world.north, f"/units/{world.south.unit_id}/children").status_code == 404
    assert "Thành phố Đà Nẵng" not in names(get(world.north, "/units"))


def test_a_cursor_does_not_tell_where_units_of_others_stand(world, get):
    everything = names(get(world.north, "/units"))

    assert names(get(world.north, f"/units?after={world.south_commune.pk}")) == everything
