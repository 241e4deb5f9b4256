from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection

from trienkhai.audit.models import Operation
from trienkhai.audit.operations import operation
from trienkhai.organisation.models import Unit
from trienkhai.organisation.scoping import Scope


def test_an_operation_says_who_what_when_why_and_from_where(world):
    scope = world.scope("north", on=world.day(3))

    with operation("organisation.found_unit", by=scope, reason="Quyết định 7") as entry:
        Unit.objects.create()
        entry.detail = {"units": 1}

    done = Operation.objects.get(pk=entry.id)
    assert (done.name, done.day, done.reason) == ("organisation.found_unit", world.day(3), "Quyết định 7")
    assert (done.actor, done.actor_name, done.source) == (world.user("north"), "north", "page")
    assert (done.detail, done.is_simulated) == ({"units": 1}, False)


def test_rows_say_which_operation_made_them(world):
    with operation("organisation.found_unit", by=world.shell()) as entry:
        unit = Unit.objects.create()

    assert Unit.objects.get(pk=unit.pk).operation_id == entry.id


def test_an_operation_that_fails_leaves_nothing(world):
    units, operations = Unit.objects.count(), Operation.objects.count()

    def fail():
        Unit.objects.create()
        raise LookupError

    with pytest.raises(LookupError), operation("organisation.found_unit", by=world.shell()):
        fail()

    assert (Unit.objects.count(), Operation.objects.count()) == (units, operations)


def test_a_dry_run_leaves_nothing(world):
    units, operations = Unit.objects.count(), Operation.objects.count()

    with operation("organisation.found_unit", by=world.shell(), dry_run=True):
        Unit.objects.create()
        inside = Unit.objects.count()

    assert inside == units + 1
    assert (Unit.objects.count(), Operation.objects.count()) == (units, operations)


def test_a_dry_run_leaves_no_operation_open(world):
    with operation("organisation.found_unit", by=world.shell(), dry_run=True):
        pass

    with pytest.raises(DatabaseError):
        Unit.objects.create()


def test_an_operation_inside_another_is_refused(world):
    with (
        operation("organisation.found_unit", by=world.shell()),
        pytest.raises(RuntimeError, match="durable"),
        operation("organisation.found_unit", by=world.shell()),
    ):
        pass


def test_a_later_write_in_the_same_transaction_is_refused(world):
    with operation("organisation.found_unit", by=world.shell()):
        unit = Unit.objects.create()

    assert connection.in_atomic_block
    with pytest.raises(DatabaseError, match="outside an operation"):
        unit.save(force_update=True)


def test_a_simulated_operation_is_recorded_on_its_day_and_says_so(world):
    scope = Scope.system("demo", on=world.day(9), source="job", is_simulated=True)

    with operation("organisation.found_unit", by=scope) as entry:
        Unit.objects.create()

    done = Operation.objects.get(pk=entry.id)
    assert done.is_simulated
    assert done.recorded_at == datetime(2021, 3, 21, 16, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
