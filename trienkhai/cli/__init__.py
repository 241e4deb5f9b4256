"""The command `trienkhai`: each verb parses its words, calls one operation or query, and shows the answer.

Whoever may use the shell of the server may do everything; what was done is in the history under their system name.
"""

import typer

from trienkhai.cli import organisation, programmes, reports, site, upkeep, users

app = typer.Typer(
    name="trienkhai",
    help="Carries an organisation of many levels from resolution to result.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(site.serve)
app.command("demo")(site.demo)
app.add_typer(organisation.app, name="organisation")
app.add_typer(programmes.app, name="programme")
app.command("report")(reports.report)
app.command("review")(reports.review)
app.command("rollup")(reports.rollup)
app.command("check")(upkeep.check)
app.command("measure")(upkeep.measure)
app.add_typer(users.app, name="user")


def main() -> None:
    """Run the command line."""
    app()
