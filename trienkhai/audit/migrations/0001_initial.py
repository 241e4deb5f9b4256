import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Operation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100, verbose_name="what")),
                ("actor_name", models.CharField(max_length=200, verbose_name="who, in words")),
                (
                    "source",
                    models.CharField(
                        choices=[("page", "page"), ("api", "API"), ("job", "job"), ("shell", "command line")],
                        max_length=10,
                        verbose_name="from where",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="why")),
                ("day", models.DateField(verbose_name="day")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("is_simulated", models.BooleanField(default=False, verbose_name="simulated")),
                ("detail", models.JSONField(blank=True, default=dict, verbose_name="detail")),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
            ],
            options={
                "verbose_name": "operation",
                "verbose_name_plural": "operations",
                "db_table": "operation",
            },
        ),
        migrations.CreateModel(
            name="RowChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table_name", models.CharField(max_length=63)),
                ("row_id", models.CharField(max_length=36)),
                ("action", models.CharField(choices=[("U", "changed"), ("D", "removed")], max_length=1)),
                ("before", models.JSONField()),
                (
                    "operation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="row_changes", to="audit.operation"
                    ),
                ),
            ],
            options={
                "verbose_name": "row change",
                "verbose_name_plural": "row changes",
                "db_table": "row_change",
            },
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(fields=["day", "name"], name="operation_day"),
        ),
        migrations.AddIndex(
            model_name="rowchange",
            index=models.Index(fields=["table_name", "row_id"], name="row_change_row"),
        ),
    ]
