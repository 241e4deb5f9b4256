"""Everything that changes the organisation."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from trienkhai.audit.operations import Entry, operation
from trienkhai.core.errors import BadInput, Conflict, DomainError, Problem
from trienkhai.core.sql import copy_rows, execute, next_ids
from trienkhai.organisation.models import Level, Reorganisation, Unit, UnitVersion
from trienkhai.organisation.permissions import ORGANISE
from trienkhai.organisation.rules import short_name
from trienkhai.organisation.scoping import Scope
from trienkhai.organisation.succession import companions

if TYPE_CHECKING:
    from trienkhai.organisation.readers import StructureRow

CENTRE_CODE = "TW"
CENTRE_NAME = "Trung ương"


@contextmanager
def change_of_structure(entry: Entry) -> Iterator[None]:
    """Change versions of units inside; who is under whom, and all that hangs on it, follows at the end.

    A step of an open operation. The parents of versions are checked when the block ends.
    """
    with ExitStack() as stack:
        for companion in companions:
            stack.enter_context(companion(entry))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS unit_version_parent_exists DEFERRED")
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS unit_version_parent_exists IMMEDIATE")
            cursor.execute("DELETE FROM ancestry")
        execute("organisation", "derive_ancestry")


def existing_units(*, on: date) -> dict[tuple[str, str], str]:
    """Return the units in force on a day: (level code, code) → name."""
    found = UnitVersion.objects.on(on).values_list("level__code", "code", "name")
    return {(level, code): name for level, code, name in found}


def import_structure(rows: Sequence["StructureRow"], *, scope: Scope, dry_run: bool = False) -> Counter[str]:
    """Add units as they stand from the day of the scope on; the centre is added if there is none.
    With `dry_run` everything is checked, by the database too, and nothing stays.

    `rows` come from `readers.read_structure`, parents before children. Returns how many units of each level began.
    Raises BadInput, with every line, if a unit of a code and level is there already, on that day or a later one: a
    structure that changes is a reorganisation. Raises DomainError `structure_begins_later` before the first day of the
    centre, PermissionDenied unless the scope may organise everything.
    """
    scope.require_everything(ORGANISE)
    if UnitVersion.objects.filter(level__code="central", valid__startswith__gt=scope.on).exists():
        raise DomainError(
            "structure_begins_later",
            _("The structure begins after %(day)s; units cannot begin before it.") % {"day": scope.on},
        )
    present_and_later = UnitVersion.objects.filter(valid__overlap=DateRange(scope.on, None))
    known = {(level, code): name for level, code, name in present_and_later.values_list("level__code", "code", "name")}
    problems = [
        Problem(
            _("The unit %(code)s of this level is there already as %(name)s; change it by a reorganisation.")
            % {"code": row.code, "name": known[row.level, row.code]},
            line=row.line,
            column="code",
            value=row.code,
        )
        for row in rows
        if (row.level, row.code) in known
    ]
    if problems:
        raise BadInput(_("The structure was not imported."), problems)
    with operation("organisation.import_structure", by=scope, dry_run=dry_run) as entry, change_of_structure(entry):
        began = _add_units(rows, on=scope.on)
        entry.detail = {"began": dict(began)}
    return began


def _add_units(rows: Sequence["StructureRow"], *, on: date) -> Counter[str]:
    ranks = dict(Level.objects.values_list("code", "rank"))
    units: dict[tuple[str, str], tuple[int, int]] = {
        (level, code): (unit_id, rank)
        for level, rank, code, unit_id in UnitVersion.objects.on(on).values_list(
            "level__code", "level_id", "code", "unit_id"
        )
    }
    has_centre = ("central", CENTRE_CODE) in units
    ids = next_ids(Unit, len(rows) + (not has_centre))
    copy_rows(Unit, ["id"], ((unit_id,) for unit_id in ids))
    valid = DateRange(on, None)
    began: Counter[str] = Counter()
    versions: list[tuple[Any, ...]] = []
    if not has_centre:
        centre = ids.pop()
        units["central", CENTRE_CODE] = centre, ranks["central"]
        versions.append(
            (
                centre,
                ranks["central"],
                CENTRE_CODE,
                CENTRE_NAME,
                CENTRE_NAME,
                CENTRE_NAME,
                None,
                None,
                None,
                None,
                valid,
            )
        )
        began["central"] += 1
    for unit_id, row in zip(ids, rows, strict=True):
        parent = units[row.parent_level, row.parent_code]
        units[row.level, row.code] = unit_id, ranks[row.level]
        place = (row.latitude, row.longitude)
        name = (row.kind, row.name, row.short_name or short_name(row.name, kind=row.kind))
        versions.append((unit_id, ranks[row.level], row.code, *name, *parent, *place, valid))
        began[row.level] += 1
    columns = ["unit", "level", "code", "kind", "name", "short_name", "parent", "parent_level"]
    copy_rows(UnitVersion, [*columns, "latitude", "longitude", "valid"], versions)
    return began


def move_unit(unit_id: int, *, to: int, decision: str, scope: Scope) -> Reorganisation:
    """Put a unit, with everything under it, under another one from the day of the scope on.

    What happened before that day stays where it was counted. Raises DomainError if the new parent is not above the
    unit's level, and Conflict if the unit changed meanwhile; PermissionDenied without the right at both places.
    """
    scope.require(ORGANISE, at=unit_id)
    scope.require(ORGANISE, at=to)
    present = _last_version(unit_id, on=scope.on)
    parent = _last_version(to, on=scope.on)
    if parent.level_id >= present.level_id:
        raise DomainError(
            "parent_not_above",
            _("%(parent)s is not of a higher level than %(unit)s.") % {"parent": parent.name, "unit": present.name},
        )
    with operation("organisation.move_unit", by=scope, reason=decision) as entry, change_of_structure(entry):
        done = Reorganisation.objects.create(decision=decision, day=scope.on)
        changes = {"parent_id": to, "parent_level": parent.level_id}
        _change_version(present, on=scope.on, changes=changes)
        entry.detail = {"unit": unit_id, "from": present.parent_id, "to": to}
    return done


def _last_version(unit_id: int, *, on: date) -> UnitVersion:
    version: UnitVersion | None = UnitVersion.objects.on(on).filter(unit_id=unit_id, valid__upper_inf=True).first()
    if version is None:
        raise DomainError(
            "unit_not_open",
            _("The unit does not exist on %(day)s, or a later change of it is already decided.") % {"day": on},
        )
    return version


def _change_version(present: UnitVersion, *, on: date, changes: dict[str, int]) -> None:
    unchanged = UnitVersion.objects.filter(pk=present.pk, valid=present.valid, operation=present.operation_id)
    if present.valid.lower == on:
        if unchanged.update(**changes) != 1:
            raise Conflict("changed_meanwhile", _("The unit changed meanwhile; look at it again."))
        return
    if unchanged.update(valid=DateRange(present.valid.lower, on)) != 1:
        raise Conflict("changed_meanwhile", _("The unit changed meanwhile; look at it again."))
    fields = [
        field.attname for field in UnitVersion._meta.concrete_fields if field.name not in ("id", "valid", "operation")
    ]
    values = {name: getattr(present, name) for name in fields} | changes
    UnitVersion.objects.create(valid=DateRange(on, None), **values)
