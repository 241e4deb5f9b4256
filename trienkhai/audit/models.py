import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _


class CurrentOperation(Func):
    """The operation of this transaction, or NULL outside one: the default of every watched table."""

    function = "current_operation"
    template = "%(function)s()"
    output_field = models.UUIDField()
    arity = 0


class Source(models.TextChoices):
    """From where an operation came."""

    PAGE = "page", _("page")
    API = "api", _("API")
    JOB = "job", _("job")
    SHELL = "shell", _("command line")


class Operation(models.Model):
    """One change as somebody made it: who, what, when and why, whatever number of rows it touched."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("what"), max_length=100)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    actor_name = models.CharField(_("who, in words"), max_length=200)
    source = models.CharField(_("from where"), max_length=10, choices=Source.choices)
    reason = models.TextField(_("why"), blank=True)
    day = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded at"))
    is_simulated = models.BooleanField(_("simulated"), default=False)
    detail = models.JSONField(_("detail"), default=dict, blank=True)

    class Meta:
        db_table = "operation"
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        indexes = (models.Index(fields=["day", "name"], name="operation_day"),)

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class RowChange(models.Model):
    """A row as it stood before an operation changed or removed it. Written by triggers only."""

    class Action(models.TextChoices):
        UPDATE = "U", _("changed")
        DELETE = "D", _("removed")

    operation = models.ForeignKey(Operation, on_delete=models.PROTECT, related_name="row_changes")
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=36)
    action = models.CharField(max_length=1, choices=Action.choices)
    before = models.JSONField()

    class Meta:
        db_table = "row_change"
        verbose_name = _("row change")
        verbose_name_plural = _("row changes")
        indexes = (models.Index(fields=["table_name", "row_id"], name="row_change_row"),)

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.row_id}"


def made_by(**options: Any) -> "models.ForeignKey[Operation, Operation]":
    """Make the column `operation` of a watched table: the operation that made the row what it is."""
    return models.ForeignKey(
        Operation,
        on_delete=models.PROTECT,
        db_default=CurrentOperation(),
        related_name="+",
        editable=False,
        db_index=False,
        verbose_name=_("operation"),
        **options,
    )
