from django.db import migrations

from trienkhai.core.sql import run_file


class Migration(migrations.Migration):
    dependencies = [("organisation", "0002_initial")]

    operations = (run_file(__file__, "0003_dated_structure.sql"),)
