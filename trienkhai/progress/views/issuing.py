"""What an issuer does with a programme: brings its annex in, sees what it would do, issues it, closes it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from trienkhai.core.errors import BadInput, Conflict, DomainError
from trienkhai.core.templatetags.ui import count
from trienkhai.organisation.models import Level, UnitVersion
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.forms import AnnexForm
from trienkhai.progress.queries import count_programmes, programmes_within
from trienkhai.progress.rules import Figures
from trienkhai.progress.views.assignments import names_of
from trienkhai.progress.views.clears import CLEARS, LACKS, lacks_of, tasks_with_clears
from trienkhai.progress.views.units import in_levels
from trienkhai.tasks.models import Programme
from trienkhai.tasks.operations import close_programme, import_programme, issue_programme
from trienkhai.tasks.permissions import ISSUE
from trienkhai.tasks.queries import count_units_addressed, preview_programme
from trienkhai.tasks.readers import FIELDS, TaskRow
from trienkhai.tasks.rules import TaskFacts, TaskPreview, missing_clears

SHOWN = 500
"""How many bad places, or tasks, of an annex the page lists; it says how many more there are."""

COLUMNS: dict[str, tuple[str, str | Promise]] = {
    "number": ("", gettext_lazy("A whole number from 1, each once. Without it a row is the title of a group.")),
    "title": ("what", gettext_lazy("What is to be done, in one sentence.")),
    "lead": (
        "who",
        gettext_lazy(
            "Levels (“cấp tỉnh; cấp huyện”), units under one (“cấp xã thuộc Tỉnh Hà Giang”), or names and codes of "
            "units; “trừ …” takes units out. Each of them gets the task."
        ),
    ),
    "coordinators": ("responsibility", gettext_lazy("Who helps, in the same words. Empty means nobody.")),
    "due": ("when", gettext_lazy("A day, such as 30/6/2021; or “không hạn”.")),
    "product": ("product", gettext_lazy("What each unit delivers.")),
    "acceptance_test": (
        "product",
        gettext_lazy("How one sees that it is right: number and date, figures, signatures."),
    ),
    "authority": ("authority", gettext_lazy("The resolution or decision that orders it.")),
    "group": ("", gettext_lazy("The part of the programme that it belongs to.")),
    "monitor": ("", gettext_lazy("The unit that reviews all results. Empty: each unit's superior does.")),
    "indicator": ("", gettext_lazy("The name of a number that the task must reach.")),
    "measure": ("", gettext_lazy("What it counts: người, lớp, %.")),
    "target": ("", gettext_lazy("The number to reach, such as 95 or 1000.")),
    "aggregation": (
        "",
        gettext_lazy("How the units' numbers add up: “cộng”, “cuối kỳ”, “trung bình theo số người” or “tử số/mẫu số”."),
    ),
    "period": ("", gettext_lazy("How often units report: tuần, tháng, quý, 6 tháng or năm. Empty: once.")),
    "evidence": ("", gettext_lazy("Whether a result needs evidence: “có” or “không”. Empty: yes.")),
}
"""What each column of an annex says, and which of the six clears that is; the fields are those of the reader."""


@require_http_methods(["GET", "HEAD", "POST"])
def programme_import(request: ScopedRequest) -> HttpResponse:
    """Bring an annex of assignments in: a POST checks it and writes nothing, or makes a draft of it (`make`)."""
    issuers = _issuers(request)
    if request.method != "POST":
        return _import_page(request, AnnexForm(issuers=issuers))
    form = AnnexForm(request.POST, request.FILES, issuers=issuers)
    is_dry_run = "make" not in request.POST
    programme = _import(request, form, dry_run=is_dry_run) if form.is_valid() else None
    if programme is None or is_dry_run:
        return _import_page(request, form)
    return redirect("programme_detail", programme.number)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_issue(request: ScopedRequest, number: int) -> HttpResponse:
    """Say what issuing a programme would do, or issuing it again to whoever lacks a part; a POST does it."""
    programme = _programme_or_404(request, number)
    if request.method == "POST":
        return _issue(request, programme)
    if programme.is_closed(on=request.scope.on):
        messages.warning(request, _("The programme is closed; nothing more is issued."))
        return redirect("programme_detail", number)
    preview = preview_programme(programme, on=request.scope.on)
    reasons = [
        _("Task %(number)s: %(reason)s.") % {"number": task.number, "reason": lack.words}
        for task in preview
        for lack in lacks_of(task)
    ]
    if not preview:
        reasons = [_("It has no task.")]
    return _issue_page(request, programme, preview, reasons=reasons)


@require_http_methods(["GET", "HEAD", "POST"])
def programme_close(request: ScopedRequest, number: int) -> HttpResponse:
    """Say what closing a programme means, and what is open in it; a POST closes it."""
    programme = _programme_or_404(request, number)
    if request.method == "POST":
        return _close(request, programme)
    if programme.issued_on is None or programme.closed_on is not None:
        messages.warning(request, _("The programme is not open, so there is nothing to close."))
        return redirect("programme_detail", number)
    context = _head(request, programme, here=_("Close the programme"))
    context |= {"figures": _figures(request, programme), "today": request.scope.on}
    return render(request, "progress/programme_close.html", context)


def draft(request: ScopedRequest, programme: Programme) -> dict[str, Any]:
    """Return what issuing the draft today would do, what its tasks order, and which of the six clears they lack."""
    on = request.scope.on
    preview = preview_programme(programme, on=on)
    by_number = {row.number: row for row in preview}
    lacks = {row.number: list(lacks_of(row)) for row in preview}
    levels = {level.code: str(level).lower() for level in Level.objects.all()}
    tasks = [
        clears
        | {
            "reached": in_levels(
                {levels[code]: units for code, units in by_number[task.number].units.items() if units}
            ),
            "helping": by_number[task.number].coordinating,
            "lacks": lacks[task.number],
        }
        for task, clears in tasks_with_clears(programme, on=on)
    ]
    return _head(request, programme) | {
        "tasks": tasks,
        "clears": [
            (name, [task for task, found in lacks.items() if any(lack.clear == clear for lack in found)])
            for clear, name in CLEARS.items()
        ],
        "is_ready": bool(preview) and not any(lacks.values()),
        "reach": _reach(request, programme, preview),
    }


def _issuers(request: ScopedRequest) -> list[tuple[int, str]]:
    """Return the units at the top of what the reader may issue for. Raises PermissionDenied if there is none."""
    tops = request.scope.units(ISSUE) or []
    versions = UnitVersion.objects.on(request.scope.on).filter(unit_id__in=tops).order_by("level_id", "code")
    issuers = list(versions.values_list("unit_id", "name"))
    if not issuers:
        raise PermissionDenied(ISSUE.name)
    return issuers


def _import(request: ScopedRequest, form: AnnexForm, *, dry_run: bool) -> Programme | None:
    """Make a draft of the annex, or see whether it could be made; None if it is refused, and the form says why."""
    said = {name: form.cleaned_data[name] for name in ("title", "document")}
    issuer = form.cleaned_data["issuer"]
    try:
        programme = import_programme(form.rows, **said, issuer_id=issuer, scope=request.scope, dry_run=dry_run)
    except BadInput as error:
        form.refuse(error)
        return None
    if not dry_run:
        tasks = len(form.rows)
        words = ngettext("The draft is made: %(number)s task.", "The draft is made: %(number)s tasks.", tasks)
        messages.success(request, words % {"number": count(tasks)})
    if not dry_run and form.unread:
        sentence = _("Columns that are not known and were left out: %(headings)s.")
        messages.warning(request, sentence % {"headings": "; ".join(form.unread)})
    return programme


def _import_page(request: ScopedRequest, form: AnnexForm) -> HttpResponse:
    """Show the form, and below what a check read, or what is wrong in the file."""
    here = _("Bring an annex of assignments in")
    checked = [_checked(row) for row in form.rows] if form.is_valid() else []
    context = {
        "breadcrumbs": [(_("Programmes"), reverse("programme_list")), (here, "")],
        "here": here,
        "form": form,
        "problems": form.problems[:SHOWN],
        "problems_left": max(0, len(form.problems) - SHOWN),
        "has_sheets": any(problem.sheet for problem in form.problems),
        "checked": checked[:SHOWN],
        "checked_left": max(0, len(checked) - SHOWN),
        "checked_all": len(checked),
        "incomplete": sum(bool(row["lacks"]) for row in checked),
        "columns": [_column(field) for field in COLUMNS],
    }
    return render(request, "progress/programme_import.html", context, status=422 if form.errors else 200)


def _checked(row: TaskRow) -> dict[str, Any]:
    """Return a task of an annex as the check shows it: in the words of the file, and with what it lacks."""
    facts = TaskFacts(
        title=row.title,
        has_lead=any(not term.is_exception for term in row.lead),
        due=row.due,
        has_no_deadline=row.no_deadline,
        authority=row.authority,
        product=row.product,
        acceptance_test=row.acceptance_test,
    )
    return {
        "task": row,
        "leading": "; ".join(dict.fromkeys(term.source for term in row.lead)),
        "lacks": [LACKS[clear] for clear in missing_clears(facts)],
    }


def _column(field: str) -> dict[str, Any]:
    usual, *others = FIELDS[field]
    clear, words = COLUMNS[field]
    return {"heading": capfirst(usual), "others": others, "clear": CLEARS.get(clear, ""), "words": words}


def _programme_or_404(request: ScopedRequest, number: int) -> Programme:
    """Return a programme that the reader may see; raises PermissionDenied unless they may issue it."""
    programme = get_object_or_404(programmes_within(request.scope), number=number)
    request.scope.require(ISSUE, at=programme.issuer_id)
    return programme


def _issue(request: ScopedRequest, programme: Programme) -> HttpResponse:
    """Issue the programme and go to its page; refused, answer with every reason."""
    is_first = programme.issued_on is None
    try:
        began = issue_programme(programme, scope=request.scope)
    except BadInput as error:
        reasons = [str(problem.message) for problem in error.problems]
        preview = preview_programme(programme, on=request.scope.on)
        return _issue_page(request, programme, preview, reasons=reasons, status=422)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("programme_detail", programme.number)
    if is_first:
        words = ngettext(
            "The programme is issued: %(number)s assignment began.",
            "The programme is issued: %(number)s assignments began.",
            began,
        )
    else:
        words = ngettext("%(number)s assignment was added.", "%(number)s assignments were added.", began)
    nothing = _("Nothing is left to hand out: whoever can get a task today has it.")
    messages.success(request, words % {"number": count(began)} if began else nothing)
    return redirect("programme_detail", programme.number)


def _issue_page(
    request: ScopedRequest,
    programme: Programme,
    preview: Sequence[TaskPreview],
    *,
    reasons: Sequence[str],
    status: int = 200,
) -> HttpResponse:
    here = _("Hand out what is missing") if programme.issued_on else _("Issue the programme")
    context = _head(request, programme, here=here) | {
        "reach": _reach(request, programme, preview),
        "tasks": len(preview),
        "reasons": reasons,
        "figures": _figures(request, programme),
        "today": request.scope.on,
    }
    return render(request, "progress/programme_issue.html", context, status=status)


def _close(request: ScopedRequest, programme: Programme) -> HttpResponse:
    try:
        close_programme(programme, scope=request.scope)
    except Conflict as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The programme closes at the end of today."))
    return redirect("programme_detail", programme.number)


def _head(request: ScopedRequest, programme: Programme, *, here: str = "") -> dict[str, Any]:
    """Return what every page of an issuer says of the programme; `here` names a page below its own."""
    own_href = reverse("programme_detail", args=[programme.number])
    way = [(_("Programmes"), reverse("programme_list")), (str(programme.number), own_href)]
    return {
        "programme": programme,
        "issuer": names_of({programme.issuer_id}, on=request.scope.on)[programme.issuer_id],
        "own_href": own_href,
        "breadcrumbs": [*way, (here, "")] if here else way,
        "here": here,
    }


def _reach(request: ScopedRequest, programme: Programme, preview: Sequence[TaskPreview]) -> dict[str, int]:
    """Return how many units the programme addresses today, and with how many assignments."""
    return {
        "units": count_units_addressed(programme, on=request.scope.on),
        "assignments": sum(sum(task.units.values()) + task.coordinating for task in preview),
    }


def _figures(request: ScopedRequest, programme: Programme) -> Figures:
    """Return where the programme stands in everything that the reader may see."""
    return count_programmes([programme], scope=request.scope).get(programme.pk, Figures())
