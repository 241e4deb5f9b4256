"""`trienkhai programme`: from the annex of an office to the assignments of every unit."""

from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from trienkhai.cli.session import (
    AsJson,
    Day,
    DryRun,
    LevelCode,
    TableFile,
    UnitCode,
    day_or_today,
    errors,
    named,
    no_longer_than,
    screen,
    shell_scope,
    show,
    show_json,
    the_unit,
    verb,
)
from trienkhai.core.templatetags.ui import count
from trienkhai.core.templatetags.ui import day as in_words

if TYPE_CHECKING:
    from trienkhai.tasks.models import Programme
    from trienkhai.tasks.rules import TaskPreview

app = typer.Typer(help="Programmes of tasks.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The number of the programme.")]
LAST_NUMBER = 2**31 - 1


@app.command("import")
@verb
def import_(
    file: TableFile,
    title: Annotated[
        str, typer.Option(help="The title of the programme.", callback=no_longer_than(500, is_required=True))
    ],
    document: Annotated[str, typer.Option(help="The document that orders it.", callback=no_longer_than(500))] = "",
    issuer: Annotated[str, typer.Option(help="The code of the unit that issues it.")] = "TW",
    level: LevelCode = "",
    number: Annotated[
        int | None, typer.Option(help="Its number; by default the next free one.", min=1, max=LAST_NUMBER)
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Make a draft programme of the tasks of an annex (CSV or XLSX with Vietnamese headings), all or none."""
    from trienkhai.core.tables import read_tables
    from trienkhai.tasks.operations import import_programme
    from trienkhai.tasks.readers import read_annex, unread_headings

    scope = shell_scope()
    tables = read_tables(file, name=file.name)
    tasks = read_annex(tables)
    for heading in unread_headings(tables):
        errors.print(_("The column “%(heading)s” is not known and is left out.") % {"heading": heading})
    programme = import_programme(
        tasks,
        title=title,
        document=document,
        issuer_id=the_unit(issuer, level, on=scope.on).unit_id,
        scope=scope,
        number=number,
        dry_run=dry_run,
    )
    if dry_run:
        screen.print(
            _("Tasks that can be imported: %(tasks)s. Nothing was changed: this was a dry run.") % {"tasks": len(tasks)}
        )
    else:
        screen.print(
            _("Programme %(number)s is a draft now; its tasks: %(tasks)s. See what it would reach: %(command)s")
            % {
                "number": programme.number,
                "tasks": len(tasks),
                "command": f"trienkhai programme preview {programme.number}",
            }
        )


@app.command()
@verb
def preview(number: Number, on: Day = None, json: AsJson = False) -> None:
    """Show how many units of each level a programme would reach on a day, and what its tasks lack."""
    from trienkhai.organisation.models import Level
    from trienkhai.tasks.queries import preview_programme

    rows = preview_programme(_programme(number), on=day_or_today(on))
    if json:
        show_json(
            [
                {
                    "number": row.number,
                    "title": row.title,
                    "units": row.units,
                    "coordinating": row.coordinating,
                    "missing_clears": row.missing_clears,
                    "is_due_before_issue": row.is_due_before_issue,
                }
                for row in rows
            ]
        )
        return
    reached = {level: sum(row.units[level.code] for row in rows) for level in Level.objects.order_by("rank")}
    levels = [level for level in reached if reached[level]]
    coordinating = sum(row.coordinating for row in rows)
    show(
        (_("No."), _("Task"), *map(str, levels), _("Coordinating"), _("Lacks")),
        (
            (row.number, row.title, *(row.units[level.code] for level in levels), row.coordinating, _lacks(row))
            for row in rows
        ),
        total=("", _("In all"), *(reached[level] for level in levels), coordinating, ""),
    )
    screen.print(_("Assignments in all: %(number)s") % {"number": count(sum(reached.values()) + coordinating)})


@app.command()
@verb
def issue(number: Number) -> None:
    """Hand every task to every unit that it addresses today; again adds only what is missing."""
    from trienkhai.tasks.operations import issue_programme

    began = issue_programme(_programme(number), scope=shell_scope())
    screen.print(_("Assignments that began: %(number)s") % {"number": count(began)})


@app.command("show")
@verb
def show_(number: Number, unit: UnitCode = "TW", level: LevelCode = "", on: Day = None, json: AsJson = False) -> None:
    """Show a programme's tasks and how they stand under a unit at the end of a day."""
    from trienkhai.progress.queries import rollup

    day = day_or_today(on)
    programme = _programme(number)
    found = rollup(the_unit(unit, level, on=day), programme=programme, on=day)
    if json:
        show_json(
            {
                "number": programme.number,
                "title": programme.title,
                "document": programme.document,
                "issued_on": programme.issued_on,
                "closed_on": programme.closed_on,
                "on": day,
                "unit": named(found.unit),
                "tasks": [
                    {
                        "number": row.task.number,
                        "group": row.task.group,
                        "title": row.task.title,
                        "due": row.task.due,
                        "product": row.task.product,
                        "authority": row.task.authority,
                        "assignments": row.figures.assignments,
                        "standings": row.figures.standings,
                    }
                    for row in found.tasks
                ],
            }
        )
        return
    show(
        (_("No."), _("Task"), _("Due"), _("Assignments"), _("Done"), _("Overdue")),
        (
            (
                row.task.number,
                row.task.title,
                row.task.due,
                row.figures.assignments,
                row.figures.done,
                row.figures.standings["overdue"],
            )
            for row in found.tasks
        ),
        title=f"{programme.number}. {programme.title} · {found.unit.name} · {in_words(day)}",
        total=("", _("In all"), "", found.whole.assignments, found.whole.done, found.whole.standings["overdue"]),
    )


def _lacks(task: "TaskPreview") -> str:
    """Say what keeps a task from being issued."""
    sentences = {
        "who": _("the lead is missing"),
        "what": _("the title is missing"),
        "when": _("the deadline is missing"),
        "authority": _("the authority is missing"),
        "product": _("the product, or the test by which it is accepted, is missing"),
    }
    reasons = [sentences[clear] for clear in task.missing_clears]
    if task.is_due_before_issue:
        reasons.append(_("due before the issue"))
    if not sum(task.units.values()):
        reasons.append(_("reaches nobody"))
    return "; ".join(reasons)


def _programme(number: int) -> "Programme":
    from trienkhai.tasks.models import Programme

    programme: Programme = Programme.objects.by_number(number)
    return programme
