from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """Somebody who logs in. Rights come from grants in `access`, not from groups or flags."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=200)
    is_demonstration = models.BooleanField(_("made up for the demonstration"), default=False)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def get_full_name(self) -> str:
        """Return the name as people write it, family name first."""
        return self.name

    def get_short_name(self) -> str:
        """Return the given name, which comes last in Vietnamese."""
        return self.name.rsplit(" ", 1)[-1]


class ApiToken(models.Model):
    """A key with which a program acts for a user: some of the user's rights, until a day, unless it is revoked.

    The token itself is shown once and never stored; `digest` is what it is recognised by, `hint` its first characters.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("user"))
    name = models.CharField(_("used for"), max_length=100)
    hint = models.CharField(_("begins with"), max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    permissions = ArrayField(models.CharField(max_length=60), verbose_name=_("may"))
    issued_on = models.DateField(_("issued on"))
    expires_on = models.DateField(_("expires on"))
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)

    class Meta:
        db_table = "api_token"
        ordering = ("-pk",)
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = (
            models.CheckConstraint(condition=Q(expires_on__gt=F("issued_on")), name="api_token_expires_later"),
            models.CheckConstraint(condition=~Q(permissions=[]), name="api_token_may_something"),
        )

    def __str__(self) -> str:
        return f"{self.hint}…"
