from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import IndicatorValue, Report, StoredFile
from trienkhai.progress.operations import submit_reports, suspend_assignments
from trienkhai.progress.rules import ReportLine
from trienkhai.tasks.readers import IndicatorRow


@pytest.fixture
def held(world, settings, tmp_path):
    """Issue one task that demands evidence to the communes, and return what the reporter's commune holds."""
    settings.MEDIA_ROOT = tmp_path
    world.issue(world.task(evidence_required=True))
    return world.assignment(world.commune)


@pytest.fixture
def reporter(world, held, officer):
    return officer(world.commune, Role.REPORTER)


def address(assignment):
    return reverse("report_submit", args=[assignment.pk])


def send(client, assignment, **changes):
    said = {"version": 1, "client_key": "k-1", "progress": 40, "text": "Đã họp", "difficulties": ""}
    return client.post(address(assignment), said | changes)


def file(name="biên bản.txt", content="Họp ngày 12 tháng 3"):
    return SimpleUploadedFile(name, content.encode())


def kept(response):
    """Return the signed fields in which the form that came back keeps what was uploaded."""
    return [token for _file, token in response.context["files"]]


# Who may


@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("commune", Role.REPORTER, 200),
        ("commune", Role.VIEWER, 403),
        ("north_district", Role.REPORTER, 403),
        ("centre", Role.INSPECTOR, 403),
        ("other_commune", Role.REPORTER, 404),
    ],
)
def test_only_the_unit_itself_reports(world, held, officer, unit, role, status):
    client = officer(getattr(world, unit), role)

    assert client.get(address(held)).status_code == status
    assert send(client, held).status_code == (302 if status == 200 else status)
    assert Report.objects.count() == (1 if status == 200 else 0)


def test_where_nothing_can_be_reported_the_form_leads_back_and_says_so(world, held, reporter):
    suspend_assignments([held.pk], reason="Dịch", scope=world.scope("centre", on=world.day(1)))

    response = reporter.get(address(held), follow=True)

    assert response.redirect_chain == [(reverse("assignment_detail", args=[held.pk]), 302)]
    assert "Nothing can be reported on this assignment at present" in response.content.decode()


# What is sent


def test_a_report_of_progress_is_sent(world, held, reporter):
    response = send(reporter, held, difficulties="Thiếu người")

    report = Report.objects.get()
    assert response.headers["Location"] == reverse("assignment_detail", args=[held.pk])
    assert (report.progress, report.text, report.difficulties, report.is_result) == (40, "Đã họp", "Thiếu người", False)
    assert (report.day, report.author.username) == (world.day(5), "commune")


def test_a_result_goes_with_its_evidence_and_is_whole(held, reporter):
    send(reporter, held, is_result="on", evidence=[file(), file("số liệu.csv", "a,b\n1,2\n")])

    report = Report.objects.get()
    assert (report.is_result, report.progress) == (True, 100)
    assert {proof.name for proof in report.evidence.all()} == {"biên bản.txt", "số liệu.csv"}


def test_a_report_is_of_the_period_in_which_it_is_sent(world, officer):
    world.issue(world.task(reporting_period="month"))
    held = world.assignment(world.commune)

    send(officer(world.commune, Role.REPORTER), held)

    assert (Report.objects.get().period.lower.isoformat(), Report.objects.get().period.upper.isoformat()) == (
        "2021-03-01",
        "2021-04-01",
    )


def test_a_form_that_is_sent_twice_is_one_report(held, reporter):
    first = send(reporter, held, is_result="on", evidence=[file()])
    again = send(reporter, held, is_result="on", evidence=[file()])

    assert (first.status_code, again.status_code) == (302, 302)
    assert Report.objects.count() == 1


def test_each_form_has_a_key_of_its_own(held, reporter):
    keys = {reporter.get(address(held)).context["form"]["client_key"].value() for _turn in range(2)}

    assert len(keys) == 2


# What is refused


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "a\0b"}, "text"),
        ({"progress": "101"}, "progress"),
        ({"progress": "nửa"}, "progress"),
        ({"version": "9" * 30}, "version"),
        ({"client_key": "k" * 65}, "client_key"),
        ({"is_result": "on"}, "evidence"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(held, reporter, changes, field):
    response = send(reporter, held, **changes)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Report.objects.exists()


def test_missing_evidence_is_asked_for(held, reporter):
    response = send(reporter, held, is_result="on")

    assert "Its product demands evidence; add at least one file" in response.content.decode()


def test_what_was_typed_stays_in_the_form(held, reporter):
    response = send(reporter, held, progress="101", text="Đã họp ba lần")

    assert "Đã họp ba lần" in response.content.decode()
    assert response.context["form"]["progress"].value() == "101"


# Evidence


def test_evidence_that_was_uploaded_need_not_be_uploaded_again(held, reporter):
    refused = send(reporter, held, text="", evidence=[file()])

    response = send(reporter, held, is_result="on", kept=kept(refused))

    assert refused.status_code == 422
    assert response.status_code == 302
    assert [proof.name for proof in Report.objects.get().evidence.all()] == ["biên bản.txt"]


def test_evidence_that_is_unticked_is_not_sent(held, reporter):
    refused = send(reporter, held, text="", evidence=[file(), file("thừa.txt", "thừa")])

    send(reporter, held, kept=[kept(refused)[0]])

    assert [proof.name for proof in Report.objects.get().evidence.all()] == ["biên bản.txt"]


def test_evidence_that_another_form_kept_is_not_taken(world, held, reporter, officer):
    world.issue()
    other = world.assignment(world.other_commune, programme=held.programme)
    foreign = kept(send(officer(world.other_commune, Role.REPORTER), other, text="", evidence=[file()]))

    response = send(reporter, held, kept=[*foreign, "x"])

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["evidence"]
    assert response.context["files"] == []


def test_the_same_file_twice_is_one_piece_of_evidence(held, reporter):
    send(reporter, held, evidence=[file(), file("bản sao.txt")])

    assert [proof.name for proof in Report.objects.get().evidence.all()] == ["biên bản.txt"]


def test_one_bad_file_is_named_and_the_good_one_is_kept(held, reporter):
    response = send(reporter, held, evidence=[file(), SimpleUploadedFile("ảnh.jpg", b"MZ\x90\x00" + b"\0" * 100)])

    assert response.status_code == 422
    assert "ảnh.jpg" in response.context["form"].errors["evidence"][0]
    assert [row.name for row, _token in response.context["files"]] == ["biên bản.txt"]


def test_an_empty_file_is_refused_by_name(held, reporter):
    response = send(reporter, held, evidence=[SimpleUploadedFile("trống.pdf", b"")])

    assert "trống.pdf" in response.context["form"].errors["evidence"][0]


def test_a_report_takes_ten_files(held, reporter):
    response = send(reporter, held, evidence=[file(f"{number}.txt", f"số {number}") for number in range(11)])

    assert response.status_code == 422
    assert len(response.context["files"]) == 10
    assert response.context["form"].errors["evidence"] == ["A report takes at most 10 files."]


def test_a_file_is_stored_even_if_the_form_is_refused(held, reporter):
    send(reporter, held, text="", evidence=[file()])

    assert StoredFile.objects.count() == 1


# Values of indicators


@pytest.fixture
def with_indicator(world, officer):
    """Return a function that issues a task with an indicator, and logs in who reports its value."""

    def issue(over_units, *, language="vi"):
        world.issue(world.task(indicator=IndicatorRow("Số hộ", "hộ", None, over_units, "flow")))
        held = world.assignment(world.commune)
        return officer(world.commune, Role.REPORTER, language=language), held, held.task.indicators.get().pk

    return issue


@pytest.mark.parametrize(
    ("language", "typed", "value"),
    [("vi", "1.234,5", "1234.5"), ("vi", "1.5", "1.5"), ("vi", "1.234", "1234"), ("en", "1,234.5", "1234.5")],
)
def test_a_value_is_read_as_the_reader_writes_it(with_indicator, language, typed, value):
    client, held, indicator = with_indicator("sum", language=language)

    send(client, held, **{f"value_{indicator}": typed})

    assert IndicatorValue.objects.get().numerator == Decimal(value)


def test_a_ratio_has_two_numbers(with_indicator):
    client, held, indicator = with_indicator("ratio")

    send(client, held, **{f"value_{indicator}": "285", f"base_{indicator}": "300"})

    assert (IndicatorValue.objects.get().numerator, IndicatorValue.objects.get().denominator) == (285, 300)


def test_a_report_without_a_value_is_taken(with_indicator):
    client, held, _indicator = with_indicator("ratio")

    assert send(client, held).status_code == 302
    assert not IndicatorValue.objects.exists()


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        (("285", ""), "base"),
        (("", "300"), "value"),
        (("1", "0"), "base"),
        (("x", "300"), "value"),
        (("1e99", "1"), "value"),
    ],
)
def test_a_value_that_is_no_ratio_is_refused_beside_its_number(with_indicator, typed, part):
    client, held, indicator = with_indicator("ratio")

    response = send(client, held, **{f"value_{indicator}": typed[0], f"base_{indicator}": typed[1]})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [f"{part}_{indicator}"]


# Two people at once


@pytest.fixture
def meanwhile(world, held, reporter):
    """Open the form, and let a colleague report before it is sent."""
    version = reporter.get(address(held)).context["form"]["version"].value()
    colleague = world.officer(world.commune, Role.REPORTER, on=world.day(5))
    submit_reports([ReportLine(assignment=held.pk, progress=70, text="Của đồng nghiệp")], scope=colleague)
    return version


def test_who_comes_second_sees_both_and_loses_nothing(held, reporter, meanwhile):
    response = send(reporter, held, version=meanwhile, text="Của tôi", evidence=[file()])

    said = response.content.decode()
    assert response.status_code == 409
    assert "Của đồng nghiệp" in said
    assert "Của tôi" in said
    assert response.context["assignment"].progress == 70
    assert len(response.context["files"]) == 1
    assert Report.objects.count() == 1


def test_who_has_seen_both_sends_again(held, reporter, meanwhile):
    refused = send(reporter, held, version=meanwhile, evidence=[file()])
    form = refused.context["form"]

    response = send(reporter, held, version=form["version"].value(), kept=kept(refused))

    assert response.status_code == 302
    assert [report.progress for report in Report.objects.order_by("pk")] == [70, 40]


def test_what_came_after_a_result_is_told_that_it_waits(world, held, reporter):
    world.result(held, on=world.day(5))

    response = send(reporter, held, version=1)
    again = send(reporter, held, version=response.context["form"]["version"].value())

    assert (response.status_code, again.status_code) == (409, 422)
    assert not response.context["is_open"]
    assert "A result of it already waits for review" in again.content.decode()


# What the page says


def test_the_form_says_what_is_ordered_and_why_the_last_report_was_returned(world, held, reporter):
    world.send_back(world.result(held, on=world.day(1)), on=world.day(2), reason="Thiếu con dấu")

    response = reporter.get(address(held))

    for words in ("Thiếu con dấu", "Có số và ngày ban hành", "A result needs it"):
        assert words in response.content.decode()


def test_the_form_speaks_vietnamese(world, held, officer):
    said = officer(world.commune, Role.REPORTER, language="vi").get(address(held)).content.decode()

    for words in ("Gửi báo cáo", "Minh chứng", "Công việc đã xong, gửi cấp trên duyệt"):
        assert words in said
