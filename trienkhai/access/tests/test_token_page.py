import pytest
from django.utils import translation

from trienkhai.access.operations import issue_token
from trienkhai.accounts.models import ApiToken


@pytest.fixture
def page(world, client):
    client.force_login(world.user("lan"))
    with translation.override("vi"):
        yield client


def test_a_made_token_is_shown_once(page):
    made = page.post("/tokens/", {"name": "số liệu", "permissions": ["organisation.read", "progress.report"]})
    again = page.get("/tokens/")

    token = ApiToken.objects.get()
    assert token.permissions == ["organisation.read", "progress.report"]
    assert made.context["token"].startswith(token.hint)
    assert made.context["token"] in made.content.decode()
    assert made.context["token"] not in again.content.decode()
    assert token.hint in again.content.decode()


@pytest.mark.parametrize("answer", [{}, {"name": "x", "permissions": ["unknown"]}, {"name": "x", "expires_on": "mai"}])
def test_a_token_without_what_it_needs_is_not_made(page, answer):
    response = page.post("/tokens/", answer)

    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_owner_only(world, page):
    (own, _), (other, _) = (
        issue_token(world.user(name), name="x", permissions=["organisation.read"], scope=world.shell())
        for name in ("lan", "centre")
    )

    assert page.post(f"/tokens/{own.pk}/revoke/").status_code == 302
    assert page.post(f"/tokens/{other.pk}/revoke/").status_code == 404
    assert list(ApiToken.objects.filter(revoked_on=None)) == [other]
