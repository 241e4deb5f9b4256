from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError

from trienkhai.audit.operations import operation
from trienkhai.core.errors import Conflict
from trienkhai.tasks.models import Assignment
from trienkhai.tasks.operations import close_programme


def close(world, programme, *, day, by="centre"):
    close_programme(programme, scope=world.scope(by, on=world.day(day)))
    programme.refresh_from_db()


def test_a_programme_closes_at_the_end_of_the_day(world):
    programme = world.issue()
    close(world, programme, day=5)

    assert programme.closed_on == world.day(5)
    assert [programme.is_closed(on=world.day(day)) for day in (4, 5, 6)] == [False, False, True]


def test_standings_are_frozen_from_the_close_on(world):
    programme = world.issue(world.task(due=world.day(20)))
    close(world, programme, day=15)

    later = [Assignment.objects.with_standing(on=world.day(day)).first().standing for day in (12, 15, 21, 400)]
    assert later == ["not_started", "due_soon", "due_soon", "due_soon"]


def test_nothing_moves_after_the_close_whoever_writes(world):
    close(world, world.issue(), day=5)

    with (
        pytest.raises(DatabaseError, match="the programme is closed"),
        operation("progress.correct", by=world.shell(on=world.day(6))),
    ):
        Assignment.objects.update(progress=10)


def test_a_programme_is_closed_once(world):
    programme = world.issue()
    close(world, programme, day=5)

    with pytest.raises(Conflict):
        close(world, programme, day=6)

    programme.refresh_from_db()
    assert programme.closed_on == world.day(5)


@pytest.mark.parametrize("is_issued", [False, True])
def test_a_programme_is_not_closed_before_its_issue(world, is_issued):
    programme = world.issue(on=world.day(5)) if is_issued else world.programme()

    with pytest.raises(Conflict):
        close(world, programme, day=4)


@pytest.mark.parametrize("closed_on", [date(2021, 3, 11), date(2021, 3, 12)])
def test_the_database_keeps_a_draft_from_being_closed(world, closed_on):
    programme = world.programme()

    with (
        pytest.raises(DatabaseError, match="programme_closes_after_issue"),
        operation("tasks.close_programme", by=world.shell()),
    ):
        type(programme).objects.filter(pk=programme.pk).update(closed_on=closed_on)


@pytest.mark.parametrize("actor", ["north", "commune", "nobody"])
def test_only_who_may_issue_for_the_issuer_closes(world, actor):
    with pytest.raises(PermissionDenied):
        close(world, world.issue(), day=5, by=actor)
