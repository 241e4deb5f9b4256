"""Everything that changes reports, reviews, due dates and the ledger."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from trienkhai.audit.operations import operation
from trienkhai.core import clock, sql
from trienkhai.core.errors import BadInput, Conflict, DomainError, Problem
from trienkhai.organisation.scoping import Scope
from trienkhai.progress.models import Extension, Report, Review, StoredFile
from trienkhai.progress.permissions import REPORT, REVIEW
from trienkhai.progress.queries import is_reviewer_of
from trienkhai.progress.rules import BATCH_LIMIT, DecisionLine, ReportLine
from trienkhai.tasks.models import Assignment, Programme, State
from trienkhai.tasks.permissions import ISSUE
from trienkhai.tasks.queries import AssignmentQuerySet

if TYPE_CHECKING:
    from trienkhai.core.files import CheckedFile


_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""The escape of NUL in JSON, after an even number of backslashes: after an odd one it is text."""


@dataclass(frozen=True, slots=True)
class _TakenLine:
    line: int
    problem: str | None
    state: str | None
    version: int | None
    report: int | None


@dataclass(frozen=True, slots=True)
class _DecidedLine:
    line: int
    problem: str | None
    state: str | None
    review: int | None


def submit_reports(lines: Sequence[ReportLine], *, scope: Scope) -> list[int]:
    """Take up to 10,000 reports, all or none; a report with `is_result` puts its assignment before the reviewer.

    Returns the ids of the reports in the order of the lines. A line whose `client_key` its author has used before
    for the same assignment is answered with the first report and written once, also when both arrive at once.
    Raises Conflict, with `yours` and `theirs`, when the only line was written against an older version; BadInput
    with every refused line otherwise: not an assignment that the scope may report on, suspended, waiting or done, a
    result without the evidence that its task demands, a closed programme, an earlier day than the last change, a key
    of a report on another assignment.
    """
    _check_size(lines)
    known = _reports_by_key(lines, author=scope.actor_id)
    while True:
        try:
            return _submit_reports(lines, known=known, scope=scope)
        except (BadInput, Conflict, IntegrityError):
            # What refuses a line may be the same line, which arrived at once and has been written by now.
            present = _reports_by_key(lines, author=scope.actor_id)
            if present == known:
                raise
            known = present


def _submit_reports(lines: Sequence[ReportLine], *, known: Mapping[tuple[str, int], int], scope: Scope) -> list[int]:
    fresh = [line for line in lines if (line.client_key, line.assignment) not in known]
    taken: list[int] = []
    if fresh:
        with operation("progress.submit_reports", by=scope) as entry:
            answers = sql.rows(
                "progress",
                "take_reports",
                {
                    "lines": _as_json(fresh),
                    "day": scope.on,
                    "author": scope.actor_id,
                    "units": scope.units(REPORT),
                    "used_keys": [key for key, _assignment in known],
                },
                as_=_TakenLine,
            )
            if any(answer.problem for answer in answers):
                raise _refusal_of_reports(answers, lines=fresh)
            taken = [answer.report for answer in answers if answer.report is not None]
            entry.detail = {"reports": len(fresh)}
    new = iter(taken)
    return [known.get((line.client_key, line.assignment)) or next(new) for line in lines]


def _reports_by_key(lines: Sequence[ReportLine], *, author: int | None) -> dict[tuple[str, int], int]:
    keys = [line.client_key for line in lines if line.client_key]
    if not keys:
        return {}
    found = Report.objects.filter(author_id=author, client_key__in=keys)
    return {
        (key, assignment): report for key, assignment, report in found.values_list("client_key", "assignment", "pk")
    }


def decide_reports(lines: Sequence[DecisionLine], *, scope: Scope) -> int:
    """Accept or return up to 10,000 reports, all or none; returns how many were decided.

    Accepting a result ends its assignment, on time or late by the day on which it was submitted; returning one,
    always with a reason, opens it again, with a new due date if the reviewer sets one.
    Raises Conflict when the only report was decided meanwhile; BadInput with every refused line otherwise: not a
    report that the scope reviews, decided already, no reason for a return, a new due date that is past or earlier than
    the present one.
    """
    _check_size(lines)
    with operation("progress.decide_reports", by=scope) as entry:
        answers = sql.rows(
            "progress",
            "decide_reports",
            {"lines": _as_json(lines), "day": scope.on, "units": scope.units(REVIEW)},
            as_=_DecidedLine,
        )
        if any(answer.problem for answer in answers):
            raise _refusal_of_decisions(answers, lines=lines)
        entry.detail = {"reports": len(lines), "accepted": sum(line.is_accepted for line in lines)}
    return len(answers)


def register_file(file: "CheckedFile", *, scope: Scope) -> StoredFile:
    """Note a file that `core.files` has checked and stored, so that reports may name it as evidence.

    The same content is noted once, whoever sends it.
    """
    with operation("progress.register_file", by=scope) as entry:
        stored, is_new = StoredFile.objects.get_or_create(
            sha256=file.sha256,
            defaults={"size": file.size, "media_type": file.media_type, "taken_on": file.taken_on},
        )
        entry.detail = {"file": file.sha256, "is_new": is_new}
    return stored


def ask_extension(assignment: Assignment, *, due: date, reason: str, scope: Scope) -> Extension:
    """Ask for a later due date, on or before the present one; until it is decided the present one counts.

    Raises DomainError `no_deadline`, `too_late_to_ask`, `not_later`, `reason_missing` or `programme_closed`; Conflict
    if the assignment changed meanwhile or a request is undecided; PermissionDenied unless the scope may report for
    the unit.
    """
    scope.require(REPORT, at=assignment.unit_id)
    _require_not_closed(assignment.programme, on=scope.on)
    if assignment.due is None:
        raise DomainError("no_deadline", _("The assignment has no due date that could be moved."))
    if scope.on > assignment.due:
        raise DomainError(
            "too_late_to_ask",
            _("An extension is asked for on or before the due date, %(due)s.") % {"due": assignment.due},
        )
    if due <= assignment.due:
        raise DomainError("not_later", _("The new date must be later than %(due)s.") % {"due": assignment.due})
    if not reason.strip():
        raise DomainError("reason_missing", _("Say why more time is needed."))
    with operation("progress.ask_extension", by=scope, reason=reason) as entry:
        unchanged = _workable([assignment.pk], on=scope.on).filter(due=assignment.due)
        undecided = Extension.objects.filter(assignment=assignment, state=Extension.State.ASKED)
        if not unchanged.select_for_update().exists() or undecided.exists():
            raise Conflict(
                "changed_meanwhile",
                _("The assignment changed meanwhile, or a request is still undecided; look at it again."),
            )
        extension: Extension = Extension.objects.create(
            assignment=assignment, old_due=assignment.due, asked_due=due, reason=reason, asked_on=scope.on
        )
        entry.detail = {"assignment": assignment.pk, "due": due.isoformat()}
    return extension


def decide_extension(extension: Extension, *, is_granted: bool, answer: str, scope: Scope) -> None:
    """Grant or refuse a later due date; a grant holds from its day and rewrites no earlier day.

    The issuer decides; the reviewer may, up to the programme's number of days. Raises Conflict if it was decided or
    the assignment changed meanwhile; DomainError `programme_closed`; PermissionDenied without the right.
    """
    assignment = Assignment.objects.select_related("programme", "task").get(pk=extension.assignment_id)
    programme = assignment.programme
    days = (extension.asked_due - extension.old_due).days
    within_reviewer = days <= programme.extension_days and is_reviewer_of(assignment, scope=scope)
    if not within_reviewer:
        scope.require(ISSUE, at=programme.issuer_id)
    _require_not_closed(programme, on=scope.on)
    with operation("progress.decide_extension", by=scope, reason=answer) as entry:
        state = Extension.State.GRANTED if is_granted else Extension.State.REFUSED
        undecided = Extension.objects.filter(pk=extension.pk, state=Extension.State.ASKED)
        decided = undecided.update(state=state, answer=answer, decided_on=scope.on)
        if decided and is_granted:
            unchanged = _workable([assignment.pk], on=scope.on).filter(due=extension.old_due)
            decided = unchanged.update(due=extension.asked_due)
        if decided != 1:
            raise Conflict("changed_meanwhile", _("The request was decided or the assignment changed meanwhile."))
        entry.detail = {"extension": extension.pk, "is_granted": is_granted}


def suspend_assignments(assignments: Sequence[int], *, reason: str, scope: Scope) -> int:
    """Stop the clock of assignments that are not yet before a reviewer; returns how many.

    All or none. Raises Conflict if one of them is not open any more or changed on a later day, DomainError without a
    reason or when its programme is closed, PermissionDenied unless the scope may issue for every programme concerned.
    """
    if not reason.strip():
        raise DomainError("reason_missing", _("Say why the work is suspended."))
    _require_right_to_change(assignments, scope=scope)
    with operation("progress.suspend_assignments", by=scope, reason=reason) as entry:
        still_open = _workable(assignments, on=scope.on)
        _require_all(still_open.update(state=State.SUSPENDED, suspended_on=scope.on), assignments)
        entry.detail = {"assignments": len(assignments)}
    return len(assignments)


def resume_assignments(assignments: Sequence[int], *, scope: Scope) -> int:
    """Let suspended assignments go on; each due date moves by the days of its suspension. Returns how many.

    All or none. Raises Conflict if one of them is not suspended, DomainError when its programme is closed,
    PermissionDenied as for suspending.
    """
    _require_right_to_change(assignments, scope=scope)
    with operation("progress.resume_assignments", by=scope) as entry:
        parameters = {"assignments": list(assignments), "day": scope.on}
        _require_all(sql.execute("progress", "resume_assignments", parameters), assignments)
        entry.detail = {"assignments": len(assignments)}
    return len(assignments)


def cancel_assignments(assignments: Sequence[int], *, reason: str, scope: Scope) -> int:
    """Take assignments that are not done out of the count, with a reason; they stay listed. Returns how many.

    All or none. Raises Conflict, DomainError and PermissionDenied as for suspending.
    """
    if not reason.strip():
        raise DomainError("reason_missing", _("Say why the assignment is cancelled."))
    _require_right_to_change(assignments, scope=scope)
    with operation("progress.cancel_assignments", by=scope, reason=reason) as entry:
        still_open = _changeable(assignments, on=scope.on).filter(
            state__in=[State.NOT_STARTED, State.IN_PROGRESS, State.SUSPENDED]
        )
        _require_all(still_open.update(state=State.CANCELLED, suspended_on=None), assignments)
        entry.detail = {"assignments": len(assignments)}
    return len(assignments)


@dataclass(frozen=True, slots=True)
class Posted:
    """One round of the poster: how many deltas it carried, and the number of the last event it told of."""

    posted: int
    last_event: int | None


def post_deltas(*, on: date) -> Posted:
    """Carry what changed to everyone above, tell the watchers, and return what was done.

    No operation: the ledger is derived from what operations changed. One NOTIFY a round, on the channel `live`.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT lock_ledger()")
        (round_,) = sql.rows("progress", "post_deltas", {"now": clock.now(), "today": on}, as_=Posted)
        if round_.last_event is not None:
            cursor.execute("SELECT pg_notify('live', %s)", [str(round_.last_event)])
    return round_


def recount_ledger(*, scope: Scope) -> None:
    """Make the ledger anew from the assignments and their past; for when `trienkhai check` finds that they differ.

    Whoever changes an assignment waits meanwhile. Raises PermissionDenied unless the scope may do everything.
    """
    scope.require_everything(ISSUE)
    with operation("progress.recount_ledger", by=scope), connection.cursor() as cursor:
        cursor.execute("LOCK assignment IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SELECT lock_ledger()")
        cursor.execute("DELETE FROM ledger_delta")
        cursor.execute("DELETE FROM ledger")
        cursor.execute("DELETE FROM ledger_now")
        # To a ledger without entries every line of the ancestry is new.
        cursor.execute(
            "CREATE TEMPORARY TABLE ancestry_before ON COMMIT DROP AS"
            " SELECT ancestor_id, descendant_id, valid FROM ancestry WITH NO DATA"
        )
        sql.execute("progress", "repost_ledger")
        cursor.execute("DROP TABLE ancestry_before")


def _check_size(lines: Sequence[Any]) -> None:
    if not 1 <= len(lines) <= BATCH_LIMIT:
        raise DomainError(
            "batch_size",
            _("A batch holds 1 to %(limit)s lines; this one holds %(number)s.")
            % {"limit": BATCH_LIMIT, "number": len(lines)},
        )


def _as_json(lines: Sequence[ReportLine | DecisionLine]) -> str:
    values = []
    for place, line in enumerate(lines, start=1):
        value = asdict(line) | {"line": place}
        if isinstance(line, ReportLine):
            value["indicator_values"] = value.pop("values")
            value["period_from"], value["period_to"] = line.period or (None, None)
        values.append(value)
    # NUL cannot be stored as text; a reader would not see it either.
    return _NUL.sub(r"\1", json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False))


def _changeable(assignments: Sequence[int], *, on: date) -> AssignmentQuerySet:
    changeable: AssignmentQuerySet = Assignment.objects.filter(pk__in=assignments, since__lte=on)
    return changeable


def _workable(assignments: Sequence[int], *, on: date) -> AssignmentQuerySet:
    return _changeable(assignments, on=on).filter(state__in=[State.NOT_STARTED, State.IN_PROGRESS])


def _require_right_to_change(assignments: Sequence[int], *, scope: Scope) -> None:
    concerned = Assignment.objects.filter(pk__in=assignments)
    for programme in Programme.objects.filter(pk__in=concerned.values("programme")):
        scope.require(ISSUE, at=programme.issuer_id)
        _require_not_closed(programme, on=scope.on)


def _require_not_closed(programme: Programme, *, on: date) -> None:
    if programme.is_closed(on=on):
        raise DomainError("programme_closed", _("The programme is closed; nothing of it changes any more."))


def _require_all(touched: int, assignments: Sequence[int]) -> None:
    if touched != len(set(assignments)):
        raise Conflict(
            "changed_meanwhile", _("One of the assignments changed meanwhile; nothing was done. Look at them again.")
        )


def _refusal_of_reports(answers: Sequence[_TakenLine], *, lines: Sequence[ReportLine]) -> DomainError:
    sentences = {
        "unknown": _("there is no such assignment among those that you may report on"),
        "twice": _("the batch reports on this assignment more than once"),
        "changed_meanwhile": _("the assignment changed meanwhile"),
        "waiting": _("a result of it already waits for review"),
        "done": _("it is already accepted as done"),
        "suspended": _("it is suspended"),
        "cancelled": _("it is cancelled"),
        "handed_over": _("it was handed over"),
        "merged": _("it was merged into another one"),
        "programme_closed": _("its programme is closed"),
        "before_last_change": _("it changed on a later day than that of this report"),
        "entered_later": _("its day of entry lies after its arrival"),
        "progress_out_of_range": _("progress is a number from 0 to 100"),
        "period_out_of_range": _("its period ends before it begins"),
        "key_twice": _("another report of the batch has the same key"),
        "key_used": _("an earlier report, on another assignment, has the same key"),
        "evidence_missing": _("its product demands evidence; add at least one file"),
        "evidence_unknown": _("a file that it names was not uploaded"),
        "indicator_unknown": _("a value does not fit the indicators of its task"),
    }
    if len(answers) == 1 and answers[0].problem == "changed_meanwhile":
        (answer,), (line,) = answers, lines
        return Conflict(
            "changed_meanwhile",
            _("Somebody changed this assignment meanwhile. Look at what it is now, then send your report again."),
            yours=asdict(line),
            theirs={"state": answer.state, "version": answer.version} | _last_report(line.assignment),
        )
    problems = [
        Problem(sentences[answer.problem], line=line.line, column=answer.problem)
        for answer, line in zip(answers, lines, strict=True)
        if answer.problem
    ]
    return BadInput(_("No report was taken."), problems)


def _last_report(assignment: int) -> dict[str, Any]:
    last = Report.objects.filter(assignment=assignment).order_by("-pk").values("progress", "text", "difficulties")
    return last.first() or {}


def _refusal_of_decisions(answers: Sequence[_DecidedLine], *, lines: Sequence[DecisionLine]) -> DomainError:
    sentences = {
        "unknown": _("there is no such report among those that you review"),
        "twice": _("the batch decides on this report, or on two results of one assignment, more than once"),
        "changed_meanwhile": _("it was decided meanwhile"),
        "programme_closed": _("its programme is closed"),
        "before_last_change": _("its assignment changed on a later day than that of this decision"),
        "reason_missing": _("a return needs a reason"),
        "new_due_out_of_range": _(
            "a new due date goes with the return of a result, and is neither past nor earlier than the present one"
        ),
    }
    not_waiting = _("its assignment does not wait for a decision any more")
    if len(answers) == 1 and answers[0].problem == "changed_meanwhile":
        (answer,), (line,) = answers, lines
        return Conflict(
            "changed_meanwhile",
            _("Somebody decided on this report meanwhile."),
            yours=asdict(line),
            theirs={"state": answer.state} | Review.objects.values("reason", "new_due").get(report=line.report),
        )
    problems = [
        Problem(sentences.get(answer.problem, not_waiting), line=line.line, column=answer.problem)
        for answer, line in zip(answers, lines, strict=True)
        if answer.problem
    ]
    return BadInput(_("No decision was taken."), problems)
