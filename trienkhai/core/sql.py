"""Rungs (b) and (c) of set-based writing: COPY of rows from outside, and statements kept in files.

A statement is `<app>/sql/<verb>_<noun>.sql`. Values reach it as named parameters only; no string ever enters
the text.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, migrations
from django.db.models import Model

Row = TypeVar("Row")


@cache
def statement(app: str, name: str) -> str:
    """Return the text of `<app>/sql/<name>.sql`."""
    return (Path(apps.get_app_config(app).path) / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def execute(app: str, name: str, params: Mapping[str, Any] | None = None) -> int:
    """Run one statement from its file and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement(app, name), params or {})
        return cursor.rowcount


def rows(app: str, name: str, params: Mapping[str, Any] | None = None, *, as_: type[Row]) -> list[Row]:
    """Run one statement from its file and return its rows, each as `as_(**columns)`, in the statement's order."""
    with connection.cursor() as cursor:
        cursor.execute(statement(app, name), params or {})
        names = [column.name for column in cursor.description or ()]
        return [as_(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def copy_rows(model: type[Model], columns: Sequence[str], values: Iterable[Sequence[Any]]) -> int:
    """Write rows by COPY: `columns` are field names, `values` one sequence a row. Returns how many were written."""
    fields = {field.name: field.column for field in model._meta.concrete_fields}
    names = ", ".join(connection.ops.quote_name(fields[name]) for name in columns)
    written = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)
            written += 1
    return written


def next_ids(model: type[Model], count: int) -> list[int]:
    """Reserve `count` primary keys of a table, so that rows that point to each other can be written at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, count],
        )
        return [row[0] for row in cursor.fetchall()]


def run_file(migration: str, name: str) -> migrations.RunSQL:
    """Make a migration's operation of the SQL file `name` that lies beside `migration` (its `__file__`)."""
    return migrations.RunSQL((Path(migration).parent / name).read_text(encoding="utf-8"), migrations.RunSQL.noop)
