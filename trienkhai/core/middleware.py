"""What every request goes through that no app is answerable for."""

from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from psycopg.errors import LockNotAvailable

from trienkhai.core import problems


class BusyMiddleware:
    """Answer with 503 what had to wait too long for a lock: a reorganisation holds the assignments meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer, if this is what went wrong."""
        if not is_busy(exception):
            return None
        response = render(request, "503.html", status=503)
        response["Retry-After"] = problems.RETRY_SECONDS
        return response


def is_busy(error: Exception) -> bool:
    """Say whether the error is a lock that did not come in time."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, LockNotAvailable)
