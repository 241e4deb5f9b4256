"""The site: serve it, and load the demonstration."""

import os
import secrets
from typing import TYPE_CHECKING, Annotated

import typer
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from trienkhai.cli.session import installation, refusals_shown, screen, show, show_standings, tracked
from trienkhai.config import environment
from trienkhai.config.instance import as_owner
from trienkhai.core import supervisor
from trienkhai.core.templatetags.ui import count
from trienkhai.core.templatetags.ui import day as in_words

if TYPE_CHECKING:
    from trienkhai.tasks.models import Programme

DEMONSTRATION_DAY = "2021-09-15"

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on; live changes come from the next one.")]
Workers = Annotated[int, typer.Option(help="How many processes answer requests.", min=1)]


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 2) -> None:
    """Serve the site, with the processes that belong to it, until it is told to stop."""
    with installation():
        _prepare()
        code = _serve(host, port, workers)
    raise typer.Exit(code)


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = 2,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Load, print the summary and end.")] = False,
) -> None:
    """Load the demonstration, where it is not loaded yet, and serve it.

    A whole country's units, a year's programme issued to all of them, and simulated work.
    """
    with refusals_shown():
        _write_instance()
    code = 0
    with installation():
        from trienkhai.demo.load import load

        _prepare()
        with tracked() as track:
            programme = load(track)
        _summary(programme)
        if not no_serve:
            code = _serve(host, port, workers)
    raise typer.Exit(code)


def _write_instance() -> None:
    """Make the checkout's instance a demonstration, unless something else stands there already."""
    file = environment.INSTANCE_FILE
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        values = {
            "TRIENKHAI_TODAY": DEMONSTRATION_DAY,
            "TRIENKHAI_SECRET_KEY": secrets.token_urlsafe(48),
            "TRIENKHAI_HOSTS": "localhost,127.0.0.1",
            "TRIENKHAI_HTTPS": "no",
            "TRIENKHAI_FILES": str(file.parent / "files"),
        }
        text = "# A demonstration, made by `trienkhai demo`.\n" + "".join(f"{k}={v}\n" for k, v in values.items())
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            stream.write(text)
    environment.load_instance(file)
    if not os.environ.get("TRIENKHAI_TODAY"):
        raise ImproperlyConfigured(
            f"{file} holds an installation that is no demonstration. Load the demonstration in another checkout."
        )


def _prepare() -> None:
    """Bring tables and static files to the present version of the program."""
    from django.core.management import call_command

    with as_owner():
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


def _summary(programme: "Programme") -> None:
    from trienkhai.accounts.models import User
    from trienkhai.accounts.rules import DEMONSTRATION_PASSWORD
    from trienkhai.core import clock
    from trienkhai.organisation.models import UnitVersion
    from trienkhai.organisation.operations import CENTRE_CODE
    from trienkhai.progress.queries import rollup as roll_up

    today = clock.today()
    centre = UnitVersion.objects.by_code(CENTRE_CODE, on=today)
    found = roll_up(centre, programme=programme, on=today)
    screen.print(
        _("%(units)s units, %(tasks)s tasks, %(assignments)s assignments; standing on %(day)s (simulated reports):")
        % {
            "units": count(UnitVersion.objects.on(today).count()),
            "tasks": len(found.tasks),
            "assignments": count(found.whole.assignments),
            "day": in_words(today),
        }
    )
    show_standings(found.whole)
    people = User.objects.filter(is_demonstration=True).order_by("pk")
    show((_("Login"), _("Name")), people.values_list("username", "name"))
    screen.print(_("The password of all of them is %(password)s") % {"password": DEMONSTRATION_PASSWORD})


def _serve(host: str, port: int, workers: int) -> int:
    from django.conf import settings

    address = f"http://{host}:{port}"

    def ready() -> None:
        screen.print(_("The site runs on %(address)s (Ctrl-C stops it).") % {"address": address})

    return supervisor.serve(
        host,
        port,
        live_port=settings.LIVE_PORT or port + 1,
        is_proxied=settings.HTTPS,
        workers=workers,
        ready=ready,
        say=screen.print,
    )
