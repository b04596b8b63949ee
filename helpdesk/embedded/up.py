"""`up`: services, database, programs, in this order, in one terminal, until somebody stops it. `demo`: the demo day."""

import hashlib
import os
import socket
import sys
import time
from pathlib import Path

from helpdesk import entrypoint
from helpdesk.embedded import services
from helpdesk.embedded.home import Home
from helpdesk.embedded.postgres import DURABLE
from helpdesk.embedded.problems import Problem, Stopped
from helpdesk.embedded.programs import Program, stop_with_parent
from helpdesk.embedded.supervisor import Supervisor
from helpdesk.embedded.terminal import Terminal

PROGRAMS = ("web", "deadlines", "worker", "beat", "escalator")
DEMO_PROGRAMS = ("web", "day")
"""The program that plays the day does what the others do, at the day's own time."""
ROOT = entrypoint.ROOT


def run(*, demo: bool = False) -> int:
    """Run everything; return 0 after a wished stop. Raise Problem with a sentence when it cannot start.

    DEMO runs the demo day, always on services and in a directory of its own, so that it never meets real data.
    """
    if demo:
        for name in ("DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            for given in (name, f"{name}_FILE"):
                os.environ.pop(given, None)
        os.environ["HELPDESK_DEMO"] = "day"
    if os.environ.get("HELPDESK_STOP_WITH_PARENT") == "1":
        stop_with_parent()
    started_at = time.monotonic()
    host, port = _address()
    path = Path(os.environ.get("HELPDESK_VAR") or ROOT / "var")
    home = Home(path / "demo" if demo else path)
    home.lock()
    try:
        check_port(host, port)
        terminal = Terminal()
        try:
            with Supervisor(terminal) as supervisor:
                terminal.say(f"Starting in {home.path} ...")
                _start(supervisor, home, host, port, started_at)
                while True:
                    supervisor.tick()
        except Stopped:
            terminal.say("Stopped. Everything is kept for the next start.")
            return 0
    finally:
        home.remove_sockets()
        home.unlock()


def _address() -> tuple[str, int]:
    host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise Problem(f"PORT is {port!r}; it must be a number from 1 to 65535.")
    return host, int(port)


def check_port(host: str, port: int) -> None:
    """Refuse a port that another program uses; a killed run may hold it for one more second."""
    deadline = time.monotonic() + 3
    while True:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
            return
        except PermissionError:
            raise Problem(f"Port {port} needs root. Choose one above 1023, for example: make run PORT=8000") from None
        except socket.gaierror:
            raise Problem(f"HOST is {host!r}, which is no address of this machine. Use 127.0.0.1 or 0.0.0.0.") from None
        except OSError as error:
            if time.monotonic() > deadline:
                raise Problem(
                    f"Port {port} on {host} cannot be used ({error.strerror}). Stop the program that has it, or choose "
                    f"another one: make run PORT={port + 1}"
                ) from None
            time.sleep(0.2)


def _start(supervisor: Supervisor, home: Home, host: str, port: int, started_at: float) -> None:
    home.make_directories()
    home.make_secret_key()
    if home.place != home.path:
        supervisor.terminal.say(f"{home.path} is private, and PostgreSQL may not be root: its data is in {home.place}.")
    found = services.start(
        supervisor,
        postgres_data=home.postgres,
        valkey_data=home.valkey,
        sockets=home.make_sockets(),
        settings=DURABLE,
        durable=True,
    )
    chosen = {"HELPDESK_VAR": str(home.path), "PORT": str(port), "HOST": host}
    if not (os.environ.get("SECRET_KEY") or os.environ.get("SECRET_KEY_FILE")):
        chosen["SECRET_KEY_FILE"] = str(home.secret_key)
    chosen["HELPDESK_HTTPS"] = os.environ.get("HELPDESK_HTTPS") or "0"
    chosen |= {"DATABASE_URL": found.app_url, "MIGRATIONS_DATABASE_URL": found.owner_url, "REDIS_URL": found.redis_url}
    home.write_services(chosen)
    env = {**os.environ, **chosen, "PYTHONUNBUFFERED": "1"}
    env.pop("HELPDESK_STOP_WITH_PARENT", None)
    if os.geteuid() == 0:
        # Whoever tries this as root in a container knows it; eight lines from each worker would bury the sign-ins.
        env.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser")

    # Demo content goes into our own database only, never into one that somebody else runs.
    demo = (os.environ.get("HELPDESK_DEMO") or "1") if found.embedded_database else "0"
    if demo == "day":
        home.write_services(chosen | {"HELPDESK_DEMO": demo})
    news = supervisor.run(
        [sys.executable, "-m", "helpdesk.embedded.prepare"], env={**env, "HELPDESK_DEMO": demo}, cwd=ROOT, shown=False
    )
    if news.strip() and demo == "1":
        home.write_private(home.demo, news)
    elif not news.strip() and home.demo.exists():
        news = home.demo.read_text()  # the password is made once; who starts again next week still needs it
    _collect_static(supervisor, home, env)
    env.pop("MIGRATIONS_DATABASE_URL")  # the programs run with the app's own rights
    names = DEMO_PROGRAMS if demo == "day" else PROGRAMS
    programs = [Program(name, entrypoint.command(name, env), env=env, cwd=ROOT) for name in names]
    supervisor.add(*programs)
    otherwise = "The web server does not answer; its lines above say why."
    supervisor.wait_for(lambda: entrypoint.healthy(env), programs[0], seconds=60, otherwise=otherwise)
    _welcome(supervisor.terminal, news, env, time.monotonic() - started_at)


def _collect_static(supervisor: Supervisor, home: Home, env: dict[str, str]) -> None:
    """Collect and compress the static files, unless neither they nor the packages changed since the last time."""
    stamp = home.path / "static.stamp"
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for name in ("static_files.py", "icons.py", "icons.svg"):
        digest.update((ROOT / "helpdesk" / name).read_bytes())
    for file in sorted(ROOT.glob("*/static/**/*")):
        digest.update(f"{file} {file.stat().st_mtime_ns}".encode())
    if stamp.exists() and stamp.read_text() == digest.hexdigest() and (home.path / "static").exists():
        return
    command = [sys.executable, str(ROOT / "manage.py"), "collectstatic", "--noinput", "--verbosity", "0"]
    supervisor.run(command, env=env, cwd=ROOT)
    stamp.write_text(digest.hexdigest())


def _welcome(terminal: Terminal, news: str, env: dict[str, str], seconds: float) -> None:
    shown = entrypoint.reachable(env)
    shown = f"[{shown}]" if ":" in shown else shown
    line = "-" * 72
    text = [
        line,
        *news.strip().splitlines(),
        "",
        f"The helpdesk is ready after {seconds:.1f} s:  http://{shown}:{env['PORT']}/",
    ]
    text += ["Ctrl-C stops everything; the data stays for the next start.", line]
    terminal.say("\n".join(text))
