"""`make run` on a machine without any service: it starts, survives kills, stops clean and starts again."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import psycopg2.errors
import pytest
import redis

from helpdesk.embedded.valkey import Valkey
from tests.embedded.running import ROOT, Copy, alive, make_directory, wait_until

PROGRAMS = {
    "web": ("gunicorn",),
    "deadlines": ("celery", "-Q deadlines"),
    "worker": ("celery", "-Q celery"),
    "beat": ("celery", " beat "),
    "escalator": ("manage.py escalator",),
}
SERVERS = {"postgres": ("bin/postgres",), "valkey": ("valkey-server",)}


@pytest.fixture(scope="module")
def running():
    """One copy that all tests of this file use; those that kill it bring it back."""
    copy = Copy(make_directory() / "var")
    try:
        yield copy.start().wait_ready()
    finally:
        copy.remove()


@pytest.fixture
def database(running):
    """A connection as the running app has it."""
    connection = psycopg2.connect(running.services()["DATABASE_URL"])
    yield connection
    connection.close()


def test_a_first_start_serves_pages_and_keeps_its_secrets_private(running):
    assert running.get("/livez") == 200
    assert wait_until(lambda: running.get("/readyz") == 200, 20, "readiness")
    for name in ("secret_key", "services.env"):
        assert stat.S_IMODE((running.var / name).stat().st_mode) == 0o600
    assert "Password: " in running.printed()
    assert all(running.child(*marks) for marks in (PROGRAMS | SERVERS).values())


def test_manage_py_in_another_terminal_finds_the_same_services(running):
    line = [
        sys.executable,
        "manage.py",
        "shell",
        "-v0",
        "-c",
        "from tickets.models import Team; print(Team.objects.count())",
    ]
    done = subprocess.run(line, env=running.env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_the_running_app_may_not_edit_the_audit_trail_nor_change_tables(database):
    for statement in (
        "UPDATE escalation_auditevent SET action = ''",
        "DELETE FROM escalation_auditevent",
        "TRUNCATE escalation_auditevent",
        "CREATE TABLE mine (id int)",
        "ALTER TABLE escalation_auditevent DISABLE TRIGGER ALL",
        "DROP TABLE tickets_ticket",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege), database, database.cursor() as cursor:
            cursor.execute(statement)
    with database, database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM escalation_auditevent")
        cursor.execute("UPDATE tickets_team SET name = name")


def test_a_second_copy_on_the_same_directory_is_refused(running):
    second = Copy(running.var)
    second.output = running.var.with_name("second.out")
    assert f"already runs in {running.var} (process {running.process.pid})" in second.refused()


def test_a_taken_port_is_refused(running):
    second = Copy(running.var.with_name("other"), port=running.port)
    assert f"make run PORT={running.port + 1}" in second.refused()


def test_a_strange_port_is_refused(running):
    second = Copy(running.var.with_name("strange"), port="eighty")
    assert "PORT is 'eighty'" in second.refused()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands PostgreSQL to another account")
def test_root_in_a_private_directory_keeps_the_database_where_its_account_may_go_and_opens_nothing(running):
    private = running.var.with_name("private")
    private.mkdir(mode=0o700)
    second = Copy(private / "var").start()
    place = None
    try:
        second.wait_ready()
        place = Path((private / "var" / "postgres.place").read_text().strip())
        assert str(place) in second.printed() and (place / "postgres" / "PG_VERSION").exists()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        wait_until(lambda: second.get("/readyz") == 200, 60, "the first look at the clock")
    finally:
        second.stop()
        if place:
            shutil.rmtree(place)


@pytest.mark.parametrize("name", [*PROGRAMS, *SERVERS])
def test_a_killed_program_comes_back(running, name):
    marks = (PROGRAMS | SERVERS)[name]
    before = wait_until(lambda: running.child(*marks), 15, f"{name} running")
    before.kill()
    wait_until(lambda: (after := running.child(*marks)) and after.pid != before.pid, 15, f"{name} again")
    assert f"{name} was killed by signal 9" in running.printed()
    services = running.services()
    wait_until(lambda: _answers(services), 15, "the services again")
    wait_until(lambda: running.get("/livez") == 200, 20, "the web again")


def test_after_kill_9_nothing_stays_and_the_next_start_finds_the_data(running):
    with psycopg2.connect(running.services()["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_team SET name = name || ' (kept)' WHERE id = (SELECT min(id) FROM tickets_team)")
    connection.close()
    password = re.search("Password: .+", running.printed())[0]
    family = running.descendants()
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not alive(family), 10, "the end of all children")
    # Another process of PostgreSQL's account got the old server's id, as after a reboot.
    with _somebody(running.var / "postgres") as somebody:
        (running.var / "postgres" / "postmaster.pid").write_text(
            f"{somebody.pid}\n{running.var}/postgres\n1\n5432\n\n\n"
        )
        running.start().wait_ready()
    assert password in running.printed()
    with psycopg2.connect(running.services()["DATABASE_URL"]) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tickets_team WHERE name LIKE '%(kept)'")
        assert cursor.fetchone() == (1,)
    connection.close()


def test_a_server_that_cannot_start_is_given_up_with_a_sentence(running):
    broken = Copy(running.var.with_name("broken"))
    data = broken.var / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        os.chown(data, running.var.joinpath("postgres").stat().st_uid, -1)
    data.chmod(0o700)
    said = broken.refused()
    assert "postgresql.conf" in said and "PostgreSQL does not answer; its lines above say why." in said


def test_a_database_of_another_version_is_refused(running):
    older = Copy(running.var.with_name("older"))
    (older.var / "postgres").mkdir(parents=True)
    (older.var / "postgres" / "PG_VERSION").write_text("15\n")
    assert "was made by PostgreSQL 15" in older.refused()


def test_a_valkey_that_a_killed_run_left_is_ended_and_a_strangers_is_not(tmp_path):
    mine, other = (
        Valkey(tmp_path / "mine", tmp_path, durable=False),
        Valkey(tmp_path / "other", tmp_path, durable=False),
    )
    other.socket = tmp_path / "other.sock"
    for valkey in (mine, other):
        valkey.data.mkdir()
    left = _Sleeper(mine.program().command, cwd=mine.data, stdout=subprocess.DEVNULL)
    strangers = _Sleeper(other.program().command, cwd=other.data, stdout=subprocess.DEVNULL)
    with left, strangers:
        wait_until(lambda: mine.answers() and other.answers(), 10, "both servers")
        mine.clear_stale()
        assert left.wait(5) == 0
        (mine.data / "valkey.pid").write_text(f"{strangers.pid}\n")
        mine.clear_stale()
        assert other.answers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_stop_leaves_no_process_and_no_socket(running, number):
    if running.process.poll() is not None:
        running.start().wait_ready()
    family = running.descendants()
    assert len(family) > 10
    sockets = running.services()["REDIS_URL"].removeprefix("unix://").rpartition("/")[0]
    assert running.stop(number) == 0, running.printed()
    assert alive(family) == []
    assert not os.path.exists(sockets)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", running.port))


def _answers(services: dict[str, str]) -> bool:
    try:
        psycopg2.connect(services["DATABASE_URL"]).close()
        return redis.Redis.from_url(services["REDIS_URL"]).ping()
    except (psycopg2.OperationalError, redis.RedisError):
        return False


def _somebody(data) -> subprocess.Popen:
    """Return a process that runs as the owner of DATA and ends with its `with` block."""
    owner = {"user": data.stat().st_uid} if os.geteuid() == 0 else {}
    return _Sleeper(["sleep", "120"], cwd="/", **owner)


class _Sleeper(subprocess.Popen):
    def __exit__(self, *error) -> None:
        self.kill()
        super().__exit__(*error)
