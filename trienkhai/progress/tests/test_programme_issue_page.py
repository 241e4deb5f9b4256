from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import cancel_assignments
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme, import_programme


def address(act, number=1):
    return reverse(f"programme_{act}", args=[number])


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.fixture
def issuer(world, officer):
    return officer(world.centre, Role.ISSUER)


# A draft


def test_a_draft_that_lacks_nothing_leads_to_its_issue_and_says_how_far_it_reaches(world, issuer):
    world.programme(world.task(), world.task(2, coordinators=(world.addressees(unit="02"),)))

    said = text(issuer.get(address("detail")))

    assert f'href="{address("issue")}">Issue (units: 5, assignments: 9)' in said
    assert "reaches 4 units: commune · coordinating units: 1" in said


def test_a_draft_that_lacks_something_leads_back_to_the_annex(world, issuer):
    world.programme(world.task(), world.task(2, authority=""))

    said = text(issuer.get(address("detail")))

    assert address("issue") not in said
    assert f'href="{reverse("programme_import")}"' in said


@pytest.mark.parametrize(
    ("changes", "name", "sentence"),
    [
        ({"lead": ()}, "Rõ người", "Ghi vào cột “Chủ trì”"),
        ({"to": "cell"}, "Rõ người", "Hôm nay không có đơn vị nào"),
        ({"title": ""}, "Rõ việc", "Ghi nội dung cần làm vào cột “Nhiệm vụ”."),
        ({"due": None}, "Rõ thời gian", "Ghi ngày vào cột “Thời hạn”"),
        ({"due": date(2021, 3, 16)}, "Rõ thời gian", "Ghi ngày muộn hơn vào cột “Thời hạn”."),
        ({"authority": ""}, "Rõ thẩm quyền", "Ghi vào cột “Căn cứ”"),
        ({"product": ""}, "Rõ sản phẩm", "Ghi đủ hai cột: “Sản phẩm”"),
        ({"acceptance_test": ""}, "Rõ sản phẩm", "“Tiêu chí nghiệm thu”"),
    ],
)
def test_a_draft_says_which_clear_a_task_lacks_and_how_to_mend_it(world, officer, changes, name, sentence):
    world.programme(world.task(), world.task(2, **changes))

    response = officer(world.centre, Role.ISSUER, language="vi").get(address("detail"))

    assert [numbers for _name, numbers in response.context["clears"] if numbers] == [[2]]
    assert f"<dt>{name}</dt><dd><span" in text(response)
    assert f"<strong>{name}:</strong>" in text(response)
    assert sentence in text(response)


# The issue


def test_an_issue_is_asked_for_with_its_numbers_before_it_is_done(world, officer):
    world.programme(world.task(), world.task(2, to="province"))

    said = text(officer(world.centre, Role.ISSUER, language="vi").get(address("issue")))

    assert "Ban hành (giao cho 6 đơn vị, 6 việc)" in said
    assert "17/03/2021" in said
    assert not Assignment.objects.exists()


def test_an_issue_hands_the_tasks_out_and_opens_the_programme(world, issuer):
    programme = world.programme()

    response = issuer.post(address("issue"))

    programme.refresh_from_db()
    assert response.headers["Location"] == address("detail")
    assert (Assignment.objects.count(), programme.issued_on) == (4, world.day(5))
    assert told(response) == ["The programme is issued: 4 assignments began."]
    assert issuer.get(address("detail")).context["whole"]["all"]["total"] == 4


def test_what_cannot_be_issued_is_said_before_and_after_with_every_reason(world, issuer):
    programme = world.programme(world.task(product=""), world.task(2, due=world.day(4)))

    before, after = issuer.get(address("issue")), issuer.post(address("issue"))

    programme.refresh_from_db()
    assert (before.status_code, after.status_code) == (200, 422)
    assert [len(response.context["reasons"]) for response in (before, after)] == [2, 2]
    for response in (before, after):
        assert '<button type="submit" class="btn btn-primary">' not in text(response)
    assert "Task 1: it does not say what is delivered and how that is accepted." in text(after)
    assert (programme.issued_on, Assignment.objects.count()) == (None, 0)


def test_a_draft_without_a_task_is_not_issued(world, issuer):
    scope = world.scope("centre")
    import_programme([], title="Trống", document="", issuer_id=world.centre.unit_id, scope=scope)

    before, after = issuer.get(address("issue")), issuer.post(address("issue"))

    assert before.context["reasons"] == after.context["reasons"] == ["It has no task."]


# The issue again


def test_an_issued_programme_is_issued_again_to_whoever_came_in(world, issuer):
    world.issue()
    world.communes(2, under=world.north_district, on=world.day(3))

    asked = text(issuer.get(address("issue")))
    response = issuer.post(address("issue"))

    assert "addresses today: 6. Assignments in all: 6; units hold 4 already." in asked
    assert "Issue (units" not in asked
    assert told(response) == ["2 assignments were added."]
    assert Assignment.objects.count() == 6


def test_where_nothing_is_missing_the_issue_says_so(world, issuer):
    world.issue()
    cancel_assignments([world.assignment(world.commune).pk], reason="Trùng", scope=world.scope("centre"))

    response = issuer.post(address("issue"))

    assert told(response)[0].startswith("Nothing is left to hand out")
    assert Assignment.objects.count() == 4


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_closed_programme_is_not_issued_again(world, issuer, method):
    close_programme(world.issue(), scope=world.scope("centre", on=world.day(4)))

    response = getattr(issuer, method)(address("issue"))

    assert (response.status_code, response.headers["Location"]) == (302, address("detail"))
    assert told(response) == ["The programme is closed; nothing more is issued."]


# The close


def test_closing_is_asked_for_with_what_it_means(world, issuer):
    world.issue()
    world.result(world.assignment(world.commune), on=world.day(2))

    said = text(issuer.get(address("close")))

    assert "17 March 2021 is the last day" in said
    assert "cannot be opened again" in said
    assert "0 of 4 assignments done" in said
    assert "1 result still waits for review" in said


def test_a_programme_is_closed_at_the_end_of_today(world, issuer):
    programme = world.issue()

    response = issuer.post(address("close"))

    programme.refresh_from_db()
    assert response.headers["Location"] == address("detail")
    assert programme.closed_on == world.day(5)
    assert told(response) == ["The programme closes at the end of today."]


def test_looking_at_the_page_closes_nothing(world, issuer):
    programme = world.issue()

    issuer.get(address("close"))

    programme.refresh_from_db()
    assert programme.closed_on is None


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("is_issued", [False, True])
def test_what_is_not_open_is_not_closed(world, issuer, is_issued, method):
    programme = world.issue() if is_issued else world.programme()
    if is_issued:
        close_programme(programme, scope=world.scope("centre", on=world.day(4)))

    response = getattr(issuer, method)(address("close"))

    programme.refresh_from_db()
    assert (response.status_code, response.headers["Location"]) == (302, address("detail"))
    assert told(response)[0].startswith("The programme is not open")
    assert programme.closed_on == (world.day(4) if is_issued else None)


# Who may


@pytest.mark.parametrize("act", ["issue", "close"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("centre", Role.VIEWER, 403),
        ("north", Role.ISSUER, 403),
        ("commune", Role.REPORTER, 403),
        ("south", Role.ISSUER, 404),
    ],
)
def test_who_sees_a_programme_may_not_issue_or_close_it_for_another(world, officer, act, method, unit, role, status):
    programme = world.issue(world.task(lead=(world.addressees(level="commune", under="02"),)))

    response = getattr(officer(getattr(world, unit), role), method)(address(act))

    programme.refresh_from_db()
    assert response.status_code == status
    assert (programme.closed_on, Assignment.objects.count()) == (None, 2)


@pytest.mark.parametrize("act", ["issue", "close"])
def test_a_draft_is_not_found_by_those_who_may_not_issue_it(world, officer, act):
    world.programme()

    assert officer(world.north, Role.ISSUER).post(address(act)).status_code == 404


@pytest.mark.parametrize("act", ["issue", "close"])
@pytest.mark.parametrize("number", ["0", "2", "9" * 40])
def test_an_unknown_programme_is_not_found(world, issuer, act, number):
    world.issue()

    assert issuer.get(f"/programmes/{number}/{act}/").status_code == 404


def test_the_page_of_a_programme_offers_both_to_its_issuer_alone(world, officer):
    programme = world.issue()
    client = officer(world.centre, Role.ISSUER)

    seen, of_others = (
        text(client.get(address("detail"))),
        text(officer(world.north, Role.ISSUER).get(address("detail"))),
    )
    close_programme(programme, scope=world.scope("centre", on=world.day(4)))
    closed = text(client.get(address("detail")))

    assert [address(act) in seen for act in ("issue", "close")] == [True, True]
    assert [address(act) in of_others for act in ("issue", "close")] == [False, False]
    assert [address(act) in closed for act in ("issue", "close")] == [False, False]


# What it costs


@pytest.mark.parametrize("communes", [2, 200])
def test_asking_costs_the_same_statements_for_any_number_of_units(world, officer, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.programme(world.task(), world.task(2))
    client = officer(world.centre, Role.ISSUER)

    # session, user, roles; programme, right; preview 3; issuer, units, figures
    with django_assert_num_queries(11):
        client.get(address("issue"))


@pytest.mark.parametrize("communes", [2, 200])
def test_a_draft_costs_the_same_statements_for_any_number_of_units(world, officer, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.programme(world.task(), world.task(2))
    client = officer(world.centre, Role.ISSUER)

    # session, user, roles; programme; preview 3, levels; clears: tasks, addressees, levels, indicators; issuer, units
    with django_assert_num_queries(14):
        client.get(address("detail"))
