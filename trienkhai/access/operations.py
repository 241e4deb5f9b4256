"""Everything that changes who logs in and what they may do where."""

from collections.abc import Collection
from datetime import date, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _
from psycopg.types.range import DateRange

from trienkhai.access.models import Grant
from trienkhai.access.permissions import ADMINISTER
from trienkhai.accounts.models import ApiToken, User
from trienkhai.accounts.rules import LONGEST_TOKEN_DAYS, TOKEN_DAYS, digest_of, hint_of, new_token
from trienkhai.audit.operations import operation
from trienkhai.core.errors import DomainError
from trienkhai.organisation.scoping import Role, Scope, all_permissions


def make_user(
    username: str, *, name: str, password: str, scope: Scope, email: str = "", is_demonstration: bool = False
) -> User:
    """Make somebody who can log in and may do nothing yet.

    Raises DomainError `username_taken`, `username_unfit` or `password_weak`; PermissionDenied unless the scope may do
    everything.
    """
    scope.require_everything(ADMINISTER)
    user = User(username=username, name=name.strip(), email=email, is_demonstration=is_demonstration)
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        raise DomainError("username_unfit", " ".join(error.messages)) from None
    _set_password(user, password)
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError("username_taken", _("Somebody logs in as %(name)s already.") % {"name": username})
    with operation("access.make_user", by=scope) as entry:
        user.save(force_insert=True)
        entry.detail = {"user": user.pk, "username": username}
    return user


def change_password(user: User, *, password: str, scope: Scope) -> None:
    """Give a user another password, which ends their sessions.

    Raises DomainError `password_weak`; PermissionDenied unless the scope may do everything.
    """
    scope.require_everything(ADMINISTER)
    _set_password(user, password)
    with operation("access.change_password", by=scope) as entry:
        user.save(update_fields=["password"])
        entry.detail = {"user": user.pk}


def give_role(
    user: User, *, role: Role, unit_id: int, scope: Scope, start: date | None = None, end: date | None = None
) -> Grant:
    """Give a user a role under a unit, from the day `start` (by default that of the scope) to the day before `end`.

    Raises DomainError `grant_empty`, or `grant_overlaps` if the role is held there on one of these days already;
    PermissionDenied unless the scope administers the unit.
    """
    scope.require(ADMINISTER, at=unit_id)
    first = start or scope.on
    if end is not None and end <= first:
        raise DomainError("grant_empty", _("The last day of a grant lies before its first."))
    try:
        with operation("access.give_role", by=scope) as entry:
            grant: Grant = Grant.objects.create(user=user, role=role, unit_id=unit_id, valid=DateRange(first, end))
            entry.detail = {"grant": grant.pk, "user": user.pk, "role": role, "unit": unit_id}
    except IntegrityError as error:
        if "grant_one_at_a_time" not in str(error):
            raise
        raise DomainError(
            "grant_overlaps", _("The user holds this role under this unit on one of these days already.")
        ) from None
    return grant


def end_role(grant: Grant, *, scope: Scope) -> None:
    """End a grant with the day before that of the scope, so that it holds no more today.

    One that has not begun before that day is taken back as a whole; the history keeps it. Raises DomainError
    `grant_ended` if it ended before; PermissionDenied unless the scope administers the unit.
    """
    scope.require(ADMINISTER, at=grant.unit_id)
    with operation("access.end_role", by=scope) as entry:
        held = Grant.objects.filter(pk=grant.pk)
        begun = held.lasting(scope.on).filter(valid__startswith__lt=scope.on)
        touched = begun.update(valid=DateRange(grant.valid.lower, scope.on))
        touched += held.filter(valid__startswith__gte=scope.on).delete()[0]
        if touched != 1:
            raise DomainError("grant_ended", _("This grant has ended already."))
        entry.detail = {"grant": grant.pk, "user": grant.user_id, "role": grant.role, "unit": grant.unit_id}


def issue_token(
    user: User, *, name: str, permissions: Collection[str], scope: Scope, expires_on: date | None = None
) -> tuple[ApiToken, str]:
    """Make an API token for a user and return it with its characters, which are shown this once.

    `permissions` are names of rights; the token can do what both they and the user's grants allow. Raises DomainError
    `permission_unknown`, `permission_missing`, `name_missing` or `expiry_unfit`; PermissionDenied unless the scope is
    the user's own or may do everything. A token cannot make tokens.
    """
    _require_self(user, scope=scope)
    known = {permission.name for permission in all_permissions()}
    if not permissions:
        raise DomainError("permission_missing", _("Choose at least one thing that the token may do."))
    if unknown := sorted(set(permissions) - known):
        raise DomainError(
            "permission_unknown",
            _("There is no right called %(unknown)s; there are %(known)s.")
            % {"unknown": ", ".join(unknown), "known": ", ".join(sorted(known))},
        )
    if not name.strip():
        raise DomainError("name_missing", _("Say what the token is used for."))
    last_day = expires_on or scope.on + timedelta(days=TOKEN_DAYS)
    if not scope.on < last_day <= scope.on + timedelta(days=LONGEST_TOKEN_DAYS):
        raise DomainError(
            "expiry_unfit", _("A token expires after today and within %(days)s days.") % {"days": LONGEST_TOKEN_DAYS}
        )
    token = new_token()
    with operation("access.issue_token", by=scope) as entry:
        issued: ApiToken = ApiToken.objects.create(
            user=user,
            name=name.strip(),
            hint=hint_of(token),
            digest=digest_of(token),
            permissions=sorted(set(permissions)),
            issued_on=scope.on,
            expires_on=last_day,
        )
        entry.detail = {"token": issued.pk, "user": user.pk, "permissions": issued.permissions}
    return issued, token


def revoke_token(token: ApiToken, *, scope: Scope) -> None:
    """Make a token useless at once.

    Raises DomainError `token_revoked` if it is so already; PermissionDenied unless the scope is that of its user or
    may do everything.
    """
    _require_self(token.user, scope=scope)
    with operation("access.revoke_token", by=scope) as entry:
        if ApiToken.objects.filter(pk=token.pk, revoked_on=None).update(revoked_on=scope.on) != 1:
            raise DomainError("token_revoked", _("This token was revoked already."))
        entry.detail = {"token": token.pk, "user": token.user_id}


def _require_self(user: User, *, scope: Scope) -> None:
    is_own = scope.actor_id == user.pk and scope.limited_to is None
    if not (scope.is_unlimited or is_own):
        raise PermissionDenied("access.tokens")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise DomainError("password_weak", " ".join(error.messages)) from None
    user.set_password(password)
