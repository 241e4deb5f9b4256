import pytest
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import cancel_assignments


@pytest.fixture
def programme(world):
    """Issue a task to the communes, another to the provinces, a third without deadline to the communes."""
    return world.issue(
        world.task(due=world.day(3)),
        world.task(2, to="province"),
        world.task(3, due=None, no_deadline=True),
    )


def page(client, unit, **parameters):
    return client.get(reverse("assignment_list", args=[unit.unit_id]), parameters)


def rows(response):
    return [(row["unit"], row["task_number"]) for row in response.context["rows"]]


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


# Who sees it


@pytest.mark.parametrize(("unit", "status"), [("centre", 200), ("north", 200), ("commune", 404), ("south", 404)])
def test_the_rows_under_a_unit_are_seen_by_itself_and_from_above(world, programme, officer, unit, status):
    assert page(officer(getattr(world, unit), Role.VIEWER), world.north).status_code == status


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_an_unknown_unit_is_not_found(world, programme, officer, number):
    assert officer(world.centre, Role.VIEWER).get(f"/units/{number}/assignments/").status_code == 404


# What it lists


def test_every_figure_of_the_unit_opens_as_many_rows_as_it_says(world, programme, officer):
    world.accept(world.result(world.assignment(world.commune), on=world.day(1)), on=world.day(2))
    client = officer(world.centre, Role.VIEWER)
    figures = client.get(reverse("unit_detail", args=[world.north.unit_id])).context
    links = {figures["total"]["href"]: figures["total"]["assignments"]}
    links |= {href: figures["total"]["standings"][name] for name, href in figures["total"]["links"].items()}
    links |= {figures["total"]["own_href"]: 1, figures["total"]["no_deadline_href"]: 2}
    links |= {task["href"]: task["assignments"] for task in figures["tasks"]}

    listed = {href: client.get(href).context for href in links}

    assert {href: len(context["rows"]) for href, context in listed.items()} == links
    assert {href: context["number"] for href, context in listed.items()} == links


def test_rows_are_narrowed_by_task_and_standing(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)

    overdue = page(client, world.north, standing="overdue")
    first = page(client, world.north, task="1", standing="not_started")

    assert rows(overdue) == [("Xã Lũng Cú", 1), ("Xã Má Lé", 1)]
    assert "2 of 5 assignments" in text(overdue)
    assert (overdue.context["number"], overdue.context["number_in_all"]) == (2, 5)
    assert rows(first) == []
    assert "No assignment fits" in text(first)


def test_the_choices_say_how_many_rows_each_would_list(world, programme, officer):
    context = page(officer(world.centre, Role.VIEWER), world.north, standing="overdue").context

    assert [(task.number, number) for task, number in context["task_choices"]] == [(1, 2), (2, 0), (3, 0)]
    assert {name: number for name, _words, number in context["standing_choices"] if number} == {
        "overdue": 2,
        "not_started": 3,
    }


def test_a_row_opens_its_assignment(world, programme, officer):
    held = world.assignment(world.commune, task=3)

    response = page(officer(world.commune, Role.VIEWER), world.commune, task="3")

    assert [row["href"] for row in response.context["rows"]] == [reverse("assignment_detail", args=[held.pk])]


def test_what_left_the_count_is_not_listed(world, programme, officer):
    gone = world.assignment(world.commune, task=3)
    cancel_assignments([gone.pk], reason="Trùng", scope=world.scope("centre", on=world.day(2)))
    client = officer(world.centre, Role.VIEWER)

    assert rows(page(client, world.commune)) == [("Xã Lũng Cú", 1)]
    assert rows(page(client, world.commune, on=world.day(1).isoformat())) == [("Xã Lũng Cú", 1), ("Xã Lũng Cú", 3)]


def test_dates_are_written_in_the_readers_language(world, programme, officer):
    vietnamese = page(officer(world.commune, Role.VIEWER, language="vi"), world.commune)

    assert "15/03/2021" in text(vietnamese)
    assert "không hạn" in text(vietnamese)
    english = vietnamese.client.get(vietnamese.request["PATH_INFO"], headers={"accept-language": "en"})
    assert "15 March 2021" in text(english)


# Pages


def test_a_long_list_goes_on_by_pages(world, officer):
    world.communes(60, under=world.north_district)
    world.issue()
    client = officer(world.centre, Role.VIEWER)

    first = page(client, world.north_district)
    second = client.get(first.context["after_href"])

    assert (len(rows(first)), len(rows(second))) == (50, 12)
    assert not set(rows(first)) & set(rows(second))
    assert "1–50 of 62" in text(first)
    assert "51–62 of 62" in text(second)
    assert (first.context["first_href"], second.context["after_href"]) == ("", "")
    assert rows(client.get(second.context["first_href"])) == rows(first)


@pytest.mark.parametrize(
    "parameters",
    [
        {"after": "x"},
        {"after": "1-1-1"},
        {"after": "9" * 18 + "-" + "9" * 9 + "-" + "9" * 18 + "-0"},
        {"after": "9" * 40 + "-1-1-1"},
        {"on": "9999-12-31"},
        {"on": "0001-01-01"},
        {"programme": "9" * 40},
        {"task": "", "standing": "", "own": "x", "no_deadline": "2"},
    ],
)
def test_parameters_that_say_nothing_are_passed_over(world, programme, officer, parameters):
    assert page(officer(world.centre, Role.VIEWER), world.north, **parameters).status_code == 200


@pytest.mark.parametrize(
    "parameters", [{"task": "4"}, {"task": "9" * 40}, {"task": "one"}, {"task": "-1"}, {"standing": "late"}]
)
def test_a_task_or_standing_that_there_is_not_is_not_found(world, programme, officer, parameters):
    assert page(officer(world.centre, Role.VIEWER), world.north, **parameters).status_code == 404


def test_a_unit_without_programme_says_so(world, officer):
    response = page(officer(world.centre, Role.VIEWER), world.north)

    assert "No programme has been issued to this unit yet" in text(response)


def test_a_part_is_fetched_without_the_frame(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)

    part = client.get(
        reverse("assignment_list", args=[world.north.unit_id]), {"task": "1"}, headers={"hx-request": "true"}
    )

    assert "<html" not in text(part)
    assert 'id="list"' in text(part)
    assert 'id="list-tools"' in text(part)


@pytest.mark.parametrize("communes", [2, 200])
def test_the_list_costs_the_same_statements_for_any_number_of_units(
    world, officer, communes, django_assert_num_queries
):
    world.communes(communes, under=world.north_district)
    world.issue()
    client = officer(world.centre, Role.VIEWER)

    # session, user, roles; unit, superiors, programmes; tasks, figures, rows
    with django_assert_num_queries(9):
        page(client, world.north_district)
