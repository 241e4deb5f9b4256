"""What rights are called on the screen."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trienkhai.organisation.scoping import all_permissions

_WORDS = {
    "organisation.read": _("read everything that you may read"),
    "organisation.organise": _("change the organisation"),
    "access.administer": _("give and end roles"),
    "tasks.issue": _("issue and close programmes"),
    "tasks.derive": _("make tasks concrete for the units below"),
    "progress.report": _("report on your unit's assignments"),
    "progress.review": _("accept and return reports"),
}


def permission_words() -> Iterator[tuple[str, str | Promise]]:
    """Yield the name of each right and what it allows, in words."""
    for permission in all_permissions():
        yield permission.name, _WORDS[permission.name]
