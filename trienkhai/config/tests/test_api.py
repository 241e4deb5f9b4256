import json
from pathlib import Path

import pytest
from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from trienkhai.access.operations import give_role, issue_token, revoke_token
from trienkhai.config import environment
from trienkhai.config.api import api
from trienkhai.organisation import queries
from trienkhai.organisation.scoping import Role

OPENAPI = environment.CHECKOUT / "docs/openapi.json"


@pytest.fixture
def token(world):
    return issue_token(world.user("lan"), name="x", permissions=["organisation.read"], scope=world.shell())


def get(client, path, characters):
    return client.get(path, headers={"Authorization": f"Bearer {characters}"})


def test_the_committed_schema_is_what_the_api_offers():
    offered = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))

    assert json.loads(Path(OPENAPI).read_text(encoding="utf-8")) == offered, "run `make openapi`"


def test_every_operation_says_how_it_refuses():
    operations = [operation for path in api.get_openapi_schema()["paths"].values() for operation in path.values()]

    assert len(operations) > 15
    assert all("application/problem+json" in operation["responses"]["default"]["content"] for operation in operations)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer tk_forged", "Basic bGFuOmxhbg==", "Bearer \u00e9"])
def test_without_a_valid_token_nothing_is_answered(world, client, header):
    response = client.get("/api/v1/units", headers={} if header is None else {"Authorization": header})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["code"] == "token_needed"


def test_a_login_by_cookie_means_nothing_to_the_api(world, client):
    client.force_login(world.user("centre"))

    assert client.get("/api/v1/units").status_code == 401


def test_an_expired_token_is_refused(world, client, token, settings):
    settings.DEMONSTRATION_DAY = world.day(90)
    on_its_last_day = get(client, "/api/v1/units", token[1])
    settings.DEMONSTRATION_DAY = world.day(91)
    the_day_after = get(client, "/api/v1/units", token[1])

    assert (on_its_last_day.status_code, the_day_after.status_code) == (200, 401)


def test_a_revoked_token_is_refused(world, client, token, settings):
    settings.DEMONSTRATION_DAY = world.day(1)
    revoke_token(token[0], scope=world.shell())

    assert get(client, "/api/v1/units", token[1]).status_code == 401


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/units/999999999999", 404, "not_found"),
        ("/api/v1/units?limit=201", 422, "malformed"),
        ("/api/v1/units?on=2021-02-30", 422, "malformed"),
        ("/api/v1/units?after=-1", 422, "malformed"),
        (f"/api/v1/units?after={10**30}", 422, "malformed"),
    ],
)
def test_what_is_wrong_is_a_problem_with_a_stable_code(world, client, token, settings, path, status, code):
    settings.DEMONSTRATION_DAY = world.day(1)

    response = get(client, path, token[1])

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["code"], response.json()["status"]) == (code, status)


@pytest.mark.parametrize("query", ["name=d%00a nang", "code=4%008", "level=%00province&code=48"])
def test_a_nul_in_an_address_is_not_there(world, client, settings, query):
    settings.DEMONSTRATION_DAY = world.day(1)
    give_role(world.user("lan"), role=Role.VIEWER, unit_id=world.centre.unit_id, scope=world.shell())
    _token, characters = issue_token(
        world.user("lan"), name="x", permissions=["organisation.read"], scope=world.shell()
    )

    response = get(client, f"/api/v1/units?{query}", characters)

    assert [row["code"] for row in response.json()["units"]] == ["48"]


@pytest.mark.parametrize(
    ("path", "media_type", "body", "status", "code"),
    [
        ("/api/v1/reports/1:decide", "application/json", b'{"reason": "%s"}' % (b"x" * 3_000_000), 413, "too_large"),
        ("/api/v1/reports/1:decide", "application/json", b"[" * 100_000, 400, "request"),
        ("/api/v1/reports/1:decide", "application/json", b"\xff\xfe{", 400, "request"),
        ("/api/v1/files", "multipart/form-data", b"no boundary", 400, "request"),
    ],
    ids=["too large", "too deep", "not UTF-8", "no form"],
)
def test_what_cannot_be_read_is_the_senders_fault(world, client, token, settings, path, media_type, body, status, code):
    settings.DEMONSTRATION_DAY = world.day(1)

    response = client.generic(
        "POST", path, body, content_type=media_type, headers={"Authorization": f"Bearer {token[1]}"}
    )

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_during_a_reorganisation_the_api_asks_to_try_again(world, client, token, settings, monkeypatch):
    settings.DEMONSTRATION_DAY = world.day(1)

    def locked(*_arguments, **_options):
        raise OperationalError from LockNotAvailable()

    monkeypatch.setattr(queries.UnitVersionQuerySet, "in_name_order", locked)

    response = get(client, "/api/v1/units", token[1])

    assert (response.status_code, response["Retry-After"]) == (503, "60")


def test_a_failure_says_nothing_of_the_inside(world, client, token, settings, monkeypatch):
    settings.DEMONSTRATION_DAY = world.day(1)
    client.raise_request_exception = False

    def broken(*_arguments, **_options):
        raise RuntimeError("the secret of the inside")

    monkeypatch.setattr(queries.UnitVersionQuerySet, "in_name_order", broken)

    response = get(client, "/api/v1/units", token[1])

    assert response.status_code == 500
    assert "secret" not in response.content.decode()
