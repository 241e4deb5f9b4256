import json

import pytest

from trienkhai.tasks.models import Assignment, Programme
from trienkhai.tasks.rules import STANDINGS

pytestmark = pytest.mark.django_db

HEADINGS = "TT,Nhiệm vụ,Chủ trì,Phối hợp,Thời hạn,Sản phẩm,Tiêu chí nghiệm thu,Căn cứ\n"
STUDY = "1,Học tập nghị quyết,cấp xã,,30/4/2021,Báo cáo,Có số người dự,Nghị quyết đại hội\n"
REPORT = "2,Báo cáo năm,cấp tỉnh,Huyện Đồng Văn,không hạn,Báo cáo,Có số,Nghị quyết đại hội\n"
INCOMPLETE = "3,Việc dang dở,,,1/3/2021,,,\n"


@pytest.fixture
def annex(tmp_path):
    """Return what writes an annex of these lines and returns its path."""

    def annex(*lines, headings=HEADINGS):
        path = tmp_path / "phu-luc.csv"
        path.write_text(headings + "".join(lines), encoding="utf-8")
        return path

    return annex


def test_import_makes_a_draft_and_names_the_next_step(world, told, annex):
    said = told("programme", "import", annex(STUDY, REPORT), "--title", "Chương trình [2021]", "--document", "NQ 01")

    programme = Programme.objects.get()
    assert said == "Programme 1 is a draft now; its tasks: 2. See what it would reach: trienkhai programme preview 1"
    assert (programme.title, programme.document) == ("Chương trình [2021]", "NQ 01")
    assert (programme.issuer_id, programme.issued_on) == (world.centre.unit_id, None)


def test_import_is_for_the_issuer_and_the_number_that_are_named(world, told, annex):
    told("programme", "import", annex(STUDY), "--title", "Kế hoạch", "--issuer", "02", "--number", 7)

    assert (Programme.objects.get().number, Programme.objects.get().issuer_id) == (7, world.north.unit_id)


def test_a_dry_run_of_an_import_writes_nothing(world, told, annex):
    said = told("programme", "import", annex(STUDY), "--title", "Chương trình", "--dry-run")

    assert said == "Tasks that can be imported: 1. Nothing was changed: this was a dry run."
    assert not Programme.objects.exists()


def test_a_column_that_is_not_known_is_named(world, trienkhai, annex):
    headings = HEADINGS.replace("Căn cứ", "Căn cứ,Ghi chú nội bộ")

    done = trienkhai("programme", "import", annex(STUDY, headings=headings), "--title", "Chương trình")

    assert (done.exit_code, Programme.objects.count()) == (0, 1)
    assert "The column “Ghi chú nội bộ” is not known and is left out." in done.stderr


def test_every_bad_place_of_an_annex_is_named_and_nothing_is_written(world, refused, annex):
    bad = STUDY.replace("30/4/2021", "30/2/2021") + "x" + REPORT.replace("Huyện Đồng Văn", "cấp xã")

    said = refused("programme", "import", annex(bad), "--title", "Chương trình")

    assert "│ 2 │ Thời hạn │ 30/2/2021 │ It is not a date;" in said
    assert "│ 3 │ TT │ x2 │ The number of a task is a whole number from 1." in said
    assert not Programme.objects.exists()


def test_an_addressee_that_nobody_is_called_is_named(world, refused, annex):
    said = refused("programme", "import", annex(STUDY.replace("cấp xã", "Sở Nội vụ")), "--title", "Chương trình")

    assert "│ 2 │ Lead │ Sở Nội vụ │ no unit bears this name or code on that day │" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--number", "1"], "There is a programme 1 already."),
        (["--issuer", "99"], "No unit has the code 99"),
        (["--issuer", "02", "--level", "commune"], "No unit has the code 02"),
    ],
)
def test_an_import_that_cannot_be_is_refused(world, refused, annex, words, sentence):
    world.programme()

    assert sentence in refused("programme", "import", annex(STUDY), "--title", "Chương trình", *words)
    assert Programme.objects.count() == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--title", "x" * 501],
        ["--title", " "],
        ["--title", "Kế hoạch", "--document", "x" * 501],
        ["--title", "Kế hoạch", "--number", "0"],
        ["--title", "Kế hoạch", "--number", str(2**31)],
    ],
)
def test_a_title_or_number_that_does_not_fit_ends_with_code_2(world, trienkhai, annex, words):
    assert trienkhai("programme", "import", annex(STUDY), *words).exit_code == 2
    assert not Programme.objects.exists()


def test_preview_counts_the_units_of_each_level_and_says_what_tasks_lack(world, told, annex):
    told("programme", "import", annex(STUDY, REPORT, INCOMPLETE), "--title", "Chương trình")

    said = told("programme", "preview", 1)

    assert "┃ No. ┃ Task ┃ Province ┃ Commune ┃ Coordinating ┃ Lacks ┃" in said
    assert "│ 1 │ Học tập nghị quyết │ 0 │ 4 │ 0 │ │" in said
    assert "│ 2 │ Báo cáo năm │ 2 │ 0 │ 1 │ │" in said
    assert "│ 3 │ Việc dang dở │ 0 │ 0 │ 0 │ the lead is missing; the authority is missing; the product," in said
    assert "is missing; due before the issue; reaches nobody" in said
    assert said.endswith("Assignments in all: 7")


def test_preview_as_json_says_the_same_for_a_day(world, told, annex):
    told("programme", "import", annex(INCOMPLETE), "--title", "Chương trình")

    (task,) = json.loads(told("programme", "preview", 1, "--on", "2021-02-28", "--json"))

    assert task == {
        "number": 3,
        "title": "Việc dang dở",
        "units": {"central": 0, "province": 0, "district": 0, "commune": 0, "cell": 0},
        "coordinating": 0,
        "missing_clears": ["who", "authority", "product"],
        "is_due_before_issue": False,
    }


def test_issue_hands_the_tasks_out_once(world, told, annex):
    told("programme", "import", annex(STUDY, REPORT), "--title", "Chương trình")

    first, again = told("programme", "issue", 1, day=2), told("programme", "issue", 1, day=3)

    assert (first, again) == ("Assignments that began: 7", "Assignments that began: 0")
    assert Programme.objects.get().issued_on == world.day(2)
    assert Assignment.objects.count() == 7


def test_a_programme_that_is_not_ready_is_not_issued_and_says_why(world, refused, annex, told):
    told("programme", "import", annex(STUDY, INCOMPLETE), "--title", "Chương trình")

    said = refused("programme", "issue", 1)

    assert "The programme cannot be issued yet." in said
    assert "Task 3: it is due before the day of issue." in said
    assert "Task 3: its addressees reach nobody on that day." in said
    assert not Assignment.objects.exists()


def test_show_counts_each_task_under_a_unit_on_a_day(world, told):
    world.issue(world.task(), world.task(2, to="province", due=None, no_deadline=True))
    world.accept(world.result(world.assignment(world.commune), on=world.day(4)), on=world.day(6))

    nation = told("programme", "show", 1, day=40)
    before = told("programme", "show", 1, "--unit", "02", "--on", world.day(5), day=40)

    assert "1. Chương trình năm 2021 · Trung ương · 21 April 2021" in nation
    assert "│ 1 │ Nhiệm vụ 1 │ 11 April 2021 │ 4 │ 1 │ 3 │" in nation
    assert "│ 2 │ Nhiệm vụ 2 │ – │ 2 │ 0 │ 0 │" in nation
    assert "│ In all │ │ 6 │ 1 │ 3 │" in nation
    assert "│ In all │ │ 3 │ 0 │ 0 │" in before


def test_show_as_json_has_the_nine_standings_of_each_task(world, told):
    world.issue()

    shown = json.loads(told("programme", "show", 1, "--unit", "02", "--json"))

    (task,) = shown.pop("tasks")
    assert shown == {
        "number": 1,
        "title": "Chương trình năm 2021",
        "document": "Nghị quyết",
        "issued_on": "2021-03-12",
        "closed_on": None,
        "on": "2021-03-12",
        "unit": {"code": "02", "level": "province", "name": "Tỉnh Hà Giang"},
    }
    assert (task["title"], task["due"], task["assignments"]) == ("Nhiệm vụ 1", "2021-04-11", 2)
    assert task["standings"] == dict.fromkeys(STANDINGS, 0) | {"not_started": 2}


@pytest.mark.parametrize("words", [["preview"], ["issue"], ["show"], ["show", "--json"]])
@pytest.mark.parametrize("number", [9, 0, 2**70])
def test_a_programme_that_is_none_is_refused(world, refused, words, number):
    verb, *options = words

    assert refused("programme", verb, number, *options) == f"There is no programme of the number {number}."
