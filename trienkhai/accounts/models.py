from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Somebody who logs in. Rights come from grants in `access`, not from groups or flags."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def get_full_name(self) -> str:
        """Return the name as people write it, family name first."""
        return self.name

    def get_short_name(self) -> str:
        """Return the given name, which comes last in Vietnamese."""
        return self.name.rsplit(" ", 1)[-1]
