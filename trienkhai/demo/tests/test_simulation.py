import subprocess
import sys
from collections import Counter
from datetime import date, timedelta

import pytest

from trienkhai.config.environment import CHECKOUT
from trienkhai.demo.simulation import (
    EPIDEMIC_DAY,
    EPIDEMIC_PROVINCE,
    EPIDEMIC_TASK,
    ISSUED,
    LAST_DAY,
    Indicator,
    Work,
    simulate,
)

DUES = (date(2021, 4, 15), date(2021, 6, 30), date(2021, 8, 31), None)
RATIO, SUM = Indicator(id=1, is_sum=False), Indicator(id=2, is_sum=True)


def works(*, province="01", communes=200, task=1):
    """Return the work of communes on four tasks, of which the last is without deadline."""
    return [
        Work(
            assignment=10 * commune + number,
            unit=f"commune:{province}-{commune}",
            above=f"district:{province}-{commune // 20}",
            province=province,
            level="commune",
            task=task + number,
            due=due,
            period="month" if due is None else "",
            demands_evidence=number % 2 == 0,
            indicator=(None, RATIO, SUM, None)[number],
        )
        for commune in range(communes)
        for number, due in enumerate(DUES)
    ]


@pytest.fixture(scope="module")
def days():
    return list(simulate(works()))


def test_what_happens_is_the_same_in_every_process():
    """Takes two starts of Python, each with other hashes."""
    code = (
        "from hashlib import sha256; from trienkhai.demo.simulation import simulate;"
        "from trienkhai.demo.tests.test_simulation import works;"
        "print(sha256(repr(list(simulate(works(communes=20)))).encode()).hexdigest())"
    )

    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, cwd=CHECKOUT, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(told) == 1


def test_what_a_unit_does_hangs_on_no_other_unit():
    few, many = (
        [(day.day, report) for day in simulate(works(communes=communes)) for report in day.reports]
        for communes in (3, 9)
    )

    assert few == [(day, report) for day, report in many if report.work.assignment < 30]
    assert few


def test_days_are_in_order_from_the_issue_to_the_last(days):
    on = [day.day for day in days]

    assert on == sorted(set(on))
    assert ISSUED < on[0] < ISSUED + timedelta(days=30)
    assert on[-1] == LAST_DAY


def test_nobody_reports_or_decides_at_a_weekend(days):
    assert [day.day for day in days if (day.reports or day.decisions) and day.day.weekday() > 4] == []


def test_every_decision_is_on_a_result_that_waits_and_every_report_on_what_is_open(days):
    state = Counter()
    for day in days:
        for decision in day.decisions:
            assert state[decision.assignment] == "waiting"
            state[decision.assignment] = "done" if decision.is_accepted else "open"
            assert decision.is_accepted is not bool(decision.reason)
            assert decision.new_due is None or decision.new_due > day.day
        for report in day.reports:
            assert state[report.work.assignment] in (0, "open")
            state[report.work.assignment] = "waiting" if report.is_result else "open"


def test_some_are_late_some_are_returned_some_never_come(days):
    results = {report.work.assignment: day.day for day in days for report in day.reports if report.is_result}
    due = {work.assignment: work.due for work in works() if work.due}
    decisions = Counter(decision.is_accepted for day in days for decision in day.decisions)

    late = sum(day > due[assignment] for assignment, day in results.items())
    assert 0.05 < late / len(results) < 0.4
    assert 0.03 < decisions[False] / decisions.total() < 0.2
    assert 0.02 < 1 - len(results) / len(due) < 0.3


def test_units_differ(days):
    reports = Counter(report.work.unit for day in days for report in day.reports)

    assert max(reports.values()) > 2 * min(reports.values())


def test_results_are_whole_and_proven_where_the_task_demands_it(days):
    for report in (report for day in days for report in day.reports):
        assert report.progress == 100 if report.is_result else 0 < report.progress <= 90
        assert bool(report.files) is (report.is_result and report.work.demands_evidence)
        assert report.text


def test_values_fit_the_indicator_of_the_task(days):
    for report in (report for day in days for report in day.reports):
        if report.work.indicator is None:
            assert report.value is None
        else:
            numerator, denominator = report.value
            assert (denominator is None) is report.work.indicator.is_sum
            assert 0 <= numerator <= (denominator or numerator)


def test_an_extension_is_asked_for_before_the_due_date_and_answered_after():
    days = list(simulate(works(communes=1500)))
    asked = {assignment: (day.day, due) for day in days for assignment, due in day.asked}
    answered = {assignment: day.day for day in days for assignment in day.answered}
    dues = {work.assignment: work.due for work in works(communes=1500)}

    assert asked
    assert asked.keys() == answered.keys()
    assert all(day < answered[assignment] < dues[assignment] < due for assignment, (day, due) in asked.items())


def test_the_epidemic_stops_what_was_not_yet_before_a_reviewer():
    stopped = works(province=EPIDEMIC_PROVINCE, task=EPIDEMIC_TASK - 2)
    days = list(simulate(stopped))

    (suspended,) = (set(day.suspended) for day in days if day.suspended)
    sent = {
        report.work.assignment
        for day in days
        for report in day.reports
        if report.is_result and report.work.task == EPIDEMIC_TASK and day.day < EPIDEMIC_DAY
    }
    assert suspended
    assert suspended == {work.assignment for work in stopped if work.task == EPIDEMIC_TASK} - sent
    later = [report for day in days if day.day >= EPIDEMIC_DAY for report in day.reports]
    assert [report for report in later if report.work.assignment in suspended] == []


def test_a_return_sets_no_earlier_date_than_the_one_that_an_extension_set():
    some = works(province="09", communes=800)
    due = {work.assignment: work.due for work in some}
    asked, extended, returned = {}, set(), set()

    for day in simulate(some):
        asked |= dict(day.asked)
        for assignment in day.answered:
            due[assignment] = asked[assignment]
            extended.add(assignment)
        for decision in day.decisions:
            if not decision.is_accepted:
                returned.add(decision.assignment)
                assert decision.new_due is None or decision.new_due >= max(day.day, due[decision.assignment])
                due[decision.assignment] = decision.new_due or due[decision.assignment]

    assert extended & returned
