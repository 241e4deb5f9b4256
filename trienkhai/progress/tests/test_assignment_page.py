from decimal import Decimal

import pytest
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import cancel_assignments, suspend_assignments
from trienkhai.progress.rules import EvidenceLine, ValueLine
from trienkhai.tasks.models import Task
from trienkhai.tasks.operations import close_programme
from trienkhai.tasks.readers import IndicatorRow


@pytest.fixture
def held(world):
    """Issue one task to the communes, and return what the reporter's commune holds."""
    world.issue(world.task(evidence_required=True))
    return world.assignment(world.commune)


def page(client, assignment, **parameters):
    return client.get(reverse("assignment_detail", args=[assignment.pk]), parameters)


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


# Who sees it


@pytest.mark.parametrize(
    ("unit", "status"),
    [("commune", 200), ("north_district", 200), ("centre", 200), ("other_commune", 404), ("south", 404)],
)
def test_an_assignment_is_seen_by_its_unit_and_from_above(world, held, officer, unit, status):
    assert page(officer(getattr(world, unit), Role.VIEWER), held).status_code == status


def test_the_monitor_of_a_task_sees_what_it_follows(world, officer):
    world.issue(world.task(monitor="48"))
    held = world.assignment(world.commune)

    response = page(officer(world.south, Role.REVIEWER), held)

    assert response.status_code == 200
    assert "Thành phố Đà Nẵng" in text(response)


@pytest.mark.parametrize("number", ["0", "99999999", "9" * 40])
def test_an_unknown_assignment_is_not_found(world, held, officer, number):
    assert officer(world.centre, Role.VIEWER).get(f"/assignments/{number}/").status_code == 404


@pytest.mark.parametrize(
    "parameters", [{"before": "x"}, {"before": "9" * 30}, {"history": "-1"}, {"history": "9" * 18}]
)
def test_parameters_that_say_nothing_are_passed_over(world, held, officer, parameters):
    assert page(officer(world.centre, Role.VIEWER), held, **parameters).status_code == 200


# What it says


def test_the_page_says_what_is_ordered_and_by_what(world, officer):
    row = IndicatorRow("Tỷ lệ", "%", Decimal("97.5"), "ratio", "stock")
    world.issue(world.task(indicator=row, product="Kế hoạch", acceptance_test="Có chữ ký", authority="Nghị quyết 5"))

    said = text(page(officer(world.commune, Role.VIEWER, language="vi"), world.assignment(world.commune)))

    for words in ("Kế hoạch", "Có chữ ký", "Nghị quyết 5", "97,5 %", "11/04/2021", "Trung ương", "Huyện Đồng Văn"):
        assert words in said


def test_due_dates_and_numbers_are_written_in_english_too(world, officer):
    world.issue(world.task(indicator=IndicatorRow("Share", "%", Decimal("97.5"), "ratio", "stock")))

    said = text(page(officer(world.commune, Role.VIEWER), world.assignment(world.commune)))

    assert "11 April 2021" in said
    assert "target 97.5 %" in said


def test_a_report_shows_its_values_its_evidence_and_its_review(world, officer):
    world.issue(world.task(indicator=IndicatorRow("Tỷ lệ họp", "%", None, "ratio", "stock")))
    held = world.assignment(world.commune)
    value = ValueLine(held.task.indicators.get().pk, Decimal(285), Decimal(300))
    proof = EvidenceLine(file=world.file().pk, name="ảnh họp.jpg")
    report = world.report(held, on=world.day(1), text="Đã họp", difficulties="Xa", values=[value], evidence=[proof])
    world.send_back(report, on=world.day(2), reason="Thiếu danh sách")

    response = page(officer(world.commune, Role.VIEWER), held)

    for words in ("Đã họp", "Xa", "95 %", "285 / 300", "ảnh họp.jpg", "Thiếu danh sách", "Huyện Đồng Văn returned it"):
        assert words in text(response)
    assert reverse("evidence_download", args=[report.evidence.get().pk]) in text(response)


def test_the_day_of_entry_is_shown_where_it_is_another(world, held, officer):
    world.report(held, on=world.day(3), entered_on=world.day(1))

    assert "written on 13 March 2021, arrived later" in text(page(officer(world.commune, Role.VIEWER), held))


def test_the_history_is_told_the_latest_first(world, held, officer):
    world.report(held, on=world.day(1), progress=20)

    response = page(officer(world.commune, Role.VIEWER), held)

    assert [entry.words for entry in response.context["history"]] == [
        "Xã Lũng Cú reports progress: 20%",
        "Trung ương assigns the task to Xã Lũng Cú",
    ]


def test_long_lists_go_on_by_pages(world, held, officer):
    for _number in range(51):
        world.report(held, on=world.day(1))
    client = officer(world.commune, Role.VIEWER)

    first = page(client, held)
    reports, history = client.get(first.context["older_reports_href"]), client.get(first.context["older_history_href"])

    assert [len(response.context["reports"]) for response in (first, reports)] == [50, 1]
    assert [len(response.context["history"]) for response in (first, history)] == [50, 2]
    assert (reports.context["older_reports_href"], history.context["older_history_href"]) == ("", "")


# What to do next


def next_of(response):
    """Return what to do next, and where the one primary button leads."""
    said = response.content.decode()
    start = said.index('id="next"')
    panel = said[start : said.index("</section>", start)]
    return response.context["step"], [part.split('"')[1] for part in panel.split('btn-primary" href=')[1:]]


def test_the_unit_is_asked_to_report(world, held, officer):
    response = page(officer(world.commune, Role.REPORTER), held)

    assert next_of(response) == ("report", [reverse("report_submit", args=[held.pk])])


def test_a_returned_report_asks_for_another_and_says_why(world, held, officer):
    world.send_back(world.result(held, on=world.day(1)), on=world.day(2), reason="Chưa đóng dấu")

    response = page(officer(world.commune, Role.REPORTER), held)

    assert next_of(response) == ("report_again", [reverse("report_submit", args=[held.pk])])
    assert text(response).index("Chưa đóng dấu") < text(response).index("What is ordered")


def test_the_reviewer_is_asked_to_review_the_result(world, held, officer):
    world.report(held, on=world.day(1))
    result = world.result(held, on=world.day(2))

    response = page(officer(world.north_district, Role.REVIEWER), held)

    assert next_of(response) == ("review", [reverse("report_decide", args=[result.pk])])


def test_who_waits_is_told_for_whom(world, held, officer):
    world.result(held, on=world.day(2))

    response = page(officer(world.commune, Role.REPORTER), held)

    assert next_of(response) == ("wait_for_review", [])
    assert "waits for Huyện Đồng Văn to review it" in text(response)


def test_an_inspector_only_reads(world, held, officer):
    world.result(held, on=world.day(2))

    response = page(officer(world.centre, Role.INSPECTOR), held)

    assert next_of(response) == ("wait_for_review", [])
    assert not response.context["may_derive"]


def test_what_is_done_suspended_cancelled_or_closed_asks_for_nothing(world, officer):
    programme = world.issue(*(world.task(number) for number in (1, 2, 3, 4)))
    done, suspended, cancelled, closed = (world.assignment(world.commune, task=number) for number in (1, 2, 3, 4))
    world.accept(world.result(done, on=world.day(1)), on=world.day(2))
    suspend_assignments([suspended.pk], reason="Dịch", scope=world.scope("centre", on=world.day(2)))
    cancel_assignments([cancelled.pk], reason="Trùng", scope=world.scope("centre", on=world.day(2)))
    close_programme(programme, scope=world.scope("centre", on=world.day(3)))
    client = officer(world.commune, Role.REPORTER)

    steps = [next_of(page(client, assignment)) for assignment in (done, suspended, cancelled, closed)]

    assert steps == [("done", []), ("suspended", []), ("left", []), ("closed", [])]


# The chain


def derive(client, assignment, **changes):
    said = {
        "title": "Họp ở từng xã",
        "levels": "30",
        "due": "2021-04-05",
        "product": "Biên bản",
        "acceptance_test": "Đủ chữ ký",
        "authority": "Kế hoạch huyện",
    }
    return client.post(reverse("task_derive", args=[assignment.pk]), said | changes)


@pytest.fixture
def of_district(world):
    """Issue one task to the districts, and return what the northern one holds."""
    world.issue(world.task(to="district"))
    return world.assignment(world.north_district)


def test_a_task_is_made_concrete_for_the_units_of_a_level_below(world, of_district, officer):
    client = officer(world.north_district, Role.ISSUER)

    response = derive(client, of_district)

    task = Task.objects.get(derives_from=of_district.task)
    assert response.headers["Location"] == reverse("assignment_detail", args=[of_district.pk]) + "#chain"
    assert {row.unit_id for row in task.assignment_set.all()} == {world.commune.unit_id, world.other_commune.unit_id}
    assert (task.title, task.due, task.programme.issuer_id) == (
        "Họp ở từng xã",
        world.day(24),
        world.north_district.unit_id,
    )


def test_a_task_is_made_concrete_for_chosen_units(world, of_district, officer):
    derive(officer(world.north_district, Role.ISSUER), of_district, levels=[], units=[world.other_commune.unit_id])

    task = Task.objects.get(derives_from=of_district.task)
    assert [row.unit_id for row in task.assignment_set.all()] == [world.other_commune.unit_id]


def test_the_chain_is_walked_down_and_up(world, of_district, officer):
    client = officer(world.north_district, Role.ISSUER, Role.REVIEWER)
    derive(client, of_district)
    below = world.assignment(world.commune)
    world.result(below, on=world.day(5))

    (row,) = page(client, of_district).context["chain_below"]
    (step,) = page(client, below).context["chain_above"]
    (unseen,) = page(officer(world.commune, Role.REPORTER), below).context["chain_above"]

    assert (row["task"].title, row["figures"].assignments, row["figures"].waiting) == ("Họp ở từng xã", 2, 1)
    assert (step["unit"], step["href"]) == ("Huyện Đồng Văn", reverse("assignment_detail", args=[of_district.pk]))
    assert (unseen["step"].task_title, unseen["href"]) == (of_district.task.title, "")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due": "2021-05-30"}, "due"),
        ({"due": ""}, "due"),
        ({"due": "2021-13-01"}, "due"),
        ({"due": "2021-03-01"}, "due"),
        ({"title": ""}, "title"),
        ({"product": ""}, "product"),
        ({"levels": []}, "levels"),
        ({"levels": ["10"]}, "levels"),
        ({"levels": [], "units": ["x"]}, "units"),
    ],
)
def test_a_task_that_lacks_something_is_refused_beside_its_field(world, of_district, officer, changes, field):
    response = derive(officer(world.north_district, Role.ISSUER), of_district, **changes)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Task.objects.filter(derives_from=of_district.task).exists()


def test_the_form_begins_with_what_the_task_above_says(world, of_district, officer):
    client = officer(world.north_district, Role.ISSUER)

    form = client.get(reverse("task_derive", args=[of_district.pk])).context["form"]

    assert (form["title"].value(), form["due"].value()) == ("Nhiệm vụ 1", world.day(30))
    assert form["authority"].value() == "Task 1, Chương trình năm 2021"
    assert form.fields["levels"].choices == [(30, "Commune (2 units)")]


def test_a_viewer_cannot_make_concrete(world, of_district, officer):
    assert derive(officer(world.north_district, Role.VIEWER), of_district).status_code == 403


def test_where_nobody_is_below_nothing_is_made_concrete(world, held, officer):
    client = officer(world.commune, Role.REPORTER)

    response = derive(client, held)

    assert not page(client, held).context["may_derive"]
    assert response.headers["Location"] == reverse("assignment_detail", args=[held.pk])


# What it costs


@pytest.mark.parametrize("communes", [2, 200])
def test_a_page_costs_the_same_statements_for_any_number_of_units(
    world, of_district, officer, communes, django_assert_num_queries
):
    world.communes(communes, under=world.north_district)
    client = officer(world.north_district, Role.ISSUER, Role.REVIEWER)
    derive(client, of_district)
    world.result(of_district, on=world.day(5))
    page(client, of_district)

    # who asks 3, assignment 4, frame 4, changes 1, rights 3, reports 3, chain 2
    with django_assert_num_queries(20):
        page(client, of_district)
