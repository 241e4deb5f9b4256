"""What the paths stand on: a throw-away server, databases of their own, an organisation and a programme."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import django
import psycopg
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from trienkhai.config import environment
from trienkhai.config.instance import as_owner
from trienkhai.core import embedded
from trienkhai.core.tables import read_tables

if TYPE_CHECKING:
    from trienkhai.organisation.models import UnitVersion
    from trienkhai.organisation.readers import StructureRow
    from trienkhai.organisation.scoping import Scope
    from trienkhai.tasks.models import Programme
    from trienkhai.tasks.readers import TaskRow

DAY: Final = date(2021, 3, 12)
"""The day on which the structure begins and the programme is issued."""

LATER: Final = DAY + timedelta(days=10)
"""The day on which units report, and which is today."""

DATA: Final = environment.CHECKOUT / "trienkhai/demo/data"
LEVELS: Final = ("province", "district", "commune", "cell")
GROWN: Final = (63, 705, 10_599, 118_632)
"""How many units of each level make a country of 130,000 with its centre."""


@contextmanager
def server() -> Iterator[None]:
    """Run a new server with the guarantees of a lasting one and set Django up on it, as the application's role."""
    with embedded.throw_away(durable=True) as cluster, tempfile.TemporaryDirectory(prefix="trienkhai-") as files:
        for name in [name for name in os.environ if name.startswith((environment.PREFIX, "DATABASE_"))]:
            del os.environ[name]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "trienkhai.config.settings",
            "DATABASE_URL": cluster.url(),
            "DATABASE_OWNER_URL": cluster.url(embedded.OWNER),
            "TRIENKHAI_SECRET_KEY": secrets.token_urlsafe(48),
            "TRIENKHAI_HOSTS": "127.0.0.1",
            "TRIENKHAI_HTTPS": "no",
            "TRIENKHAI_TODAY": LATER.isoformat(),
            "TRIENKHAI_FILES": f"{files}/files",
            "TRIENKHAI_STATIC": f"{files}/static",
        }
        django.setup()
        call_command("collectstatic", verbosity=0, interactive=False)
        try:
            yield
        finally:
            connections.close_all()


@contextmanager
def owner(*, database: str = "") -> Iterator[psycopg.Connection[Any]]:
    """Connect as the role that owns the tables, to the database of the moment or to another one."""
    address = environment.secret("DATABASE_OWNER_URL")
    name = database or connection.settings_dict["NAME"]
    with psycopg.connect(address, dbname=name, autocommit=True) as connected:
        yield connected


@contextmanager
def connected_to(database: str) -> Iterator[None]:
    """Let Django work on another database of the server for the time of the block."""
    kept = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = kept


@contextmanager
def made_database(*, like: str = "") -> Iterator[str]:
    """Make a database, empty but for its tables or a copy of another one, and drop it after the block."""
    name = f"measured_{secrets.token_hex(4)}"
    made, template = sql.Identifier(name), sql.Identifier(like or "template1")
    with owner(database="postgres") as maker:
        maker.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(made, template))
        try:
            if not like:
                with connected_to(name), as_owner():
                    call_command("migrate", verbosity=0)
            yield name
        finally:
            maker.execute(sql.SQL("DROP DATABASE {}").format(made))


@dataclass(frozen=True, slots=True)
class Ground:
    """A database with an organisation and a programme of its centre, issued to it."""

    database: str
    centre: "UnitVersion"
    programme: "Programme"
    scope: "Scope"

    @contextmanager
    def copied(self) -> Iterator["Ground"]:
        """Work on a copy for the time of the block, so that no path finds what another has left."""
        with made_database(like=self.database) as name, connected_to(name):
            yield replace(self, database=name)

    def issue(self) -> int:
        """Issue the programme to whoever does not hold it; returns how many assignments began."""
        from trienkhai.tasks.operations import issue_programme

        return issue_programme(self.programme, scope=self.scope)


class Grounds:
    """The grounds that paths ask for, each made when it is first asked for and kept until the block ends.

    `nation` is the structure of the year's programme, `grown` a larger one; toy sizes do for a test.
    """

    def __init__(self, *, nation: "Sequence[StructureRow]", grown: "Sequence[StructureRow]") -> None:
        self._nation, self._grown = nation, grown
        self._stack = ExitStack()

    def __enter__(self) -> "Grounds":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stack.close()

    @cached_property
    def nation(self) -> Ground:
        """Return the nation with the year's programme."""
        return self._make(self._nation, annex())

    @cached_property
    def small(self) -> Ground:
        """Return the nation with a programme for every unit of every level."""
        return self._make(self._nation, [for_everybody(row) for row in annex()[:3]])

    @cached_property
    def large(self) -> Ground:
        """Return the larger country with the same programme for everybody."""
        return self._make(self._grown, [for_everybody(row) for row in annex()[:3]])

    def _make(self, units: "Sequence[StructureRow]", tasks: "Sequence[TaskRow]") -> Ground:
        from trienkhai.audit.models import Source
        from trienkhai.organisation.models import UnitVersion
        from trienkhai.organisation.operations import CENTRE_CODE, import_structure
        from trienkhai.organisation.scoping import Scope
        from trienkhai.tasks.operations import import_programme

        name = self._stack.enter_context(made_database())
        scope = Scope.system("measure", on=DAY, source=Source.SHELL)
        with connected_to(name):
            import_structure(units, scope=scope)
            centre = UnitVersion.objects.by_code(CENTRE_CODE, on=DAY)
            programme = import_programme(
                tasks, title="Chương trình", document="Kế hoạch", issuer_id=centre.unit_id, scope=scope
            )
            analyze()
            ground = Ground(name, centre, programme, scope)
            ground.issue()
            analyze()
        return ground


def real_structure() -> "tuple[StructureRow, ...]":
    """Return the provinces, districts and communes of Viet Nam on 12 March 2021."""
    from trienkhai.organisation.readers import read_structure

    return read_structure(_tables("units-2021-03-12.csv"), levels=("central", *LEVELS)).rows


def country(shape: Sequence[int]) -> "list[StructureRow]":
    """Make a country up, with so many units of each level, spread evenly over the units above."""
    from trienkhai.organisation.readers import StructureRow

    rows: list[StructureRow] = []
    above, parents = "central", ["TW"]
    for level, number in zip(LEVELS, shape, strict=False):
        codes = [str(place) for place in range(1, number + 1)]
        rows += [
            StructureRow(
                line=len(rows) + place,
                code=code,
                level=level,
                parent_code=parents[(place - 1) * len(parents) // number],
                kind=level,
                name=f"{level} {code}",
                short_name=code,
                latitude=None,
                longitude=None,
                parent_level=above,
            )
            for place, code in enumerate(codes, start=1)
        ]
        above, parents = level, codes
    return rows


def annex() -> "list[TaskRow]":
    """Return the 15 tasks of the demonstration's programme."""
    from trienkhai.tasks.readers import read_annex

    return list(read_annex(_tables("programme-2021.csv")))


def for_everybody(row: "TaskRow") -> "TaskRow":
    """Return the task, addressed to every unit of every level under the centre."""
    from trienkhai.tasks.readers import AddresseeText

    named = {"kind": "", "under": "", "unit": "", "is_exception": False}
    return replace(row, lead=tuple(AddresseeText(level=level, source=level, **named) for level in LEVELS))


def _tables(name: str) -> Any:
    return read_tables(DATA / name, name=name)


def analyze() -> None:
    """Let the planner know what has come, and mark its pages as visible; the server would do so a minute later."""
    with owner() as connected:
        connected.execute("VACUUM (ANALYZE)")


@contextmanager
def twin_tables(*names: str, filled: Sequence[str] = ()) -> Iterator[psycopg.Connection[Any]]:
    """Make these tables once more, without triggers, in the schema `twin`; give a connection of the application's role.

    They have the columns, keys, checks and indexes of the real ones and begin empty, or as copies where `filled`
    names them.
    """
    with owner() as maker:
        maker.execute("CREATE SCHEMA twin; GRANT USAGE ON SCHEMA twin TO PUBLIC")
        for name in names:
            maker.execute(sql.SQL("CREATE TABLE twin.{0} (LIKE public.{0} INCLUDING ALL)").format(sql.Identifier(name)))
        keys = maker.execute(
            "SELECT relname, pg_get_constraintdef(pg_constraint.oid)"
            " FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
            " WHERE connamespace = 'public'::regnamespace AND contype = 'f' AND relname = ANY (%s)",
            [list(names)],
        ).fetchall()
        # Where a key points to one of these tables, it now means the twin's.
        maker.execute("SET search_path TO twin, public")
        for name, key in keys:
            maker.execute(sql.SQL("ALTER TABLE {} ADD ").format(sql.Identifier(name)) + sql.SQL(key))
        for name in filled:
            fill(maker, name)
        maker.execute("VACUUM (ANALYZE)")
    with plain() as connected:
        yield connected


def fill(maker: psycopg.Connection[Any], name: str) -> None:
    """Copy the rows of a table to its twin."""
    columns = sql.SQL(", ").join(
        sql.Identifier(column)
        for (column,) in maker.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = format('public.%%I', %s::text)::regclass"
            " AND attnum > 0 AND attgenerated = '' AND NOT attisdropped ORDER BY attnum",
            [name],
        )
    )
    maker.execute(
        sql.SQL("INSERT INTO twin.{0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM public.{0}").format(
            sql.Identifier(name), columns
        )
    )


@contextmanager
def plain() -> Iterator[psycopg.Connection[Any]]:
    """Connect as the application does, but by psycopg alone; each statement commits unless a transaction is opened."""
    settings = connection.settings_dict
    given = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    target = {name: settings[key] for name, key in given.items() if settings[key]}
    with psycopg.connect(**target, autocommit=True) as connected:
        yield connected
