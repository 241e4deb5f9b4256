from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from trienkhai.access.operations import issue_token, revoke_token
from trienkhai.accounts.models import ApiToken
from trienkhai.core.errors import DomainError

READING = ["organisation.read"]


def issued(world, **options):
    said = {"name": "số liệu tháng", "permissions": READING, "scope": world.shell()} | options
    return issue_token(world.user("lan"), **said)


def test_a_token_is_recognised_and_never_stored(world):
    token, characters = issued(world)

    assert ApiToken.objects.recognise(characters, on=world.day()) == token
    assert characters not in {str(value) for row in ApiToken.objects.values() for value in row.values()}


@pytest.mark.parametrize(("day", "holds"), [(1, True), (90, True), (91, False)])
def test_a_token_holds_to_its_last_day(world, day, holds):
    _token, characters = issued(world)

    assert (ApiToken.objects.recognise(characters, on=world.day(day)) is not None) is holds


def test_a_forged_token_is_nobody(world):
    _token, characters = issued(world)

    assert ApiToken.objects.recognise(characters[:-1] + "x", on=world.day()) is None


def test_a_revoked_token_works_no_more(world):
    token, characters = issued(world)

    revoke_token(token, scope=world.shell())

    assert ApiToken.objects.recognise(characters, on=world.day()) is None
    with pytest.raises(DomainError) as refused:
        revoke_token(token, scope=world.shell())
    assert refused.value.code == "token_revoked"


def test_a_token_of_somebody_who_was_locked_out_works_no_more(world):
    _token, characters = issued(world)
    user = world.user("lan")
    user.is_active = False
    user.save()

    assert ApiToken.objects.recognise(characters, on=world.day()) is None


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
