import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.measuring import LIMITS
from trienkhai.cli import app
from trienkhai.config import environment


@pytest.fixture
def called(monkeypatch):
    """Record the command that would measure, in place of running it."""
    commands = []

    def run(command, **options):
        commands.append((command, options["cwd"]))
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr("trienkhai.cli.upkeep.subprocess.run", run)
    return commands


def test_an_unknown_name_is_refused_before_anything_is_started():
    command = [Path(sys.executable).with_name("trienkhai"), "measure", "rollup", "rolup"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "no path is called rolup; there are " + ", ".join(LIMITS) in done.stderr


def test_names_and_file_are_passed_on_and_a_passed_ceiling_ends_with_code_1(called, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    done = CliRunner().invoke(app, ["measure", "issue", "rollup", "--json", "figures.json"])

    assert done.exit_code == 1
    assert called == [
        (
            [sys.executable, "-m", "benchmarks", "issue", "rollup", "--json", str(tmp_path / "figures.json")],
            environment.CHECKOUT,
        )
    ]


def test_an_installed_package_without_the_measurements_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "CHECKOUT", tmp_path)

    done = CliRunner().invoke(app, ["measure"])

    assert (done.exit_code, done.stdout) == (1, "")
    assert "part of the checkout" in done.stderr
