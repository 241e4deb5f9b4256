from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.utils import translation

from trienkhai.organisation.scoping import Scope
from trienkhai.progress.operations import (
    ask_extension,
    cancel_assignments,
    decide_extension,
    decide_reports,
    resume_assignments,
    submit_reports,
    suspend_assignments,
)
from trienkhai.progress.queries import list_changes
from trienkhai.progress.rules import Change, DecisionLine, EvidenceLine, ReportLine, history_of, next_step


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def change(subject, *, operation=1, unit_id=1, **fields):
    """Return a change of a unit "Xã A", reviewed by "Huyện B"."""
    known = {"id": 1, "name": "", "actor": "Lê", "source": "page", "day": date(2021, 5, 1), "is_simulated": False}
    instant = datetime(2021, 5, 1, tzinfo=UTC)
    names = {"holder": "Xã A", "reviewer": "Huyện B"}
    return Change(
        subject, operation=UUID(int=operation), recorded_at=instant, unit_id=unit_id, **known | names | fields
    )


ASSIGNED = change("assignment", state="not_started", due=date(2021, 6, 1), operation=0)


def told(*changes, before=ASSIGNED):
    """Return the last thing that the history tells."""
    return history_of([*filter(None, [before]), *changes], issuer="Trung ương")[-1]


# What is told of one operation


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tasks.issue_programme", "Trung ương assigns the task to Xã A"),
        ("tasks.derive_task", "Trung ương makes its task concrete and assigns it to Xã A"),
    ],
)
def test_the_first_thing_is_who_assigned_the_task_until_when(name, words):
    happening = told(change("assignment", name=name, due=date(2021, 6, 1)), before=None)

    assert (happening.words, happening.due) == (words, date(2021, 6, 1))


@pytest.mark.parametrize(
    ("report", "bucket", "words"),
    [
        ({"progress": 40}, "in_progress", "Xã A reports progress: 40%"),
        ({"is_result": True}, "waiting_in_time", "Xã A submits the result"),
        ({"is_result": True}, "waiting_late", "Xã A submits the result, after the due date"),
    ],
)
def test_a_report_is_told_with_its_evidence(report, bucket, words):
    sent = change("report", state="waiting", files=3, **report)

    happening = told(change("assignment", bucket=bucket, due=ASSIGNED.due), sent)

    assert (happening.words, happening.files, happening.due) == (words, 3, None)


@pytest.mark.parametrize(
    ("review", "bucket", "words"),
    [
        ({"state": "accepted"}, "in_progress", "Huyện B accepts the report"),
        ({"state": "returned"}, "in_progress", "Huyện B returns the report"),
        ({"state": "accepted", "is_result": True}, "done_on_time", "Huyện B accepts the result: done on time"),
        ({"state": "accepted", "is_result": True}, "done_late", "Huyện B accepts the result: done late"),
    ],
)
def test_a_review_is_told_by_what_it_decided(review, bucket, words):
    decided = [change("report", state=review["state"]), change("review", **review)]

    assert told(change("assignment", bucket=bucket, due=ASSIGNED.due), *decided).words == words


def test_a_return_is_told_with_its_reason_and_its_new_due_date():
    returned = change("review", state="returned", is_result=True, quote="Thiếu chữ ký", due=date(2021, 7, 1))

    happening = told(change("assignment", due=date(2021, 7, 1)), change("report", state="returned"), returned)

    assert (happening.words, happening.quote, happening.due) == (
        "Huyện B returns the result",
        "Thiếu chữ ký",
        date(2021, 7, 1),
    )


def test_a_unit_that_takes_over_is_told_before_anything_that_goes_with_it():
    moved = change("assignment", unit_id=2, holder="Xã C", due=ASSIGNED.due)

    happening = told(moved, change("report", state="returned", holder="Xã C"))

    assert happening.words == "The units were reorganised: Xã C takes over from Xã A"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("in_progress", "suspended", "The work is suspended"),
        ("suspended", "in_progress", "The work goes on after the suspension"),
        ("in_progress", "cancelled", "The assignment is cancelled"),
        ("in_progress", "handed_over", "The assignment is handed over"),
        ("in_progress", "merged", "The assignment is merged with the same one of another unit"),
        ("in_progress", "in_progress", "The assignment changes"),
    ],
)
def test_a_change_of_state_is_told(before, after, words):
    earlier = change("assignment", state=before, operation=0)

    assert told(change("assignment", state=after), before=earlier).words == words


def test_a_correction_of_the_past_is_told_with_its_reason():
    happening = told(change("correction", quote="Nhập nhầm ngày"))

    assert (happening.words, happening.quote) == ("The record of earlier days was corrected", "Nhập nhầm ngày")


def test_what_is_simulated_says_so():
    assert told(change("report", is_simulated=True, progress=1)).is_simulated


# What is read


@pytest.mark.django_db
def test_the_whole_course_of_an_assignment_is_told_in_order(world):
    world.issue(world.task(evidence_required=True))
    held = world.assignment(world.commune)
    commune, centre = world.scope("commune", on=world.day(3)), world.scope("centre", on=world.day(4))
    world.report(held, on=world.day(1), progress=20)
    extension = ask_extension(world.assignment(world.commune), due=world.day(40), reason="Dịch bệnh", scope=commune)
    decide_extension(extension, is_granted=True, answer="Đồng ý", scope=centre)
    suspend_assignments([held.pk], reason="Giãn cách", scope=world.scope("centre", on=world.day(5)))
    resume_assignments([held.pk], scope=world.scope("centre", on=world.day(7)))
    proof = EvidenceLine(file=world.file().pk, name="anh.jpg")
    result = world.result(world.assignment(world.commune), on=world.day(8), evidence=[proof])
    world.send_back(result, on=world.day(9), reason="Thiếu dấu", new_due=world.day(60))
    cancel_assignments([held.pk], reason="Trùng việc", scope=world.scope("centre", on=world.day(10)))

    told = history_of(list_changes(held.pk), issuer="Trung ương")

    assert [(entry.day, entry.words, entry.quote, entry.due, entry.files) for entry in told] == [
        (world.day(0), "Trung ương assigns the task to Xã Lũng Cú", "", world.day(30), 0),
        (world.day(1), "Xã Lũng Cú reports progress: 20%", "", None, 0),
        (world.day(3), "Xã Lũng Cú asks for a later due date", "Dịch bệnh", world.day(40), 0),
        (world.day(4), "The later due date is granted", "Đồng ý", world.day(40), 0),
        (world.day(5), "The work is suspended", "Giãn cách", None, 0),
        (world.day(7), "The work goes on after the suspension", "", world.day(42), 0),
        (world.day(8), "Xã Lũng Cú submits the result", "", None, 1),
        (world.day(9), "Huyện Đồng Văn returns the result", "Thiếu dấu", world.day(60), 0),
        (world.day(10), "The assignment is cancelled", "Trùng việc", None, 0),
    ]
    assert {entry.actor for entry in told[:2]} == {"centre", "commune"}


@pytest.mark.django_db
def test_things_of_one_simulated_instant_are_told_in_the_order_in_which_they_were_done(world):
    world.issue()
    held = world.assignment(world.commune)
    scope = Scope.system("demonstration", on=world.day(1), source="job", is_simulated=True)
    for _turn in range(3):
        (report,) = submit_reports([ReportLine(assignment=held.pk, progress=100, is_result=True)], scope=scope)
        decide_reports([DecisionLine(report=report, is_accepted=False, reason="Thiếu dấu")], scope=scope)

    told = history_of(list_changes(held.pk), issuer="Trung ương")[1:]

    assert [entry.words for entry in told] == ["Xã Lũng Cú submits the result", "Huyện Đồng Văn returns the result"] * 3
    assert all(entry.is_simulated for entry in told)


@pytest.mark.django_db
def test_the_history_of_an_assignment_tells_nothing_of_others(world):
    world.issue()
    world.report(world.assignment(world.other_commune), on=world.day(1))

    assert len(list_changes(world.assignment(world.commune).pk)) == 1


# What to do next


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"state": "not_started", "may_report": True}, "report"),
        ({"state": "in_progress", "may_report": True, "was_returned": True}, "report_again"),
        ({"state": "in_progress"}, "wait_for_report"),
        ({"state": "in_progress", "may_review": True, "is_report_waiting": True}, "review"),
        ({"state": "waiting", "may_review": True, "is_report_waiting": True}, "review"),
        ({"state": "waiting", "may_report": True, "is_report_waiting": True}, "wait_for_review"),
        ({"state": "waiting", "may_review": True, "is_report_waiting": True, "is_closed": True}, "closed"),
        ({"state": "done", "may_report": True}, "done"),
        ({"state": "suspended", "may_report": True}, "suspended"),
        ({"state": "merged", "may_report": True}, "left"),
    ],
)
def test_what_to_do_next_follows_from_the_state_and_from_who_looks(facts, step):
    nothing = dict.fromkeys(["may_report", "may_review", "is_report_waiting", "was_returned", "is_closed"], False)

    assert next_step(**nothing | facts) == step
