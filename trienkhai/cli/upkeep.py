"""`trienkhai check` and `measure`: whether everything is true, and how fast it is."""

import subprocess
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from django.utils.translation import gettext as _

from trienkhai.cli.session import AsJson, Day, day_or_today, errors, screen, shell_scope, show, show_json, verb
from trienkhai.config import environment

if TYPE_CHECKING:
    from trienkhai.core.integrity import Finding


@verb
def check(
    on: Day = None,
    json: AsJson = False,
    recount: Annotated[
        bool, typer.Option("--recount", help="First make the ledger anew from the assignments.")
    ] = False,
) -> None:
    """Ask whether everything is true that must be, a recount of the ledger included; code 1 if there is an error."""
    from trienkhai.core.integrity import Severity, checks, findings
    from trienkhai.progress.operations import recount_ledger

    if recount:
        with errors.status(_("Making the ledger anew …")):
            recount_ledger(scope=shell_scope())
    with errors.status(_("Checking …")):
        found = list(findings(on=day_or_today(on)))
    if json:
        show_json([_as_json(finding) for finding in found])
    elif found:
        _show_findings(found)
    else:
        screen.print(_("%(number)s checks found nothing wrong.") % {"number": len(checks())})
    if any(finding.check.severity is Severity.ERROR for finding in found):
        raise typer.Exit(1)


def _as_json(finding: "Finding") -> dict[str, str]:
    return {
        "check": finding.check.name,
        "severity": finding.check.severity.value,
        "fault": _(finding.check.fault),
        "advice": _(finding.check.advice),
        "subject": finding.subject,
        "detail": finding.detail,
    }


def _show_findings(found: "Sequence[Finding]") -> None:
    for check, findings in groupby(found, key=lambda finding: finding.check):
        rows = [(finding.subject, finding.detail) for finding in findings]
        screen.print(f"{check.severity.label}: {_(check.fault)}", style="bold")
        screen.print(f"{_(check.advice)} ({check.name})")
        show((_("Where"), _("What")), rows)


def measure(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Paths to measure; all without.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Also write the figures to this file.")] = None,
) -> None:
    """Measure the hot paths beside their raw-SQL twins on a throw-away server; code 1 if a ceiling is passed."""
    if not (environment.CHECKOUT / "benchmarks").is_dir():
        errors.print("The measurements are part of the checkout, not of the installed package.")
        raise typer.Exit(1)
    target = ["--json", str(json.resolve())] if json else []
    command = [sys.executable, "-m", "benchmarks", *(names or []), *target]
    raise typer.Exit(subprocess.run(command, cwd=environment.CHECKOUT, check=False).returncode)  # noqa: S603
