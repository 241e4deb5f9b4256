import time
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from trienkhai.audit.models import Operation
from trienkhai.core.errors import BadInput, Conflict, DomainError
from trienkhai.organisation.scoping import Role
from trienkhai.progress.models import Evidence, IndicatorValue, Report
from trienkhai.progress.operations import cancel_assignments, submit_reports, suspend_assignments
from trienkhai.progress.rules import EvidenceLine, ReportLine, ValueLine
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme
from trienkhai.tasks.readers import IndicatorRow


def line(assignment, **changes):
    return replace(ReportLine(assignment=assignment.pk, progress=40, text="Đang làm"), **changes)


def problems(lines, *, scope):
    with pytest.raises(BadInput) as caught:
        submit_reports(lines, scope=scope)
    return [(problem.line, problem.column) for problem in caught.value.problems]


@pytest.fixture
def held(world):
    """Issue one task to the communes, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


# What a report does


def test_a_report_is_kept_as_it_was_said(world, held):
    said = line(held, difficulties="Thiếu người", period=(world.day(), world.day(7)), client_key="a-1")

    (pk,) = submit_reports([said], scope=world.scope("commune", on=world.day(2)))

    report = Report.objects.get(pk=pk)
    assert (report.assignment_id, report.author_id) == (held.pk, world.user("commune").pk)
    assert (report.progress, report.text, report.difficulties) == (40, "Đang làm", "Thiếu người")
    assert (report.state, report.is_result, report.day, report.entered_on) == (
        "waiting",
        False,
        world.day(2),
        world.day(2),
    )
    assert report.period == DateRange(world.day(), world.day(7))


def test_a_report_starts_the_work(world, held):
    world.report(held, on=world.day(2), progress=40)

    held.refresh_from_db()
    assert (held.state, held.progress, held.since, held.version) == ("in_progress", 40, world.day(2), 2)


def test_a_result_waits_for_the_reviewer_from_its_day(world, held):
    world.result(held, on=world.day(2))

    held.refresh_from_db()
    assert (held.state, held.bucket, held.submitted_on) == ("waiting", "waiting_in_time", world.day(2))


@pytest.mark.parametrize(("day", "bucket"), [(30, "waiting_in_time"), (31, "waiting_late")])
def test_a_result_is_late_from_the_day_after_the_due_date(world, held, day, bucket):
    world.result(held, on=world.day(day))

    held.refresh_from_db()
    assert held.bucket == bucket


def test_a_report_written_offline_says_the_day_of_its_entry(world, held):
    report = world.report(held, on=world.day(5), entered_on=world.day(3))

    assert (report.day, report.entered_on) == (world.day(5), world.day(3))


def test_the_ids_come_in_the_order_of_the_lines_however_these_are_numbered(world, held):
    others = [world.assignment(unit) for unit in (world.south_commune, world.other_commune)]
    lines = [line(assignment, line=1) for assignment in (*others, held)]

    reports = submit_reports(lines, scope=world.shell())

    of = dict(Report.objects.values_list("pk", "assignment"))
    assert [of[report] for report in reports] == [line.assignment for line in lines]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("dòng 1\ndòng 2", "dòng 1\ndòng 2"),
        ("NUL\0 ở giữa", "NUL ở giữa"),
        (r"C:\u0000 và \\u0000", r"C:\u0000 và \\u0000"),
        ("\\\0", "\\"),
        ("\0\0 đầu", " đầu"),
        ('"trích" {"a": 1} 100% %(day)s', '"trích" {"a": 1} 100% %(day)s'),
    ],
)
def test_any_text_is_kept_but_for_what_no_reader_sees(world, held, text, kept):
    assert world.report(held, text=text).text == kept


# Who may report on what


@pytest.mark.parametrize("unit", ["other_commune", "south_commune"])
def test_the_assignment_of_another_unit_is_unknown(world, held, unit):
    other = world.assignment(getattr(world, unit))

    assert problems([line(other)], scope=world.scope("commune")) == [(1, "unknown")]


def test_an_assignment_that_is_not_there_is_as_unknown_as_that_of_another(world, held):
    assert problems([ReportLine(assignment=10**12, progress=1)], scope=world.scope("commune")) == [(1, "unknown")]


@pytest.mark.parametrize("actor", ["centre", "north", "nobody"])
def test_nobody_reports_in_the_name_of_a_unit_below(world, held, actor):
    assert problems([line(held)], scope=world.scope(actor)) == [(1, "unknown")]


def test_a_role_that_does_not_report_does_not(world, held):
    viewer = world.officer(world.commune, Role.VIEWER, Role.REVIEWER, Role.ISSUER)

    assert problems([line(held)], scope=viewer) == [(1, "unknown")]


# On what nobody reports any more


def suspended(world, held):
    suspend_assignments([held.pk], reason="Giãn cách", scope=world.scope("centre"))


def cancelled(world, held):
    cancel_assignments([held.pk], reason="Trùng", scope=world.scope("centre"))


def waiting(world, held):
    world.result(held)


def done(world, held):
    world.accept(world.result(held))


@pytest.mark.parametrize("is_result", [False, True])
@pytest.mark.parametrize("become", [suspended, cancelled, waiting, done], ids=lambda become: become.__name__)
def test_what_is_not_open_takes_no_report(world, held, become, is_result):
    become(world, held)
    before = Report.objects.count()

    assert problems([line(held, is_result=is_result)], scope=world.scope("commune")) == [(1, become.__name__)]
    assert Report.objects.count() == before


def test_a_closed_programme_takes_no_report(world, held):
    close_programme(held.programme, scope=world.scope("centre", on=world.day(5)))

    world.report(held, on=world.day(5))
    assert problems([line(held)], scope=world.scope("commune", on=world.day(6))) == [(1, "programme_closed")]


def test_a_report_of_a_day_before_the_last_change_is_refused(world, held):
    world.report(held, on=world.day(5))

    assert problems([line(held)], scope=world.scope("commune", on=world.day(4))) == [(1, "before_last_change")]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"progress": 101}, "progress_out_of_range"),
        ({"progress": -1}, "progress_out_of_range"),
        ({"period": (5, 5)}, "period_out_of_range"),
        ({"period": (5, 4)}, "period_out_of_range"),
        ({"entered_on": 1}, "entered_later"),
        ({"evidence": [EvidenceLine("f" * 64, "ảnh.jpg")]}, "evidence_unknown"),
        ({"values": [ValueLine(10**12, Decimal(1))]}, "indicator_unknown"),
    ],
)
def test_what_a_report_says_must_be_possible(world, held, changes, problem):
    if "period" in changes:
        changes = {"period": tuple(world.day(day) for day in changes["period"])}
    if "entered_on" in changes:
        changes = {"entered_on": world.day(changes["entered_on"])}

    assert problems([line(held, **changes)], scope=world.scope("commune")) == [(1, problem)]


# Evidence and indicators


def test_a_result_whose_task_demands_evidence_is_not_taken_without(world):
    world.issue(world.task(evidence_required=True))
    held = world.assignment(world.commune)

    assert problems([line(held, is_result=True)], scope=world.scope("commune")) == [(1, "evidence_missing")]
    world.report(held)  # an interim report needs none
    world.result(held, evidence=[EvidenceLine(world.file().pk, "Báo cáo.pdf")])
    assert Evidence.objects.get().name == "Báo cáo.pdf"


def test_a_file_that_proves_a_report_twice_is_kept_once(world, held):
    file = world.file().pk
    report = world.report(held, evidence=[EvidenceLine(file, "một.pdf"), EvidenceLine(file, "hai.pdf")])

    assert [proof.name for proof in report.evidence.all()] == ["một.pdf"]


def test_one_file_may_prove_reports_of_several_units(world, held):
    proof = [EvidenceLine(world.file().pk, "Kế hoạch chung.pdf")]
    world.report(held, evidence=proof)
    world.report(world.assignment(world.other_commune), evidence=proof)

    assert Evidence.objects.filter(file=proof[0].file).count() == 2


@pytest.fixture
def measured(world):
    """Issue a task with a sum and one with a ratio, and return a function that reports a value of one of them."""
    world.issue(
        world.task(1, indicator=IndicatorRow("Số lớp", "lớp", None, "sum", "flow")),
        world.task(2, indicator=IndicatorRow("Tỷ lệ", "%", None, "ratio", "stock")),
    )

    def report(task, *values):
        held = world.assignment(world.commune, task=task)
        indicator = held.task.indicators.get().pk
        said = [ValueLine(indicator, *(Decimal(number) for number in value)) for value in values]
        return submit_reports([line(held, values=said)], scope=world.scope("commune"))

    return report


@pytest.mark.parametrize(("task", "value"), [(1, ["12.5"]), (2, ["3", "4"]), (1, ["-3"])])
def test_values_keep_numerator_and_denominator(measured, task, value):
    measured(task, value)

    kept = IndicatorValue.objects.get()
    assert [kept.numerator, kept.denominator] == [*(Decimal(number) for number in value), None][:2]


@pytest.mark.parametrize(
    ("task", "values"),
    [
        (1, [["1", "2"]]),
        (2, [["1"]]),
        (2, [["1", "0"]]),
        (1, [["1"], ["2"]]),
        (1, [["NaN"]]),
        (1, [["Infinity"]]),
        (1, [["100000000000000"]]),
    ],
    ids=["sum with denominator", "ratio without", "by zero", "twice", "no number", "infinite", "too large"],
)
def test_a_value_that_does_not_fit_its_indicator_is_refused(measured, task, values):
    with pytest.raises(BadInput) as caught:
        measured(task, *values)

    assert [problem.column for problem in caught.value.problems] == ["indicator_unknown"]
    assert not Report.objects.exists()


def test_a_value_of_the_indicator_of_another_task_is_refused(world, measured):
    other = world.assignment(world.commune, task=1).task.indicators.get()
    held = world.assignment(world.commune, task=2)

    values = [ValueLine(other.pk, Decimal(1))]
    assert problems([line(held, values=values)], scope=world.scope("commune")) == [(1, "indicator_unknown")]


# Two people at once


def test_a_report_on_an_older_version_is_told_what_the_other_said(world, held):
    world.report(held, text="Của tôi", progress=60, version=1)

    with pytest.raises(Conflict) as caught:
        submit_reports([line(held, text="Của anh", version=1)], scope=world.scope("commune"))

    yours, theirs = caught.value.extra["yours"], caught.value.extra["theirs"]
    assert (yours["text"], yours["version"]) == ("Của anh", 1)
    assert (theirs["text"], theirs["progress"], theirs["version"]) == ("Của tôi", 60, 2)
    assert [report.text for report in Report.objects.all()] == ["Của tôi"]


def test_a_report_on_the_present_version_is_taken(world, held):
    world.report(held, version=1)
    world.report(held, version=2)

    assert world.assignment(world.commune).version == 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_reports_at_once_on_one_version_the_second_overwrites_nothing(world, at_once):
    world.issue()
    held = world.assignment(world.commune)
    world.user("commune")

    outcomes = at_once(
        lambda: submit_reports([line(held, text="một", progress=10, version=1)], scope=world.scope("commune")),
        lambda: submit_reports([line(held, text="hai", progress=20, version=1)], scope=world.scope("commune")),
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    report = Report.objects.get()
    (conflict,) = (outcome for outcome in outcomes if isinstance(outcome, Conflict))
    assert [report.pk] in outcomes
    assert (conflict.extra["theirs"]["text"], conflict.extra["yours"]["text"]) in {("một", "hai"), ("hai", "một")}
    assert (conflict.extra["theirs"]["text"], conflict.extra["theirs"]["version"]) == (report.text, 2)
    held.refresh_from_db()
    assert (held.progress, held.version) == (report.progress, 2)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_results_at_once_one_waits(world, at_once):
    world.issue()
    held = world.assignment(world.commune)
    world.user("commune")

    outcomes = at_once(
        *[lambda: submit_reports([line(held, is_result=True)], scope=world.scope("commune"))] * 2,
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    (refused,) = (outcome for outcome in outcomes if isinstance(outcome, BadInput))
    assert [problem.column for problem in refused.problems] == ["waiting"]
    assert Report.objects.filter(is_result=True).count() == 1


# Repeats


def test_a_repeat_of_a_key_returns_the_first_answer_and_writes_nothing(world, held):
    first = submit_reports([line(held, client_key="a-1")], scope=world.scope("commune"))
    operations = Operation.objects.count()

    again = submit_reports([line(held, client_key="a-1", text="khác", version=1)], scope=world.scope("commune"))

    assert (again, Report.objects.count(), Operation.objects.count()) == (first, 1, operations)


def test_a_batch_that_is_partly_a_repeat_writes_the_rest(world, held):
    other = world.assignment(world.other_commune)
    (first,) = submit_reports([line(held, client_key="a-1")], scope=world.shell())

    answers = submit_reports(
        [line(other, client_key="a-2", line=1), line(held, client_key="a-1", line=2)], scope=world.shell()
    )

    assert answers == [Report.objects.get(assignment=other).pk, first]


def test_a_key_is_unique_for_its_author_only(world, held):
    colleague = world.officer(world.other_commune, Role.REPORTER)
    other = world.assignment(world.other_commune)

    first = submit_reports([line(held, client_key="a-1")], scope=world.scope("commune"))
    second = submit_reports([line(other, client_key="a-1")], scope=colleague)

    assert (first == second, Report.objects.count()) == (False, 2)


def test_a_key_of_a_report_on_another_assignment_is_refused_with_every_other_bad_line(world, held):
    other, south = world.assignment(world.other_commune), world.assignment(world.south_commune)
    submit_reports([line(held, client_key="a-1")], scope=world.shell())
    lines = [line(other, client_key="a-1", line=1), line(south, progress=200, line=2)]

    assert problems(lines, scope=world.shell()) == [(1, "key_used"), (2, "progress_out_of_range")]
    assert not Report.objects.exclude(assignment=held).exists()


@pytest.mark.parametrize("changes", [{}, {"version": 1}, {"is_result": True}], ids=["plain", "version", "result"])
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_line_that_arrives_twice_at_once_is_written_once(world, at_once, changes):
    world.issue()
    held = world.assignment(world.commune)
    world.user("commune")

    first, second = at_once(
        *[lambda: submit_reports([line(held, client_key="a-1", **changes)], scope=world.scope("commune"))] * 2,
        lock=f"SELECT FROM assignment WHERE id = {held.pk} FOR UPDATE",
    )

    assert first == second == [Report.objects.get().pk]


# Batches


def test_a_batch_names_every_bad_line_and_writes_nothing(world, held):
    south, other = world.assignment(world.south_commune), world.assignment(world.other_commune)
    world.accept(world.result(other))
    lines = [line(held, line=11), line(south, progress=200, line=12), line(other, line=13)]

    assert problems(lines, scope=world.shell()) == [(12, "progress_out_of_range"), (13, "done")]
    assert not Report.objects.filter(is_result=False).exists()
    assert world.assignment(world.commune).state == "not_started"


def test_an_assignment_or_a_key_that_stands_twice_in_a_batch_is_refused(world, held):
    other = world.assignment(world.other_commune)
    twice = [line(held, line=1), line(held, line=2)]
    keys = [line(held, client_key="a-1", line=1), line(other, client_key="a-1", line=2)]

    assert problems(twice, scope=world.shell()) == [(1, "twice"), (2, "twice")]
    assert problems(keys, scope=world.shell()) == [(1, "key_twice"), (2, "key_twice")]


@pytest.mark.parametrize("number", [0, 10_001])
def test_a_batch_has_a_size(world, held, number):
    with pytest.raises(DomainError) as caught:
        submit_reports([line(held)] * number, scope=world.shell())

    assert caught.value.code == "batch_size"


@pytest.fixture
def ten_thousand(world):
    """Return a line for each of 10,000 assignments: the limit of a batch, and the size that must be all or nothing."""
    world.communes(2_496, under=world.north_district)
    world.issue(*(world.task(number) for number in range(1, 5)))
    pks = Assignment.objects.order_by("pk").values_list("pk", flat=True)
    return [ReportLine(assignment=pk, progress=50, line=place) for place, pk in enumerate(pks, start=1)]


def test_one_bad_line_of_ten_thousand_and_nothing_is_written(world, ten_thousand):
    ten_thousand[6_999] = replace(ten_thousand[6_999], progress=101)

    assert len(ten_thousand) == 10_000
    assert problems(ten_thousand, scope=world.shell()) == [(7_000, "progress_out_of_range")]
    assert not Report.objects.exists()
    assert not Assignment.objects.exclude(state="not_started").exists()

    ten_thousand[6_999] = replace(ten_thousand[6_999], progress=100)
    assert len(set(submit_reports(ten_thousand, scope=world.shell()))) == 10_000
    assert Assignment.objects.filter(state="in_progress", progress=50).count() == 9_999


# Cost


def test_a_batch_takes_seconds_also_after_a_single_report(world, ten_thousand):
    """A plan that the session keeps from the one report must do for ten thousand; a join of triggers once did not."""
    single, *batch = ten_thousand
    submit_reports([single], scope=world.shell())
    before = time.monotonic()

    submit_reports(batch, scope=world.shell())

    assert time.monotonic() - before < 15


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_report_costs_at_most_twelve_statements_with_those_of_the_transaction(world):
    world.issue(world.task(evidence_required=True))
    held, file, scope = world.assignment(world.commune), world.file().pk, world.scope("commune")
    said = line(held, is_result=True, client_key="a-1", evidence=[EvidenceLine(file, "báo cáo.pdf")], version=1)

    with CaptureQueriesContext(connection) as statements:
        submit_reports([said], scope=scope)

    spoken = [statement["sql"] for statement in statements]
    assert (spoken.count("BEGIN"), spoken.count("COMMIT")) == (1, 1)
    assert len(spoken) <= 12


@pytest.mark.parametrize("communes", [2, 200])
def test_a_batch_costs_the_same_statements_for_any_number_of_reports(world, communes, django_assert_num_queries):
    world.communes(communes, under=world.north_district)
    world.issue()
    lines = [line(held, line=place) for place, held in enumerate(Assignment.objects.all(), start=1)]

    with django_assert_num_queries(5):
        submit_reports(lines, scope=world.shell())


def test_a_result_is_done_by_whole_whatever_it_says_of_its_progress(world):
    world.issue()

    report = world.result(world.assignment(world.commune), progress=10)

    assert (report.progress, world.assignment(world.commune).progress) == (100, 100)
