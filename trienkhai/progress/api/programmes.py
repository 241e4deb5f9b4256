"""Programmes by the API: read, import, preview, issue, close."""

from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from trienkhai.core.tables import read_tables
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.queries import programmes_within
from trienkhai.tasks.models import Programme
from trienkhai.tasks.operations import close_programme, import_programme, issue_programme
from trienkhai.tasks.permissions import ISSUE
from trienkhai.tasks.queries import preview_programme
from trienkhai.tasks.readers import read_annex, unread_headings
from trienkhai.tasks.schemas import (
    ImportedProgrammeOut,
    IssuedOut,
    ProgrammeDetailOut,
    ProgrammeOut,
    TaskPreviewOut,
)

router = Router()

_TASK_FIELDS = (
    "id",
    "number",
    "group",
    "title",
    "due",
    "has_no_deadline",
    "product",
    "acceptance_test",
    "authority",
    "monitor_id",
    "demands_evidence",
    "reporting_period",
)


@router.get("/programmes", response=list[ProgrammeOut], operation_id="list_programmes")
def list_programmes(request: ScopedRequest) -> Any:
    """List the programmes that reach what the token may read, and the drafts that it may issue, the latest first."""
    return programmes_within(request.scope)


@router.get("/programmes/{int:number}", response=ProgrammeDetailOut, operation_id="get_programme")
def get_programme(request: ScopedRequest, number: int) -> dict[str, Any]:
    """Return a programme with its tasks."""
    programme = programme_or_404(request, number)
    tasks = programme.tasks.prefetch_related("indicators").order_by("number")
    fields = ("number", "title", "document", "issuer_id", "issued_on", "closed_on", "due_soon_days")
    return {name: getattr(programme, name) for name in fields} | {
        "tasks": [
            {name: getattr(task, name) for name in _TASK_FIELDS}
            | {"derives_from": task.derives_from_id, "indicators": list(task.indicators.all())}
            for task in tasks
        ]
    }


@router.get("/programmes/{int:number}/preview", response=list[TaskPreviewOut], operation_id="preview_programme")
def preview(request: ScopedRequest, number: int) -> Any:
    """Say for each task how many units it would reach today, and what it lacks before it can be issued."""
    return preview_programme(programme_or_404(request, number), on=request.scope.on)


@router.post("/programmes:import", response={201: ImportedProgrammeOut}, operation_id="import_programme")
def import_(
    request: ScopedRequest,
    file: Annotated[UploadedFile, File(description="An annex of assignments: CSV or XLSX with Vietnamese headings.")],
    title: Annotated[str, Form(min_length=1, max_length=500)],
    issuer_id: Annotated[int, Form(description="The unit that issues it.", ge=1, lt=2**63)],
    document: Annotated[str, Form(max_length=500, description="The document that orders it.")] = "",
    is_dry_run: Annotated[bool, Form(description="Check everything, change nothing.")] = False,
) -> Status:
    """Make a draft programme of the rows of an annex, all or none."""
    request.scope.require(ISSUE, at=issuer_id)
    tables = read_tables(file.read(), name=file.name or "")
    tasks = read_annex(tables)
    programme = import_programme(
        tasks, title=title, document=document, issuer_id=issuer_id, scope=request.scope, dry_run=is_dry_run
    )
    return Status(
        201,
        {
            "is_dry_run": is_dry_run,
            "number": None if is_dry_run else programme.number,
            "tasks": len(tasks),
            "unread_headings": list(unread_headings(tables)),
        },
    )


@router.post("/programmes/{int:number}:issue", response=IssuedOut, operation_id="issue_programme")
def issue(request: ScopedRequest, number: int) -> dict[str, int]:
    """Hand every task to every unit that it addresses today; again adds only what is missing."""
    return {"assignments": issue_programme(programme_or_404(request, number), scope=request.scope)}


@router.post("/programmes/{int:number}:close", response=ProgrammeOut, operation_id="close_programme")
def close(request: ScopedRequest, number: int) -> Programme:
    """Close a programme at the end of today: after it nothing moves and nothing becomes later."""
    programme = programme_or_404(request, number)
    close_programme(programme, scope=request.scope)
    programme.refresh_from_db()
    return programme


def programme_or_404(request: ScopedRequest, number: int) -> Programme:
    """Return the programme of that number, if the token may see it."""
    return get_object_or_404(programmes_within(request.scope), number=number)
