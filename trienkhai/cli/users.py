"""`trienkhai user`: who logs in, and what they may do where."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from trienkhai.cli.session import (
    AsJson,
    Day,
    LevelCode,
    UnitCode,
    day_or_today,
    no_longer_than,
    screen,
    shell_scope,
    show,
    show_json,
    the_unit,
    verb,
)

if TYPE_CHECKING:
    from trienkhai.accounts.models import User
    from trienkhai.organisation.scoping import Role

app = typer.Typer(help="People who log in, their roles and their tokens.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The name with which the user logs in.")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for if left out.")
]
RoleName = Annotated[
    str, typer.Option("--role", help="viewer, reporter, reviewer, issuer, organiser, inspector or administrator.")
]


@app.command("add")
@verb
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="The user's own name, family name first.")],
    password: Password,
    email: Annotated[str, typer.Option(help="An e-mail address.")] = "",
) -> None:
    """Make somebody who can log in; roles are given by `trienkhai user grant`."""
    from trienkhai.access.operations import make_user

    user = make_user(username, name=name, password=password, email=email, scope=shell_scope())
    screen.print(_("%(name)s can log in as %(username)s.") % {"name": user.name, "username": user.username})


@app.command("password")
@verb
def password_(username: Username, password: Password) -> None:
    """Give a user another password."""
    from trienkhai.access.operations import change_password

    change_password(_user(username), password=password, scope=shell_scope())
    screen.print(_("The password of %(username)s was changed.") % {"username": username})


@app.command("grant")
@verb
def grant(
    username: Username,
    role: RoleName,
    unit: UnitCode,
    level: LevelCode = "",
    start: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; today.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The day after the last.")
    ] = None,
) -> None:
    """Give a user a role under a unit."""
    from trienkhai.access.operations import give_role

    scope = shell_scope()
    version = the_unit(unit, level, on=scope.on)
    give_role(
        _user(username),
        role=_role(role),
        unit_id=version.unit_id,
        start=start.date() if start else None,
        end=end.date() if end else None,
        scope=scope,
    )
    screen.print(
        _("%(username)s is %(role)s under %(unit)s.")
        % {"username": username, "role": str(_role(role).label), "unit": version.name}
    )


@app.command("revoke")
@verb
def revoke(username: Username, role: RoleName, unit: UnitCode, level: LevelCode = "") -> None:
    """End a role of a user under a unit; it holds no more today."""
    from trienkhai.access.models import Grant
    from trienkhai.access.operations import end_role
    from trienkhai.core.errors import DomainError

    scope = shell_scope()
    version = the_unit(unit, level, on=scope.on)
    given = Grant.objects.filter(user=_user(username), role=_role(role), unit_id=version.unit_id)
    held = given.lasting(scope.on).order_by("valid").first()
    if held is None:
        raise DomainError("grant_unknown", _("The user holds this role under this unit neither today nor later."))
    end_role(held, scope=scope)
    screen.print(_("The role has ended."))


@app.command("token")
@verb
def token(
    username: Username,
    name: Annotated[
        str, typer.Option(help="What the token is used for.", callback=no_longer_than(100, is_required=True))
    ],
    permissions: Annotated[list[str], typer.Option("--permission", help="A right; may be given several times.")],
    until: Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day.")] = None,
) -> None:
    """Make an API token for a user and print it, this once."""
    from trienkhai.access.operations import issue_token

    _issued, characters = issue_token(
        _user(username),
        name=name,
        permissions=permissions,
        expires_on=until.date() if until else None,
        scope=shell_scope(),
    )
    typer.echo(characters)


@app.command("list")
@verb
def list_(on: Day = None, json: AsJson = False) -> None:
    """List who logs in, with the roles that they hold on a day."""
    from trienkhai.access.models import Grant
    from trienkhai.accounts.models import User
    from trienkhai.organisation.models import UnitVersion

    day = day_or_today(on)
    names = {}
    grants: dict[int, list[tuple[str, int]]] = {}
    for user_id, role, unit_id in Grant.objects.on(day).order_by("pk").values_list("user_id", "role", "unit_id"):
        grants.setdefault(user_id, []).append((role, unit_id))
    wanted = {unit_id for held in grants.values() for _role, unit_id in held}
    for unit_id, code, level, unit_name in (
        UnitVersion.objects.on(day).filter(unit_id__in=wanted).values_list("unit_id", "code", "level__code", "name")
    ):
        names[unit_id] = {"code": code, "level": level, "name": unit_name}
    users: list[dict[str, Any]] = [
        {
            "username": user.username,
            "name": user.name,
            "is_active": user.is_active,
            "grants": [{"role": role, "unit": names.get(unit_id)} for role, unit_id in grants.get(user.pk, ())],
        }
        for user in User.objects.order_by("username")
    ]
    if json:
        show_json(users)
        return
    show(
        (_("Login"), _("Name"), _("Roles")),
        ((user["username"], user["name"], "\n".join(_in_words(held) for held in user["grants"])) for user in users),
    )


def _in_words(held: dict[str, Any]) -> str:
    from trienkhai.organisation.scoping import Role

    return f"{Role(held['role']).label}: {held['unit']['name'] if held['unit'] else '–'}"


def _user(username: str) -> "User":
    from trienkhai.accounts.models import User
    from trienkhai.core.errors import DomainError

    found = User.objects.filter(username=username).first()
    if found is None:
        raise DomainError("user_unknown", _("Nobody logs in as %(username)s.") % {"username": username})
    return found


def _role(name: str) -> "Role":
    from trienkhai.core.errors import DomainError
    from trienkhai.organisation.scoping import Role

    if name not in Role.values:
        raise DomainError(
            "role_unknown",
            _("There is no role called %(name)s; there are %(roles)s.")
            % {"name": name, "roles": ", ".join(Role.values)},
        )
    return Role(name)
