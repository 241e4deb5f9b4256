"""One server with its data: how it is made, configured, started and stopped."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg
from psycopg import sql

from trienkhai.core.embedded.host import Account, identity, is_alive, short_key, tail
from trienkhai.core.embedded.programs import major_version
from trienkhai.core.errors import DomainError

APPLICATION: Final = "trienkhai_app"
OWNER: Final = "trienkhai_owner"
SUPERUSER: Final = "postgres"
DATABASE: Final = "trienkhai"

EXTENSIONS: Final = ("btree_gist", "pg_trgm", "unaccent")
START_SECONDS: Final = 120
SOCKET_NAME: Final = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT: Final = 107  # bytes; sun_path of Linux without its closing NUL

_LOG_LIMIT: Final = 16 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Cluster:
    """One server with its data: where it lives and how it is reached."""

    directory: Path
    binaries: Path
    account: Account
    durable: bool = True
    may_create_databases: bool = False

    @property
    def data(self) -> Path:
        """Return the data directory."""
        return self.directory / "data"

    @property
    def log(self) -> Path:
        """Return the server's log file."""
        return self.directory / "server.log"

    @property
    def socket_directory(self) -> Path:
        """Return the directory of the socket; a short one in /tmp where the path would be over the limit."""
        if len(os.fsencode(self.directory / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return self.directory
        return Path("/tmp") / f"trienkhai-{self.account.uid}-{short_key(self.directory)}"  # noqa: S108 (owner and mode are checked)

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """Return the address of a database for a role, as `postgresql://` with the socket's directory as host."""
        return f"postgresql://{quote(role)}@/{quote(database)}?host={quote(str(self.socket_directory), safe='')}"

    def create_database(self, name: str) -> None:
        """Create a database of the owner role, with the extensions and the rights of the application role."""
        with self._connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
            )

    def run(self, program: str, *arguments: str | Path, accept: Sequence[int] = (0,)) -> int:
        """Run one of the server's programs as the server's account and return its exit code.

        Raises DomainError with the last lines of what it printed if the code is not one to `accept`.
        """
        # The output goes to a file: pg_ctl's server would hold a pipe open for ever.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 (the program comes from `binaries`, never from input)
                [self.binaries / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                check=False,
                **identity(self.account),
            )
            if done.returncode not in accept:
                raise DomainError(
                    "server_failed",
                    f"{program} ended with code {done.returncode}.\n{tail(output)}{self._log_tail()}".rstrip(),
                )
        return done.returncode

    def start(self) -> None:
        """Start the server unless it runs; make the cluster, the roles and the database where they are missing."""
        self.make_directories()
        if not self.data.is_dir():
            self._make_data()
        major = (self.data / "PG_VERSION").read_text().strip()
        if int(major) != major_version(self.binaries):
            raise DomainError(
                "other_version",
                f"The data in {self.data} are of PostgreSQL {major}, but the programs in {self.binaries} are of "
                f"{major_version(self.binaries)}. Dump them with the old version and restore them into the new one.",
            )
        if not self._answers():
            self._write_configuration()
            self._start()
        self._prepare()

    def stop(self) -> None:
        """Stop the server, if it runs, after the statements of the moment were rolled back."""
        if (self.data / "postmaster.pid").exists() and not self._forget_a_dead_server():
            self.run("pg_ctl", "stop", "-D", self.data, "-m", "fast", "-w", "-t", str(START_SECONDS))

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(self.url(SUPERUSER, database), autocommit=True, connect_timeout=10)

    def _answers(self) -> bool:
        """Whether the server lets in; waits while a living one is still starting."""
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                if not (self.data / "postmaster.pid").exists() or self._forget_a_dead_server():
                    return False
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
            else:
                return True

    def _forget_a_dead_server(self) -> bool:
        """Remove what a server that is no more has left of itself, and tell whether it was so.

        After a reboot or a kill the number in its files may belong to any process of the same account, and
        PostgreSQL would then refuse to start.
        """
        pid_file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, IndexError, ValueError):
            if is_alive(int(pid_file.read_text().split(maxsplit=1)[0]), working_in=self.data):
                return False
        for left in (pid_file, self.socket_directory / f"{SOCKET_NAME}.lock"):
            left.unlink(missing_ok=True)
        return True

    def _start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run(
                    "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", str(START_SECONDS), "-s"
                )  # fmt: skip
            except DomainError as error:
                # The children of a killed server hold its shared memory until they have noticed.
                if "shared memory block" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.5)
            else:
                return

    def make_directories(self) -> None:
        for directory in {self.directory, self.socket_directory}:
            with contextlib.suppress(FileExistsError):
                directory.mkdir(mode=0o700, parents=True)
                directory.chmod(0o700)
                os.chown(directory, self.account.uid, self.account.gid)
            found = directory.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
                raise DomainError(
                    "unsafe_directory",
                    f"{directory} must be a directory of {self.account.name} that no one else may enter (mode 0700).",
                )

    def _make_data(self) -> None:
        """Run initdb beside the place and move the result there, so that a broken run leaves nothing behind."""
        made = self.directory / "data.new"
        shutil.rmtree(made, ignore_errors=True)
        self.run(
            "initdb", "-D", made, "-U", SUPERUSER, "--auth=peer", "--encoding=UTF8", "--data-checksums",
            "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions",
            *([] if self.durable else ["--no-sync"]),
        )  # fmt: skip
        self._write(made / "postgresql.conf", "include 'trienkhai.conf'\n", append=True)
        made.rename(self.data)

    def _write_configuration(self) -> None:
        settings = _server_settings(self)
        names = {self.account.name, pwd.getpwuid(os.geteuid()).pw_name, pwd.getpwuid(0).pw_name}
        roles = f'"/^({SUPERUSER}|{OWNER}|{APPLICATION})$"'
        for file, lines in {
            "trienkhai.conf": [f"{name} = {value}" for name, value in settings.items()],
            "pg_hba.conf": ["local all all peer map=trienkhai"],
            "pg_ident.conf": [f'trienkhai "{name}" {roles}' for name in sorted(names)],
        }.items():
            self._write(self.data / file, "".join(f"{line}\n" for line in lines))

    def _write(self, path: Path, text: str, *, append: bool = False) -> None:
        """Write as the server's account: in its directory root would follow a link that the account has laid."""
        subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", f'umask 077; cat {">>" if append else ">"} "$0"', path],
            input=text.encode(),
            cwd=self.directory,
            check=True,
            **identity(self.account),
        )

    def _prepare(self) -> None:
        """Make roles, extensions, rights and the database where they are missing.

        They are made in `template1`, so that every later database (the tests' too) begins with them.
        """
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if found:
            return
        with self._connect("template1") as connection, connection.transaction():
            for role in (OWNER, APPLICATION):
                if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if self.may_create_databases:
                connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
            for statement in _RIGHTS:
                connection.execute(
                    sql.SQL(statement).format(owner=sql.Identifier(OWNER), application=sql.Identifier(APPLICATION))
                )
            for extension in EXTENSIONS:
                connection.execute(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS {} SCHEMA public").format(sql.Identifier(extension))
                )
        self.create_database(DATABASE)

    def _log_tail(self) -> str:
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            return f"The end of {self.log}:\n{tail(log)}"


_RIGHTS: Final = (
    "GRANT {application} TO {owner} WITH INHERIT FALSE, SET TRUE",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {application}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {application}",
)


def _server_settings(used: Cluster) -> dict[str, str]:
    """Return the server's settings as `name: value`, sized for a small machine that also runs the site."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    socket_directory = str(used.socket_directory).replace("\\", "\\\\").replace("'", "''").replace('"', '""')
    settings = {
        "listen_addresses": "''",
        "unix_socket_directories": f"'\"{socket_directory}\"'",
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "shared_buffers": f"{min(512, memory // 4)}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "min_wal_size": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "timezone": "'Asia/Ho_Chi_Minh'",
        "log_timezone": "'Asia/Ho_Chi_Minh'",
        "log_line_prefix": "'%m [%p] %u@%d '",
        "lc_messages": "'C'",
    }
    if not used.durable:
        settings |= {
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "shared_buffers": f"{min(256, memory // 4)}MB",
        }
    return settings
