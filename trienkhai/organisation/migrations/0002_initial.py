import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

import trienkhai.audit.models
import trienkhai.organisation.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("audit", "0002_history"),
        ("organisation", "0001_names"),
    ]

    operations = [
        migrations.CreateModel(
            name="Level",
            fields=[
                ("rank", models.SmallIntegerField(primary_key=True, serialize=False, verbose_name="rank")),
                ("code", models.SlugField(max_length=20, unique=True, verbose_name="code")),
                ("name_vi", models.CharField(max_length=60, verbose_name="name in Vietnamese")),
                ("name_en", models.CharField(max_length=60, verbose_name="name in English")),
            ],
            options={
                "verbose_name": "level",
                "verbose_name_plural": "levels",
                "db_table": "level",
                "ordering": ("rank",),
            },
        ),
        migrations.CreateModel(
            name="Reorganisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("decision", models.CharField(max_length=200, verbose_name="decision")),
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
            ],
            options={
                "verbose_name": "reorganisation",
                "verbose_name_plural": "reorganisations",
                "db_table": "reorganisation",
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "db_table": "unit",
            },
        ),
        migrations.CreateModel(
            name="Succession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "share",
                    models.CharField(
                        choices=[("whole", "whole"), ("main part", "main part"), ("part", "part")],
                        max_length=10,
                        verbose_name="share",
                    ),
                ),
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
                    "reorganisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successions",
                        to="organisation.reorganisation",
                    ),
                ),
                (
                    "predecessor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="successions", to="organisation.unit"
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="organisation.unit"
                    ),
                ),
            ],
            options={
                "verbose_name": "succession",
                "verbose_name_plural": "successions",
                "db_table": "succession",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("share", "part"), _negated=True),
                        fields=("predecessor",),
                        name="succession_has_one_main_heir",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("predecessor", models.F("successor")), _negated=True),
                        name="succession_is_to_another_unit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ancestry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("depth", models.SmallIntegerField()),
                (
                    "through",
                    models.CharField(choices=[("structure", "structure"), ("succession", "succession")], max_length=10),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "ancestor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
                (
                    "descendant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organisation.unit",
                    ),
                ),
            ],
            options={
                "db_table": "ancestry",
                "indexes": [
                    models.Index(fields=["descendant", "ancestor"], name="ancestry_upwards"),
                    models.Index(fields=["ancestor", "depth"], name="ancestry_downwards"),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=20, verbose_name="code")),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("short_name", models.CharField(max_length=200, verbose_name="short name")),
                (
                    "parent_level",
                    models.SmallIntegerField(blank=True, null=True, verbose_name="level of the unit above"),
                ),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="valid")),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.level",
                        verbose_name="level",
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisation.unit",
                        verbose_name="unit above",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="organisation.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a unit",
                "verbose_name_plural": "versions of units",
                "db_table": "unit_version",
                "indexes": [
                    models.Index(models.F("parent"), name="unit_version_parent"),
                    models.Index(trienkhai.organisation.models.SortKey("short_name"), name="unit_version_sort"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("parent__isnull", True), ("parent_level__isnull", True)),
                            models.Q(
                                ("parent__isnull", False),
                                ("parent_level__isnull", False),
                                ("parent_level__lt", models.F("level")),
                            ),
                            _connector="OR",
                        ),
                        name="unit_version_parent_is_above",
                        violation_error_message="The unit above must be of a higher level.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False), ("valid__lower_inf", False)),
                        name="unit_version_valid_is_not_empty",
                    ),
                ],
            },
        ),
    ]
