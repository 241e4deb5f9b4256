import pytest
from django.urls import reverse

from trienkhai.access.operations import give_role
from trienkhai.organisation.scoping import Role
from trienkhai.tasks.operations import close_programme


def listing(client, **parameters):
    return client.get(reverse("programme_list"), parameters)


def page(client, number=1, **parameters):
    return client.get(reverse("programme_detail", args=[number]), parameters)


def numbers(response):
    return [row["programme"].number for row in response.context["programmes"]]


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


def cells(row):
    """Return of each cell of a row (done, total, worst), None where nothing is assigned."""
    return [
        cell and (cell["standings"]["done_on_time"] + cell["standings"]["done_late"], cell["total"], cell["worst"])
        for cell in [row["all"], *row["cells"]]
    ]


# The list


@pytest.mark.parametrize(
    ("unit", "sees"), [("centre", [2, 1]), ("north", [2, 1]), ("commune", [1]), ("south", [1]), ("south_commune", [1])]
)
def test_a_reader_sees_the_programmes_that_reach_their_units(world, officer, unit, sees):
    world.issue()
    world.issue(world.task(to="district"), by="north")

    response = listing(officer(getattr(world, unit), Role.VIEWER))

    assert numbers(response) == sees


def test_a_draft_is_seen_by_those_who_may_issue_it(world, officer):
    world.issue()
    world.programme(by="north")

    assert numbers(listing(officer(world.north, Role.ISSUER))) == [2, 1]
    assert numbers(listing(officer(world.centre, Role.ISSUER))) == [2, 1]
    assert numbers(listing(officer(world.south, Role.ISSUER))) == [1]
    assert numbers(listing(officer(world.north_district, Role.VIEWER))) == [1]


def test_the_list_counts_what_the_reader_sees_and_opens_what_is_overdue(world, officer):
    world.issue(world.task(due=world.day(2)))
    world.accept(world.result(world.assignment(world.commune), on=world.day(1)), on=world.day(1))
    client = officer(world.north, Role.VIEWER)

    (row,) = listing(client).context["programmes"]

    assert (row["assignments"], row["share_done"], row["standings"]["overdue"]) == (2, 0.5, 1)
    assert len(client.get(row["overdue_href"]).context["rows"]) == 1


def test_a_unit_below_another_one_is_counted_once(world, officer):
    world.issue()
    client = officer(world.north, Role.VIEWER)
    give_role(world.user("north"), role=Role.REPORTER, unit_id=world.commune.unit_id, scope=world.shell())
    give_role(world.user("north"), role=Role.VIEWER, unit_id=world.south_commune.unit_id, scope=world.shell())

    (row,) = listing(client).context["programmes"]

    assert row["assignments"] == 3


def test_a_reader_without_programmes_is_told_so(world, officer):
    assert "A programme appears here as soon as" in text(listing(officer(world.centre, Role.VIEWER)))


def test_a_long_list_of_programmes_goes_on_by_pages(world, officer, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.views.programmes.PAGE", 2)
    for _number in range(3):
        world.programme()
    client = officer(world.centre, Role.ISSUER)

    first = listing(client)
    second = client.get(first.context["after_href"])

    assert (numbers(first), numbers(second)) == ([3, 2], [1])
    assert second.context["first_href"] == reverse("programme_list")


@pytest.mark.parametrize("after", ["x", "-1", "0", "9" * 18, "9" * 40])
def test_a_page_beyond_the_list_is_no_failure(world, officer, after):
    world.issue()

    assert listing(officer(world.centre, Role.VIEWER), after=after).status_code == 200


@pytest.mark.parametrize("programmes", [1, 6])
def test_the_list_costs_the_same_statements_for_any_number_of_programmes(
    world, officer, programmes, django_assert_num_queries
):
    for _number in range(programmes):
        world.issue()
    client = officer(world.centre, Role.VIEWER)

    # session, user, roles; programmes, figures, names
    with django_assert_num_queries(6):
        listing(client)


# The matrix


@pytest.fixture
def programme(world):
    """Issue two tasks to the communes and one to the provinces; a commune of the north is done with one."""
    programme = world.issue(world.task(due=world.day(2)), world.task(2), world.task(3, to="province"))
    world.accept(world.result(world.assignment(world.commune), on=world.day(1)), on=world.day(1))
    return programme


def test_each_task_stands_beside_each_child_with_totals(world, programme, officer):
    context = page(officer(world.centre, Role.VIEWER)).context

    assert [column["number"] for column in context["columns"]] == [1, 2, 3]
    assert [(row["name"], cells(row)) for row in context["units"]] == [
        ("Đà Nẵng", [(0, 5, "overdue"), (0, 2, "overdue"), (0, 2, "not_started"), (0, 1, "not_started")]),
        ("Hà Giang", [(1, 5, "overdue"), (1, 2, "overdue"), (0, 2, "not_started"), (0, 1, "not_started")]),
    ]
    assert cells(context["whole"]) == [
        (1, 10, "overdue"),
        (1, 4, "overdue"),
        (0, 4, "not_started"),
        (0, 2, "not_started"),
    ]
    assert context["own"] is None


def test_the_matrix_goes_down_to_a_unit_whose_own_work_has_a_row(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)
    above = page(client).context

    context = client.get(above["units"][1]["href"]).context

    assert [row["name"] for row in context["units"]] == ["Đồng Văn"]
    assert cells(context["own"]) == [(0, 1, "not_started"), None, None, (0, 1, "not_started")]
    assert [name for name, _href in context["breadcrumbs"]] == ["Trung ương", "Hà Giang"]


def test_a_unit_without_children_is_its_own_matrix(world, programme, officer):
    response = page(officer(world.commune, Role.VIEWER))

    assert response.context["units"] == []
    assert cells(response.context["whole"]) == [(1, 2, "not_started"), (1, 1, "done_on_time"), (0, 1, "not_started")]


def test_each_cell_opens_its_rows(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)
    context = page(client, unit=world.north.unit_id).context
    shown = [
        cell for row in [context["whole"], context["own"], *context["units"]] for cell in [row["all"], *row["cells"]]
    ]

    for cell in filter(None, shown):
        assert client.get(cell["href"]).context["number"] == cell["total"]


def test_a_cell_says_its_share_and_its_worst_standing_in_words(world, programme, officer):
    said = text(page(officer(world.centre, Role.VIEWER, language="vi")))

    assert "<b>50,0%</b>" in said
    assert "1/<wbr>2" in said
    assert '<span class="visually-hidden">quá hạn: </span>1' in said


def test_the_worst_can_come_first(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)
    world.result(world.assignment(world.other_commune), on=world.day(2))

    context = page(client, sort="overdue").context

    assert [row["name"] for row in context["units"]] == ["Đà Nẵng", "Hà Giang"]
    assert page(client, sort="name").context["sort"] == "name"


def test_the_matrix_reads_any_past_day(world, programme, officer):
    client = officer(world.centre, Role.VIEWER)

    past = page(client, on=world.day(0).isoformat())

    assert cells(past.context["whole"])[0] == (0, 10, "due_soon")
    assert all(f"on={world.day(0)}" in row["href"] for row in past.context["units"])


def test_a_day_before_the_issue_is_said(world, officer):
    world.issue(on=world.day(3))

    said = text(page(officer(world.centre, Role.VIEWER), on=world.day(1).isoformat()))

    assert "The programme had not been issued on this day" in said
    assert "It was issued on 15 March 2021." in said


def test_a_unit_that_the_programme_does_not_reach_says_so(world, officer):
    world.issue(world.task(to="province"))

    said = text(page(officer(world.north, Role.VIEWER), unit=world.commune.unit_id))

    assert "Nothing of this programme lies here on this day" in said


def test_the_six_clears_of_each_task_are_there(world, officer):
    world.issue(
        world.task(
            product="Đề án",
            acceptance_test="Có chữ ký",
            authority="Nghị quyết 5",
            monitor="48",
            lead=(world.addressees(level="commune", under="02"),),
        )
    )

    said = text(page(officer(world.centre, Role.VIEWER, language="vi")))

    for words in (
        "Đề án",
        "Có chữ ký",
        "Nghị quyết 5",
        "Thành phố Đà Nẵng",
        "11/04/2021",
        "cấp xã thuộc Tỉnh Hà Giang",
    ):
        assert words in said


def test_a_closed_programme_says_so(world, programme, officer):
    close_programme(programme, scope=world.scope("centre", on=world.day(4)))

    assert "The programme was closed on 16 March 2021" in text(page(officer(world.centre, Role.VIEWER)))


def test_many_children_are_shown_by_pages(world, officer, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.views.programmes.MATRIX_PAGE", 3)
    world.communes(3, under=world.north_district)
    world.issue()
    client = officer(world.north_district, Role.VIEWER)

    first = page(client)
    second = client.get(first.context["after_href"])

    names = [[row["name"] for row in response.context["units"]] for response in (first, second)]
    assert [len(row) for row in names] == [3, 2]
    assert not set(names[0]) & set(names[1])
    assert (first.context["first_href"], second.context["after_href"]) == ("", "")


# A draft


def test_a_draft_says_what_issuing_it_would_do_and_what_is_missing(world, officer):
    world.programme(world.task(), world.task(2, authority="", to="province"))

    said = text(page(officer(world.centre, Role.ISSUER)))

    assert "reaches 4 units: commune" in said
    assert "reaches 2 units: province" in said
    assert "the authority is missing" in said
    assert "the lead is missing" not in said


def test_a_draft_is_not_found_by_those_who_may_not_issue_it(world, officer):
    world.programme()

    assert page(officer(world.centre, Role.VIEWER)).status_code == 404
    assert page(officer(world.north, Role.ISSUER)).status_code == 404


# Who sees it, and what it costs


def test_a_programme_that_does_not_reach_the_readers_units_is_not_found(world, officer):
    world.issue(world.task(to="district"), by="north")

    assert page(officer(world.north, Role.VIEWER)).status_code == 200
    assert page(officer(world.south, Role.VIEWER)).status_code == 404
    assert page(officer(world.commune, Role.VIEWER)).status_code == 404


def test_a_unit_outside_the_readers_is_not_found(world, programme, officer):
    client = officer(world.north, Role.VIEWER)

    assert page(client, unit=world.south.unit_id).status_code == 404
    assert page(client, unit="9" * 18).status_code == 404


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_an_unknown_programme_is_not_found(world, programme, officer, number):
    assert officer(world.centre, Role.VIEWER).get(f"/programmes/{number}/").status_code == 404


@pytest.mark.parametrize(
    "parameters",
    [{"unit": "x"}, {"unit": "9" * 40}, {"on": "9999-12-31"}, {"on": "0001-01-01"}, {"sort": "x"}, {"after": "9" * 40}],
)
def test_parameters_that_say_nothing_are_passed_over(world, programme, officer, parameters):
    assert page(officer(world.centre, Role.VIEWER), **parameters).status_code == 200


@pytest.mark.parametrize("communes", [2, 200])
def test_the_matrix_costs_the_same_statements_for_any_number_of_units(
    world, officer, communes, django_assert_num_queries
):
    world.communes(communes, under=world.north_district)
    world.issue()
    client = officer(world.north_district, Role.VIEWER)

    # session, user, roles; programme, first unit; unit, superiors, programmes; figures, children, tasks; issuer;
    # clears: tasks, addressees, levels, indicators
    with django_assert_num_queries(16):
        page(client)
