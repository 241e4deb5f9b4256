"""A report: written with its evidence, read and decided on by the reviewer."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from trienkhai.core.errors import BadInput, Conflict, DomainError
from trienkhai.core.files import check_file, open_file, store_file
from trienkhai.core.responses import attachment
from trienkhai.core.templatetags.ui import count, day
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.forms import ReportForm, ReturnForm
from trienkhai.progress.models import Evidence, Report
from trienkhai.progress.operations import decide_reports, register_file, submit_reports
from trienkhai.progress.permissions import REPORT, REVIEW
from trienkhai.progress.queries import is_reviewer_of, list_changes, readable_assignments
from trienkhai.progress.rules import DecisionLine, EvidenceLine, ReportLine, reporting_period
from trienkhai.progress.views.assignments import OPEN, assignment_or_404, frame, report_rows
from trienkhai.tasks.models import Assignment

logger = logging.getLogger(__name__)

FILES_LIMIT = 10
KEPT_FOR = 24 * 3600
"""How long a form may wait with files that were uploaded already, in seconds."""


@require_http_methods(["GET", "HEAD", "POST"])
def report_submit(request: ScopedRequest, assignment_id: int) -> HttpResponse:
    """Report on an assignment; a POST sends the report, or comes back with what was typed and uploaded."""
    assignment = assignment_or_404(request, assignment_id)
    request.scope.require(REPORT, at=assignment.unit_id)
    if request.method == "POST":
        files, problems = _take_files(request, assignment)
        form = ReportForm(request.POST, request.FILES, task=assignment.task, problems=problems)
        return _send(request, assignment, form, files)
    if assignment.state not in OPEN:
        messages.warning(request, _("Nothing can be reported on this assignment at present; below is why."))
        return redirect("assignment_detail", assignment_id)
    form = ReportForm.blank(assignment)
    return _report_page(request, assignment, form, [], status=200)


@require_http_methods(["GET", "HEAD", "POST"])
def report_decide(request: ScopedRequest, report_id: int) -> HttpResponse:
    """Read a report beside what was ordered; a POST accepts it, or returns it with a reason."""
    report = _report_or_404(request, report_id)
    assignment = assignment_or_404(request, report.assignment_id)
    if not is_reviewer_of(assignment, scope=request.scope):
        raise PermissionDenied(REVIEW.name)
    if report.state != Report.State.WAITING:
        return _decided_already(request, report)
    sent = request.POST if request.method == "POST" and "accept" not in request.POST else None
    form = ReturnForm(sent, is_result=report.is_result)
    if request.method == "POST":
        return _decide(request, assignment, report, form)
    return _decide_page(request, assignment, report, form, status=200)


@require_safe
def evidence_download(request: ScopedRequest, evidence_id: int) -> HttpResponseBase:
    """Send a file of evidence under the name that its unit gave it, for saving and never for running."""
    visible = Evidence.objects.filter(report__assignment__in=readable_assignments(request.scope))
    evidence = get_object_or_404(visible.select_related("file", "report"), pk=evidence_id)
    try:
        content = open_file(evidence.file_id)
    except DomainError as error:
        logger.error("evidence %s: %s", evidence.pk, error)
        context = {"evidence": evidence, "own_href": reverse("assignment_detail", args=[evidence.report.assignment_id])}
        return render(request, "progress/evidence_missing.html", context, status=404)
    return attachment(content, name=evidence.name, media_type=evidence.file.media_type)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was uploaded and registered, and not reported yet; the form carries it in a signed field."""

    sha256: str
    name: str
    size: int

    def token(self, salt: str) -> str:
        """Return what the form carries, signed for one person and one assignment."""
        return signing.dumps([self.sha256, self.name, self.size], salt=salt)


def _take_files(request: ScopedRequest, assignment: Assignment) -> tuple[list[KeptFile], list[str]]:
    """Store what was uploaded, beside what the form kept from before; return the files and what was wrong with others.

    A file is stored even if the form is refused for something else, so that nobody uploads it twice.
    """
    files: dict[str, KeptFile] = {}
    problems = []
    for token in request.POST.getlist("kept")[:FILES_LIMIT]:
        try:
            kept = KeptFile(*signing.loads(token, salt=_salt(request, assignment), max_age=KEPT_FOR))
        except signing.BadSignature:
            problems.append(_("A file that was uploaded before is no longer kept; choose it again."))
        else:
            files[kept.sha256] = kept
    uploads = request.FILES.getlist("evidence")
    for upload in uploads:
        if len(files) == FILES_LIMIT:
            problems.append(_("A report takes at most %(limit)s files.") % {"limit": FILES_LIMIT})
            break
        try:
            checked = check_file(upload, name=upload.name or "")
            store_file(checked)
        except DomainError as error:
            problems.append(str(error))
        else:
            register_file(checked, scope=request.scope)
            files.setdefault(checked.sha256, KeptFile(checked.sha256, checked.name, checked.size))
    return list(files.values()), problems


def _salt(request: ScopedRequest, assignment: Assignment) -> str:
    return f"progress.evidence:{request.user.pk}:{assignment.pk}"


def _send(request: ScopedRequest, assignment: Assignment, form: ReportForm, files: Sequence[KeptFile]) -> HttpResponse:
    """Send what the form says; refused, answer with the form as it was filled in."""
    if not form.is_valid():
        return _report_page(request, assignment, form, files, status=422)
    line = _line(request, assignment, form, files)
    try:
        submit_reports([line], scope=request.scope)
    except Conflict as error:
        present = assignment_or_404(request, assignment.pk)
        form.see(present.version)
        form.add_error(None, str(error))
        return _report_page(request, present, form, files, status=409)
    except BadInput as error:
        form.refuse(error)
        return _report_page(request, assignment, form, files, status=422)
    sent = _("The result was sent and now waits for review.") if line.is_result else _("The report was sent.")
    messages.success(request, sent)
    return redirect("assignment_detail", assignment.pk)


def _line(request: ScopedRequest, assignment: Assignment, form: ReportForm, files: Sequence[KeptFile]) -> ReportLine:
    said = form.cleaned_data
    return ReportLine(
        assignment=assignment.pk,
        progress=100 if said["is_result"] else said["progress"],
        text=said["text"],
        is_result=said["is_result"],
        difficulties=said["difficulties"],
        period=reporting_period(assignment.task.reporting_period, on=request.scope.on),
        values=form.values(),
        evidence=[EvidenceLine(file=file.sha256, name=file.name) for file in files],
        version=said["version"],
        client_key=said["client_key"],
    )


def _report_page(
    request: ScopedRequest, assignment: Assignment, form: ReportForm, files: Sequence[KeptFile], *, status: int
) -> HttpResponse:
    latest = list(assignment.reports.with_proof().order_by("-pk")[:1])
    salt = _salt(request, assignment)
    context = frame(request, assignment, here=_("Report"))
    context |= {
        "form": form,
        "files": [(file, file.token(salt)) for file in files],
        "files_left": FILES_LIMIT - len(files),
        "latest": report_rows(latest, list_changes(assignment.pk))[0] if latest else None,
        "changed_meanwhile": status == 409,
        "is_open": assignment.state in OPEN,
    }
    return render(request, "progress/report_form.html", context, status=status)


def _report_or_404(request: ScopedRequest, report_id: int) -> Report:
    visible = Report.objects.filter(assignment__in=readable_assignments(request.scope))
    found: Report = get_object_or_404(visible.with_proof(), pk=report_id)
    return found


def _decide(request: ScopedRequest, assignment: Assignment, report: Report, form: ReturnForm) -> HttpResponse:
    """Accept, or return as the form says; refused, answer with the page as it was filled in."""
    is_accepted = "accept" in request.POST
    if not is_accepted and not form.is_valid():
        return _decide_page(request, assignment, report, form, status=422)
    said = {} if is_accepted else form.cleaned_data
    try:
        decide_reports([DecisionLine(report=report.pk, is_accepted=is_accepted, **said)], scope=request.scope)
    except Conflict:
        return _decided_already(request, _report_or_404(request, report.pk))
    except BadInput as error:
        if not is_accepted:
            form.refuse(error)
            return _decide_page(request, assignment, report, form, status=422)
        messages.error(request, " ".join([str(error), *(f"{capfirst(str(row.message))}." for row in error.problems)]))
        return redirect("assignment_detail", assignment.pk)
    messages.success(request, _("The report was accepted.") if is_accepted else _("The report was returned."))
    return redirect(_next_address(request) or reverse("my_work"))


def _decide_page(
    request: ScopedRequest, assignment: Assignment, report: Report, form: ReturnForm, *, status: int
) -> HttpResponse:
    earlier = assignment.reports.with_proof().filter(pk__lt=report.pk).order_by("-pk")[:1]
    rows = report_rows([report, *earlier], list_changes(assignment.pk))
    context = frame(request, assignment, here=_("Review"))
    context |= {
        "form": form,
        "row": rows[0],
        "earlier": rows[1] if len(rows) > 1 else None,
        "reuse": _reuse(rows[0]["files"], unit_id=assignment.unit_id),
        "next": _next_address(request),
    }
    return render(request, "progress/report_decide.html", context, status=status)


def _reuse(files: Sequence[Evidence], *, unit_id: int) -> list[str]:
    """Say of each file that other units sent too how many did."""
    elsewhere = Evidence.objects.filter(file__in=[file.file_id for file in files])
    elsewhere = elsewhere.exclude(report__assignment__unit_id=unit_id)
    counted = elsewhere.values_list("file_id").annotate(units=Count("report__assignment__unit_id", distinct=True))
    units = dict(counted.order_by())
    return [
        ngettext(
            "%(name)s was also sent by %(number)s other unit.",
            "%(name)s was also sent by %(number)s other units.",
            units[file.file_id],
        )
        % {"name": file.name, "number": count(units[file.file_id])}
        for file in files
        if file.file_id in units
    ]


def _decided_already(request: ScopedRequest, report: Report) -> HttpResponse:
    """Go to the assignment and say what was decided, and by whom."""
    review = report.review
    words = {
        "accepted": _("This report was accepted already, by %(who)s on %(day)s."),
        "returned": _("This report was returned already, by %(who)s on %(day)s: %(reason)s"),
    }[review.decision]
    said = {"who": review.operation.actor_name, "day": day(review.day), "reason": review.reason}
    messages.warning(request, words % said)
    return redirect("assignment_detail", report.assignment_id)


def _next_address(request: ScopedRequest) -> str:
    """Return the page of this site from which the reader came, "" if the address names none."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    is_own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_own else ""
