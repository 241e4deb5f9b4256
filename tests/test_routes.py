"""Every page and every operation of the API is for those who may see what it shows, or is public with a reason."""

import re
from itertools import product

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from trienkhai.access.operations import give_role, issue_token
from trienkhai.config.api import api
from trienkhai.core.files import check_file, store_file
from trienkhai.organisation.permissions import READ
from trienkhai.organisation.scoping import Role
from trienkhai.progress.operations import register_file
from trienkhai.progress.rules import EvidenceLine

PUBLIC = {
    "account_login": "here people log in",
    "account_logout": "ends the session that asks for it, if there is one",
    "account_inactive": "says only that a login is switched off",
    "set_language": "keeps the language of the pages in a cookie",
    "api:api-root": "leads to the description of the API",
    "api:openapi-json": "describes the API, and nothing of the organisation",
}
"""The routes that do not ask who is there, and why."""

OWN = {
    "account_change_password": "changes the reader's own password",
    "account_reauthenticate": "asks for the reader's own password",
}
"""The routes of allauth about the reader's own login: they show nothing that belongs to a unit."""

READERS = ("outsider", "neighbour", "insider")
"""Somebody without any grant; an officer of another province; one of the district above, and of the centre."""

PAGES = {
    # route: method, then what each of the readers is answered
    "home": ("GET", 200, 302, 302),
    "unit_detail": ("GET", 404, 404, 200),
    "my_work": ("GET", 200, 200, 200),
    "assignment_list": ("GET", 404, 404, 200),
    "indicator_list": ("GET", 404, 404, 200),
    "programme_list": ("GET", 200, 200, 200),
    "programme_import": ("GET", 403, 200, 200),
    "programme_detail": ("GET", 404, 200, 200),
    "programme_issue": ("GET", 404, 403, 200),
    "programme_close": ("GET", 404, 403, 200),
    "unit_list": ("GET", 200, 200, 200),
    "unit_children": ("GET", 404, 404, 200),
    "assignment_detail": ("GET", 404, 404, 200),
    "report_submit": ("POST", 404, 404, 422),
    "task_derive": ("GET", 404, 404, 200),
    "report_decide": ("POST", 404, 404, 422),
    "evidence_download": ("GET", 404, 404, 200),
    "live_ticket": ("GET", 204, 204, 204),
    "token_list": ("GET", 200, 200, 200),
    "token_revoke": ("POST", 404, 404, 302),
}


def routes(resolver=None, namespace=""):
    """Yield every route by its name, with its view."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", entry.callback


def operations():
    """Return every operation of the API: its method, and an address of it."""
    return [
        (method, re.sub(r"{[^}]+}", "1", f"{reverse('api:api-root')}{prefix.strip('/')}{path}".replace("//", "/")))
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


@pytest.fixture
def shown(world):
    """Return one of everything that a page can show, all of it of one commune, by the name that routes give its key."""
    world.issue(world.task(evidence_required=True), world.task(2, to="district"))
    paper = check_file("Báo cáo".encode(), name="báo cáo.txt")
    store_file(paper)
    proof = EvidenceLine(register_file(paper, scope=world.shell()).pk, paper.name)
    report = world.result(world.assignment(world.south_commune), evidence=[proof])
    token, _characters = issue_token(
        world.user("insider"), name="Phần mềm", permissions=[READ.name], scope=world.shell()
    )
    return {
        "unit_id": world.south_commune.unit_id,
        "assignment_id": world.assignment(world.south_district, task=2).pk,
        "report_id": report.pk,
        "evidence_id": report.evidence.get().pk,
        "token_id": token.pk,
        "number": report.programme.number,
    }


@pytest.fixture
def readers(world):
    """Let the readers log in, with what they may do."""
    for role, unit in product(Role, (world.centre, world.south_district)):
        give_role(world.user("insider"), role=role, unit_id=unit.unit_id, scope=world.shell())
    for role in Role:
        give_role(world.user("neighbour"), role=role, unit_id=world.north.unit_id, scope=world.shell())

    def log_in(name):
        client = Client()
        client.force_login(world.user(name))
        return client

    return {name: log_in(name) for name in READERS}


def address(name, shown):
    """Return an address of a route, with the keys of what is shown in it."""
    wanted = {key for _path, keys in get_resolver().reverse_dict.getlist(name)[0][0] for key in keys}
    return reverse(name, kwargs={key: shown[key] for key in wanted})


def test_what_does_not_ask_who_is_there_is_public_for_a_reason():
    asks_nobody = {name for name, view in routes() if not getattr(view, "login_required", True)}
    of_programs = {name for name in asks_nobody if name.startswith("api:")}

    assert asks_nobody - of_programs == {name for name in PUBLIC if not name.startswith("api:")}


def test_every_route_stands_in_the_tables_of_this_file():
    known = PAGES.keys() | PUBLIC.keys() | OWN.keys()
    named = {name for name, _view in routes()}

    assert {name for name in named - known if not name.startswith("api:")} == set()
    assert known - named == set()


@pytest.mark.django_db
@pytest.mark.parametrize("route", [*PAGES, *OWN])
def test_nobody_sees_a_page_before_logging_in(client, shown, route):
    response = client.generic(PAGES.get(route, ("GET",))[0], address(route, shown))

    assert (response.status_code, response.headers.get("Location", "").partition("?")[0]) == (
        302,
        resolve_url(settings.LOGIN_URL),
    )


def status(response):
    """Return the status of an answer once it was read to its end, which closes the file that it may be."""
    response.getvalue()
    return response.status_code


@pytest.mark.django_db
@pytest.mark.parametrize("route", PAGES)
def test_a_page_is_for_those_who_may_see_what_it_shows(readers, shown, route):
    method, *expected = PAGES[route]
    path = address(route, shown)

    answers = {name: status(client.generic(method, path)) for name, client in readers.items()}

    assert answers == dict(zip(READERS, expected, strict=True))


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path"), operations())
def test_no_operation_of_the_api_answers_without_a_token(client, method, path):
    assert client.generic(method, path).status_code == 401
