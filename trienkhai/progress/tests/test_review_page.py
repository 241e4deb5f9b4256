import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Report
from trienkhai.progress.rules import EvidenceLine
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme


@pytest.fixture
def held(world):
    """Issue one task to the communes, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


@pytest.fixture
def result(world, held):
    """Return the result that waits for the district."""
    return world.result(held, on=world.day(2))


@pytest.fixture
def reviewer(world, officer):
    return officer(world.north_district, Role.REVIEWER)


def address(report):
    return reverse("report_decide", args=[report.pk])


def accept(client, report, **more):
    return client.post(address(report), {"accept": "1"} | more)


def send_back(client, report, **said):
    return client.post(address(report), {"return": "1", "reason": "Thiếu số liệu"} | said)


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# Who may


@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("north_district", Role.REVIEWER, 200),
        ("centre", Role.REVIEWER, 200),
        ("north_district", Role.VIEWER, 403),
        ("centre", Role.INSPECTOR, 403),
        ("commune", Role.REPORTER, 403),
        ("commune", Role.REVIEWER, 403),
        ("south_district", Role.REVIEWER, 404),
    ],
)
def test_only_the_reviewer_decides(world, result, officer, unit, role, status):
    client = officer(getattr(world, unit), role)

    assert client.get(address(result)).status_code == status
    assert accept(client, result).status_code == (302 if status == 200 else status)
    result.refresh_from_db()
    assert result.state == ("accepted" if status == 200 else "waiting")


def test_the_monitor_decides_where_a_task_names_one(world, officer):
    world.issue(world.task(monitor="48"))
    result = world.result(world.assignment(world.commune), on=world.day(2))

    assert officer(world.north_district, Role.REVIEWER).get(address(result)).status_code == 403
    assert accept(officer(world.south, Role.REVIEWER), result).status_code == 302


@pytest.mark.parametrize("number", ["0", "9" * 40])
def test_an_unknown_report_is_not_found(world, held, reviewer, number):
    assert reviewer.get(f"/reports/{number}/decide/").status_code == 404


# What is decided


def test_an_accepted_result_ends_the_assignment(held, result, reviewer):
    response = accept(reviewer, result)

    held.refresh_from_db()
    assert held.bucket == "done_on_time"
    assert (response.headers["Location"], told(response)) == (reverse("my_work"), ["The report was accepted."])


def test_a_return_opens_it_again_with_its_reason_and_a_new_due_date(world, held, result, reviewer):
    send_back(reviewer, result, new_due="2021-05-01")

    held.refresh_from_db()
    assert (held.state, held.due) == ("in_progress", world.day(50))
    assert (result.review.reason, result.review.new_due) == ("Thiếu số liệu", world.day(50))


def test_a_report_of_progress_is_decided_without_a_new_due_date(world, held, reviewer):
    report = world.report(held, on=world.day(2))

    assert "new_due" not in reviewer.get(address(report)).context["form"].fields
    send_back(reviewer, report, new_due="2021-05-01")

    held.refresh_from_db()
    assert (held.due, report.review.reason) == (world.day(30), "Thiếu số liệu")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "  \n"}, "reason"),
        ({"new_due": "2021-03-13"}, "new_due"),
        ({"new_due": "2021-02-30"}, "new_due"),
        ({"new_due": "mai"}, "new_due"),
    ],
)
def test_a_return_that_lacks_something_is_refused_beside_its_field(result, reviewer, said, field):
    response = send_back(reviewer, result, **said)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    result.refresh_from_db()
    assert result.state == "waiting"


def test_a_post_that_decides_nothing_is_refused(result, reviewer):
    assert reviewer.post(address(result), {}).status_code == 422


def test_what_was_typed_stays(result, reviewer):
    response = send_back(reviewer, result, reason="Thiếu biểu số 3", new_due="2020-01-01")

    assert "Thiếu biểu số 3" in response.content.decode()


def test_in_a_closed_programme_nothing_is_decided(world, held, result, reviewer):
    close_programme(held.programme, scope=world.scope("centre", on=world.day(3)))

    response = accept(reviewer, result)

    assert told(response) == ["No decision was taken. Its programme is closed."]
    assert Assignment.objects.get(pk=held.pk).state == "waiting"


# Afterwards


@pytest.mark.parametrize(
    ("next_address", "leads_to"),
    [
        ("/programmes/", "/programmes/"),
        ("https://evil.example/", "/work/"),
        ("//evil.example", "/work/"),
        ("javascript:alert(1)", "/work/"),
        ("", "/work/"),
    ],
)
def test_the_reviewer_comes_back_to_where_they_were_on_this_site(result, reviewer, next_address, leads_to):
    assert accept(reviewer, result, next=next_address).headers["Location"] == leads_to


def test_the_page_carries_where_the_reviewer_came_from(result, reviewer):
    assert reviewer.get(address(result), {"next": "/programmes/"}).context["next"] == "/programmes/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_was_decided_meanwhile_is_told_with_who_decided_it(world, result, reviewer, method):
    world.send_back(result, on=world.day(3), reason="Sai mẫu")

    response = reviewer.get(address(result)) if method == "get" else accept(reviewer, result)

    assert response.headers["Location"] == reverse("assignment_detail", args=[result.assignment_id])
    assert told(response) == ["This report was returned already, by officer-026 on 15 March 2021: Sai mẫu"]
    assert Report.objects.get(pk=result.pk).state == "returned"


# What the page says


def test_what_is_reported_stands_beside_what_was_ordered(world, held, reviewer):
    world.report(held, on=world.day(1), text="Bước một")
    result = world.result(held, on=world.day(2), text="Đã ban hành kế hoạch số 5")

    response = reviewer.get(address(result))

    for words in ("Đã ban hành kế hoạch số 5", "Có số và ngày ban hành", "Bước một", "Xã Lũng Cú"):
        assert words in response.content.decode()


def test_a_file_that_other_units_sent_too_is_shown_as_a_count(world, held, reviewer):
    proof = [EvidenceLine(file=world.file().pk, name="ảnh.jpg")]
    for unit in (world.other_commune, world.south_commune):
        world.report(world.assignment(unit), on=world.day(1), evidence=proof)
    result = world.result(held, on=world.day(2), evidence=proof)

    assert reviewer.get(address(result)).context["reuse"] == ["ảnh.jpg was also sent by 2 other units."]


def test_a_file_that_the_unit_alone_sent_is_not_remarked_on(world, held, reviewer):
    proof = [EvidenceLine(file=world.file().pk, name="ảnh.jpg")]
    world.report(held, on=world.day(1), evidence=proof)
    result = world.result(held, on=world.day(2), evidence=proof)

    assert reviewer.get(address(result)).context["reuse"] == []


def test_the_page_speaks_vietnamese(world, result, officer):
    said = officer(world.north_district, Role.REVIEWER, language="vi").get(address(result)).content.decode()

    for words in ("Duyệt", "Trả lại", "Lý do trả lại", "14/03/2021"):
        assert words in said
