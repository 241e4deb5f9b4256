import csv
import io
import re

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from trienkhai.access.operations import give_role
from trienkhai.audit.models import Operation
from trienkhai.organisation.scoping import Role
from trienkhai.progress.views.issuing import COLUMNS
from trienkhai.tasks.models import Programme, Task
from trienkhai.tasks.readers import FIELDS

TASK = {
    "TT": "1",
    "Nhiệm vụ": "Ban hành chương trình",
    "Chủ trì": "cấp xã",
    "Thời hạn": "30/6/2021",
    "Sản phẩm": "Chương trình",
    "Tiêu chí nghiệm thu": "Có số",
    "Căn cứ": "Nghị quyết đại hội",
}


def annex(*tasks, name="phân công.csv"):
    """Return a CSV file with a line for each task, whose headings are those of the first."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, tasks[0])
    writer.writeheader()
    writer.writerows(tasks)
    return SimpleUploadedFile(name, stream.getvalue().encode())


def send(client, file, **said):
    """Send the form as it is filled in; `check` or `make` is the button."""
    words = {"title": "Kế hoạch năm 2021", "document": "Nghị quyết số 5"} | said
    return client.post(reverse("programme_import"), words | ({"file": file} if file else {}))


def check(client, file, **said):
    return send(client, file, check="1", **said)


def make(client, file, **said):
    return send(client, file, make="1", **said)


def text(response):
    """Return the words of a page, one space between them."""
    return " ".join(response.content.decode().split())


def carried(response):
    """Return what the form of a page carries of the annex."""
    return dict(re.findall(r'<input type="hidden" name="(kept\w*)" value="([^"]*)"', response.content.decode()))


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def places(response):
    return [(row.sheet, row.line, row.column, row.value) for row in response.context["problems"]]


@pytest.fixture
def issuer(world, officer):
    return officer(world.centre, Role.ISSUER)


# Who may


@pytest.mark.parametrize(
    ("unit", "role", "status"),
    [
        ("centre", Role.ISSUER, 200),
        ("commune", Role.ISSUER, 200),
        ("centre", Role.VIEWER, 403),
        ("centre", Role.ADMINISTRATOR, 403),
    ],
)
def test_the_page_is_for_those_who_may_issue_somewhere(world, officer, unit, role, status):
    client = officer(getattr(world, unit), role)

    assert client.get(reverse("programme_import")).status_code == status
    assert check(client, annex(TASK)).status_code == status


def test_the_list_of_programmes_leads_issuers_there(world, officer):
    address = reverse("programme_import")

    assert address in text(officer(world.north, Role.ISSUER).get(reverse("programme_list")))
    assert address not in text(officer(world.south, Role.VIEWER).get(reverse("programme_list")))


def test_who_may_issue_for_one_unit_is_not_asked_for_which(world, officer):
    client = officer(world.north, Role.ISSUER)

    assert 'name="issuer"' not in text(client.get(reverse("programme_import")))
    make(client, annex(TASK), issuer=world.centre.unit_id)

    assert Programme.objects.get().issuer_id == world.north.unit_id


def test_who_may_issue_for_several_units_chooses(world, officer):
    client = officer(world.north, Role.ISSUER)
    give_role(world.user("north"), role=Role.ISSUER, unit_id=world.south.unit_id, scope=world.shell())

    page = client.get(reverse("programme_import"))
    refused = [make(client, annex(TASK), issuer=issuer).status_code for issuer in ("", "x", world.centre.unit_id)]
    make(client, annex(TASK), issuer=world.south.unit_id)

    assert [name for _unit, name in page.context["form"].fields["issuer"].choices] == [
        "Tỉnh Hà Giang",
        "Thành phố Đà Nẵng",
    ]
    assert refused == [422, 422, 422]
    assert Programme.objects.get().issuer_id == world.south.unit_id


# The check


def test_a_check_says_what_would_be_made_and_writes_nothing(issuer):
    before = Operation.objects.count()
    incomplete = TASK | {"TT": "2", "Chủ trì": "", "Thời hạn": "", "Căn cứ": ""}

    response = check(issuer, annex(TASK | {"Ghi chú": "x"}, incomplete | {"Ghi chú": ""}))

    shown = response.context["checked"]
    assert response.status_code == 200
    assert [(row["task"].number, row["leading"], [lack.clear for lack in row["lacks"]]) for row in shown] == [
        (1, "cấp xã", []),
        (2, "", ["who", "when", "authority"]),
    ]
    assert "The check read 2 tasks" in text(response)
    assert "1 task lacks something." in text(response)
    assert "would be left out: “Ghi chú”" in text(response)
    assert (Programme.objects.count(), Task.objects.count(), Operation.objects.count()) == (0, 0, before)


def test_neither_button_is_a_check(issuer):
    assert send(issuer, annex(TASK)).status_code == 200
    assert not Programme.objects.exists()


def test_a_check_is_told_in_vietnamese_with_the_day_as_it_is_written_there(world, officer):
    said = text(check(officer(world.centre, Role.ISSUER, language="vi"), annex(TASK, TASK | {"TT": "2", "Căn cứ": ""})))

    for words in ("Đã kiểm tra: đọc được 2 nhiệm vụ", "Có 1 nhiệm vụ còn thiếu.", "Thiếu căn cứ", "30/06/2021"):
        assert words in said


def test_the_annex_that_was_checked_is_made_without_choosing_it_again(issuer):
    checked = check(issuer, annex(TASK))

    made = make(issuer, None, **carried(checked))

    assert made.status_code == 302
    assert carried(checked)["kept_name"] == "phân công.csv"
    assert Task.objects.get().title == "Ban hành chương trình"


def test_an_annex_that_is_chosen_anew_counts_before_the_one_that_was_checked(issuer):
    checked = check(issuer, annex(TASK))

    make(issuer, annex(TASK | {"Nhiệm vụ": "Đã sửa"}), **carried(checked))

    assert Task.objects.get().title == "Đã sửa"


def test_a_form_without_a_title_keeps_the_annex_and_the_words(issuer):
    refused = make(issuer, annex(TASK), title=" ")

    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["title"])
    assert 'value="Nghị quyết số 5"' in text(refused)
    assert make(issuer, None, **carried(refused)).status_code == 302


def test_a_large_annex_is_not_carried_and_the_page_says_so(issuer, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.forms.KEPT_LIMIT", 10)

    response = check(issuer, annex(TASK))

    assert carried(response) == {}
    assert "choose it once more below" in text(response)


@pytest.mark.parametrize("kept", ["%", "YQ", "đ", "YWJj", "\x00"])
def test_an_annex_that_was_forged_is_refused(issuer, kept):
    assert make(issuer, None, kept=kept, kept_name="x").status_code == 422
    assert not Programme.objects.exists()


# A draft


def test_a_draft_is_made_and_opened(world, issuer):
    response = make(issuer, annex(TASK, TASK | {"TT": "2"}))

    programme = Programme.objects.get()
    assert response.headers["Location"] == reverse("programme_detail", args=[programme.number])
    assert (programme.title, programme.document, programme.issuer_id, programme.issued_on) == (
        "Kế hoạch năm 2021",
        "Nghị quyết số 5",
        world.centre.unit_id,
        None,
    )
    assert programme.tasks.count() == 2
    assert told(response) == ["The draft is made: 2 tasks."]


def test_columns_that_were_left_out_are_named_after_the_draft_is_made(issuer):
    response = make(issuer, annex(TASK | {"Ghi chú": "x"}))

    assert told(response)[1:] == ["Columns that are not known and were left out: Ghi chú."]


# What is refused


def bad_workbook():
    book = Workbook()
    book.active.title = "Phần 1"
    for row in (["TT", "Nhiệm vụ", "Thời hạn"], [1, "A", "31/2/2021"], ["x", "B", "30/6/2021"]):
        book.active.append(row)
    book.create_sheet("Phần 2").append(["ghi chú"])
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile("phân công.xlsx", stream.getvalue())


@pytest.mark.parametrize("act", [check, make])
def test_every_bad_place_of_a_file_is_listed_and_nothing_is_written(issuer, act):
    response = act(issuer, bad_workbook())

    assert response.status_code == 422
    assert places(response) == [
        ("Phần 1", 2, "Thời hạn", "31/2/2021"),
        ("Phần 1", 3, "TT", "x"),
        ("Phần 2", 1, "", ""),
    ]
    assert "It is not a date; write day/month/year" in text(response)
    assert not Programme.objects.exists()


def test_a_refused_file_leaves_the_words_of_the_form_and_is_not_carried(issuer):
    response = make(issuer, annex(TASK | {"Thời hạn": "mai"}))

    assert 'value="Kế hoạch năm 2021"' in text(response)
    assert carried(response) == {}
    assert "sheet" not in text(response).partition("What is wrong in the file")[2].partition("<tbody")[0].lower()


def test_units_that_nobody_knows_are_listed_with_their_lines(issuer):
    response = check(issuer, annex(TASK, TASK | {"TT": "2", "Chủ trì": "Xã Không Có"}))

    assert response.status_code == 422
    assert [(line, value) for _sheet, line, _column, value in places(response)] == [(3, "Xã Không Có")]
    assert response.context["checked"] == []
    assert carried(response) == {}


def test_what_is_wrong_in_the_form_and_in_the_file_is_said_at_once(issuer):
    response = make(issuer, annex(TASK | {"Thời hạn": "mai"}), title="")

    assert set(response.context["form"].errors) == {"title", "file"}
    assert len(places(response)) == 1


def test_a_long_list_of_bad_places_says_how_many_more_there_are(issuer, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.views.issuing.SHOWN", 2)

    response = check(issuer, annex(*[TASK | {"TT": str(number), "Thời hạn": "mai"} for number in range(1, 6)]))

    assert len(places(response)) == 2
    assert "3 more places are wrong" in text(response)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (None, "This field is required."),
        (SimpleUploadedFile("a.csv", b""), "The submitted file is empty."),
        (SimpleUploadedFile("a.csv", b" \n "), "The file a.csv is empty."),
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "is not a table (PDF)"),
        (SimpleUploadedFile("a.xlsx", b"PK\x03\x04broken"), "is damaged"),
    ],
)
def test_a_file_that_is_no_annex_is_refused_with_the_reason(issuer, file, words):
    if file:
        file.seek(0)

    response = make(issuer, file)

    assert response.status_code == 422
    assert words in text(response)
    assert not Programme.objects.exists()


def test_an_annex_that_is_marked_as_a_secret_is_refused_and_not_carried(issuer):
    file = annex(TASK)
    response = make(issuer, SimpleUploadedFile("mật.csv", b"M\xe1\xba\xacT,,,,,,\n" + file.read()), title="")

    assert set(response.context["form"].errors) == {"title", "file"}
    assert carried(response) == {}


def test_a_file_that_is_too_large_is_refused_before_it_is_read(issuer, monkeypatch):
    monkeypatch.setattr("trienkhai.progress.forms.ANNEX_LIMIT", 3 * 1024**2)
    monkeypatch.setattr("trienkhai.progress.forms.read_tables", lambda *_file, **_name: pytest.fail("it was read"))

    response = check(issuer, SimpleUploadedFile("lớn.csv", b"x" * (3 * 1024**2 + 1)))

    assert response.status_code == 422
    assert "The file lớn.csv is larger than 3 MiB." in text(response)


@pytest.mark.parametrize(("field", "words"), [("title", "x" * 501), ("document", "x" * 501), ("title", "a\x00b")])
def test_words_that_cannot_be_stored_are_refused(issuer, field, words):
    assert make(issuer, annex(TASK), **{field: words}).status_code == 422


# What helps


def test_every_column_that_is_read_is_explained(issuer):
    said = text(issuer.get(reverse("programme_import")))

    assert COLUMNS.keys() == FIELDS.keys()
    for words in ("Tiêu chí nghiệm thu", "cơ quan chủ trì", "Levels (“cấp tỉnh; cấp huyện”)"):
        assert words in said


def test_the_page_costs_the_same_few_statements(world, issuer, django_assert_num_queries):
    world.communes(200, under=world.north_district)

    with django_assert_num_queries(4):  # session, user, roles; issuers
        issuer.get(reverse("programme_import"))
