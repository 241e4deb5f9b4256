"""What the ledger does when the structure changes: earlier days keep their figures, later ones follow."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from trienkhai.audit.operations import Entry
from trienkhai.core import clock
from trienkhai.core.sql import execute, rows
from trienkhai.progress.operations import Posted


@contextmanager
def keep_ledger_in_step(entry: Entry) -> Iterator[None]:
    """Hold every writer of assignments off, post what is open by the old structure, and repost what changes.

    A step: runs inside the operation that changes the structure.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK assignment IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT lock_ledger()")
        rows("progress", "post_deltas", {"now": clock.now(), "today": entry.day}, as_=Posted)
        cursor.execute(
            "CREATE TEMPORARY TABLE ancestry_before ON COMMIT DROP AS"
            " SELECT ancestor_id, descendant_id, valid FROM ancestry"
        )
    yield
    execute("progress", "repost_ledger")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE ancestry_before")
