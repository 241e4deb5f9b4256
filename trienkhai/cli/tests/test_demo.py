import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from trienkhai.access.operations import make_user
from trienkhai.accounts.rules import DEMONSTRATION_PASSWORD
from trienkhai.cli.site import _write_instance
from trienkhai.config import environment


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Put the instance's file elsewhere, and give the environment back afterwards."""
    path = tmp_path / "instance/environment"
    monkeypatch.setattr(environment, "INSTANCE_FILE", path)
    for name in [name for name in os.environ if name.startswith(environment.PREFIX)]:
        monkeypatch.delenv(name)
    kept = dict(os.environ)
    yield path
    os.environ.clear()
    os.environ.update(kept)


def values(file):
    return dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))


def test_a_demonstration_gets_a_file_of_its_own_that_only_its_owner_reads(file):
    _write_instance()

    assert values(file).keys() == {
        *("TRIENKHAI_TODAY", "TRIENKHAI_SECRET_KEY", "TRIENKHAI_HOSTS", "TRIENKHAI_HTTPS", "TRIENKHAI_FILES")
    }
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert os.environ["TRIENKHAI_TODAY"] == "2021-09-15"


def test_the_secret_is_made_once(file):
    _write_instance()
    secret = values(file)["TRIENKHAI_SECRET_KEY"]
    _write_instance()

    assert values(file)["TRIENKHAI_SECRET_KEY"] == secret
    assert len(secret) >= 48


def test_an_installation_that_works_for_real_is_never_made_a_demonstration(file):
    file.parent.mkdir()
    file.write_text("TRIENKHAI_SECRET_KEY=genuine\n")
    file.chmod(0o600)

    with pytest.raises(ImproperlyConfigured, match="no demonstration"):
        _write_instance()

    assert file.read_text() == "TRIENKHAI_SECRET_KEY=genuine\n"


@pytest.mark.django_db
def test_the_summary_counts_what_was_loaded_and_names_who_can_log_in(world, file, told, monkeypatch):
    make_user("lan", name="Nguyễn Lan", password=DEMONSTRATION_PASSWORD, is_demonstration=True, scope=world.shell())
    monkeypatch.setattr("trienkhai.demo.load.load", lambda _track: world.issue())
    monkeypatch.setattr("trienkhai.cli.site._prepare", lambda: None)

    said = told("demo", "--no-serve", day=31)

    assert "9 units, 1 tasks, 4 assignments; standing on 12 April 2021 (simulated reports):" in said
    assert "│ Overdue │ 4 │ 100% │" in said
    assert "│ lan │ Nguyễn Lan │" in said
    assert said.endswith(f"The password of all of them is {DEMONSTRATION_PASSWORD}")
