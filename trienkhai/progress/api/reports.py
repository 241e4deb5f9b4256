"""Reports, evidence and decisions by the API; both also in batches of up to 10,000 lines of NDJSON, all or none."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import File, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import BaseModel, TypeAdapter, ValidationError

from trienkhai.core.errors import BadInput, DomainError, Problem
from trienkhai.core.files import check_file, open_file, store_file
from trienkhai.core.responses import attachment
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.models import Evidence
from trienkhai.progress.operations import decide_reports, register_file, submit_reports
from trienkhai.progress.permissions import REPORT
from trienkhai.progress.queries import readable_assignments
from trienkhai.progress.rules import (
    BATCH_LIMIT,
    DecisionLine,
    EvidenceLine,
    ReportLine,
    ValueLine,
    reporting_period,
)
from trienkhai.progress.schemas import (
    BatchDecisionIn,
    BatchReportIn,
    DecidedOut,
    DecisionIn,
    FileOut,
    ReportIn,
    TakenBatchOut,
    TakenOut,
)
from trienkhai.tasks.models import Assignment

router = Router()

BATCH_BYTES = 64 * 1024 * 1024

Line = TypeVar("Line", bound=BaseModel)

_NDJSON = {
    "requestBody": {
        "required": True,
        "content": {"application/x-ndjson": {"schema": {"type": "string", "description": "One JSON object a line."}}},
    }
}


@router.post("/files", response={201: FileOut}, operation_id="upload_file")
def upload_file(request: ScopedRequest, file: Annotated[UploadedFile, File()]) -> Status:
    """Check and store a file, so that reports may name it as evidence. The same content is stored once."""
    request.scope.require_somewhere(REPORT)
    checked = check_file(file, name=file.name or "")
    store_file(checked)
    register_file(checked, scope=request.scope)
    return Status(
        201,
        {
            "file": checked.sha256,
            "name": checked.name,
            "size": checked.size,
            "media_type": checked.media_type,
        },
    )


@router.get("/evidence/{int:evidence_id}", operation_id="download_evidence")
def download_evidence(request: ScopedRequest, evidence_id: int) -> FileResponse:
    """Return the content of a file that proves a report, as an attachment."""
    visible = Evidence.objects.filter(report__assignment__in=readable_assignments(request.scope))
    evidence = get_object_or_404(visible.select_related("file"), pk=evidence_id)
    return attachment(open_file(evidence.file_id), name=evidence.name, media_type=evidence.file.media_type)


@router.post("/assignments/{int:assignment_id}/reports", response={201: TakenOut}, operation_id="submit_report")
def submit_report(request: ScopedRequest, assignment_id: Annotated[int, Path(lt=2**63)], report: ReportIn) -> Status:
    """Report on an assignment; with `is_result`, that the work is done and waits for review."""
    period = Assignment.objects.filter(pk=assignment_id).values_list("task__reporting_period", flat=True).first() or ""
    try:
        (taken,) = submit_reports([_line(report, assignment_id, period=period, request=request)], scope=request.scope)
    except DomainError:
        # Only a refusal has to be told from what is not visible; a report that is taken pays nothing for it.
        get_object_or_404(readable_assignments(request.scope), pk=assignment_id)
        raise
    return Status(201, {"report": taken})


@router.post("/reports:batch", response={201: TakenBatchOut}, operation_id="submit_reports", openapi_extra=_NDJSON)
def submit_batch(request: ScopedRequest) -> Status:
    """Take up to 10,000 reports, one a line, all or none: with one bad line nothing is written, and every one is named.

    Each line carries a `client_key`; a line whose key its user has used before is answered with the first report.
    """
    lines = _read_lines(request, BatchReportIn)
    held = Assignment.objects.filter(pk__in={line.assignment for _number, line in lines})
    periods = dict(held.exclude(task__reporting_period="").values_list("pk", "task__reporting_period"))
    reports = [
        _line(line, line.assignment, period=periods.get(line.assignment, ""), request=request, number=number)
        for number, line in lines
    ]
    return Status(201, {"reports": submit_reports(reports, scope=request.scope)})


@router.post("/reports/{int:report_id}:decide", response=DecidedOut, operation_id="decide_report")
def decide_report(
    request: ScopedRequest, report_id: Annotated[int, Path(lt=2**63)], decision: DecisionIn
) -> dict[str, int]:
    """Accept a report, or return it with a reason and possibly a new due date."""
    return {"decided": decide_reports([DecisionLine(report=report_id, **decision.model_dump())], scope=request.scope)}


@router.post("/decisions:batch", response=DecidedOut, operation_id="decide_reports", openapi_extra=_NDJSON)
def decide_batch(request: ScopedRequest) -> dict[str, int]:
    """Decide on up to 10,000 reports, one a line, all or none."""
    lines = _read_lines(request, BatchDecisionIn)
    decisions = [DecisionLine(**line.model_dump(), line=number) for number, line in lines]
    return {"decided": decide_reports(decisions, scope=request.scope)}


def _line(report: ReportIn, assignment: int, *, period: str, request: ScopedRequest, number: int = 1) -> ReportLine:
    return ReportLine(
        assignment=assignment,
        progress=report.progress,
        text=report.text,
        is_result=report.is_result,
        difficulties=report.difficulties,
        period=reporting_period(period, on=request.scope.on),
        values=[ValueLine(value.indicator, value.numerator, value.denominator) for value in report.values],
        evidence=[EvidenceLine(file=proof.file, name=proof.name) for proof in report.evidence],
        version=report.version,
        entered_on=report.entered_on,
        client_key=report.client_key,
        line=number,
    )


def _read_lines(request: ScopedRequest, form: type[Line]) -> Sequence[tuple[int, Line]]:
    """Return the lines of a batch with their numbers in what was sent; blank ones are left out.

    Raises BadInput with every line that is not of the form.
    """
    content = request.read(BATCH_BYTES + 1)
    if len(content) > BATCH_BYTES:
        raise DomainError("batch_bytes", _("A batch has at most %(limit)s MiB.") % {"limit": BATCH_BYTES // 2**20})
    raw = [(number, line) for number, line in enumerate(content.splitlines(), start=1) if line.strip()]
    if len(raw) > BATCH_LIMIT:
        raise DomainError(
            "batch_size",
            _("A batch holds 1 to %(limit)s lines; this one holds %(number)s.")
            % {"limit": BATCH_LIMIT, "number": len(raw)},
        )
    adapter = TypeAdapter(form)
    lines: list[tuple[int, Line]] = []
    problems: list[Problem] = []
    for number, line in raw:
        try:
            lines.append((number, adapter.validate_json(line)))
        except ValidationError as error:
            problems += [
                Problem(fault["msg"], line=number, column=".".join(str(part) for part in fault["loc"]))
                for fault in error.errors(include_url=False, include_input=False)
            ]
    if problems:
        raise BadInput(_("Nothing of the batch was taken."), problems)
    return lines
