"""A number that no row can have is not there, or is refused: it never breaks a page or an operation of the API."""

import json
import re

import pytest
from django.urls import get_resolver, reverse

from tests.test_routes import routes
from trienkhai.access.operations import give_role, issue_token
from trienkhai.config.api import api
from trienkhai.organisation.scoping import Role, all_permissions

pytestmark = pytest.mark.django_db

NUMBERS = (0, 2**31, 2**63 - 1, 2**63, 10**40)


BODIES = {
    "submit_report": {"progress": 1},
    "decide_report": {"is_accepted": True},
    "derive_task": {
        "title": "Nhiệm vụ",
        "has_no_deadline": True,
        "product": "Báo cáo",
        "acceptance_test": "Có số",
        "authority": "Nghị quyết",
        "lead": {"level": "commune"},
    },
}
"""What the operations on one row take besides its number."""


def pages():
    """Return every route of a page with a number in its address, and the name of the number."""
    entries = get_resolver().reverse_dict
    return [
        (name, key)
        for name, _view in routes()
        if not name.startswith("api:")
        for _path, keys in entries.getlist(name)[0][0]
        for key in keys
    ]


def operations():
    """Return method, address, and what is described of every operation of the API."""
    return [
        pytest.param(method, path, described, id=f"{method} {path}")
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, described in methods.items()
    ]


def numbers_of(described):
    """Return the names of the numbers that an operation takes in its query."""
    for parameter in described.get("parameters", ()):
        schema = parameter["schema"]
        kinds = {kind.get("type") for kind in (schema, *schema.get("anyOf", ()))}
        if parameter["in"] == "query" and "integer" in kinds:
            yield parameter["name"]


@pytest.fixture
def everything(world, settings):
    """Let somebody hold every role over the whole country, on the day after a programme was issued."""
    settings.DEMONSTRATION_DAY = world.day(1)
    world.issue()
    user = world.user("everything")
    for role in Role:
        give_role(user, role=role, unit_id=world.centre.unit_id, scope=world.shell())
    return user


@pytest.fixture
def send(world, client, everything):
    """Return what sends a request to the API with every right."""
    permissions = [permission.name for permission in all_permissions()]
    _token, characters = issue_token(everything, name="x", permissions=permissions, scope=world.shell())

    def send(method, path, body=None, **query):
        return client.generic(
            method.upper(),
            path,
            json.dumps(body),
            content_type="application/json",
            query_params=query,
            headers={"Authorization": f"Bearer {characters}"},
        )

    return send


@pytest.mark.parametrize("number", NUMBERS, ids=str)
@pytest.mark.parametrize(("route", "key"), pages())
def test_a_page_of_a_number_beyond_range_is_not_there(client, everything, route, key, number):
    client.force_login(everything)

    path = reverse(route, kwargs={key: number})

    answers = {client.get(path).status_code, client.post(path).status_code}
    assert 404 in answers
    assert answers <= {404, 405}


@pytest.mark.parametrize(("method", "path", "described"), [case for case in operations() if "{" in case.values[1]])
def test_an_operation_on_a_number_beyond_range_is_refused(send, method, path, described):
    body = BODIES.get(described["operationId"])
    query = {"programme": 1} if "programme" in numbers_of(described) else {}
    assert (body is not None) is ("requestBody" in described)

    for number in NUMBERS:
        response = send(method, re.sub(r"{[^}]+}", str(number), path), body, **query)

        # What the statement of a batch judges is refused by it, as one line of many; a number is checked before.
        refused = 422 if described["operationId"] in ("decide_report", "submit_report") else 404
        assert response.status_code in (404, refused), number
        assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "described"), [case for case in operations() if [*numbers_of(case.values[2])]]
)
def test_a_number_beyond_range_in_a_query_is_refused_or_finds_nothing(world, send, method, path, described):
    path = path.replace("{unit_id}", str(world.centre.unit_id)).replace("{number}", "1")

    for name in numbers_of(described):
        for number in (-1, *NUMBERS[2:]):
            assert send(method, path, **{name: number}).status_code in (200, 404, 422), (name, number)
