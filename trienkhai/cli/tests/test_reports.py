import json

import pytest

from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import Report, StoredFile
from trienkhai.progress.operations import suspend_assignments
from trienkhai.tasks.operations import close_programme
from trienkhai.tasks.rules import STANDINGS

pytestmark = pytest.mark.django_db

REPORT = ("report", "--unit", "00715", "--task", 1, "--text", "Đã họp [thôn]")


@pytest.fixture
def proof(tmp_path):
    path = tmp_path / "biên bản.txt"
    path.write_text("Biên bản họp", encoding="utf-8")
    return path


# report


def test_a_report_says_how_far_the_work_is(world, told):
    world.issue()

    said = told(*REPORT, "--progress", 40, "--difficulties", "Thiếu người", day=3)

    report = Report.objects.get()
    assert said == f"Report {report.pk} was taken."
    assert (report.text, report.progress, report.difficulties) == ("Đã họp [thôn]", 40, "Thiếu người")
    assert (report.is_result, report.day, report.assignment.unit_id) == (False, world.day(3), world.commune.unit_id)
    assert (report.operation.name, report.operation.source) == ("progress.submit_reports", "shell")


def test_without_progress_it_stays_as_it_was_and_with_a_result_it_is_whole(world, told):
    world.issue()

    told(*REPORT, "--progress", 40)
    told(*REPORT)
    told(*REPORT, "--result")

    assert [(report.progress, report.is_result) for report in Report.objects.order_by("pk")] == [
        (40, False),
        (40, False),
        (100, True),
    ]


def test_a_result_is_proven_by_files(world, told, proof):
    world.issue(world.task(evidence_required=True))

    told(*REPORT, "--result", "--evidence", proof)

    (evidence,) = Report.objects.get().evidence.all()
    assert (evidence.name, evidence.file.media_type) == ("biên bản.txt", "text/plain")


def test_nothing_is_stored_of_a_report_with_one_bad_file(world, refused, proof, tmp_path):
    world.issue()
    program = tmp_path / "ảnh.jpg"
    program.write_bytes(b"MZ\x90\x00" + bytes(200))

    assert "ảnh.jpg" in refused(*REPORT, "--evidence", proof, "--evidence", program)
    assert "không có.pdf" in refused(*REPORT, "--evidence", tmp_path / "không có.pdf")
    assert not StoredFile.objects.exists()
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--unit", "99"], "No unit has the code 99"),
        (["--unit", "02"], "The unit does not hold task 1 of programme 1."),
        (["--task", "9"], "The unit does not hold task 9 of programme 1."),
        (["--programme", str(2**70)], f"The unit does not hold task 1 of programme {2**70}."),
        (["--result"], "its product demands evidence; add at least one file"),
    ],
)
def test_a_report_that_cannot_be_is_refused(world, refused, words, sentence):
    world.issue(world.task(evidence_required=True))

    assert sentence in refused(*REPORT, *words)
    assert not Report.objects.exists()


def test_what_is_suspended_or_closed_takes_no_report(world, refused):
    programme = world.issue()
    suspend_assignments([world.assignment(world.commune).pk], reason="Dịch", scope=world.shell())
    assert "it is suspended" in refused(*REPORT)

    close_programme(programme, scope=world.shell())
    assert "its programme is closed" in refused(*REPORT, "--unit", "00718", day=1)


@pytest.mark.parametrize("progress", ["-1", "101", "half"])
def test_progress_is_a_number_from_0_to_100(world, trienkhai, progress):
    assert trienkhai(*REPORT, "--progress", progress).exit_code == 2


# review


def test_a_result_is_accepted(world, told):
    world.issue()
    report = world.result(world.assignment(world.commune))

    assert told("review", report.pk, "--accept", day=2) == f"The decision on report {report.pk} was taken."
    assert world.assignment(world.commune).state == "done"


def test_a_result_is_returned_with_a_reason_and_a_new_date(world, told):
    world.issue()
    report = world.result(world.assignment(world.commune))

    told("review", report.pk, "--return", "--reason", "Thiếu số liệu", "--new-due", world.day(60), day=2)

    held = world.assignment(world.commune)
    assert (held.state, held.due, report.review.reason) == ("in_progress", world.day(60), "Thiếu số liệu")


def test_a_decision_that_cannot_be_is_refused(world, refused):
    world.issue()
    report = world.result(world.assignment(world.commune))

    assert "a return needs a reason" in refused("review", report.pk, "--return")
    assert "there is no such report" in refused("review", 2**63 - 1, "--accept")

    world.accept(report)
    assert "Somebody decided on this report meanwhile." in refused("review", report.pk, "--accept")


@pytest.mark.parametrize("words", [["1"], ["0", "--accept"], [str(2**63), "--accept"], ["x", "--accept"]])
def test_a_decision_says_which_report_and_what(world, trienkhai, words):
    assert trienkhai("review", *words).exit_code == 2


# rollup


@pytest.fixture
def at_work(world):
    """Issue three tasks, to all levels, and let some of it be done, wait, be late and be suspended on day 40."""
    world.issue(
        world.task(1),
        world.task(2, to="province", due=None, no_deadline=True),
        world.task(3, lead=(world.addressees(level="district"), world.addressees(level="commune")), due=world.day(45)),
    )
    world.accept(world.result(world.assignment(world.commune), on=world.day(10)), on=world.day(12))
    world.accept(world.result(world.assignment(world.south_commune), on=world.day(35)), on=world.day(36))
    world.result(world.assignment(world.other_commune), on=world.day(38))
    world.report(world.assignment(world.north_district, task=3), on=world.day(20))
    suspend_assignments([world.assignment(world.commune, task=3).pk], reason="Dịch", scope=world.shell())


def test_rollup_as_json_has_what_the_papers_promise(world, told, at_work):
    shown = json.loads(told("rollup", "--unit", "02", "--programme", 1, "--json", day=40))

    assert list(shown) == [
        *("unit", "programme", "on", "assignments", "own"),
        *("standings", "no_deadline", "units", "tasks"),
    ]
    assert (shown["unit"], shown["programme"], shown["on"]) == (
        {"code": "02", "level": "province", "name": "Tỉnh Hà Giang"},
        1,
        "2021-04-21",
    )
    assert [list(row) for row in shown["units"]] == [["code", "level", "name", "assignments", "standings"]]
    assert [list(row) for row in shown["tasks"]] == [["number", "title", "due", "assignments", "standings"]] * 3
    assert (shown["assignments"], shown["own"], shown["no_deadline"]) == (6, 1, 1)
    assert shown["standings"] == dict.fromkeys(STANDINGS, 0) | {
        "not_started": 1,
        "due_soon": 2,
        "waiting_late": 1,
        "done_on_time": 1,
        "suspended": 1,
    }


@pytest.mark.parametrize("unit", ["TW", "02", "48", "026", "492", "00715"])
@pytest.mark.parametrize("day", [0, 10, 36, 40, 50])
def test_standings_add_up_over_the_unit_its_children_and_the_tasks(world, told, at_work, unit, day):
    shown = json.loads(told("rollup", "--unit", unit, "--on", world.day(day), "--json", day=60))

    assert sum(shown["standings"].values()) == shown["assignments"]
    assert shown["own"] + sum(row["assignments"] for row in shown["units"]) == shown["assignments"]
    for row in (*shown["units"], *shown["tasks"]):
        assert (tuple(row["standings"]), sum(row["standings"].values())) == (STANDINGS, row["assignments"])
    for standing, number in shown["standings"].items():
        assert sum(row["standings"][standing] for row in shown["tasks"]) == number


def test_a_past_day_is_read_as_it_was(world, told, at_work):
    def standings(on):
        return json.loads(told("rollup", "--on", world.day(on), "--json", day=60))["standings"]

    assert (standings(9)["done_on_time"], standings(11)["waiting_in_time"], standings(12)["done_on_time"]) == (0, 1, 1)
    assert (standings(30)["overdue"], standings(31)["overdue"], standings(36)["done_late"]) == (0, 3, 1)


def test_the_structure_is_that_of_the_day(world, told, at_work):
    to = world.south_district.unit_id
    move_unit(world.commune.unit_id, to=to, decision="Nghị quyết", scope=world.shell(on=world.day(50)))

    def assignments(on):
        return json.loads(told("rollup", "--unit", "02", "--on", world.day(on), "--json", day=60))["assignments"]

    assert (assignments(49), assignments(50)) == (6, 4)


def test_rollup_shows_standings_tasks_and_units_in_words(world, told, at_work):
    said = told("rollup", "--unit", "02", day=40)

    assert said.startswith("Tỉnh Hà Giang · Chương trình năm 2021 · 21 April 2021")
    assert "│ Due soon │ 2 │ 33.3% │" in said
    assert "│ In all │ 6 │ │" in said
    assert "Held by the unit itself: 1. Without deadline: 1." in said
    assert "│ 1 │ Nhiệm vụ 1 │ 11 April 2021 │ 2 │ 1 │ 1 │ 0 │" in said
    assert "│ 026 │ Huyện Đồng Văn │ 5 │ 1 │ 1 │ 0 │" in said


def test_rollup_speaks_vietnamese_in_a_vietnamese_terminal(world, told, at_work):
    said = told("rollup", "--unit", "00715", day=40, language="vi_VN.UTF-8")

    assert said.startswith("Xã Lũng Cú · Chương trình năm 2021 · 21/04/2021")
    assert "│ Hoàn thành đúng hạn │ 1 │ 50,0% │" in said
    assert "│ Tổng cộng │ 2 │ │" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--unit", "99"], "No unit has the code 99"),
        (["--level", "xã"], "No unit has the code TW"),
        (["--programme", "2"], "There is no programme of the number 2."),
        (["--unit", "02", "--on", "2021-03-11"], "No unit has the code 02 on 2021-03-11."),
        (["--on", "9999-12-31", "--programme", "0"], "There is no programme of the number 0."),
    ],
)
@pytest.mark.parametrize("json_too", [[], ["--json"]])
def test_a_rollup_of_nothing_is_refused(world, refused, at_work, words, sentence, json_too):
    assert sentence in refused("rollup", *words, *json_too)


def test_the_last_day_of_the_calendar_can_be_asked_for(world, told, at_work):
    assert json.loads(told("rollup", "--on", "9999-12-31", "--json"))["standings"]["overdue"] == 6
