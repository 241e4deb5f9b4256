import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import trienkhai.audit.models
from trienkhai.core.sql import run_file


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_history"),
        ("organisation", "0003_dated_structure"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "viewer"),
                            ("reporter", "reporter"),
                            ("reviewer", "reviewer"),
                            ("issuer", "issuer"),
                            ("organiser", "organiser"),
                            ("inspector", "inspector"),
                            ("administrator", "administrator"),
                        ],
                        max_length=13,
                        verbose_name="role",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                        verbose_name="unit",
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="valid")),
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
                "verbose_name": "grant",
                "verbose_name_plural": "grants",
                "db_table": "access_grant",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False), ("valid__lower_inf", False)),
                        name="grant_valid_is_not_empty",
                    )
                ],
            },
        ),
        run_file(__file__, "0001_initial.sql"),
    ]
