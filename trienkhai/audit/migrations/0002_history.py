from django.db import migrations

from trienkhai.core.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = (run_file(__file__, "0002_history.sql"),)
