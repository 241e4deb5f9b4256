"""What goes wrong, as the API says it: problem details by RFC 9457."""

from typing import Any

from django.http import HttpResponse
from django.http.response import JsonResponse
from django.utils.translation import gettext as _

from trienkhai.core.errors import BadInput, Conflict, DomainError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = "60"


def problem(status: int, code: str, title: str, **more: Any) -> HttpResponse:
    """Return a problem: `code` is stable and English, `title` says what it is in the reader's language.

    `more` are members beside them: `detail`, `problems` (every bad place), `yours` and `theirs` …
    """
    body = {"type": f"urn:trienkhai:problem:{code}", "title": title, "status": status, "code": code, **more}
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})


def domain_problem(error: DomainError) -> HttpResponse:
    """Return a refusal by a rule: 409 when the row changed meanwhile, else 422, with every bad place of the input."""
    more: dict[str, Any] = dict(error.extra)
    if isinstance(error, BadInput):
        more["problems"] = [
            {
                name: value
                for name, value in (
                    ("line", place.line),
                    ("sheet", place.sheet),
                    ("column", place.column),
                    ("value", place.value),
                    ("message", str(place.message)),
                )
                if value not in (None, "")
            }
            for place in error.problems
        ]
    return problem(409 if isinstance(error, Conflict) else 422, error.code, str(error), **more)


def not_found() -> HttpResponse:
    """Return that there is no such thing, or that the reader may not see it: the same words for both."""
    return problem(404, "not_found", _("There is nothing here, or not for you."))


def forbidden(right: str) -> HttpResponse:
    """Return that this is visible but not allowed; `right` is the name of the missing right."""
    return problem(403, "not_allowed", _("Your role, or your token, does not allow this."), permission=right)


def unauthorised() -> HttpResponse:
    """Return that no valid token came with the request."""
    response = problem(401, "token_needed", _("Send a valid token in the header Authorization, after the word Bearer."))
    response["WWW-Authenticate"] = "Bearer"
    return response


def busy() -> HttpResponse:
    """Return that a large change holds the rows; to be tried again."""
    response = problem(503, "busy", _("A large change is being written. Nothing was stored; try again in a minute."))
    response["Retry-After"] = RETRY_SECONDS
    return response
