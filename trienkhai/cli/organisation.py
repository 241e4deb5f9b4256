"""`trienkhai organisation`: bring the structure in, look at it."""

from datetime import datetime
from typing import Annotated

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
    screen,
    shell_scope,
    show,
    show_json,
    the_unit,
    verb,
)

app = typer.Typer(help="Units, as they stand on a day.", no_args_is_help=True)

From = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="The day from which the units stand.")]


@app.command("import")
@verb
def import_(file: TableFile, on: From, dry_run: DryRun = False) -> None:
    """Add the units of a table (code, level, name, kind, parent_code; Vietnamese headings too), all or none."""
    from trienkhai.core.tables import read_tables
    from trienkhai.organisation.models import Level
    from trienkhai.organisation.operations import existing_units, import_structure
    from trienkhai.organisation.readers import read_structure

    day = on.date()
    levels = list(Level.objects.order_by("rank"))
    words = {word: level.code for level in levels for word in (level.name_vi, level.name_en)}
    structure = read_structure(
        read_tables(file, name=file.name),
        levels=[level.code for level in levels],
        level_names=words,
        existing=existing_units(on=day),
    )
    with errors.status(_("Adding %(number)s units …") % {"number": len(structure.rows)}):
        began = import_structure(structure.rows, scope=shell_scope(day), dry_run=dry_run)
    show(
        (_("Level"), _("Units")),
        ((str(level), began[level.code]) for level in levels if began[level.code]),
        total=(_("In all"), began.total()),
    )
    if dry_run:
        screen.print(_("Nothing was changed: this was a dry run."))


@app.command("show")
@verb
def show_(unit: UnitCode = "TW", level: LevelCode = "", on: Day = None, json: AsJson = False) -> None:
    """Show a unit, those above it and those directly under it."""
    from trienkhai.organisation.models import UnitVersion

    day = day_or_today(on)
    version = the_unit(unit, level, on=day)
    above = list(UnitVersion.objects.above(version.unit_id, on=day).select_related("level"))
    children = UnitVersion.objects.on(day).children_of(version.unit_id).select_related("level").in_name_order()
    if json:
        show_json(
            {
                "on": day,
                **named(version),
                "kind": version.kind,
                "above": [named(row) for row in above[:-1]],
                "units": [named(row) for row in children],
            }
        )
        return
    screen.print(" › ".join(row.name for row in above))
    if children:
        show((_("Code"), _("Name"), _("Level")), ((row.code, row.name, row.level) for row in children))
    else:
        screen.print(_("No unit stands under it."))
