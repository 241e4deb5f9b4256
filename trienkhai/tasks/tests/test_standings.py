"""Buckets and standings: the rules in Python and their twins in SQL."""

from datetime import date, timedelta
from itertools import product

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from trienkhai.audit.operations import operation
from trienkhai.tasks.models import Assignment, State
from trienkhai.tasks.rules import BUCKETS, STANDINGS, bucket, standing

DUE = date(2021, 6, 30)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2021, 6, 22), "in_progress"),
        (date(2021, 6, 23), "due_soon"),
        (date(2021, 6, 30), "due_soon"),
        (date(2021, 7, 1), "overdue"),
    ],
)
def test_due_on_a_day_means_soon_a_week_before_and_overdue_from_the_next(on, expected):
    assert standing("in_progress", DUE, on=on, due_soon_days=7) == expected


def test_without_days_of_warning_the_due_date_itself_is_soon():
    days = [DUE - timedelta(days=1), DUE, DUE + timedelta(days=1)]

    assert [standing("not_started", DUE, on=day, due_soon_days=0) for day in days] == [
        "not_started",
        "due_soon",
        "overdue",
    ]


@pytest.mark.parametrize("state", ["not_started", "in_progress"])
def test_without_due_date_nothing_is_soon_or_overdue(state):
    assert standing(state, None, on=DUE, due_soon_days=7) == state


@pytest.mark.parametrize("kept", ["waiting_in_time", "waiting_late", "done_on_time", "done_late", "suspended"])
def test_what_is_with_the_reviewer_done_or_suspended_is_never_overdue(kept):
    assert standing(kept, DUE, on=DUE + timedelta(days=99), due_soon_days=7) == kept


@pytest.mark.parametrize(
    ("state", "due", "submitted_on", "expected"),
    [
        ("waiting", DUE, DUE, "waiting_in_time"),
        ("waiting", DUE, DUE + timedelta(days=1), "waiting_late"),
        ("waiting", None, DUE, "waiting_in_time"),
        ("done", DUE, DUE, "done_on_time"),
        ("done", DUE, DUE + timedelta(days=1), "done_late"),
        ("done", None, DUE, "done_on_time"),
        ("cancelled", DUE, None, None),
        ("handed_over", DUE, None, None),
        ("merged", DUE, None, None),
    ],
)
def test_a_result_is_in_time_by_the_day_of_its_submission(state, due, submitted_on, expected):
    assert bucket(state, due=due, submitted_on=submitted_on) == expected


@given(
    held=st.sampled_from(BUCKETS),
    due=st.none() | st.integers(-40, 40),
    on=st.dates(date(2021, 1, 1), date(2021, 12, 31)),
    due_soon_days=st.integers(0, 30),
)
def test_a_standing_is_one_of_the_nine(held, due, on, due_soon_days):
    due = None if due is None else on + timedelta(days=due)

    assert standing(held, due, on=on, due_soon_days=due_soon_days) in STANDINGS


@pytest.mark.django_db
def test_the_standing_of_sql_is_that_of_the_rules():
    dues = [None, *(DUE + timedelta(days=days) for days in range(-12, 13))]
    grid = [(held, due, DUE, days) for held in BUCKETS for due in dues for days in (0, 1, 7, 10)]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT standing_of(bucket, due, day, due_soon_days)"
            " FROM unnest(%s::text[], %s::date[], %s::date[], %s::integer[]) WITH ORDINALITY"
            " AS grid (bucket, due, day, due_soon_days, place) ORDER BY place",
            [list(column) for column in zip(*grid, strict=True)],
        )
        said = [row[0] for row in cursor.fetchall()]

    assert said == [standing(held, due, on=day, due_soon_days=days) for held, due, day, days in grid]
    assert set(said) == set(STANDINGS)


def test_the_stored_bucket_is_that_of_the_rules(world):
    world.issue()
    days = [None, world.day(0), world.day(1), world.day(2)]
    stored, expected = {}, {}
    for state, due, submitted_on in product(State.values, days, days):
        if submitted_on is None and state in {"waiting", "done"}:
            continue  # the database keeps no result without its day
        facts = {"state": state, "due": due, "submitted_on": submitted_on}
        with operation("tasks.set_state", by=world.shell(on=world.day(5))):
            suspended_on = world.day(5) if state == "suspended" else None
            Assignment.objects.update(**facts, suspended_on=suspended_on)
        stored[state, due, submitted_on] = world.assignment(world.commune).bucket
        expected[state, due, submitted_on] = bucket(**facts)

    assert stored == expected
    assert set(stored.values()) == {*BUCKETS, None}


def test_a_queryset_says_the_standing_of_a_day(world):
    world.issue(world.task(due=world.day(20)))
    world.report(world.assignment(world.commune), on=world.day(2))

    def standings(day):
        held = Assignment.objects.with_standing(on=world.day(day)).order_by("unit")
        return sorted(row.standing for row in held)

    assert standings(12) == ["in_progress", "not_started", "not_started", "not_started"]
    assert standings(13) == ["due_soon"] * 4
    assert standings(21) == ["overdue"] * 4
