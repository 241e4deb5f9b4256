"""An assignment: what is ordered and by what, where it stands, what was said of it and what happened to it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from trienkhai.core.errors import BadInput, DomainError
from trienkhai.core.requests import whole_number, with_query
from trienkhai.organisation.models import Level, UnitVersion
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.queries import count_below
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.progress.forms import DerivedTaskForm
from trienkhai.progress.models import Report
from trienkhai.progress.permissions import REPORT, REVIEW
from trienkhai.progress.queries import (
    chain_above,
    derived_tasks,
    list_changes,
    readable_assignments,
    reviewer_of,
)
from trienkhai.progress.rules import Change, history_of, measured, next_step
from trienkhai.tasks.models import AddresseeTerm, Assignment, Role, State, Task
from trienkhai.tasks.operations import derive_task
from trienkhai.tasks.permissions import DERIVE

PAGE = 50
OPEN = (State.NOT_STARTED, State.IN_PROGRESS)
NOT_ENDED = (*OPEN, State.WAITING, State.SUSPENDED)


@require_safe
def assignment_detail(request: ScopedRequest, assignment_id: int) -> HttpResponse:
    """Show an assignment whole: what to do next, the order, the chain, the reports, the history."""
    assignment = assignment_or_404(request, assignment_id)
    context = frame(request, assignment)
    changes = list_changes(assignment.pk)
    context |= _next(request, assignment, changes, reviewer=context["reviewer_id"])
    context |= _reports(request, assignment, changes)
    context |= _chain(request, assignment)
    context |= _history(request, changes, issuer=context["issuer"])
    return render(request, "progress/assignment_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def task_derive(request: ScopedRequest, assignment_id: int) -> HttpResponse:
    """Make an assignment concrete for the units below: a task of the unit's own, issued at once."""
    assignment = assignment_or_404(request, assignment_id)
    request.scope.require(DERIVE, at=assignment.unit_id)
    context = frame(request, assignment, here=_("Make concrete for the units below"))
    form = _derived_form(request, assignment)
    if problem := _reason_not_to_derive(form, assignment):
        messages.warning(request, problem)
        return redirect("assignment_detail", assignment_id)
    if request.method == "POST" and form.is_valid() and (task := _derive(request, assignment, form, context)):
        reached = task.assignment_set.count()
        words = ngettext("The task now lies with %(number)s unit.", "The task now lies with %(number)s units.", reached)
        messages.success(request, words % {"number": reached})
        return redirect(f"{reverse('assignment_detail', args=[assignment_id])}#chain")
    return render(request, "progress/task_derive.html", context | {"form": form}, status=422 if form.errors else 200)


def assignment_or_404(request: ScopedRequest, assignment_id: int) -> Assignment:
    """Return the assignment with its standing, its task and its programme, if the reader may see it. Four queries."""
    readable = readable_assignments(request.scope).with_standing(on=request.scope.on)
    whole = readable.select_related("task", "programme").prefetch_related("task__indicators", "task__addressees__level")
    found: Assignment = get_object_or_404(whole, pk=assignment_id)
    return found


def frame(request: ScopedRequest, assignment: Assignment, *, here: str = "") -> dict[str, Any]:
    """Return what every page about an assignment says of it; `here` names a page below its own.

    Four queries: the reviewer, the unit, its superiors, the names of others.
    """
    scope, task, programme = request.scope, assignment.task, assignment.programme
    unit = UnitVersion.objects.nearest(assignment.unit_id, on=scope.on).select_related("level").get()
    reviewer = reviewer_of(assignment, on=scope.on)
    terms = task.addressees.all()
    named = {unit for term in terms for unit in (term.under_id, term.unit_id)}
    names = names_of({reviewer, programme.issuer_id, task.monitor_id, *named}, on=scope.on)
    kept = [("programme", programme.number)]
    above = UnitVersion.objects.within(scope, READ).above(assignment.unit_id, on=scope.on)
    own_href = reverse("assignment_detail", args=[assignment.pk])
    way = [(row.short_name, with_query(reverse("unit_detail", args=[row.unit_id]), kept)) for row in above]
    way.append((_("Task %(number)s") % {"number": task.number}, own_href))
    return {
        "assignment": assignment,
        "task": task,
        "programme": programme,
        "unit": unit,
        "own_href": own_href,
        "unit_href": with_query(reverse("unit_detail", args=[assignment.unit_id]), kept),
        "programme_href": with_query(
            reverse("programme_detail", args=[programme.number]), [("unit", assignment.unit_id)]
        ),
        "breadcrumbs": [*way, (here, "")] if here else way,
        "here": here,
        "issuer": names[programme.issuer_id],
        "monitor": names[task.monitor_id] if task.monitor_id else "",
        "reviewer": names[reviewer],
        "reviewer_id": reviewer,
        "is_lead": assignment.role == Role.LEAD,
        "leading": list(addressed((term for term in terms if term.role == Role.LEAD), names)),
        "coordinating": list(addressed((term for term in terms if term.role == Role.COORDINATING), names)),
        "indicators": task.indicators.all(),
        "today": scope.on,
    }


def report_rows(reports: Iterable[Report], changes: Sequence[Change]) -> list[dict[str, Any]]:
    """Return reports as pages show them: with who sent and who reviewed them, their values and their files."""
    # The first change of a report brought it; a later one decided on it.
    sent = {change.id: change for change in reversed(changes) if change.subject == "report"}
    decided = {change.id: change for change in changes if change.subject == "review"}
    rows = []
    for report in reports:
        review = getattr(report, "review", None)
        values = [
            {
                "indicator": value.indicator,
                "figure": measured(value.numerator, value.denominator, measure=value.indicator.measure),
                "numerator": value.numerator,
                "denominator": value.denominator,
            }
            for value in report.values.all()
        ]
        period = report.period
        rows.append(
            {
                "report": report,
                "sent": sent[report.pk],
                "period": (period.lower, period.upper - timedelta(days=1)) if period else None,
                "values": values,
                "files": list(report.evidence.all()),
                "review": review,
                "reviewed": decided[review.pk] if review else None,
            }
        )
    return rows


def names_of(units: set[int | None], *, on: date) -> dict[int, str]:
    """Return the names of units on the day, of one that ended the last one that it had."""
    versions = UnitVersion.objects.filter(unit_id__in=units - {None}, valid__startswith__lte=on).order_by("valid")
    return dict(versions.values_list("unit_id", "name"))


def addressed(terms: Iterable[AddresseeTerm], names: dict[int, str]) -> Iterable[str]:
    """Say which units each term of the addressees means."""
    for term in terms:
        unit = names[term.unit_id] if term.unit_id else ""
        words = unit or term.kind or (str(term.level).lower() if term.level else _("all units"))
        if term.under_id:
            words = _("%(units)s under %(above)s") % {"units": words, "above": names[term.under_id]}
        yield _("except %(units)s") % {"units": words} if term.is_exception else words


def _next(
    request: ScopedRequest, assignment: Assignment, changes: Sequence[Change], *, reviewer: int
) -> dict[str, Any]:
    """Return what is to be done next, by whom, and the one report that it is about, if it is about one."""
    scope = request.scope
    reports = {change.id: change for change in changes if change.subject == "report"}
    waiting = sorted((not row.is_result, row.id) for row in reports.values() if row.state == Report.State.WAITING)
    last = max(reports, default=None)
    is_closed = assignment.programme.is_closed(on=scope.on)
    is_derivable = assignment.state in NOT_ENDED and not is_closed and scope.allows(DERIVE, at=assignment.unit_id)
    step = next_step(
        assignment.state,
        may_report=scope.allows(REPORT, at=assignment.unit_id),
        may_review=bool(waiting) and scope.allows(REVIEW, at=reviewer),
        is_report_waiting=bool(waiting),
        was_returned=last is not None and reports[last].state == Report.State.RETURNED,
        is_closed=is_closed,
    )
    returned = [change for change in changes if change.subject == "review" and change.state == "returned"]
    return {
        "step": step,
        "decide_href": reverse("report_decide", args=[waiting[0][1]]) if step == "review" else "",
        "reviews_result": step == "review" and not waiting[0][0],
        "returned": returned[-1] if step == "report_again" else None,
        "may_derive": is_derivable and bool(count_below([assignment.unit_id], on=scope.on)),
    }


def _reports(request: ScopedRequest, assignment: Assignment, changes: Sequence[Change]) -> dict[str, Any]:
    """Return one page of reports, the latest first."""
    last = whole_number(request.GET.get("before"))
    reports = assignment.reports.with_proof().order_by("-pk")
    page = list((reports.filter(pk__lt=last) if last is not None else reports)[: PAGE + 1])
    older = with_query(request.path, [("before", page[PAGE - 1].pk)]) if len(page) > PAGE else ""
    return {
        "reports": report_rows(page[:PAGE], changes),
        "older_reports_href": older and f"{older}#reports",
        "latest_reports_href": f"{request.path}#reports" if last is not None else "",
    }


def _chain(request: ScopedRequest, assignment: Assignment) -> dict[str, Any]:
    """Return the tasks that this one makes concrete, the highest first, and those that make it concrete."""
    steps = chain_above(assignment.task) if assignment.task.derives_from_id else []
    names = names_of({step.unit_id for step in steps}, on=request.scope.on) if steps else {}
    readable = readable_assignments(request.scope).filter(pk__in=[step.assignment for step in steps])
    open_ones = set(readable.values_list("pk", flat=True)) if steps else set()
    path = reverse("assignment_list", args=[assignment.unit_id])
    return {
        "chain_above": [
            {
                "step": step,
                "unit": names[step.unit_id],
                "href": reverse("assignment_detail", args=[step.assignment]) if step.assignment in open_ones else "",
            }
            for step in reversed(steps)
        ],
        "chain_below": [
            {
                "task": row.task,
                "figures": row.figures,
                "href": with_query(path, [("programme", row.task.programme.number), ("task", row.task.number)]),
            }
            for row in derived_tasks(assignment, on=request.scope.on)
        ],
    }


def _history(request: ScopedRequest, changes: Sequence[Change], *, issuer: str) -> dict[str, Any]:
    """Return one page of what happened, the latest first; entries are numbered from the first one, so keys stay."""
    told = history_of(changes, issuer=issuer)
    last = whole_number(request.GET.get("history"))
    until = len(told) if last is None else min(last, len(told))
    first = max(0, until - PAGE)
    return {
        "history": told[first:until][::-1],
        "older_history_href": with_query(request.path, [("history", first)]) + "#history" if first else "",
        "latest_history_href": f"{request.path}#history" if until < len(told) else "",
    }


def _derived_form(request: ScopedRequest, assignment: Assignment) -> DerivedTaskForm:
    """Return the form, filled in with what the task above says, or with what was sent."""
    above, on = assignment.task, request.scope.on
    names = {level.rank: str(level) for level in Level.objects.all()}
    levels = [
        (
            row.level_id,
            ngettext("%(level)s (%(number)s unit)", "%(level)s (%(number)s units)", row.units)
            % {"level": names[row.level_id], "number": row.units},
        )
        for row in count_below([assignment.unit_id], on=on)
    ]
    children = UnitVersion.objects.on(on).children_of(assignment.unit_id).in_name_order()
    beginning = Task(
        title=above.title,
        due=assignment.due,
        product=above.product,
        acceptance_test=above.acceptance_test,
        authority=_authority(assignment),
        demands_evidence=above.demands_evidence,
        reporting_period=above.reporting_period,
    )
    return DerivedTaskForm(
        request.POST or None,
        instance=beginning,
        levels=levels,
        units=list(children.values_list("unit_id", "name")),
        is_due_needed=assignment.due is not None,
    )


def _authority(assignment: Assignment) -> str:
    words = _("Task %(number)s, %(programme)s") % {
        "number": assignment.task.number,
        "programme": assignment.programme.title,
    }
    return words[: Task._meta.get_field("authority").max_length]


def _reason_not_to_derive(form: DerivedTaskForm, assignment: Assignment) -> str:
    if assignment.state not in NOT_ENDED:
        return _("This assignment is not open any more, so nothing can be made concrete from it.")
    if not form.fields["levels"].choices:  # type: ignore[attr-defined]
        return _("There is no unit below to make the task concrete for.")
    return ""


def _derive(
    request: ScopedRequest, assignment: Assignment, form: DerivedTaskForm, context: dict[str, Any]
) -> Task | None:
    """Issue the task of the form; None when it was refused, and the form says why."""
    task = form.save(commit=False)
    task.has_no_deadline = task.due is None
    title = _("%(programme)s – %(unit)s") % {"programme": assignment.programme.title, "unit": context["unit"].name}
    try:
        return derive_task(
            assignment, task=task, addressees=form.addressees(), scope=request.scope, programme_title=title[:500]
        )
    except BadInput as error:
        form.refuse(error)
    except DomainError as error:
        form.add_error(None, str(error))
    return None
