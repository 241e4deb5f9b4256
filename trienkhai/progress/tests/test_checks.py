import pytest

from trienkhai.core.integrity import findings
from trienkhai.core.tests.faults import found_by, plant
from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import IndicatorValue, Ledger, LedgerDelta
from trienkhai.progress.operations import (
    ask_extension,
    cancel_assignments,
    decide_extension,
    post_deltas,
    resume_assignments,
    suspend_assignments,
)
from trienkhai.tasks.models import Assignment, Indicator
from trienkhai.tasks.operations import close_programme

pytestmark = pytest.mark.django_db


def subjects(name, world):
    return [finding.subject for finding in found_by(name, on=world.day(100))]


@pytest.fixture
def worked(world):
    """Let the four communes do all that may be done with a task, a district move, and a part of it stay unposted."""
    world.issue(world.task(evidence_required=True), world.task(2, to="district", due=None, no_deadline=True))
    issuer = world.scope("centre", on=world.day(10))
    commune, other_commune, south_commune, other_south_commune = (
        world.assignment(unit)
        for unit in (world.commune, world.other_commune, world.south_commune, world.other_south_commune)
    )
    world.accept(world.result(commune, on=world.day(3)), on=world.day(4))
    world.send_back(world.result(other_commune, on=world.day(3)), on=world.day(6), new_due=world.day(50))
    extension = ask_extension(south_commune, due=world.day(60), reason="Mưa lũ", scope=world.shell(on=world.day(7)))
    decide_extension(extension, is_granted=True, answer="Đồng ý", scope=issuer)
    post_deltas(on=world.day(10))
    suspend_assignments([other_south_commune.pk], reason="Chờ hướng dẫn", scope=issuer)
    move_unit(world.north_district.unit_id, to=world.south.unit_id, decision="QĐ", scope=world.shell(on=world.day(20)))
    resume_assignments([other_south_commune.pk], scope=world.scope("centre", on=world.day(22)))
    world.result(world.assignment(world.other_commune), on=world.day(51))
    world.accept(world.report(world.assignment(world.south_commune), on=world.day(52)), on=world.day(53))
    cancel_assignments([other_south_commune.pk], reason="Trùng", scope=world.scope("centre", on=world.day(54)))
    return world


def test_nothing_is_wrong_after_all_kinds_of_work(worked):
    assert LedgerDelta.objects.exists()
    assert Ledger.objects.exists()

    assert list(findings(on=worked.day(100))) == []


def test_nothing_is_wrong_after_all_is_posted_and_closed(worked):
    post_deltas(on=worked.day(60))
    close_programme(worked.assignment(worked.commune).programme, scope=worked.scope("centre", on=worked.day(60)))

    assert list(findings(on=worked.day(100))) == []


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE ledger SET {bucket} = {bucket} + 1 WHERE id = (SELECT max(id) FROM ledger)",
        "UPDATE ledger SET day = day + 1 WHERE id = (SELECT min(id) FROM ledger)",
        "DELETE FROM ledger WHERE id = (SELECT min(id) FROM ledger)",
    ],
)
@pytest.mark.parametrize(
    "bucket",
    ["not_started", "in_progress", "waiting_in_time", "waiting_late", "done_on_time", "done_late", "suspended"],
)
def test_an_entry_that_is_wrong_by_one_is_found(worked, fault, bucket):
    plant(fault.format(bucket=bucket), into="ledger")

    assert subjects("progress.ledger_differs", worked) != []


def test_what_differs_is_said_to_the_last_one(worked):
    commune = worked.assignment(worked.commune)
    plant(
        "UPDATE ledger SET done_on_time = done_on_time + 2, in_progress = in_progress - 1"
        " WHERE unit_id = %s AND task_id = %s AND day = %s",
        [worked.commune.unit_id, commune.task_id, worked.day(4)],
        into="ledger",
    )

    (found,) = found_by("progress.ledger_differs", on=worked.day(100))

    assert found.subject == (
        f"unit {worked.commune.unit_id}, task {commune.task_id}, due {worked.day(30)} on {worked.day(4)}"
    )
    assert found.detail == "ledger less recount: done_on_time +2, in_progress -1"


def test_a_delta_that_nobody_wrote_is_found(worked):
    plant("UPDATE ledger_delta SET waiting_late = waiting_late + 1 WHERE waiting_late = 1", into="ledger_delta")

    assert subjects("progress.ledger_differs", worked) != []
    assert subjects("progress.rollup_differs", worked) != []


def test_a_sum_that_is_not_that_of_its_entries_is_found(worked):
    plant(
        "UPDATE ledger_now SET suspended = suspended - 1 WHERE unit_id = %s", [worked.south.unit_id], into="ledger_now"
    )

    found = found_by("progress.ledger_now_differs", on=worked.day(100))

    assert {finding.subject.partition(",")[0] for finding in found} == {f"unit {worked.south.unit_id}"}
    assert {finding.detail for finding in found} == {"sum less entries: suspended -1"}


@pytest.mark.parametrize("day", [0, 45, 100])
def test_a_figure_of_a_past_day_that_a_recount_does_not_give_is_found(worked, day):
    plant(
        "UPDATE ledger SET done_late = done_late + 1 WHERE unit_id = %s AND task_id = %s AND day = %s",
        [worked.centre.unit_id, worked.assignment(worked.commune).task_id, worked.day()],
        into="ledger",
    )

    found = found_by("progress.rollup_differs", on=worked.day(day))

    assert f"on {worked.day(day)}" in found[-1].subject
    assert found[-1].detail == "ledger less recount: done_late +1"


def test_a_change_of_an_assignment_that_was_not_counted_is_found(worked):
    plant(
        "UPDATE assignment SET state = 'suspended', suspended_on = since WHERE state = 'in_progress'", into="assignment"
    )

    assert subjects("progress.ledger_differs", worked) != []
    assert subjects("progress.rollup_differs", worked) != []


def test_a_change_that_can_be_counted_for_nobody_is_found(worked):
    plant("DELETE FROM ancestry WHERE descendant_id = %s", [worked.other_commune.unit_id], into="ancestry")

    assert subjects("progress.delta_of_nobody", worked) == [f"unit {worked.other_commune.unit_id}"]


@pytest.mark.parametrize(
    ("fault", "table"),
    [
        ("UPDATE report SET state = 'returned' WHERE state = 'waiting' AND is_result", "report"),
        ("UPDATE report SET day = day + 1 WHERE state = 'waiting' AND is_result", "report"),
        ("UPDATE assignment SET state = 'in_progress' WHERE state = 'waiting'", "assignment"),
    ],
)
def test_an_assignment_that_waits_otherwise_than_its_results_is_found(worked, fault, table):
    waiting = Assignment.objects.get(state="waiting")
    plant(fault, into=table)

    assert subjects("progress.waiting_without_result", worked) == [f"assignment {waiting.pk}"]


def test_two_results_that_wait_for_one_assignment_are_found(worked):
    waiting = Assignment.objects.get(state="waiting")
    plant(
        "UPDATE report SET state = 'waiting' WHERE assignment_id = %s AND is_result",
        [waiting.pk],
        into="report",
        without=["report_one_result_waits"],
    )

    (found,) = found_by("progress.waiting_without_result", on=worked.day(100))

    assert "2 results wait" in found.detail


@pytest.mark.parametrize(
    ("fault", "table"),
    [
        ("UPDATE report SET state = 'returned' WHERE state = 'accepted' AND is_result", "report"),
        ("UPDATE report SET day = day + 1 WHERE state = 'accepted' AND is_result", "report"),
        ("UPDATE assignment SET state = 'in_progress' WHERE state = 'done'", "assignment"),
    ],
)
def test_an_assignment_that_is_done_otherwise_than_its_results_is_found(worked, fault, table):
    done = Assignment.objects.get(state="done")
    plant(fault, into=table)

    assert subjects("progress.done_without_result", worked) == [f"assignment {done.pk}"]


def test_a_result_whose_evidence_is_gone_is_found(worked):
    plant("DELETE FROM evidence", into="evidence")

    results = Assignment.objects.filter(reports__is_result=True).values_list("reports__pk", flat=True)
    assert subjects("progress.result_without_evidence", worked) == [f"report {pk}" for pk in sorted(results)]


@pytest.mark.parametrize(
    ("fault", "table"),
    [
        ("UPDATE report SET state = 'waiting' WHERE state = 'returned'", "report"),
        ("UPDATE report SET state = 'accepted' WHERE state = 'returned'", "report"),
        ("DELETE FROM review WHERE decision = 'returned'", "review"),
        ("UPDATE review SET day = '2021-03-12' WHERE decision = 'returned'", "review"),
    ],
)
def test_a_report_that_says_something_else_than_its_review_is_found(worked, fault, table):
    returned = worked.assignment(worked.other_commune).reports.get(state="returned")
    plant(fault, into=table, without=["report_one_result_waits"] if "'waiting'" in fault else [])

    assert subjects("progress.review_contradicts_report", worked) == [f"report {returned.pk}"]


def test_a_return_whose_reason_is_blank_is_found(worked):
    returned = worked.assignment(worked.other_commune).reports.get(state="returned")
    plant("UPDATE review SET reason = E' \\t' WHERE decision = 'returned'", into="review")

    assert subjects("progress.return_without_reason", worked) == [f"review {returned.review.pk}"]


@pytest.mark.parametrize("fault", ["state = 'asked'", "decided_on = NULL", "decided_on = asked_on - 1"])
def test_a_request_that_is_decided_by_half_is_found(worked, fault):
    extension = worked.assignment(worked.south_commune).extensions.get()
    plant(f"UPDATE extension SET {fault}", into="extension")

    assert subjects("progress.extension_contradicts_answer", worked) == [f"extension {extension.pk}"]


def test_a_report_of_another_programme_is_found(worked):
    other = worked.programme()
    report = worked.assignment(worked.commune).reports.get()
    plant("UPDATE report SET programme_id = %s WHERE id = %s", [other.pk, report.pk], into="report")

    assert subjects("progress.report_of_another_programme", worked) == [f"report {report.pk}"]


@pytest.mark.parametrize(("task", "denominator", "is_found"), [(1, None, False), (2, None, True), (1, 3, True)])
def test_a_value_that_does_not_fit_its_task_is_found(worked, task, denominator, is_found):
    report = worked.assignment(worked.commune).reports.get()
    tasks = worked.assignment(worked.commune).programme.tasks
    plant(
        "INSERT INTO indicator (task_id, name, measure, over_units, over_time, operation_id)"
        " VALUES (%s, 'Số lớp', 'lớp', 'sum', 'flow', %s)",
        [tasks.get(number=task).pk, report.operation_id],
        into="indicator",
    )
    plant(
        "INSERT INTO indicator_value (report_id, indicator_id, numerator, denominator, operation_id)"
        " VALUES (%s, %s, 5, %s, %s)",
        [report.pk, Indicator.objects.get().pk, denominator, report.operation_id],
        into="indicator_value",
    )

    expected = [f"indicator_value {IndicatorValue.objects.get().pk}"] if is_found else []
    assert subjects("progress.value_of_another_task", worked) == expected
