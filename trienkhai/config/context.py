"""What every page's frame is told: the way around the site, who is logged in, whether this is a demonstration."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from trienkhai.access.models import Grant
from trienkhai.accounts.rules import DEMONSTRATION_PASSWORD
from trienkhai.core import clock
from trienkhai.organisation.models import UnitVersion
from trienkhai.organisation.requests import ScopedRequest
from trienkhai.organisation.scoping import Role

_WITHIN = {
    "home": ("unit_detail", "assignment_list", "indicator_list"),
    "programme_list": ("programme_detail", "programme_import", "programme_issue", "programme_close"),
    "unit_list": ("unit_children",),
    "my_work": ("assignment_detail", "report_submit", "report_decide", "task_derive"),
}
"""Pages that a place of the navigation leads on to."""


def frame(request: ScopedRequest) -> dict[str, Any]:
    """Return the values that `base.html` reads, and those of the page on which people log in."""
    shown: dict[str, Any] = {"demonstration_day": settings.DEMONSTRATION_DAY, "live_port": settings.LIVE_PORT}
    user = getattr(request, "user", None)  # an error page may be drawn before anybody is known
    if user is None or not user.is_authenticated:
        shown |= {"navigation": [], "account": None, "log_in_href": reverse("account_login")}
        if settings.DEMONSTRATION_DAY:
            shown |= {"demonstration_logins": _logins, "demonstration_password": DEMONSTRATION_PASSWORD}
        return shown
    route = request.resolver_match.url_name if request.resolver_match else None
    items = [
        ("my_work", _("My work"), "inbox"),
        ("home", _("Where it stands"), "diagram-3"),
        ("programme_list", _("Programmes"), "list-task"),
        ("unit_list", _("Organisation"), "signpost-split"),
    ]
    return shown | {
        "navigation": [
            {"label": label, "href": reverse(name), "icon": icon, "is_current": route in (name, *_WITHIN[name])}
            for name, label, icon in items
        ],
        "account": {
            "name": user.name or user.username,
            "role": _words(role for role in Role if request.scope.grants.get(role)),
            "links": [
                (_("Change the password"), reverse("account_change_password")),
                (_("API tokens"), reverse("token_list")),
            ],
            "log_out_href": reverse("account_logout"),
        },
    }


def _logins() -> list[dict[str, str]]:
    """Return who can log in to the demonstration, with their roles in words. Two queries, on the login page only."""
    today = clock.today()
    grants = list(Grant.objects.on(today).filter(user__is_demonstration=True).select_related("user").order_by("pk"))
    versions = UnitVersion.objects.on(today).filter(unit_id__in={grant.unit_id for grant in grants})
    names = dict(versions.values_list("unit_id", "name"))
    people: dict[str, dict[str, Any]] = {}
    for grant in grants:
        person = people.setdefault(grant.user.username, {"name": grant.user.name, "unit": grant.unit_id, "roles": []})
        person["roles"].append(Role(grant.role))
    return [
        {
            "username": username,
            "name": person["name"],
            "roles": f"{_words(person['roles'])} – {names.get(person['unit'], '')}",
        }
        for username, person in people.items()
    ]


def _words(roles: Iterable[Role]) -> str:
    return ", ".join(str(role.label) for role in roles)
