import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trienkhai.audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_history"),
        ("organisation", "0003_dated_structure"),
        ("tasks", "0002_assignment_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                ("sha256", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size", models.PositiveBigIntegerField(verbose_name="size in bytes")),
                ("media_type", models.CharField(max_length=100, verbose_name="media type")),
                ("taken_on", models.DateField(blank=True, null=True, verbose_name="picture taken on")),
            ],
            options={
                "verbose_name": "stored file",
                "verbose_name_plural": "stored files",
                "db_table": "stored_file",
            },
        ),
        migrations.CreateModel(
            name="LedgerDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateField(null=True)),
                ("not_started", models.IntegerField(db_default=0)),
                ("in_progress", models.IntegerField(db_default=0)),
                ("waiting_in_time", models.IntegerField(db_default=0)),
                ("waiting_late", models.IntegerField(db_default=0)),
                ("done_on_time", models.IntegerField(db_default=0)),
                ("done_late", models.IntegerField(db_default=0)),
                ("suspended", models.IntegerField(db_default=0)),
                ("day", models.DateField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.programme",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.task",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_delta",
            },
        ),
        migrations.CreateModel(
            name="LiveEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recorded_at", models.DateTimeField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tasks.programme",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
            options={
                "db_table": "live_event",
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_key", models.CharField(blank=True, db_default="", max_length=64)),
                ("is_result", models.BooleanField(db_default=False, verbose_name="result")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting for review"), ("accepted", "accepted"), ("returned", "returned")],
                        db_default="waiting",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(blank=True, null=True, verbose_name="period"),
                ),
                ("progress", models.PositiveSmallIntegerField(verbose_name="progress in per cent")),
                ("text", models.TextField(verbose_name="what was done")),
                ("difficulties", models.TextField(blank=True, db_default="", verbose_name="difficulties")),
                ("day", models.DateField(verbose_name="day of arrival")),
                ("entered_on", models.DateField(verbose_name="day of entry")),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reports", to="tasks.assignment"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_default=trienkhai.audit.models.CurrentOperation(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.operation",
                        verbose_name="operation",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "db_table": "report",
            },
        ),
        migrations.CreateModel(
            name="IndicatorValue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("numerator", models.DecimalField(decimal_places=4, max_digits=18)),
                ("denominator", models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True)),
                (
                    "indicator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tasks.indicator"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_default=trienkhai.audit.models.CurrentOperation(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.operation",
                        verbose_name="operation",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="values", to="progress.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "value of an indicator",
                "verbose_name_plural": "values of indicators",
                "db_table": "indicator_value",
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "decision",
                    models.CharField(
                        choices=[("accepted", "accepted"), ("returned", "returned")],
                        max_length=8,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("new_due", models.DateField(blank=True, null=True, verbose_name="new due date")),
                ("day", models.DateField(verbose_name="day")),
                (
                    "operation",
                    models.ForeignKey(
                        db_default=trienkhai.audit.models.CurrentOperation(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.operation",
                        verbose_name="operation",
                    ),
                ),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="review", to="progress.report"
                    ),
                ),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "db_table": "review",
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "operation",
                    models.ForeignKey(
                        db_default=trienkhai.audit.models.CurrentOperation(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.operation",
                        verbose_name="operation",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="progress.report"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="progress.storedfile"
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "db_table": "evidence",
            },
        ),
        migrations.CreateModel(
            name="Extension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_due", models.DateField(verbose_name="due before")),
                ("asked_due", models.DateField(verbose_name="due asked for")),
                ("reason", models.TextField(verbose_name="reason")),
                ("asked_on", models.DateField(verbose_name="asked on")),
                (
                    "state",
                    models.CharField(
                        choices=[("asked", "asked"), ("granted", "granted"), ("refused", "refused")],
                        db_default="asked",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("answer", models.TextField(blank=True, db_default="", verbose_name="answer")),
                ("decided_on", models.DateField(blank=True, null=True, verbose_name="decided on")),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="extensions", to="tasks.assignment"
                    ),
                ),
                (
                    "operation",
                    models.ForeignKey(
                        db_default=trienkhai.audit.models.CurrentOperation(),
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.operation",
                        verbose_name="operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "extension",
                "verbose_name_plural": "extensions",
                "db_table": "extension",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("asked_due__gt", models.F("old_due"))), name="extension_is_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("asked_on__lte", models.F("old_due"))), name="extension_is_asked_in_time"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("assignment",),
                        name="extension_one_is_undecided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ledger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateField(null=True)),
                ("not_started", models.IntegerField(db_default=0)),
                ("in_progress", models.IntegerField(db_default=0)),
                ("waiting_in_time", models.IntegerField(db_default=0)),
                ("waiting_late", models.IntegerField(db_default=0)),
                ("done_on_time", models.IntegerField(db_default=0)),
                ("done_late", models.IntegerField(db_default=0)),
                ("suspended", models.IntegerField(db_default=0)),
                ("day", models.DateField()),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.programme",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.task",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
            options={
                "db_table": "ledger",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "programme", "day", "task", "due"), name="ledger_key", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerNow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due", models.DateField(null=True)),
                ("not_started", models.IntegerField(db_default=0)),
                ("in_progress", models.IntegerField(db_default=0)),
                ("waiting_in_time", models.IntegerField(db_default=0)),
                ("waiting_late", models.IntegerField(db_default=0)),
                ("done_on_time", models.IntegerField(db_default=0)),
                ("done_late", models.IntegerField(db_default=0)),
                ("suspended", models.IntegerField(db_default=0)),
                (
                    "programme",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.programme",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tasks.task",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_now",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "programme", "task", "due"), name="ledger_now_key", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("client_key", ""), _negated=True),
                fields=("author", "client_key"),
                name="report_key_is_unique",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_result", True), ("state", "waiting")),
                fields=("assignment",),
                name="report_one_result_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__lte", 100)), name="report_progress_is_a_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("entered_on__lte", models.F("day"))), name="report_entered_before_arrival"
            ),
        ),
        migrations.AddConstraint(
            model_name="indicatorvalue",
            constraint=models.UniqueConstraint(fields=("report", "indicator"), name="indicator_value_once_a_report"),
        ),
        migrations.AddConstraint(
            model_name="indicatorvalue",
            constraint=models.CheckConstraint(
                condition=models.Q(("denominator", 0), _negated=True), name="indicator_value_denominator_is_not_zero"
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", "accepted"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="review_return_has_a_reason",
                violation_error_message="Say why the report is returned.",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("new_due__isnull", True), ("decision", "returned"), _connector="OR"),
                name="review_new_due_only_with_a_return",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(fields=("report", "file"), name="evidence_once_a_report"),
        ),
    ]
