"""What the database keeps and refuses, whoever writes: pages, bulk SQL, a shell."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from trienkhai.audit.models import Operation, RowChange
from trienkhai.audit.operations import operation
from trienkhai.core.embedded import APPLICATION
from trienkhai.organisation.models import Unit, UnitVersion
from trienkhai.organisation.operations import move_unit
from trienkhai.progress.models import LedgerNow, Report
from trienkhai.progress.operations import post_deltas
from trienkhai.tasks.models import AddresseeTerm, Assignment, AssignmentPast, Programme
from trienkhai.tasks.operations import close_programme

WATCHED = sorted(
    (
        model
        for model in apps.get_models()
        if any(field.name == "operation" and field.related_model is Operation for field in model._meta.fields)
        and model is not RowChange
    ),
    key=lambda model: model._meta.db_table,
)


@contextmanager
def as_application():
    """Act as the role that the site connects as; the tests connect as the owner."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {APPLICATION}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def refusal(statement):
    """Run a statement, undo it, and return why the database refused it, or None."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error)


def writes(model):
    """Return an INSERT, an UPDATE and a DELETE of a table; none needs a row to be there."""
    table = model._meta.db_table
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated)
    return [
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table} WHERE false",
        f"UPDATE {table} SET operation_id = operation_id",
        f"DELETE FROM {table}",
    ]


def test_most_tables_of_the_domain_are_watched():
    assert {Unit, UnitVersion, Programme, Assignment, AssignmentPast, Report} < set(WATCHED)


@pytest.mark.parametrize("model", WATCHED, ids=lambda model: model._meta.db_table)
def test_a_watched_table_is_not_written_outside_an_operation(world, model):
    world.issue()
    world.accept(world.result(world.assignment(world.commune)))

    refused = [refusal(statement) for statement in writes(model)]

    assert all(refused)
    if model is not Assignment:  # of which no row is ever removed, in an operation or not
        assert all("outside an operation" in words for words in refused)


@pytest.mark.parametrize("table", ["row_change", "assignment_past"])
def test_no_temporary_table_takes_the_former_rows(world, table):
    world.issue()
    held = world.assignment(world.commune)

    with as_application(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING IDENTITY) ON COMMIT DROP; DISCARD PLANS"
        )
        with operation("tests.change", by=world.shell(on=world.day(1))):
            Assignment.objects.filter(pk=held.pk).update(progress=1)
            Programme.objects.update(title="khác")
        cursor.execute(f"SELECT count(*) FROM pg_temp.{table}")
        taken = cursor.fetchone()

    assert taken == (0,)


def test_a_row_cannot_claim_the_operation_of_another(world):
    foreign = Operation.objects.first()

    with (
        pytest.raises(DatabaseError, match="claims an operation"),
        operation("organisation.found_unit", by=world.shell()),
    ):
        Unit.objects.create(operation=foreign)


def test_a_changed_row_takes_the_operation_that_changed_it(world):
    programme = world.programme()

    with operation("tasks.rename_programme", by=world.shell()) as entry:
        Programme.objects.filter(pk=programme.pk).update(title="Tên mới")

    assert Programme.objects.get(pk=programme.pk).operation_id == entry.id


@pytest.mark.parametrize("action", ["U", "D"])
def test_the_former_row_is_kept_under_the_operation_that_changed_or_removed_it(world, action):
    term = world.programme().tasks.get().addressees.get()
    found = AddresseeTerm.objects.filter(pk=term.pk)

    with operation("tasks.change_addressees", by=world.shell()) as entry:
        _ = found.update(kind="Phường") if action == "U" else found.delete()

    kept = RowChange.objects.get(operation=entry.id)
    assert (kept.table_name, kept.row_id, kept.action) == ("addressee_term", str(term.pk), action)
    assert (kept.before["kind"], kept.before["operation_id"]) == ("", str(term.operation_id))


def test_what_held_of_an_assignment_at_the_end_of_a_day_stays_with_its_days(world):
    world.issue()
    held = world.assignment(world.commune)
    world.report(held, on=world.day(4))
    world.result(held, on=world.day(6))

    past = AssignmentPast.objects.filter(assignment=held).order_by("valid")
    assert [(row.state, row.valid.lower, row.valid.upper) for row in past] == [
        ("not_started", world.day(0), world.day(4)),
        ("in_progress", world.day(4), world.day(6)),
    ]


def test_what_began_and_ended_on_one_day_goes_to_the_history_alone(world):
    world.issue()
    held = world.assignment(world.commune)
    world.report(held, on=world.day(4))
    world.result(held, on=world.day(4))

    assert [row.state for row in AssignmentPast.objects.filter(assignment=held)] == ["not_started"]
    kept = RowChange.objects.get(table_name="assignment", row_id=str(held.pk))
    assert kept.before["state"] == "in_progress"


def test_an_assignment_does_not_change_on_a_day_before_its_last_change(world):
    world.issue()
    held = world.assignment(world.commune)
    world.report(held, on=world.day(4))

    with (
        pytest.raises(DatabaseError, match="cannot change on the earlier day"),
        operation("progress.correct", by=world.shell(on=world.day(3))),
    ):
        Assignment.objects.filter(pk=held.pk).update(progress=10)


def test_an_assignment_stays_with_its_task(world):
    world.issue(world.task(1), world.task(2))
    held, other = world.assignment(world.commune, task=1), world.assignment(world.commune, task=2)

    with (
        pytest.raises(DatabaseError, match="belongs to its task for good"),
        operation("progress.correct", by=world.shell()),
    ):
        Assignment.objects.filter(pk=held.pk).update(task=other.task_id)


@pytest.mark.parametrize("model", [Operation, RowChange], ids=lambda model: model._meta.db_table)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_the_history_is_added_to_and_never_changed(world, model, change):
    with as_application():
        words = refusal(change.format(model._meta.db_table))

    assert "rows are added, never changed or removed" in words


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE operation CASCADE",
        "TRUNCATE row_change",
        "DROP TABLE row_change",
        "ALTER TABLE operation DISABLE TRIGGER operation_kept",
        "ALTER TABLE unit_version DISABLE TRIGGER USER",
        "DROP TRIGGER row_change_kept ON row_change",
        "DROP FUNCTION refuse_change() CASCADE",
        "CREATE OR REPLACE FUNCTION current_operation() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_cannot_take_the_guards_away(world, statement):
    with as_application():
        words = refusal(statement)

    assert "must be owner" in words or "permission denied" in words


def test_the_application_may_do_all_that_the_work_needs(world):
    with as_application():
        programme = world.issue()
        held = world.assignment(world.commune)
        world.accept(world.result(held, on=world.day(1)), on=world.day(2))
        post_deltas(on=world.day(2))
        move_unit(world.north_district.unit_id, to=world.south.unit_id, decision="", scope=world.shell(on=world.day(3)))
        close_programme(programme, scope=world.scope("centre", on=world.day(4)))

    assert LedgerNow.objects.get(unit=world.south.unit_id, task__number=1).done_on_time == 1
