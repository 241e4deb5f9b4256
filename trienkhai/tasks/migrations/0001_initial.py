import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import trienkhai.audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_history"),
        ("organisation", "0003_dated_structure"),
    ]

    operations = [
        migrations.CreateModel(
            name="Programme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="number")),
                ("title", models.CharField(max_length=500, verbose_name="title")),
                ("document", models.CharField(blank=True, max_length=500, verbose_name="document")),
                ("issued_on", models.DateField(blank=True, null=True, verbose_name="issued on")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                (
                    "due_soon_days",
                    models.PositiveSmallIntegerField(default=7, verbose_name="days before due that count as soon"),
                ),
                (
                    "extension_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="days a reviewer may extend by"),
                ),
                (
                    "issuer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                        verbose_name="issuer",
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
                "verbose_name": "programme",
                "verbose_name_plural": "programmes",
                "db_table": "programme",
                "ordering": ("number",),
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "lead"), ("coordinating", "coordinating")], max_length=12, verbose_name="role"
                    ),
                ),
                ("part", models.CharField(blank=True, db_default="", max_length=500, verbose_name="part")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("not_started", "not started"),
                            ("in_progress", "in progress"),
                            ("waiting", "waiting for review"),
                            ("done", "done"),
                            ("suspended", "suspended"),
                            ("cancelled", "cancelled"),
                            ("handed_over", "handed over"),
                            ("merged", "merged"),
                        ],
                        db_default="not_started",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("due", models.DateField(null=True, verbose_name="due")),
                ("original_due", models.DateField(null=True, verbose_name="original due date")),
                ("submitted_on", models.DateField(null=True, verbose_name="result submitted on")),
                ("suspended_on", models.DateField(null=True, verbose_name="suspended on")),
                ("progress", models.PositiveSmallIntegerField(db_default=0, verbose_name="progress in per cent")),
                ("since", models.DateField(verbose_name="since")),
                ("version", models.PositiveIntegerField(db_default=1, verbose_name="version")),
                (
                    "bucket",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(state__in=["not_started", "in_progress", "suspended"], then=models.F("state")),
                            models.When(
                                state="waiting",
                                then=models.Case(
                                    models.When(submitted_on__gt=models.F("due"), then=models.Value("waiting_late")),
                                    default=models.Value("waiting_in_time"),
                                ),
                            ),
                            models.When(
                                state="done",
                                then=models.Case(
                                    models.When(submitted_on__gt=models.F("due"), then=models.Value("done_late")),
                                    default=models.Value("done_on_time"),
                                ),
                            ),
                        ),
                        output_field=models.CharField(max_length=15, null=True),
                    ),
                ),
                (
                    "inherited_from",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
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
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
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
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "db_table": "assignment",
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("group", models.CharField(blank=True, max_length=200, verbose_name="group")),
                ("title", models.TextField(verbose_name="task")),
                ("due", models.DateField(blank=True, null=True, verbose_name="due")),
                ("has_no_deadline", models.BooleanField(default=False, verbose_name="without deadline")),
                ("product", models.CharField(max_length=500, verbose_name="product")),
                ("acceptance_test", models.TextField(verbose_name="accepted when")),
                ("authority", models.CharField(max_length=500, verbose_name="ordered by")),
                ("demands_evidence", models.BooleanField(default=True, verbose_name="evidence is demanded")),
                (
                    "reporting_period",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "once"),
                            ("week", "week"),
                            ("month", "month"),
                            ("quarter", "quarter"),
                            ("half_year", "half-year"),
                            ("year", "year"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="reporting period",
                    ),
                ),
                (
                    "derives_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="derived_tasks",
                        to="tasks.task",
                        verbose_name="makes concrete",
                    ),
                ),
                (
                    "monitor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                        verbose_name="monitor",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tasks",
                        to="tasks.programme",
                        verbose_name="programme",
                    ),
                ),
            ],
            options={
                "verbose_name": "task",
                "verbose_name_plural": "tasks",
                "db_table": "task",
                "ordering": ("programme", "number"),
            },
        ),
        migrations.CreateModel(
            name="Indicator",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300, verbose_name="name")),
                ("measure", models.CharField(max_length=60, verbose_name="unit of measure")),
                (
                    "target",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="target"),
                ),
                (
                    "over_units",
                    models.CharField(
                        choices=[
                            ("sum", "sum"),
                            ("weighted_mean", "mean weighted by a count"),
                            ("ratio", "ratio of sums"),
                        ],
                        max_length=14,
                        verbose_name="over units",
                    ),
                ),
                (
                    "over_time",
                    models.CharField(
                        choices=[("flow", "flow: periods add up"), ("stock", "stock: the last value counts")],
                        max_length=5,
                        verbose_name="over time",
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
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="indicators", to="tasks.task"
                    ),
                ),
            ],
            options={
                "verbose_name": "indicator",
                "verbose_name_plural": "indicators",
                "db_table": "indicator",
            },
        ),
        migrations.CreateModel(
            name="AssignmentPast",
            fields=[
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "lead"), ("coordinating", "coordinating")], max_length=12, verbose_name="role"
                    ),
                ),
                ("part", models.CharField(blank=True, db_default="", max_length=500, verbose_name="part")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("not_started", "not started"),
                            ("in_progress", "in progress"),
                            ("waiting", "waiting for review"),
                            ("done", "done"),
                            ("suspended", "suspended"),
                            ("cancelled", "cancelled"),
                            ("handed_over", "handed over"),
                            ("merged", "merged"),
                        ],
                        db_default="not_started",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("due", models.DateField(null=True, verbose_name="due")),
                ("original_due", models.DateField(null=True, verbose_name="original due date")),
                ("submitted_on", models.DateField(null=True, verbose_name="result submitted on")),
                ("suspended_on", models.DateField(null=True, verbose_name="suspended on")),
                ("progress", models.PositiveSmallIntegerField(db_default=0, verbose_name="progress in per cent")),
                ("since", models.DateField(verbose_name="since")),
                ("version", models.PositiveIntegerField(db_default=1, verbose_name="version")),
                (
                    "bucket",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(state__in=["not_started", "in_progress", "suspended"], then=models.F("state")),
                            models.When(
                                state="waiting",
                                then=models.Case(
                                    models.When(submitted_on__gt=models.F("due"), then=models.Value("waiting_late")),
                                    default=models.Value("waiting_in_time"),
                                ),
                            ),
                            models.When(
                                state="done",
                                then=models.Case(
                                    models.When(submitted_on__gt=models.F("due"), then=models.Value("done_late")),
                                    default=models.Value("done_on_time"),
                                ),
                            ),
                        ),
                        output_field=models.CharField(max_length=15, null=True),
                    ),
                ),
                ("past_id", models.BigAutoField(primary_key=True, serialize=False)),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "assignment",
                    models.ForeignKey(
                        db_column="id",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="past",
                        to="tasks.assignment",
                    ),
                ),
                (
                    "inherited_from",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
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
                    "unit",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
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
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)s_set",
                        to="tasks.task",
                    ),
                ),
            ],
            options={
                "verbose_name": "past of an assignment",
                "verbose_name_plural": "past of assignments",
                "db_table": "assignment_past",
            },
        ),
        migrations.AddField(
            model_name="assignment",
            name="task",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)s_set",
                to="tasks.task",
            ),
        ),
        migrations.CreateModel(
            name="AddresseeTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[("lead", "lead"), ("coordinating", "coordinating")], default="lead", max_length=12
                    ),
                ),
                ("is_exception", models.BooleanField(default=False)),
                ("kind", models.CharField(blank=True, max_length=60)),
                (
                    "level",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.level",
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
                    "under",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addressees", to="tasks.task"
                    ),
                ),
            ],
            options={
                "verbose_name": "term of the addressees",
                "verbose_name_plural": "terms of the addressees",
                "db_table": "addressee_term",
            },
        ),
        migrations.AddConstraint(
            model_name="programme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on__isnull", True),
                    models.Q(("closed_on__gte", models.F("issued_on")), ("issued_on__isnull", False)),
                    _connector="OR",
                ),
                name="programme_closes_after_issue",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(fields=("programme", "number"), name="task_number_is_unique"),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("due__isnull", True), ("has_no_deadline", False), _connector="OR"),
                name="task_says_one_deadline",
                violation_error_message="A task has a due date or says that it has none, not both.",
            ),
        ),
        migrations.AddIndex(
            model_name="assignmentpast",
            index=models.Index(fields=["unit", "programme"], name="assignment_past_unit"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["unit", "programme"], name="assignment_unit"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("task", "unit", "inherited_from"), name="assignment_reaches_a_unit_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("progress__lte", 100)), name="assignment_progress_is_a_share"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["waiting", "done"]), _negated=True),
                    ("submitted_on__isnull", False),
                    _connector="OR",
                ),
                name="assignment_result_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "suspended"), ("suspended_on__isnull", False)),
                    models.Q(models.Q(("state", "suspended"), _negated=True), ("suspended_on__isnull", True)),
                    _connector="OR",
                ),
                name="assignment_suspension_has_a_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="addresseeterm",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("level__isnull", False),
                    models.Q(("kind", ""), _negated=True),
                    ("under__isnull", False),
                    ("unit__isnull", False),
                    _connector="OR",
                ),
                name="addressee_term_names_something",
            ),
        ),
    ]
