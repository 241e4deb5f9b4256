from dataclasses import replace

import pytest

from trienkhai.core.errors import BadInput, Conflict
from trienkhai.organisation.operations import move_unit
from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Review
from trienkhai.progress.operations import decide_reports, submit_reports
from trienkhai.progress.queries import reviewer_of
from trienkhai.progress.rules import DecisionLine, ReportLine
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme


def accepted(report, **changes):
    return replace(DecisionLine(report=report.pk, is_accepted=True), **changes)


def returned(report, **changes):
    return replace(DecisionLine(report=report.pk, is_accepted=False, reason="Thiếu số liệu"), **changes)


def problems(lines, *, scope):
    with pytest.raises(BadInput) as caught:
        decide_reports(lines, scope=scope)
    return [(problem.line, problem.column) for problem in caught.value.problems]


@pytest.fixture
def held(world):
    """Issue one task to the communes, due on day 30, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


@pytest.fixture
def reviewer(world):
    """Return the reviewer of the commune, who sits in the district above it, on a day."""
    return lambda day=0: world.officer(world.north_district, Role.REVIEWER, on=world.day(day))


# What a decision does


def test_an_accepted_result_ends_the_assignment(world, held, reviewer):
    report = world.result(held, on=world.day(2))

    decided = decide_reports([accepted(report)], scope=reviewer(4))

    held.refresh_from_db()
    report.refresh_from_db()
    assert (decided, report.state, report.review.decision) == (1, "accepted", "accepted")
    assert (report.review.day, report.review.reason) == (world.day(4), "")
    assert (held.state, held.bucket, held.since) == ("done", "done_on_time", world.day(4))


@pytest.mark.parametrize(
    ("submitted", "decided", "bucket"), [(30, 40, "done_on_time"), (31, 31, "done_late"), (29, 30, "done_on_time")]
)
def test_on_time_is_judged_by_the_day_of_the_accepted_submission(world, held, submitted, decided, bucket):
    world.accept(world.result(held, on=world.day(submitted)), on=world.day(decided))

    held.refresh_from_db()
    assert (held.bucket, held.submitted_on) == (bucket, world.day(submitted))


def test_a_result_that_was_returned_counts_from_the_submission_that_is_accepted(world, held):
    world.send_back(world.result(held, on=world.day(29)), on=world.day(30))
    world.accept(world.result(held, on=world.day(31)), on=world.day(32))

    held.refresh_from_db()
    assert held.bucket == "done_late"


def test_a_returned_result_is_not_done_and_says_why(world, held, reviewer):
    report = world.result(held, on=world.day(2))

    decide_reports([returned(report)], scope=reviewer(4))

    held.refresh_from_db()
    report.refresh_from_db()
    assert (report.state, report.review.decision, report.review.reason) == ("returned", "returned", "Thiếu số liệu")
    assert (held.state, held.submitted_on, held.due) == ("in_progress", None, world.day(30))


def test_a_return_may_set_a_new_due_date_also_after_the_old_one(world, held, reviewer):
    report = world.result(held, on=world.day(31))

    decide_reports([returned(report, new_due=world.day(40))], scope=reviewer(33))

    held.refresh_from_db()
    assert (held.due, held.original_due, report.review.new_due) == (world.day(40), world.day(30), world.day(40))
    world.accept(world.result(held, on=world.day(40)), on=world.day(41))
    held.refresh_from_db()
    assert held.bucket == "done_on_time"


def test_a_decision_on_an_interim_report_leaves_the_work_going_on(world, held, reviewer):
    report = world.report(held, on=world.day(2))

    decide_reports([returned(report)], scope=reviewer(4))

    held.refresh_from_db()
    assert (held.state, held.version) == ("in_progress", 2)


# Who decides


@pytest.mark.parametrize(
    ("actor", "may"),
    [("north_district", True), ("north", True), ("centre", True), ("commune", False), ("south_district", False)],
)
def test_the_unit_above_reviews_and_whoever_is_above_that(world, held, actor, may):
    report = world.result(held)
    scope = world.officer(getattr(world, actor), Role.REVIEWER)

    if may:
        assert decide_reports([accepted(report)], scope=scope) == 1
    else:
        assert problems([accepted(report)], scope=scope) == [(1, "unknown")]


def test_other_roles_do_not_review(world, held):
    officer = world.officer(world.north_district, Role.REPORTER, Role.ISSUER, Role.VIEWER)

    assert problems([accepted(world.result(held))], scope=officer) == [(1, "unknown")]


def test_the_reviewer_is_the_unit_above_on_the_day_of_the_decision(world, held):
    report = world.result(held)
    scope = world.shell(on=world.day(9))
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=scope)
    old, new = (
        world.officer(unit, Role.REVIEWER, on=world.day(9)) for unit in (world.north_district, world.south_district)
    )

    assert problems([accepted(report)], scope=old) == [(1, "unknown")]
    assert decide_reports([accepted(report)], scope=new) == 1


def test_the_monitor_reviews_instead_of_the_unit_above(world, reviewer):
    world.issue(world.task(monitor="Thành phố Đà Nẵng"))
    report = world.result(world.assignment(world.commune))

    assert problems([accepted(report)], scope=reviewer()) == [(1, "unknown")]
    assert decide_reports([accepted(report)], scope=world.officer(world.south, Role.REVIEWER)) == 1


def test_the_issuer_reviews_what_it_holds_at_the_top(world):
    world.issue(world.task(to="central"))

    assert decide_reports([accepted(world.result(world.assignment(world.centre)))], scope=world.scope("centre")) == 1


def test_a_report_that_is_not_there_is_unknown(world, held, reviewer):
    assert problems([DecisionLine(report=10**12, is_accepted=True)], scope=reviewer()) == [(1, "unknown")]


# What is refused


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_a_return_needs_a_reason(world, held, reviewer, reason):
    assert problems([returned(world.result(held), reason=reason)], scope=reviewer()) == [(1, "reason_missing")]
    assert not Review.objects.exists()


def test_a_new_due_date_goes_with_the_return_of_a_result_and_is_neither_past_nor_earlier(world, held, reviewer):
    report = world.result(held, on=world.day(5))
    interim = world.report(world.assignment(world.other_commune), on=world.day(5))

    refused = [
        problems([line], scope=reviewer(on))
        for on, line in (
            (9, accepted(report, new_due=world.day(50))),
            (9, returned(report, new_due=world.day(29))),
            (40, returned(report, new_due=world.day(39))),
            (9, returned(interim, new_due=world.day(50))),
        )
    ]
    assert refused == [[(1, "new_due_out_of_range")]] * 4
    assert decide_reports([returned(report, new_due=world.day(40))], scope=reviewer(40)) == 1


def test_a_closed_programme_takes_no_decision(world, held, reviewer):
    report = world.result(held)
    close_programme(held.programme, scope=world.scope("centre", on=world.day(5)))

    assert problems([accepted(report)], scope=reviewer(6)) == [(1, "programme_closed")]


def test_a_decision_of_a_day_before_the_submission_is_refused(world, held, reviewer):
    report = world.result(held, on=world.day(5))

    assert problems([accepted(report)], scope=reviewer(4)) == [(1, "before_last_change")]


# Two people at once


def test_a_report_that_was_decided_meanwhile_is_told_with_both_decisions(world, held, reviewer):
    report = world.send_back(world.result(held), reason="Sai mẫu", new_due=world.day(35))

    with pytest.raises(Conflict) as caught:
        decide_reports([accepted(report)], scope=reviewer())

    assert caught.value.extra["yours"]["is_accepted"] is True
    assert caught.value.extra["theirs"] == {"state": "returned", "reason": "Sai mẫu", "new_due": world.day(35)}
    assert Review.objects.get().decision == "returned"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_decisions_at_once_the_second_overwrites_nothing(world, at_once):
    world.issue()
    held = world.assignment(world.commune)
    report = world.result(held)
    scope = world.officer(world.north_district, Role.REVIEWER)

    outcomes = at_once(
        lambda: decide_reports([accepted(report)], scope=scope),
        lambda: decide_reports([returned(report)], scope=scope),
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    review = Review.objects.get()
    (conflict,) = (outcome for outcome in outcomes if isinstance(outcome, Conflict))
    assert 1 in outcomes
    assert conflict.extra["theirs"]["state"] == review.decision
    assert conflict.extra["yours"]["is_accepted"] is (review.decision == "returned")
    held.refresh_from_db()
    assert held.state == ("done" if review.decision == "accepted" else "in_progress")


# Batches


def test_a_batch_names_every_bad_line_and_writes_nothing(world, held):
    report = world.result(held)
    decided = world.accept(world.result(world.assignment(world.other_commune)))
    south = world.result(world.assignment(world.south_commune))
    lines = [accepted(report, line=1), returned(south, reason="", line=2), accepted(decided, line=3)]

    assert problems(lines, scope=world.scope("centre")) == [(2, "reason_missing"), (3, "changed_meanwhile")]
    assert Review.objects.count() == 1
    assert world.assignment(world.commune).state == "waiting"


def test_a_report_that_stands_twice_in_a_batch_is_refused(world, held, reviewer):
    report = world.result(held)

    lines = [accepted(report, line=1), returned(report, line=2)]
    assert problems(lines, scope=reviewer()) == [(1, "twice"), (2, "twice")]


def test_the_result_and_an_interim_report_of_one_assignment_may_be_decided_together(world, held, reviewer):
    lines = [accepted(world.report(held), line=1), accepted(world.result(held), line=2)]

    assert decide_reports(lines, scope=reviewer()) == 2
    assert world.assignment(world.commune).state == "done"


@pytest.mark.parametrize("communes", [2, 200])
def test_a_batch_costs_the_same_statements_for_any_number_of_reports(world, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.issue()
    results = [
        ReportLine(held, progress=100, is_result=True) for held in Assignment.objects.values_list("pk", flat=True)
    ]
    lines = [DecisionLine(report, is_accepted=True) for report in submit_reports(results, scope=world.shell())]
    scope = world.scope("centre")

    with django_assert_num_queries(5):
        assert decide_reports(lines, scope=scope) == communes + 4


def test_a_unit_that_follows_a_task_does_not_review_its_own_result(world):
    world.issue(world.task(to="province", monitor="Tỉnh Hà Giang"))
    report = world.result(world.assignment(world.north))

    with pytest.raises(BadInput):
        decide_reports(
            [DecisionLine(report=report.pk, is_accepted=True)], scope=world.officer(world.north, Role.REVIEWER)
        )

    assert reviewer_of(world.assignment(world.north), on=world.day()) == world.centre.unit_id
    assert world.accept(report).state == "accepted"
