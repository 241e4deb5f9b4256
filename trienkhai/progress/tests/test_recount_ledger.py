import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.core.integrity import findings
from trienkhai.core.tests.faults import plant
from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import Ledger, LedgerDelta, LedgerNow
from trienkhai.progress.operations import post_deltas, recount_ledger
from trienkhai.tasks.rules import BUCKETS

pytestmark = pytest.mark.django_db


def entries(table):
    """Return the rows of a table of the ledger that count something, in a fixed order and without their keys."""
    columns = [field.attname for field in table._meta.concrete_fields if field.name != "id"]
    rows = table.objects.exclude(**dict.fromkeys(BUCKETS, 0)).values_list(*columns)
    return sorted(rows, key=str)


@pytest.fixture
def worked(world):
    """Let a commune finish its task, and its district move."""
    world.issue()
    world.accept(world.result(world.assignment(world.commune), on=world.day(3)), on=world.day(4))
    moving = world.shell(on=world.day(20))
    move_unit(world.north_district.unit_id, to=world.south.unit_id, decision="QĐ", scope=moving)
    world.report(world.assignment(world.other_commune), on=world.day(25))
    return world


def test_a_ledger_that_is_lost_comes_back_as_it_was(worked):
    post_deltas(on=worked.day(25))
    before = [entries(table) for table in (Ledger, LedgerNow)]
    plant("DELETE FROM ledger", into="ledger")
    plant("UPDATE ledger_now SET done_late = 7", into="ledger_now")

    recount_ledger(scope=worked.shell(on=worked.day(30)))

    assert list(findings(on=worked.day(30))) == []
    assert [entries(table) for table in (Ledger, LedgerNow)] == before


def test_what_was_open_is_counted_once(worked):
    assert LedgerDelta.objects.exists()

    recount_ledger(scope=worked.shell(on=worked.day(30)))
    post_deltas(on=worked.day(30))

    assert list(findings(on=worked.day(30))) == []


def test_only_who_may_do_everything_recounts(worked):
    with pytest.raises(PermissionDenied):
        recount_ledger(scope=worked.scope("centre"))
