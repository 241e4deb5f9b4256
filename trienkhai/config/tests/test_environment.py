from datetime import date

import pytest
from django.core.exceptions import ImproperlyConfigured

from trienkhai.config import environment

NAME = "TRIENKHAI_SAMPLE"


@pytest.fixture(autouse=True)
def forget_what_was_asked(monkeypatch):
    monkeypatch.setattr(environment, "_asked", set(environment._asked))


@pytest.mark.parametrize("value", [None, ""])
def test_a_required_variable_that_is_missing_or_empty_is_named(monkeypatch, value):
    if value is not None:
        monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        environment.text(NAME)


@pytest.mark.parametrize(("value", "expected"), [("yes", True), ("no", False)])
def test_a_flag_is_yes_or_no(monkeypatch, value, expected):
    monkeypatch.setenv(NAME, value)

    assert environment.flag(NAME, default=not expected) is expected


@pytest.mark.parametrize("value", ["true", "1", "YES", " yes", "không"])
def test_any_other_flag_is_refused(monkeypatch, value):
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured, match="yes or no"):
        environment.flag(NAME, default=True)


def test_a_day_is_read():
    assert environment.day(NAME) is None


def test_a_day_that_is_set_is_read(monkeypatch):
    monkeypatch.setenv(NAME, "2021-09-15")

    assert environment.day(NAME) == date(2021, 9, 15)


@pytest.mark.parametrize("value", ["15/9/2021", "2021-02-30", "20210915", "2021-9-15", "today"])
def test_a_day_in_another_form_is_refused(monkeypatch, value):
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured, match="2021-09-15"):
        environment.day(NAME)


@pytest.mark.parametrize("value", ["-1", "101", "ten", "1e2", "٣", "1.0"])
def test_a_number_out_of_range_or_malformed_is_refused(monkeypatch, value):
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ImproperlyConfigured, match="from 0 to 100"):
        environment.integer(NAME, default=5, most=100)


def test_a_relative_path_is_refused(monkeypatch):
    monkeypatch.setenv(NAME, "files")

    with pytest.raises(ImproperlyConfigured, match="absolute"):
        environment.path(NAME)


def test_words_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv(NAME, "a.vn, b.vn,,")

    assert environment.words(NAME) == ["a.vn", "b.vn"]


def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("s" * 40 + "\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))

    assert environment.secret(NAME, least=32) == "s" * 40


def test_a_secret_from_two_places_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv(NAME, "s" * 40)

    with pytest.raises(ImproperlyConfigured, match="not both"):
        environment.secret(NAME)


def test_a_secret_file_that_cannot_be_read_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "nothing"))

    with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE"):
        environment.secret(NAME)


def test_a_short_secret_is_refused_without_being_shown(monkeypatch):
    monkeypatch.setenv(NAME, "hunter2")

    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.secret(NAME, least=32)

    assert "hunter2" not in str(refusal.value)


def test_a_database_on_a_socket_is_read(monkeypatch):
    monkeypatch.setenv(NAME, "postgresql://role:p%40ss@/base?host=%2Frun%2Fpostgresql&sslmode=disable")

    found = environment.database(NAME)

    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "base",
        "USER": "role",
        "PASSWORD": "p@ss",
        "HOST": "/run/postgresql",
        "PORT": "",
        "OPTIONS": {"sslmode": "disable"},
    }


@pytest.mark.parametrize(
    "address",
    ["mysql://role@host/base", "base", "postgresql://host/base", "postgresql://role@host/", "postgresql://r@h/b?x=1"],
)
def test_an_address_of_no_database_is_refused(monkeypatch, address):
    monkeypatch.setenv(NAME, address)

    with pytest.raises(ImproperlyConfigured, match=NAME):
        environment.database(NAME)


def test_a_misspelt_variable_is_refused_and_the_known_ones_are_told(monkeypatch):
    monkeypatch.setenv("TRIENKHAI_HOST", "example.vn")

    with pytest.raises(ImproperlyConfigured, match=r"TRIENKHAI_HOST\b.*TRIENKHAI_HOSTS"):
        environment.refuse_unknown()


def test_the_file_of_the_instance_fills_in_and_overrides_nothing(monkeypatch, tmp_path):
    file = tmp_path / "environment"
    file.write_text(f"# the demo's\n\n{NAME}=from the file\n{NAME}_OTHER=a=b\n")
    file.chmod(0o600)
    monkeypatch.setenv(NAME, "from the shell")
    monkeypatch.setenv(f"{NAME}_OTHER", "")
    monkeypatch.delenv(f"{NAME}_OTHER")

    environment.load_instance(file)

    assert environment.text(NAME) == "from the shell"
    assert environment.text(f"{NAME}_OTHER") == "a=b"


def test_a_malformed_line_of_the_instance_is_named_by_its_number(tmp_path):
    file = tmp_path / "environment"
    file.write_text("# a comment\nno value\n")
    file.chmod(0o600)

    with pytest.raises(ImproperlyConfigured, match="line 2"):
        environment.load_instance(file)


def test_a_file_of_the_instance_that_others_can_read_is_refused(tmp_path):
    file = tmp_path / "environment"
    file.write_text(f"{NAME}=value\n")
    file.chmod(0o644)

    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        environment.load_instance(file)
