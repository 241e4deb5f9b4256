from django.contrib.postgres.operations import (
    BtreeGistExtension,
    TrigramExtension,
    UnaccentExtension,
)
from django.db import migrations

from trienkhai.core.sql import run_file


class Migration(migrations.Migration):
    dependencies = []

    operations = (
        BtreeGistExtension(),
        TrigramExtension(),
        UnaccentExtension(),
        run_file(__file__, "0001_names.sql"),
    )
