import pytest
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.tasks.operations import close_programme


def page(client, unit, **parameters):
    return client.get(reverse("unit_detail", args=[unit.unit_id]), parameters)


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


# Where to


def test_the_first_page_of_the_work_is_the_highest_unit_that_a_reader_may_see(world, officer):
    response = officer(world.north_district, Role.VIEWER).get(reverse("home"))

    assert response.url == reverse("unit_detail", args=[world.north_district.unit_id])


def test_somebody_without_a_role_is_told_what_to_ask_of_whom(world, officer):
    client = officer(world.commune)

    response = client.get(reverse("home"))

    assert response.status_code == 200
    assert "Ask the administrator of your unit" in text(response)
    assert "name this login: commune." in text(response)


# Who sees it


@pytest.mark.parametrize(
    ("unit", "status"),
    [
        ("centre", 200),
        ("north", 200),
        ("north_district", 200),
        ("commune", 404),
        ("other_commune", 404),
        ("south", 404),
    ],
)
def test_a_unit_is_seen_by_itself_and_from_above(world, officer, unit, status):
    world.issue()

    assert page(officer(getattr(world, unit), Role.VIEWER), world.north_district).status_code == status


def test_what_is_above_the_readers_units_is_not_named(world, officer):
    world.issue()

    response = page(officer(world.north_district, Role.VIEWER), world.commune)

    assert [name for name, _href in response.context["breadcrumbs"]] == ["Đồng Văn", "Lũng Cú"]


@pytest.mark.parametrize("number", ["0", "99999999", "9" * 40])
def test_an_unknown_unit_is_not_found(world, officer, number):
    assert officer(world.centre, Role.VIEWER).get(f"/units/{number}/").status_code == 404


@pytest.mark.parametrize(
    "parameters",
    [
        {"on": "2021-02-31"},
        {"on": "yesterday"},
        {"on": "9999-12-31"},
        {"on": "0001-01-01"},
        {"programme": "9" * 40},
        {"programme": "x"},
        {"sort": "x", "name": "x" * 200},
    ],
)
def test_parameters_that_say_nothing_are_passed_over(world, officer, parameters):
    world.issue()

    assert page(officer(world.centre, Role.VIEWER), world.north, **parameters).status_code == 200


# What it says


def test_the_figures_are_those_of_everything_below_and_each_opens_its_rows(world, officer):
    world.issue()
    world.accept(world.result(world.assignment(world.commune), on=world.day(1)), on=world.day(2))

    response = page(officer(world.centre, Role.VIEWER), world.north)

    total = response.context["total"]
    assert (total["assignments"], total["standings"]["done_on_time"], total["share_done"]) == (2, 1, 0.5)
    assert total["links"].keys() == {"done_on_time", "not_started"}
    for href in total["links"].values():
        assert f'href="{href.replace("&", "&amp;")}"' in response.content.decode()


def test_children_stand_side_by_side_in_the_order_that_is_asked_for(world, officer, settings):
    world.issue(world.task(due=world.day(2)))
    world.result(world.assignment(world.south_commune), on=world.day(1))
    client = officer(world.centre, Role.VIEWER)

    def children(**parameters):
        return [row["name"] for row in page(client, world.centre, **parameters).context["children"]]

    assert children() == ["Thành phố Đà Nẵng", "Tỉnh Hà Giang"]
    assert children(sort="overdue") == ["Tỉnh Hà Giang", "Thành phố Đà Nẵng"]
    assert children(name="ha giang") == ["Tỉnh Hà Giang"]
    assert children(name="nowhere") == []


def test_a_past_day_shows_the_figures_of_that_day_in_the_readers_language(world, officer):
    world.issue()
    world.report(world.assignment(world.commune), on=world.day(3))
    client = officer(world.centre, Role.VIEWER, language="vi")

    before = page(client, world.commune, on=world.day(2).isoformat())
    after = page(client, world.commune)

    assert before.context["total"]["standings"]["not_started"] == 1
    assert "14/03/2021" in text(before)
    assert after.context["total"]["standings"]["in_progress"] == 1
    assert f"on={world.day(2)}" in before.context["total"]["href"]
    assert "on=" not in after.context["total"]["href"]


def test_a_day_on_which_the_unit_did_not_exist_is_said(world, officer):
    world.issue()
    (later,) = world.communes(1, under=world.north_district, on=world.day(4))

    response = page(officer(world.centre, Role.VIEWER), later, on=world.day(2).isoformat())

    assert "The unit began on 16 March 2021." in text(response)


def test_one_programme_is_shown_without_asking_and_several_are_offered(world, officer):
    first = world.issue()
    client = officer(world.centre, Role.VIEWER)
    alone = page(client, world.north)
    world.issue(title="Chương trình hai")

    both = page(client, world.north)
    second = page(client, world.north, programme="2")

    assert "<summary><span class" not in alone.content.decode().split('class="page-head-tools"')[1]
    assert [choice["is_current"] for choice in both.context["programmes"]] == [True, False]
    assert second.context["programme"].title == "Chương trình hai"
    assert "programme=2" in second.context["children"][0]["href"]
    assert both.context["programme"] == first


def test_a_unit_without_programme_says_so(world, officer):
    response = page(officer(world.centre, Role.VIEWER), world.north)

    assert "No programme has been issued to this unit yet" in text(response)


# What changes while somebody looks


def test_the_page_of_today_is_live(world, officer):
    programme = world.issue()

    response = page(officer(world.centre, Role.VIEWER), world.north)

    assert response.context["live"] == {"unit": world.north.unit_id, "programme": programme.pk}
    assert f'data-live-unit="{world.north.unit_id}" data-live-programme="{programme.pk}"' in text(response)


def test_a_past_day_and_a_closed_programme_are_not_live(world, officer):
    programme = world.issue()
    client = officer(world.centre, Role.VIEWER)
    past = page(client, world.north, on=world.day(2).isoformat())
    close_programme(programme, scope=world.scope("centre", on=world.day(3)))

    closed = page(client, world.north)

    assert "data-live-unit" not in text(past)
    assert "data-live-unit" not in text(closed)
    assert "The programme was closed on 15 March 2021" in text(closed)


def test_a_part_is_fetched_without_the_frame(world, officer):
    world.issue()
    client = officer(world.centre, Role.VIEWER)

    part = client.get(reverse("unit_detail", args=[world.north.unit_id]), headers={"hx-request": "true"})

    assert "<html" not in text(part)
    assert all(f'id="{name}"' in text(part) for name in ("standing", "next-steps", "unit-rows", "task-rows"))
    assert "HX-Request" in part["Vary"]


# What it costs


@pytest.mark.parametrize("communes", [2, 200])
def test_the_page_costs_the_same_statements_for_any_number_of_units(
    world, officer, communes, django_assert_num_queries
):
    world.communes(communes, under=world.north_district)
    world.issue()
    client = officer(world.centre, Role.VIEWER)

    # session, user, roles; unit, superiors, programmes; figures, children, tasks
    with django_assert_num_queries(9):
        response = page(client, world.north_district)

    assert len(response.context["children"]) == communes + 2
