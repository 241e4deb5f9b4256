from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from trienkhai.access.queries import GrantQuerySet
from trienkhai.audit.models import made_by
from trienkhai.organisation.models import Unit
from trienkhai.organisation.scoping import Role


class Grant(models.Model):
    """A role of a user under a unit, during a range of dates. One role under one unit is granted once at a time."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants", verbose_name=_("user")
    )
    role = models.CharField(_("role"), max_length=13, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name=_("unit"))
    valid = DateRangeField(_("valid"))
    operation = made_by()

    objects: ClassVar[Any] = GrantQuerySet.as_manager()

    class Meta:
        db_table = "access_grant"
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False), name="grant_valid_is_not_empty"
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} #{self.unit_id}"
