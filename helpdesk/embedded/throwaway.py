"""`with -- COMMAND`: fresh services for one command, gone afterwards."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from helpdesk.embedded import services
from helpdesk.embedded.postgres import FAST
from helpdesk.embedded.problems import Problem, Stopped
from helpdesk.embedded.programs import dying_with_us
from helpdesk.embedded.supervisor import Supervisor
from helpdesk.embedded.terminal import Terminal


def run(command: list[str]) -> int:
    """Run COMMAND with DATABASE_URL (the owner's role) and REDIS_URL of throw-away services; return its exit code.

    Services that the environment names already are used as they are.
    """
    # mkdtemp's name has lower-case letters, digits and "_" only, and /tmp is short enough for a socket's path.
    base = Path(tempfile.mkdtemp(prefix="helpdesk-", dir="/tmp"))
    base.chmod(0o711)  # as root, PostgreSQL's own account must pass through
    try:
        with open(base / "services.log", "w") as log:
            try:
                with Supervisor(Terminal(log)) as supervisor:
                    return _run(command, supervisor, base)
            except Stopped:
                return 130
            except Problem:
                log.flush()
                print((base / "services.log").read_text()[-4000:])
                raise
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _run(command: list[str], supervisor: Supervisor, base: Path) -> int:
    for name in ("run", "valkey", "var"):
        (base / name).mkdir(mode=0o700)
    started = services.start(
        supervisor,
        postgres_data=base / "postgres",
        valkey_data=base / "valkey",
        sockets=base / "run",
        settings=FAST,
        durable=False,
    )
    env = {
        **os.environ,
        "DATABASE_URL": started.owner_url,
        "MIGRATIONS_DATABASE_URL": started.owner_url,
        "REDIS_URL": started.redis_url,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_urlsafe(64),
        "HELPDESK_HTTPS": "0",
        "HELPDESK_VAR": str(base / "var"),
    }
    env.pop("SECRET_KEY_FILE", None)
    try:
        child = subprocess.Popen(command, env=env, preexec_fn=dying_with_us(signal.SIGTERM))
    except OSError as error:
        raise Problem(f"{command[0]} cannot be run: {error.strerror}.") from error
    return _wait(child, supervisor)


def _wait(child: subprocess.Popen, supervisor: Supervisor) -> int:
    stop_at: float | None = None
    while child.poll() is None:
        try:
            supervisor.tick(0.5)
        except Stopped:
            # The terminal sent Ctrl-C to the command as well; TERM follows only for one that does not listen.
            supervisor.forget_stop()
            if supervisor.stopped_by == signal.SIGINT and stop_at is None:
                stop_at = time.monotonic() + 10
            else:
                child.terminate()
        if stop_at is not None and time.monotonic() > stop_at:
            child.terminate()
            stop_at = time.monotonic() + 10
    return child.returncode if child.returncode >= 0 else 128 - child.returncode
