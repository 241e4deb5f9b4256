"""One assignment by the API: what it is, its history, and the tasks that make it concrete."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status

from trienkhai.core.errors import DomainError
from trienkhai.organisation.models import Level
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import list_changes, readable_assignments, reviewer_of
from trienkhai.progress.schemas import AssignmentOut, ChangeOut, DerivedTaskIn, DerivedTaskOut
from trienkhai.tasks.models import Assignment, Task
from trienkhai.tasks.operations import derive_task
from trienkhai.tasks.rules import Addressee

router = Router()


@router.get("/assignments/{int:assignment_id}", response=AssignmentOut, operation_id="get_assignment")
def get_assignment(request: ScopedRequest, assignment_id: int) -> dict[str, Any]:
    """Return an assignment as it is now, with its reports, their evidence and what was decided on them."""
    readable = readable_assignments(request.scope).with_standing(on=request.scope.on)
    held = get_object_or_404(readable.select_related("task", "programme"), pk=assignment_id)
    return {
        "id": held.pk,
        "unit_id": held.unit_id,
        "programme": held.programme.number,
        "task": held.task.number,
        "role": held.role,
        "part": held.part,
        "state": held.state,
        "standing": held.standing or held.state,
        "due": held.due,
        "original_due": held.original_due,
        "submitted_on": held.submitted_on,
        "progress": held.progress,
        "since": held.since,
        "version": held.version,
        "reviewer_id": reviewer_of(held, on=request.scope.on),
        "reports": [_report(report) for report in held.reports.with_proof().order_by("-pk")],
    }


@router.get("/assignments/{int:assignment_id}/history", response=list[ChangeOut], operation_id="get_assignment_history")
def get_history(request: ScopedRequest, assignment_id: int) -> Any:
    """Return what each operation did to an assignment and its reports, in the order in which it was recorded."""
    held = get_object_or_404(readable_assignments(request.scope), pk=assignment_id)
    return list_changes(held.pk)


@router.post("/assignments/{int:assignment_id}:derive", response={201: DerivedTaskOut}, operation_id="derive_task")
def derive(request: ScopedRequest, assignment_id: int, task: DerivedTaskIn) -> Status:
    """Make an assignment concrete for units below the one that holds it, and issue that to them at once."""
    readable = readable_assignments(request.scope).select_related("programme", "task")
    held: Assignment = get_object_or_404(readable, pk=assignment_id)
    addressees = [Addressee(unit=unit, under=held.unit_id) for unit in task.lead.units]
    if task.lead.level:
        level = Level.objects.filter(code=task.lead.level).first()
        if level is None:
            raise DomainError("level_unknown", _("There is no level called %(level)s.") % {"level": task.lead.level})
        addressees.append(Addressee(level=level.pk, under=held.unit_id))
    made = derive_task(
        held,
        task=Task(**task.model_dump(exclude={"lead"})),
        addressees=addressees,
        scope=request.scope,
    )
    return Status(201, {"programme": made.programme.number, "task": made.number})


def _report(report: Any) -> dict[str, Any]:
    fields = ("id", "assignment_id", "is_result", "state", "progress", "text", "difficulties", "day", "entered_on")
    return {name: getattr(report, name) for name in fields} | {
        "values": list(report.values.all()),
        "evidence": [
            {
                "id": proof.pk,
                "name": proof.name,
                "file_id": proof.file_id,
                "size": proof.file.size,
                "media_type": proof.file.media_type,
                "taken_on": proof.file.taken_on,
            }
            for proof in report.evidence.all()
        ],
        "review": getattr(report, "review", None),
    }
