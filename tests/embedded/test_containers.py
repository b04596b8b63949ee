"""The container description: what can be checked without a container engine, and the entry point for real."""

import os
import re
import signal
import stat
import subprocess
import sys
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import pytest
import yaml

from helpdesk import entrypoint
from helpdesk.embedded.postgres import FAST, Postgres, binary
from helpdesk.embedded.supervisor import Supervisor
from helpdesk.embedded.terminal import Terminal
from tests.embedded.running import OURS, ROOT, free_port, make_directory, wait_until

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
APP = ("migrate", "web", "escalator", "deadlines", "worker", "beat")


def test_every_program_and_both_official_images_are_there():
    assert set(SERVICES) == {"postgres", "valkey", *APP}
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["valkey"]["image"] == "valkey/valkey:9"
    assert {name: SERVICES[name]["command"] for name in APP} == {name: [name] for name in APP}


def test_programs_wait_for_healthy_services_and_a_finished_migration():
    for name in ("postgres", "valkey", "web", "deadlines", "worker"):
        assert SERVICES[name]["healthcheck"]["test"], name
    for name in set(APP) - {"migrate"}:
        conditions = {other: rule["condition"] for other, rule in SERVICES[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "valkey": "service_healthy",
        }


def test_secrets_come_from_files_and_only_migrate_gets_the_owners():
    assert all(secret["file"].startswith("./secrets/") for secret in COMPOSE["secrets"].values())
    for name, service in SERVICES.items():
        assert set(service["secrets"]) <= set(COMPOSE["secrets"]), name
        for key, value in service.get("environment", {}).items():
            assert "PASSWORD" not in key or value.startswith("/run/secrets/"), (name, key)
    holders = {name for name in SERVICES if "migrations_database_url" in SERVICES[name]["secrets"]}
    assert holders == {"migrate"}


def test_volumes_are_declared_and_app_containers_are_closed():
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists(), (name, volume)
    for name in APP:
        assert SERVICES[name]["read_only"] and SERVICES[name]["cap_drop"] == ["ALL"]
    assert "\nUSER 10001\n" in (ROOT / "Dockerfile").read_text()


def test_every_knob_of_the_settings_is_explained():
    explained = (ROOT / ".env.example").read_text()
    for file in ("helpdesk/settings.py", "helpdesk/entrypoint.py"):
        for name in re.findall(r'(?:env\.\w+|_secret|_required)\(\s*"([A-Z_]+)"', (ROOT / file).read_text()):
            assert re.search(rf"\b{name}\b", explained), f"{name} is missing from .env.example"


def test_an_unknown_program_is_refused():
    with pytest.raises(SystemExit, match="Unknown program 'cron'"):
        entrypoint.command("cron", {})


@pytest.fixture
def secrets():
    """A directory with what `make secrets` writes."""
    directory = make_directory() / "secrets"
    subprocess.run([sys.executable, "docker/make_secrets.py", str(directory)], cwd=ROOT, check=True)
    yield directory
    subprocess.run(["rm", "-rf", str(directory.parent)], check=True)


def test_secrets_are_random_private_and_kept(secrets):
    assert {file.name for file in secrets.iterdir()} == set(COMPOSE["secrets"])
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    before = {file.name: file.read_text() for file in secrets.iterdir()}
    assert len({before[name] for name in before if name.endswith("password") or name == "secret_key"}) == 5
    subprocess.run([sys.executable, "docker/make_secrets.py", str(secrets)], cwd=ROOT, check=True)
    assert before == {file.name: file.read_text() for file in secrets.iterdir()}


def test_the_entry_point_prepares_an_empty_server_and_serves_with_the_apps_own_rights(secrets):
    """What `docker compose up` does, with the embedded server in the place of the postgres container."""
    base = secrets.parent
    (base / "run").mkdir(mode=0o700)
    server = Postgres(base / "postgres", base / "run", FAST)
    server.prepare()
    with open(base / "log", "w") as log, Supervisor(Terminal(log)) as supervisor:
        program = server.program()
        supervisor.add(program)
        supervisor.wait_for(server.answers, program, seconds=20, otherwise="no server")
        path = f"{binary('psql').parent}:{os.environ['PATH']}"
        env = {"PATH": path, "SECRETS_DIRECTORY": str(secrets), "PGHOST": str(base / "run")}
        subprocess.run(["sh", "docker/make_roles.sh"], cwd=ROOT, env=env, check=True)
        for name in ("database_url", "migrations_database_url"):
            _point_to(secrets / name, str(base / "run"))
        _serve_and_look(secrets, base)


def _point_to(file, sockets: str) -> None:
    parts = urlsplit(file.read_text())
    netloc = f"{parts.username}:{parts.password}@{quote(sockets, safe='')}"
    file.chmod(0o600)
    file.write_text(urlunsplit(parts._replace(netloc=netloc)))


def _serve_and_look(secrets, base) -> None:
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"DATABASE_URL_FILE": str(secrets / "database_url"), "SECRET_KEY_FILE": str(secrets / "secret_key")}
    env |= {"REDIS_URL": os.environ["REDIS_URL"], "HELPDESK_VAR": str(base / "var"), "PORT": str(free_port())}
    env |= {"ALLOWED_HOSTS": "help.example.com", "PLAIN_STATIC": "1", "WEB_WORKERS": "1"}
    owner = {"MIGRATIONS_DATABASE_URL_FILE": str(secrets / "migrations_database_url")}
    line = [sys.executable, "-m", "helpdesk.entrypoint"]
    done = subprocess.run([*line, "migrate"], cwd=ROOT, env=env | owner, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr

    with psycopg2.connect((secrets / "database_url").read_text()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0, current_user FROM tickets_team")
        assert cursor.fetchone() == (True, "helpdesk")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("DELETE FROM escalation_auditevent")
    connection.close()

    web = subprocess.Popen([*line, "web"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: subprocess.run([*line, "healthy"], cwd=ROOT, env=env).returncode == 0, 30, "a healthy web")
    finally:
        web.send_signal(signal.SIGTERM)
        assert web.wait(15) == 0
