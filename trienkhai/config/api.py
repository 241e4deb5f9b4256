"""The API of all apps, `/api/v1`: assembly, and how what goes wrong is answered."""

import logging
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import JSONRenderer

from trienkhai.access.api import TokenAuth
from trienkhai.core import problems
from trienkhai.core.errors import DomainError
from trienkhai.core.middleware import is_busy
from trienkhai.organisation.api import router as organisation
from trienkhai.progress.api import router as progress

logger = logging.getLogger("trienkhai.api")

_PROBLEM = {
    "description": "A problem by RFC 9457: 401 without a usable token, 403 without the right, 404 for what is not"
    " there or not visible, 409 when it changed meanwhile, 422 with every bad place, 503 during a reorganisation.",
    "content": {
        problems.MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "code": {"type": "string"},
                    "problems": {"type": "array", "items": {"type": "object"}},
                },
            }
        }
    },
}


class Renderer(JSONRenderer):
    """JSON that people can read too: Vietnamese letters as they are."""

    json_dumps_params = {"ensure_ascii": False}


class Reader(Parser):
    """Reads what is sent without NUL, which no text of the database can hold: as in the searches of pages."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the value of a body of JSON."""
        value: dict[str, Any] = _without_nul(super().parse_body(request))
        return value

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the values of an address or a form."""
        value: dict[str, Any] = _without_nul(super().parse_querydict(data, list_fields, request))
        return value


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(part) for part in value]
    if isinstance(value, dict):
        return {name: _without_nul(part) for name, part in value.items()}
    return value


class Api(NinjaAPI):
    """The API; every operation may answer with a problem, and its schema says so."""

    def get_openapi_schema(self, **options: Any) -> Any:
        """Return the schema of OpenAPI."""
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for operation in operations.values():
                answers = {str(status): answer for status, answer in operation["responses"].items()}
                operation["responses"] = answers | {"default": _PROBLEM}
        return schema


api = Api(
    title="trienkhai",
    version="1",
    description="Everything that the pages do. A token acts for its user. What is refused is a problem by RFC 9457.",
    urls_namespace="api",
    docs_url=None,
    auth=TokenAuth(),
    renderer=Renderer(),
    parser=Reader(),
)
api.add_router("", organisation, tags=["organisation"])
api.add_router("", progress, tags=["progress"])


@api.exception_handler(DomainError)
def _refused(_request: HttpRequest, error: DomainError) -> HttpResponse:
    return problems.domain_problem(error)


@api.exception_handler(Http404)
def _not_found(_request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.not_found()


@api.exception_handler(PermissionDenied)
def _forbidden(_request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    return problems.forbidden(str(error))


@api.exception_handler(AuthenticationError)
def _unauthorised(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problems.unauthorised()


@api.exception_handler(ValidationError)
def _malformed(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = [
        {"column": ".".join(str(part) for part in fault["loc"]), "message": fault["msg"]} for fault in error.errors
    ]
    return problems.problem(422, "malformed", _("What was sent does not have the right form."), problems=places)


@api.exception_handler(HttpError)
def _http_error(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.problem(error.status_code, "request", str(error))


@api.exception_handler(RequestDataTooBig)
def _too_large(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problems.problem(413, "too_large", _("More was sent at once than is taken."))


@api.exception_handler(BadRequest)
@api.exception_handler(MultiPartParserError)
@api.exception_handler(SuspiciousOperation)
def _unreadable(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return problems.problem(400, "request", _("What was sent cannot be read."))


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    if is_busy(error):
        return problems.busy()
    logger.error("%s %s failed.", request.method, request.path, exc_info=error)
    return problems.problem(500, "failed", _("The server failed; nothing was stored. It was noted in the log."))
