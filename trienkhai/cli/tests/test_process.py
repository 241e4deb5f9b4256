"""The command as a process of its own, as people start it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

COMMAND = Path(sys.executable).with_name("trienkhai")


def run(*words, **variables):
    """Run the command with these variables added to the environment of the tests."""
    return subprocess.run(
        [COMMAND, *words], capture_output=True, text=True, check=False, timeout=60, env=os.environ | variables
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_answers_go_to_standard_output_and_refusals_to_standard_error(world):
    """Takes two starts of the program."""
    world.issue()
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    there = {"DATABASE_URL": database, "TRIENKHAI_TODAY": world.day(1).isoformat(), "LC_ALL": "vi_VN.UTF-8"}

    answered = run("rollup", "--unit", "02", "--json", **there)
    refused = run("rollup", "--unit", "99", **there)

    assert (answered.returncode, answered.stderr) == (0, "")
    assert json.loads(answered.stdout)["on"] == "2021-03-13"
    assert json.loads(answered.stdout)["assignments"] == 2
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "không có đơn vị nào mang mã 99" in refused.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DATABASE_URL": "postgresql://nobody@/none?host=/nonexistent"}, "The database cannot do this now: "),
        ({"DATABASE_URL": "mysql://nobody@/none"}, "DATABASE_URL must begin with postgresql://."),
        ({"TRIENKHAI_HTTPS": "maybe"}, "TRIENKHAI_HTTPS must be yes or no, not 'maybe'."),
        ({"TRIENKHAI_SECRET": "x"}, "Unknown in the environment: TRIENKHAI_SECRET."),
        ({}, "`trienkhai serve` brings them up to it."),
    ],
    ids=["no server", "another database", "a bad setting", "an unknown setting", "no tables"],
)
def test_an_installation_that_cannot_start_says_why(variables, sentence):
    done = run("rollup", **(variables | {"LC_ALL": "C.UTF-8", "COLUMNS": "240"}))

    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
