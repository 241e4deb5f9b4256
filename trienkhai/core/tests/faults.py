"""Planting faults that the database would refuse, for the checks to find. Nothing of it outlives its test."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from trienkhai.core.integrity import Finding, checks


def found_by(name: str, *, on: date) -> list[Finding]:
    """Return what one check finds."""
    (check,) = (check for check in checks() if check.name == name)
    return list(check.findings(on=on))


def plant(statement: str, values: Sequence[Any] = (), *, into: str, without: Sequence[str] = ()) -> None:
    """Run a statement on the table `into` with its triggers off, and `without` these constraints or indexes of it."""
    with connection.cursor() as cursor:
        # A table with events that wait for the end of the transaction cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for rule in without:
            cursor.execute(f"ALTER TABLE {into} DROP CONSTRAINT IF EXISTS {rule}")
            cursor.execute(f"DROP INDEX IF EXISTS {rule}")
        cursor.execute(f"ALTER TABLE {into} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {into} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
