"""The routes of all apps."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from trienkhai.config.api import api

api_routes, _app, _namespace = api.urls
for route in api_routes:
    # Programs have no session: each request is let in by its token or not at all.
    login_not_required(cast("Callable[..., Any]", route.callback))

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include((api_routes, _app), namespace=_namespace)),
    path("language/", login_not_required(set_language), name="set_language"),
    path("", include("trienkhai.accounts.urls")),
    path("", include("trienkhai.access.urls")),
    path("", include("trienkhai.organisation.urls")),
    path("", include("trienkhai.progress.urls")),
]
