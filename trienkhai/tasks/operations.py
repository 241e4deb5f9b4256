"""Everything that changes programmes, tasks and who holds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from trienkhai.audit.operations import Entry, operation
from trienkhai.core.errors import BadInput, Conflict, DomainError, Problem
from trienkhai.core.sql import execute
from trienkhai.organisation.models import Ancestry, Level, UnitVersion
from trienkhai.organisation.scoping import Scope
from trienkhai.tasks.models import AddresseeTerm, Assignment, Indicator, Programme, Task
from trienkhai.tasks.permissions import DERIVE, ISSUE
from trienkhai.tasks.queries import preview_programme
from trienkhai.tasks.rules import Addressee, TaskPreview

if TYPE_CHECKING:
    from trienkhai.tasks.readers import AddresseeText, TaskRow


def import_programme(
    rows: Sequence["TaskRow"],
    *,
    title: str,
    document: str,
    issuer_id: int,
    scope: Scope,
    number: int | None = None,
    dry_run: bool = False,
) -> Programme:
    """Make a draft programme of the rows of an annex of assignments.

    `rows` come from `readers.read_annex`; `number` is the next free one unless given. Missing clears do not stop a
    draft; they stop its issue. With `dry_run` everything is checked and nothing stays.
    Raises BadInput, listing every name of a unit that nobody or several bear on the day of the scope; DomainError
    `number_taken`; PermissionDenied unless the scope may issue for the issuer.
    """
    scope.require(ISSUE, at=issuer_id)
    addressees, monitors = _resolve_addressees(rows, on=scope.on)
    with operation("tasks.import_programme", by=scope, dry_run=dry_run) as entry:
        _hold_numbers(entry)
        if number is None:
            number = (Programme.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        elif Programme.objects.filter(number=number).exists():
            raise DomainError("number_taken", _("There is a programme %(number)s already.") % {"number": number})
        programme = Programme.objects.create(number=number, title=title, document=document, issuer_id=issuer_id)
        for row in rows:
            task = Task(
                programme=programme,
                number=row.number,
                group=row.group,
                title=row.title,
                due=row.due,
                has_no_deadline=row.no_deadline,
                product=row.product,
                acceptance_test=row.acceptance_test,
                authority=row.authority,
                monitor_id=monitors.get(row.number),
                demands_evidence=row.evidence_required,
                reporting_period=row.reporting_period,
            )
            _write_task(entry, task, addressees[row.number])
            if row.indicator:
                Indicator.objects.create(
                    task=task,
                    name=row.indicator.name,
                    measure=row.indicator.measure,
                    target=row.indicator.target,
                    over_units=row.indicator.over_units,
                    over_time=row.indicator.over_time,
                )
        entry.detail = {"programme": programme.pk, "number": number, "tasks": len(rows)}
    return programme


def issue_programme(programme: Programme, *, scope: Scope) -> int:
    """Hand every task of the programme to every unit that its addressees name on the day of the scope.

    Returns how many assignments began; issuing again adds only what is missing, and no task whose due date is past.
    Raises BadInput, naming for each task what is missing, that it is due before its issue or that it reaches nobody;
    DomainError `programme_closed`; PermissionDenied unless the scope may issue for the issuer.
    """
    scope.require(ISSUE, at=programme.issuer_id)
    if programme.is_closed(on=scope.on):
        raise DomainError("programme_closed", _("The programme is closed; nothing more is issued."))
    preview = preview_programme(programme, on=scope.on)
    reasons = list(_reasons_not_to_issue(preview))
    if reasons or not preview:
        raise BadInput(_("The programme cannot be issued yet."), reasons or [Problem(_("It has no task."))])
    with operation("tasks.issue_programme", by=scope) as entry:
        Programme.objects.filter(pk=programme.pk, issued_on=None).update(issued_on=scope.on)
        began = execute("tasks", "issue_programme", {"programme": programme.pk, "day": scope.on})
        entry.detail = {"programme": programme.pk, "assignments": began}
    programme.refresh_from_db()
    return began


def close_programme(programme: Programme, *, scope: Scope) -> None:
    """Close the programme at the end of the day of the scope: after it nothing moves and nothing becomes later.

    Raises Conflict if it is closed already; PermissionDenied unless the scope may issue for the issuer.
    """
    scope.require(ISSUE, at=programme.issuer_id)
    with operation("tasks.close_programme", by=scope) as entry:
        open_ones = Programme.objects.filter(pk=programme.pk, closed_on=None, issued_on__lte=scope.on)
        if open_ones.update(closed_on=scope.on) != 1:
            raise Conflict("changed_meanwhile", _("The programme is not open any more."))
        entry.detail = {"programme": programme.pk}


def derive_task(
    assignment: Assignment, *, task: Task, addressees: Sequence[Addressee], scope: Scope, programme_title: str = ""
) -> Task:
    """Make a task concrete for the units under the unit that holds it, and issue it to them at once.

    `task` is unsaved and says the six clears; it joins the unit's own programme, which begins with its first task.
    Raises BadInput if a clear is missing, an addressee is not under the unit, it reaches nobody there, it is due before
    the day of the scope or later than the assignment; Conflict if the assignment is not open any more; DomainError
    `programme_closed`; PermissionDenied without the right at the unit.
    """
    scope.require(DERIVE, at=assignment.unit_id)
    if assignment.programme.is_closed(on=scope.on):
        raise DomainError("programme_closed", _("The programme is closed; nothing more is issued."))
    if reasons := list(_reasons_not_to_derive(assignment, task, addressees, on=scope.on)):
        raise BadInput(_("The task cannot be issued yet."), reasons)
    with operation("tasks.derive_task", by=scope) as entry:
        still_open = Assignment.objects.open().filter(pk=assignment.pk, unit=assignment.unit_id)
        if not still_open.select_for_update(of=("self",)).exists():
            raise Conflict("changed_meanwhile", _("The assignment is not open any more."))
        _hold_numbers(entry)
        programme = Programme.objects.filter(
            issuer_id=assignment.unit_id, tasks__derives_from__programme=assignment.programme_id, closed_on=None
        ).first() or Programme.objects.create(
            number=(Programme.objects.aggregate(last=Max("number"))["last"] or 0) + 1,
            title=programme_title or assignment.programme.title,
            document=assignment.programme.document,
            issuer_id=assignment.unit_id,
            issued_on=scope.on,
            due_soon_days=assignment.programme.due_soon_days,
        )
        task.programme = programme
        task.derives_from_id = assignment.task_id
        task.number = (programme.tasks.aggregate(last=Max("number"))["last"] or 0) + 1
        _write_task(entry, task, addressees)
        preview = [row for row in preview_programme(programme, on=scope.on) if row.number == task.number]
        reasons = list(_reasons_not_to_issue(preview))
        if reasons:
            raise BadInput(_("The task cannot be issued yet."), reasons)
        began = execute("tasks", "issue_programme", {"programme": programme.pk, "day": scope.on})
        entry.detail = {"task": task.pk, "derives_from": assignment.task_id, "assignments": began}
    return task


def _hold_numbers(entry: Entry) -> None:
    """Let nobody else number a programme, or a task of one, until the operation ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK programme IN SHARE ROW EXCLUSIVE MODE")


def _write_task(entry: Entry, task: Task, addressees: Sequence[Addressee]) -> None:
    task.save(force_insert=True)
    AddresseeTerm.objects.bulk_create(
        AddresseeTerm(
            task=task,
            role=term.role,
            level_id=term.level,
            kind=term.kind,
            under_id=term.under,
            unit_id=term.unit,
            is_exception=term.is_exception,
        )
        for term in addressees
    )


def _reasons_not_to_derive(
    assignment: Assignment, task: Task, addressees: Sequence[Addressee], *, on: date
) -> Iterator[Problem]:
    if assignment.due and (task.due is None or task.due > assignment.due):
        reason = _("It must be due by %(day)s, when the task above is.") % {"day": assignment.due}
        yield Problem(reason, column="due")
    if task.due and task.due < on:
        yield Problem(_("It cannot be due before %(day)s, its day of issue.") % {"day": on}, column="due")
    if task.due and task.has_no_deadline:
        yield Problem(_("A task has a due date or says that it has none, not both."), column="due")
    named = {term.unit for term in addressees if term.unit}
    lines = Ancestry.objects.on(on).structure().filter(ancestor_id=assignment.unit_id, depth__gt=0)
    below = set(lines.filter(descendant_id__in=named).values_list("descendant_id", flat=True))
    for unit in sorted(named - below):
        yield Problem(
            _("There is no unit %(unit)s below the one that makes the task concrete.") % {"unit": unit},
            column="who",
            value=str(unit),
        )


def _reasons_not_to_issue(preview: Sequence[TaskPreview]) -> Iterator[Problem]:
    clears = {
        "who": _("it does not say who leads"),
        "what": _("it does not say what is to be done"),
        "when": _("it has neither a due date nor the words “no deadline”"),
        "authority": _("it does not say which decision orders it"),
        "product": _("it does not say what is delivered and how that is accepted"),
    }
    for task in preview:
        for clear in task.missing_clears:
            sentence = _("Task %(number)s: %(reason)s.") % {"number": task.number, "reason": clears[clear]}
            yield Problem(sentence, line=task.number, column=clear, value=task.title)
        if task.is_due_before_issue:
            yield Problem(
                _("Task %(number)s: it is due before the day of issue.") % {"number": task.number},
                line=task.number,
                column="due",
                value=task.title,
            )
        if not sum(task.units.values()):
            yield Problem(
                _("Task %(number)s: its addressees reach nobody on that day.") % {"number": task.number},
                line=task.number,
                column="who",
                value=task.title,
            )


@dataclass(frozen=True, slots=True)
class _Names:
    """The units of a day, by code and by name, and the levels."""

    units: dict[str, list[int]]
    ranks: dict[str, int]


def _resolve_addressees(rows: Sequence["TaskRow"], *, on: date) -> tuple[dict[int, list[Addressee]], dict[int, int]]:
    names = _names_of(rows, on=on)
    problems: list[Problem] = []
    addressees: dict[int, list[Addressee]] = {}
    monitors: dict[int, int] = {}

    def unit(text: str, row: "TaskRow", column: str) -> int | None:
        found = names.units.get(text.casefold(), []) if text else []
        if text and len(found) != 1:
            many = _("several units bear this name; write the code instead")
            none = _("no unit bears this name or code on that day")
            problems.append(Problem(many if found else none, line=row.line, sheet=row.sheet, column=column, value=text))
        return found[0] if len(found) == 1 else None

    def term(text: "AddresseeText", row: "TaskRow", role: str, column: str) -> Addressee:
        if text.level and text.level not in names.ranks:
            problems.append(
                Problem(_("there is no such level"), line=row.line, sheet=row.sheet, column=column, value=text.source)
            )
        return Addressee(
            role=role,
            level=names.ranks.get(text.level),
            kind=text.kind,
            under=unit(text.under, row, column),
            unit=unit(text.unit, row, column),
            is_exception=text.is_exception,
        )

    for row in rows:
        addressees[row.number] = [term(text, row, "lead", _("Lead")) for text in row.lead] + [
            term(text, row, "coordinating", _("Coordinating")) for text in row.coordinators
        ]
        if row.monitor and (monitor := unit(row.monitor, row, _("Monitor"))):
            monitors[row.number] = monitor
    if problems:
        raise BadInput(_("The programme was not imported."), problems)
    return addressees, monitors


def _names_of(rows: Sequence["TaskRow"], *, on: date) -> _Names:
    wanted = {row.monitor for row in rows} | {
        name for row in rows for text in (*row.lead, *row.coordinators) for name in (text.under, text.unit)
    }
    units: dict[str, list[int]] = {}
    if wanted - {""}:
        versions = UnitVersion.objects.on(on).filter_names(wanted - {""})
        for unit_id, code, name, short_name in versions.values_list("unit_id", "code", "name", "short_name"):
            for key in {code.casefold(), name.casefold(), short_name.casefold()} - {""}:
                units.setdefault(key, []).append(unit_id)
    return _Names(units=units, ranks=dict(Level.objects.values_list("code", "rank")))
