"""What the verbs of the command line share: the installation, the scope of the shell, how answers and errors look."""

import functools
import getpass
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, ParamSpec

import typer
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, ProgrammingError
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from psycopg.errors import UndefinedColumn, UndefinedFunction, UndefinedTable
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from trienkhai.config.instance import instance
from trienkhai.core import clock
from trienkhai.core.errors import BadInput, DomainError
from trienkhai.core.templatetags.ui import STANDING_LABELS, count, share
from trienkhai.core.templatetags.ui import day as in_words

if TYPE_CHECKING:
    from trienkhai.organisation.models import UnitVersion
    from trienkhai.organisation.scoping import Scope
    from trienkhai.progress.rules import Figures

P = ParamSpec("P")

# What people have written is shown as it stands, brackets and colons too.
screen = Console(markup=False, emoji=False)
errors = Console(stderr=True, markup=False, emoji=False)

Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day to read for; by default today.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
UnitCode = Annotated[str, typer.Option("--unit", help="The code of the unit; TW is the centre.")]
LevelCode = Annotated[str, typer.Option("--level", help="The level, where a code stands for several units.")]
ProgrammeNumber = Annotated[int, typer.Option("--programme", help="The number of the programme.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, change nothing.")]
TableFile = Annotated[Path, typer.Argument(help="A CSV or XLSX file.")]


def no_longer_than(limit: int, *, is_required: bool = False) -> Callable[[str], str]:
    """Return what refuses the value of an option that its column cannot hold, or that is blank and must not be."""

    def check(text: str) -> str:
        if len(text) > limit or (is_required and not text.strip()):
            raise typer.BadParameter(f"{'1' if is_required else '0'} to {limit} characters")
        return text

    return check


def verb(function: Callable[P, None]) -> Callable[P, None]:
    """Run a verb within the installation."""

    @functools.wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        with installation():
            function(*arguments, **options)

    return run


@contextmanager
def installation() -> Iterator[None]:
    """Run the block within the installation, in the language of the terminal; a refusal ends it with code 1.

    What keeps the installation from starting is said in English, since no language is known by then.
    """
    with refusals_shown(), instance(), terminal_language(), refusals_shown():
        yield


@contextmanager
def refusals_shown() -> Iterator[None]:
    """Show a refusal as a sentence, with every bad place of a file, instead of a traceback."""
    try:
        yield
    except BadInput as error:
        _refuse(error, _problems(error))
    except (DomainError, ImproperlyConfigured) as error:
        _refuse(error)
    except OperationalError as error:
        _refuse(_("The database cannot do this now: %(reason)s") % {"reason": str(error).strip()})
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn | UndefinedFunction):
            raise
        _refuse(_("The tables are not those of this version of the program; `trienkhai serve` brings them up to it."))


def _refuse(sentence: object, details: Table | None = None) -> NoReturn:
    errors.print(str(sentence), style="bold red")
    if details is not None:
        errors.print(details)
    raise typer.Exit(1) from None


def _problems(error: BadInput) -> Table:
    """Return where a file is bad, without the columns that no bad place fills."""
    columns = {
        _("Sheet"): [problem.sheet for problem in error.problems],
        _("Line"): ["" if problem.line is None else str(problem.line) for problem in error.problems],
        _("Column"): [problem.column for problem in error.problems],
        _("Value"): [problem.value[:60] for problem in error.problems],
        _("Reason"): [str(problem.message) for problem in error.problems],
    }
    filled = {heading: cells for heading, cells in columns.items() if any(cells)}
    table = Table()
    for heading in filled:
        table.add_column(heading, overflow="fold")
    for cells in zip(*filled.values(), strict=True):
        table.add_row(*cells)
    return table


@contextmanager
def terminal_language() -> Iterator[None]:
    """Speak Vietnamese where the terminal does, else English."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    with translation.override("vi" if wanted.startswith("vi") else "en"):
        yield


def shell_scope(day: date | None = None) -> "Scope":
    """Return the scope of the shell of the server: everything, on the present day or on the one given."""
    from trienkhai.audit.models import Source
    from trienkhai.organisation.scoping import Scope

    return Scope.system(getpass.getuser(), on=day or clock.today(), source=Source.SHELL)


def day_or_today(day: datetime | None) -> date:
    """Return the day of `--on`, or today."""
    return day.date() if day else clock.today()


def the_unit(code: str, level: str, *, on: date) -> "UnitVersion":
    """Return the version of the unit that `--unit` and `--level` name on a day."""
    from trienkhai.organisation.models import UnitVersion

    version: UnitVersion = UnitVersion.objects.by_code(code, on=on, level=level)
    return version


def named(version: "UnitVersion") -> dict[str, object]:
    """Return how a unit is named in JSON."""
    return {"code": version.code, "level": version.level.code, "name": version.name}


def show(
    headings: Sequence[str], lines: Iterable[Sequence[object]], *, title: str = "", total: Sequence[object] = ()
) -> None:
    """Print a table, with the totals under it where there are any; numbers stand right, a float is a share (0–1)."""
    rows = [list(line) for line in lines]
    table = Table(title=title or None, title_justify="left", show_footer=bool(total))
    for place, heading in enumerate(headings):
        is_number = bool(rows) and all(isinstance(row[place], int | float) for row in rows)
        table.add_column(
            heading,
            footer=_cell(total[place]) if total else "",
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=any(isinstance(row[place], date) for row in rows),
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    screen.print(table)


def show_standings(figures: "Figures") -> None:
    """Print how many assignments have each standing, and their share of all."""
    show(
        (_("Standing"), _("Assignments"), _("Share")),
        (
            (capfirst(str(STANDING_LABELS[name])), number, number / max(figures.assignments, 1))
            for name, number in figures.standings.items()
        ),
        total=(_("In all"), figures.assignments, ""),
    )


def _cell(value: object) -> str:
    if isinstance(value, int):
        return count(value)
    if isinstance(value, float):
        return share(value)
    if isinstance(value, date):
        return in_words(value)
    return "–" if value is None else str(value)


def show_json(value: Any) -> None:
    """Print a value as JSON, on standard output and without colours."""
    typer.echo(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))


@contextmanager
def tracked() -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """Give a function that begins a progress bar of a label and a total and returns what adds to its count."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", justify="right"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen) as progress:

        def track(label: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(label, total=total or None, rate="")

            def done(number: int) -> None:
                progress.update(task, advance=number)
                state = progress.tasks[progress.task_ids.index(task)]
                if not total:
                    progress.update(task, total=state.completed)
                if state.elapsed:
                    progress.update(task, rate=f"{state.completed / state.elapsed:,.0f}/s")

            return done

        yield track
