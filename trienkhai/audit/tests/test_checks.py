import pytest
from django.db import connection

from trienkhai.audit.operations import operation
from trienkhai.core.tests.faults import found_by, plant

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-000000000000"


def test_a_row_whose_operation_is_not_recorded_is_found(world):
    version = world.commune
    plant(
        "UPDATE unit_version SET operation_id = %s WHERE id = %s",
        [NOBODY, version.pk],
        into="unit_version",
        without=[foreign_key("unit_version", "operation_id")],
    )

    (found,) = found_by("audit.row_without_operation", on=world.day())

    assert (found.subject, found.detail) == (f"unit_version {version.pk}", f"operation {NOBODY}")


def foreign_key(table, column):
    """Return the name of the key of a column, which Django makes of a hash."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE conrelid = %s::regclass AND contype = 'f' AND attname = %s",
            [table, column],
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("trigger", "table", "event"),
    [
        ("watch_update", "unit", "UPDATE"),
        ("watch_delete", "review", "DELETE"),
        ("assignment_past_kept", "assignment", "UPDATE"),
        ("row_change_kept", "row_change", "UPDATE"),
    ],
)
def test_a_table_that_loses_its_former_rows_is_found(trigger, table, event, world):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER {trigger} ON {table}")

    found = found_by("audit.change_not_kept", on=world.day())

    assert (table, f"no trace of {event}") in [(finding.subject, finding.detail) for finding in found]


def test_every_table_of_the_history_keeps_its_former_rows(world):
    assert found_by("audit.change_not_kept", on=world.day()) == []


def test_an_operation_of_a_later_day_is_found(world):
    with operation("audit.test", by=world.shell(on=world.day(36500))) as entry:
        pass

    found = found_by("audit.operation_of_a_later_day", on=world.day())

    assert [finding.subject for finding in found] == [f"operation {entry.id}"]
