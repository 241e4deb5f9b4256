"""`trienkhai report`, `review`, `rollup`: what units say of their work, what is decided, where it stands."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from trienkhai.cli.session import (
    AsJson,
    Day,
    LevelCode,
    ProgrammeNumber,
    UnitCode,
    day_or_today,
    screen,
    shell_scope,
    show,
    show_json,
    show_standings,
    the_unit,
    verb,
)
from trienkhai.core.templatetags.ui import count
from trienkhai.core.templatetags.ui import day as in_words

if TYPE_CHECKING:
    from trienkhai.progress.rules import Figures


@verb
def report(
    unit: UnitCode,
    task: Annotated[int, typer.Option(help="The number of the task.")],
    text: Annotated[str, typer.Option(help="What was done.")],
    programme: ProgrammeNumber = 1,
    level: LevelCode = "",
    progress: Annotated[
        int | None, typer.Option(min=0, max=100, help="In per cent; by default as it was, with a result 100.")
    ] = None,
    result: Annotated[bool, typer.Option("--result", help="The work is done; it goes before the reviewer.")] = False,
    difficulties: Annotated[str, typer.Option(help="What stands in the way.")] = "",
    evidence: Annotated[
        list[Path] | None, typer.Option(help="A file that proves it; may be given several times.")
    ] = None,
) -> None:
    """Report on the assignment of a unit, of progress or with its result."""
    from trienkhai.core.files import check_file, store_file
    from trienkhai.progress.operations import register_file, submit_reports
    from trienkhai.progress.rules import EvidenceLine, ReportLine, reporting_period
    from trienkhai.tasks.models import Assignment

    scope = shell_scope()
    held = Assignment.objects.held_by(the_unit(unit, level, on=scope.on).unit_id, programme=programme, task=task)
    reached = 100 if result else held.progress
    files = [check_file(path, name=path.name) for path in evidence or []]
    proofs = []
    for file in files:
        store_file(file)
        register_file(file, scope=scope)
        proofs.append(EvidenceLine(file=file.sha256, name=file.name))
    line = ReportLine(
        assignment=held.pk,
        version=held.version,
        progress=reached if progress is None else progress,
        text=text,
        is_result=result,
        difficulties=difficulties,
        period=reporting_period(held.task.reporting_period, on=scope.on),
        evidence=proofs,
    )
    (written,) = submit_reports([line], scope=scope)
    screen.print(_("Report %(number)s was taken.") % {"number": written})


@verb
def review(
    report: Annotated[int, typer.Argument(help="The number of the report.", min=1, max=2**63 - 1)],
    accept: Annotated[bool, typer.Option("--accept/--return", help="Accept it, or return it.")],
    reason: Annotated[str, typer.Option(help="Why it is returned.")] = "",
    new_due: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A new due date with a return.")
    ] = None,
) -> None:
    """Accept a report, or return it with a reason and possibly a new due date."""
    from trienkhai.progress.operations import decide_reports
    from trienkhai.progress.rules import DecisionLine

    due = new_due.date() if new_due else None
    decide_reports([DecisionLine(report=report, is_accepted=accept, reason=reason, new_due=due)], scope=shell_scope())
    screen.print(_("The decision on report %(number)s was taken.") % {"number": report})


@verb
def rollup(
    unit: UnitCode = "TW",
    programme: ProgrammeNumber = 1,
    level: LevelCode = "",
    on: Day = None,
    json: AsJson = False,
) -> None:
    """Show where a programme stands under a unit at the end of a day, exactly."""
    from trienkhai.progress.queries import rollup as roll_up
    from trienkhai.progress.schemas import RollupOut
    from trienkhai.tasks.models import Programme

    day = day_or_today(on)
    found = roll_up(the_unit(unit, level, on=day), programme=Programme.objects.by_number(programme), on=day)
    if json:
        show_json(RollupOut.of(found).model_dump(mode="json"))
        return
    screen.print(f"{found.unit.name} · {found.programme.title} · {in_words(day)}")
    show_standings(found.whole)
    screen.print(
        _("Held by the unit itself: %(own)s. Without deadline: %(no_deadline)s.")
        % {"own": count(found.own.assignments), "no_deadline": count(found.whole.no_deadline)}
    )
    headings = (_("Assignments"), _("Done"), _("Waiting"), _("Overdue"))
    show(
        (_("No."), _("Task"), _("Due"), *headings),
        (
            (row.task.number, row.task.title, row.task.due, *_columns(row.figures))
            for row in found.tasks
            if row.figures.assignments
        ),
    )
    if found.units:
        show(
            (_("Code"), _("Unit"), *headings),
            ((row.unit.code, row.unit.name, *_columns(row.figures)) for row in found.units),
        )


def _columns(figures: "Figures") -> tuple[int, int, int, int]:
    return figures.assignments, figures.done, figures.waiting, figures.standings["overdue"]
