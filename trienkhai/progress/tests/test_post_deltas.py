import pytest
from django.db import connection

from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import Ledger, LedgerDelta, LedgerNow, LiveEvent
from trienkhai.progress.operations import post_deltas, submit_reports
from trienkhai.progress.rules import ReportLine
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.rules import BUCKETS


def counted(row):
    """Return the buckets of a row of the ledger that are not empty."""
    return {bucket: getattr(row, bucket) for bucket in BUCKETS if getattr(row, bucket)}


def now(unit):
    """Return what the ledger says of a unit now, over its rows."""
    return [counted(row) for row in LedgerNow.objects.filter(unit=unit.unit_id).order_by("task", "due") if counted(row)]


@pytest.fixture
def held(world):
    """Issue one task to the communes, and return what the reporter's commune holds."""
    world.issue()
    return world.assignment(world.commune)


def test_an_issue_is_counted_at_once_for_everyone_above(world, held):
    units = [world.commune, world.north_district, world.north, world.centre]

    assert [now(unit) for unit in units] == [[{"not_started": number}] for number in (1, 2, 2, 4)]
    assert not LedgerDelta.objects.exists()


def test_a_change_waits_as_a_delta_of_its_unit_alone(world, held):
    world.report(held, on=world.day(2))

    delta = LedgerDelta.objects.get()
    assert (delta.unit_id, delta.task_id, delta.due, delta.day) == (
        world.commune.unit_id,
        held.task_id,
        world.day(30),
        world.day(2),
    )
    assert counted(delta) == {"not_started": -1, "in_progress": 1}
    assert now(world.north) == [{"not_started": 2}]


def test_posting_carries_it_to_everyone_above(world, held):
    world.report(held, on=world.day(2))

    assert post_deltas(on=world.day(2)).posted == 1

    units = [world.commune, world.north_district, world.north]
    assert [now(unit) for unit in units] == [
        [{"in_progress": 1}],
        [{"not_started": 1, "in_progress": 1}],
        [{"not_started": 1, "in_progress": 1}],
    ]
    entry = Ledger.objects.get(unit=world.centre.unit_id, day=world.day(2))
    assert counted(entry) == {"not_started": -1, "in_progress": 1}
    assert not LedgerDelta.objects.exists()


def test_posting_again_changes_nothing(world, held):
    world.report(held)
    post_deltas(on=world.day())
    before = list(LedgerNow.objects.values())

    assert (post_deltas(on=world.day()).posted, list(LedgerNow.objects.values())) == (0, before)


def test_a_change_that_leaves_the_bucket_leaves_no_delta(world, held):
    world.report(held, on=world.day(2))
    post_deltas(on=world.day(2))

    world.report(held, on=world.day(3), progress=80)

    assert not LedgerDelta.objects.exists()


def test_a_new_due_date_moves_the_count_from_one_key_to_another(world, held):
    world.send_back(world.result(held), new_due=world.day(40))
    post_deltas(on=world.day())

    rows = LedgerNow.objects.filter(unit=world.commune.unit_id)
    assert {row.due: counted(row) for row in rows} == {world.day(30): {}, world.day(40): {"in_progress": 1}}


def test_a_set_of_changes_is_one_delta_a_unit_and_task(world):
    world.issue(world.task(1), world.task(2))
    everything = Assignment.objects.values_list("pk", flat=True)
    submit_reports([ReportLine(assignment=pk, progress=10) for pk in everything], scope=world.shell())

    assert LedgerDelta.objects.count() == 8
    assert post_deltas(on=world.day()).posted == 8
    assert now(world.centre) == [{"in_progress": 4}] * 2


def test_what_comes_late_counts_for_who_stood_above_then_and_leaves_them_with_the_unit(world, held):
    scope = world.shell(on=world.day(10))
    move_unit(world.commune.unit_id, to=world.south_district.unit_id, decision="", scope=scope)
    world.report(held, on=world.day(5))
    post_deltas(on=world.day(12))

    def entries(unit):
        rows = Ledger.objects.filter(unit=unit.unit_id, day__gt=world.day()).order_by("day")
        return {row.day: counted(row) for row in rows}

    assert entries(world.north) == {
        world.day(5): {"not_started": -1, "in_progress": 1},
        world.day(10): {"in_progress": -1},
    }
    assert entries(world.south) == {world.day(10): {"in_progress": 1}}


def test_watchers_are_told_of_everyone_above_once_a_round(world, held):
    world.report(held)
    world.report(world.assignment(world.other_commune))

    last = post_deltas(on=world.day()).last_event

    told = LiveEvent.objects.filter(programme=held.programme_id)
    units = [world.commune, world.other_commune, world.north_district, world.north, world.centre]
    assert sorted(told.values_list("unit", flat=True)) == sorted(unit.unit_id for unit in units)
    assert last == max(told.values_list("pk", flat=True))


def test_a_round_without_deltas_tells_nobody(world, held):
    LiveEvent.objects.all().delete()

    assert post_deltas(on=world.day()).last_event is None
    assert not LiveEvent.objects.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_posters_at_once_post_each_delta_once(world, at_once):
    world.issue()
    world.report(world.assignment(world.commune))
    world.report(world.assignment(world.other_commune))

    outcomes = at_once(*[lambda: post_deltas(on=world.day())] * 2, lock="SELECT lock_ledger()")

    assert sorted(outcome.posted for outcome in outcomes) == [0, 2]
    assert now(world.centre) == [{"not_started": 2, "in_progress": 2}]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_report_does_not_wait_for_the_poster(world):
    world.issue()
    held = world.assignment(world.commune)
    poster = connection.copy()
    try:
        with poster.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('trienkhai.ledger'))")
        world.report(held)  # which would fail after lock_timeout
    finally:
        poster.close()

    assert LedgerDelta.objects.count() == 1
