import pytest
from django.urls import reverse

from trienkhai.access.operations import give_role
from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import suspend_assignments
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme


def page(client, **parameters):
    return client.get(reverse("my_work"), parameters)


def groups(response):
    """Return the numbers of the tasks in each group that holds something, in the order of the page."""
    return {group["name"]: [item["row"].task_number for item in group["rows"]] for group in response.context["groups"]}


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


# What the unit has to do


@pytest.fixture
def tasks(world):
    """Issue seven tasks to the communes, each of which the commune takes up in another group."""
    world.issue(
        world.task(1, due=world.day(3)),
        world.task(2, due=world.day(9)),
        world.task(3, due=world.day(40)),
        world.task(4, due=world.day(30)),
        world.task(5, due=None, no_deadline=True),
        world.task(6, due=world.day(20)),
        world.task(7, due=world.day(20)),
    )
    world.report(world.assignment(world.commune, task=4), on=world.day(1))
    world.result(world.assignment(world.commune, task=6), on=world.day(1))
    returned = world.result(world.assignment(world.commune, task=7), on=world.day(1))
    world.send_back(returned, on=world.day(2), reason="Chưa đóng dấu", new_due=world.day(25))


def test_work_is_grouped_by_what_presses_most(world, tasks, officer):
    response = page(officer(world.commune, Role.REPORTER))

    assert list(groups(response).items()) == [
        ("returned", [7]),
        ("overdue", [1]),
        ("due_soon", [2]),
        ("in_progress", [4]),
        ("not_started", [3, 5]),
        ("waiting", [6]),
    ]


def test_a_returned_result_shows_the_reason_and_the_new_date(world, tasks, officer):
    said = text(page(officer(world.commune, Role.REPORTER), group="returned"))

    assert "Chưa đóng dấu" in said
    assert "Returned 14 March 2021" in said
    assert "new deadline 6 April 2021" in said


def test_a_returned_result_leaves_its_group_when_it_is_answered(world, tasks, officer):
    world.report(world.assignment(world.commune, task=7), on=world.day(4))

    assert "returned" not in groups(page(officer(world.commune, Role.REPORTER)))


def test_each_row_leads_to_its_report(world, tasks, officer):
    held = world.assignment(world.commune, task=1)

    response = page(officer(world.commune, Role.REPORTER))

    (item,) = next(group for group in response.context["groups"] if group["name"] == "overdue")["rows"]
    assert item["action_href"] == reverse("report_submit", args=[held.pk])
    assert 'aria-label="Report on task 1"' in text(response)


def test_how_far_a_deadline_is_away_is_said_in_both_languages(world, tasks, officer):
    client = officer(world.commune, Role.REPORTER)

    english = text(page(client))
    vietnamese = text(client.get(reverse("my_work"), headers={"accept-language": "vi"}))

    assert "2 days overdue" in english
    assert "4 days left" in english
    assert "quá hạn 2 ngày" in vietnamese
    assert "15/03/2021" in vietnamese


def test_what_cannot_be_reported_on_is_no_work(world, officer):
    closed = world.issue()
    world.issue(world.task(2))
    suspended = world.assignment(world.commune, task=2)
    suspend_assignments([suspended.pk], reason="Dịch", scope=world.scope("centre", on=world.day(1)))
    close_programme(closed, scope=world.scope("centre", on=world.day(2)))

    response = page(officer(world.commune, Role.REPORTER))

    assert groups(response) == {}
    assert "Nothing asks for your action today" in text(response)


def test_nobody_reports_for_the_units_below(world, tasks, officer):
    assert groups(page(officer(world.north_district, Role.REPORTER))) == {}


def test_the_unit_and_the_programme_are_named_where_there_are_several(world, officer):
    world.issue()
    client = officer(world.commune, Role.REPORTER)
    one = page(client)
    give_role(world.user("commune"), role=Role.REPORTER, unit_id=world.other_commune.unit_id, scope=world.shell())
    world.issue(title="Chương trình hai")

    both = page(client)

    assert (one.context["has_units"], one.context["has_programmes"]) == (False, False)
    assert (both.context["has_units"], both.context["has_programmes"]) == (True, True)
    assert "<strong>Xã Má Lé</strong>" in text(both)
    assert "2. Chương trình hai" in text(both)


# What waits for review


def test_the_unit_above_reviews_the_oldest_result_first(world, officer):
    world.issue()
    later = world.result(world.assignment(world.commune), on=world.day(2))
    earlier = world.result(world.assignment(world.other_commune), on=world.day(1))
    world.result(world.assignment(world.south_commune), on=world.day(1))

    response = page(officer(world.north_district, Role.REVIEWER))

    (group,) = response.context["groups"]
    assert (group["name"], group["number"]) == ("to_review", 2)
    assert [item["row"].report_id for item in group["rows"]] == [earlier.pk, later.pk]
    assert [item["days"] for item in group["rows"]] == [4, 3]
    assert group["rows"][0]["action_href"].startswith(reverse("report_decide", args=[earlier.pk]))


def test_what_waits_for_a_reviewer_below_is_not_the_work_of_the_one_above(world, officer):
    world.issue()
    world.result(world.assignment(world.commune))

    assert groups(page(officer(world.north, Role.REVIEWER))) == {}
    assert groups(page(officer(world.centre, Role.REVIEWER))) == {}


def test_the_monitor_reviews_where_a_task_names_one(world, officer):
    world.issue(world.task(monitor="48"))
    world.result(world.assignment(world.commune))

    assert groups(page(officer(world.south, Role.REVIEWER))) == {"to_review": [1]}
    assert groups(page(officer(world.north_district, Role.REVIEWER))) == {}


def test_the_issuer_reviews_what_the_top_holds(world, officer):
    world.issue(world.task(to="central"))
    world.result(world.assignment(world.centre))

    assert groups(page(officer(world.centre, Role.REVIEWER))) == {"to_review": [1]}


def test_what_is_listed_for_review_is_what_may_be_decided(world, officer):
    world.issue(world.task(1), world.task(2, monitor="48"), world.task(3, to="province"))
    results = [
        world.result(world.assignment(unit, task=task))
        for unit, task in ((world.commune, 1), (world.commune, 2), (world.north, 3), (world.south_commune, 1))
    ]
    reviewers = (world.north_district, world.south, world.centre, world.south_district)

    for report, reviewer in zip(results, reviewers, strict=True):
        client = officer(reviewer, Role.REVIEWER)
        (group,) = page(client).context["groups"]
        assert [item["row"].report_id for item in group["rows"]] == [report.pk]
        assert client.get(group["rows"][0]["action_href"]).status_code == 200


def test_a_decided_result_and_a_report_of_progress_are_not_listed(world, officer):
    world.issue()
    world.accept(world.result(world.assignment(world.commune)))
    world.report(world.assignment(world.other_commune))

    assert groups(page(officer(world.north_district, Role.REVIEWER))) == {}


# Groups by themselves, and pages


def test_the_first_page_shows_the_beginning_of_a_long_group_and_leads_to_the_rest(world, officer):
    world.communes(60, under=world.north_district)
    world.issue()
    for number, held in enumerate(Assignment.objects.select_related("task")):
        world.result(held, on=world.day(number % 3))
    client = officer(world.north_district, Role.REVIEWER)

    (group,) = page(client).context["groups"]
    (first,) = client.get(group["more_href"]).context["groups"]
    (second,) = client.get(first["more_href"]).context["groups"]

    assert (group["number"], len(group["rows"])) == (62, 10)
    assert (len(first["rows"]), len(second["rows"]), second["more_href"]) == (50, 12, "")
    reports = [item["row"].report_id for item in first["rows"] + second["rows"]]
    days = [item["row"].submitted_on for item in first["rows"] + second["rows"]]
    assert len(set(reports)) == 62
    assert days == sorted(days)


def test_the_units_own_work_goes_on_by_pages_too(world, officer):
    due = [world.day(30 + number % 4) if number % 5 else None for number in range(60)]
    world.issue(*(world.task(number, due=day, no_deadline=day is None) for number, day in enumerate(due, start=1)))
    client = officer(world.commune, Role.REPORTER)

    (group,) = page(client).context["groups"]
    (first,) = client.get(group["more_href"]).context["groups"]
    (second,) = client.get(first["more_href"]).context["groups"]

    listed = [item["row"].task_number for item in first["rows"] + second["rows"]]
    assert (group["number"], len(first["rows"]), len(second["rows"])) == (60, 50, 10)
    assert sorted(listed) == list(range(1, 61))
    assert [item["row"].due for item in second["rows"]] == [None] * 10


def test_a_group_that_does_not_exist_is_not_found(world, officer):
    assert page(officer(world.commune, Role.REPORTER), group="late").status_code == 404


@pytest.mark.parametrize("after", ["x", "2021-02-31.1", "." + "9" * 40, "2021-03-12." + "9" * 18, ".0", "9999-99-99.1"])
@pytest.mark.parametrize("group", ["overdue", "to_review", ""])
def test_a_page_beyond_the_group_is_no_failure(world, tasks, officer, group, after):
    assert page(officer(world.commune, Role.REPORTER, Role.REVIEWER), group=group, after=after).status_code == 200


def test_an_empty_group_leads_back(world, officer):
    assert "Nothing in this group" in text(page(officer(world.commune, Role.REPORTER), group="overdue"))


# Who has none


@pytest.mark.parametrize("role", [Role.VIEWER, Role.INSPECTOR])
def test_somebody_who_only_reads_is_told_so(world, tasks, officer, role):
    assert "You read; you have nothing to send or review" in text(page(officer(world.centre, role)))


# What it costs


@pytest.mark.parametrize("communes", [2, 200])
def test_the_page_costs_the_same_statements_for_any_amount_of_work(world, officer, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.issue(world.task(1), world.task(2, to="district"))
    for held in Assignment.objects.filter(task__number=1).select_related("task"):
        world.result(held)
    client = officer(world.north_district, Role.REPORTER, Role.REVIEWER)

    # session, user, roles; own work, results, names
    with django_assert_num_queries(6):
        response = page(client)

    assert groups(response).keys() == {"to_review", "not_started"}
