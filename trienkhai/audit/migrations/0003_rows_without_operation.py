from django.db import migrations

from trienkhai.core.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_history")]

    operations = (run_file(__file__, "0003_rows_without_operation.sql"),)
