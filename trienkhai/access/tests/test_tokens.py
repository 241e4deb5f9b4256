from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.access.operations import give_role, issue_token, revoke_token
from trienkhai.access.queries import scope_of_token
from trienkhai.accounts.models import ApiToken
from trienkhai.core.errors import DomainError
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.scoping import Role
from trienkhai.progress.permissions import REPORT
from trienkhai.tasks.permissions import ISSUE

READING = ["organisation.read"]


def issued(world, **options):
    said = {"name": "số liệu tháng", "permissions": READING, "scope": world.shell()} | options
    return issue_token(world.user("lan"), **said)


def test_a_token_is_recognised_and_never_stored(world):
    token, characters = issued(world)

    scope = scope_of_token(characters, on=world.day())
    assert (scope.actor_id, scope.limited_to) == (token.user_id, frozenset(READING))
    assert characters not in {str(value) for row in ApiToken.objects.values() for value in row.values()}


def test_a_token_allows_no_more_than_the_grants_of_its_user_on_the_day(world):
    _token, characters = issued(world, permissions=["organisation.read", "tasks.issue"])
    commune = world.commune.unit_id
    give_role(world.user("lan"), role=Role.REPORTER, unit_id=commune, end=world.day(10), scope=world.shell())

    before, after = (scope_of_token(characters, on=world.day(day)) for day in (0, 10))

    assert [before.units(right) for right in (READ, REPORT, ISSUE)] == [[commune], [], []]
    assert after.units(READ) == []


@pytest.mark.parametrize(("day", "holds"), [(1, True), (90, True), (91, False)])
def test_a_token_holds_to_its_last_day(world, day, holds):
    _token, characters = issued(world)

    assert (scope_of_token(characters, on=world.day(day)) is not None) is holds


def test_a_forged_token_is_nobody(world):
    _token, characters = issued(world)

    assert scope_of_token(characters[:-1] + "x", on=world.day()) is None


def test_a_revoked_token_works_no_more(world):
    token, characters = issued(world)

    revoke_token(token, scope=world.shell())

    assert scope_of_token(characters, on=world.day()) is None
    with pytest.raises(DomainError) as refused:
        revoke_token(token, scope=world.shell())
    assert refused.value.code == "token_revoked"


def test_a_token_of_somebody_who_was_locked_out_works_no_more(world):
    _token, characters = issued(world)
    user = world.user("lan")
    user.is_active = False
    user.save()

    assert scope_of_token(characters, on=world.day()) is None


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"permissions": []}, "permission_missing"),
        ({"permissions": ["progress.everything"]}, "permission_unknown"),
        ({"name": "  "}, "name_missing"),
        ({"days": 0}, "expiry_unfit"),
        ({"days": 367}, "expiry_unfit"),
    ],
)
def test_a_token_that_cannot_be_is_refused_by_name(world, options, code):
    if "days" in options:
        options = {"expires_on": world.day() + timedelta(days=options["days"])}

    with pytest.raises(DomainError) as refused:
        issued(world, **options)

    assert refused.value.code == code
    assert not ApiToken.objects.exists()


def test_nobody_makes_tokens_for_others(world):
    with pytest.raises(PermissionDenied):
        issued(world, scope=world.scope("centre"))

    assert not ApiToken.objects.exists()
