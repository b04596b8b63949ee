"""Real processes of the product, run against the test's own database, and ended by the test that started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def database_url() -> str:
    """Return the address of the database that this test uses."""
    db = connection.settings_dict
    secret = f":{quote(db['PASSWORD'], safe='')}" if db["PASSWORD"] else ""
    host = quote(db["HOST"] or "localhost", safe="")
    port = f":{db['PORT']}" if db["PORT"] else ""
    return f"postgres://{quote(db['USER'], safe='')}{secret}@{host}{port}/{quote(db['NAME'], safe='')}"


class Crew:
    """The processes of one test."""

    def __init__(self, folder: Path):
        self.folder, self.members = folder, []

    def start(self, *command: str) -> subprocess.Popen:
        """Start `python COMMAND` in its own session, its output going to a file of the test's folder."""
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "SECRET_KEY": settings.SECRET_KEY,
            "HELPDESK_VAR": str(self.folder),
            "EMAIL_URL": f"file://{self.folder / 'mail'}",
        }
        log = (self.folder / f"{len(self.members)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        self.members.append(process)
        return process

    def escalator(self) -> subprocess.Popen:
        return self.start("manage.py", "escalator")

    def worker(self, *, queue: str = "deadlines") -> subprocess.Popen:
        return self.start(
            *f"-m celery -A helpdesk worker -Q {queue} -c 1 -n {queue}{len(self.members)}@%h".split(),
            *"--without-gossip --without-mingle -l WARNING".split(),
        )

    def beat(self) -> subprocess.Popen:
        schedule = self.folder / f"beat{len(self.members)}"
        return self.start(*f"-m celery -A helpdesk beat -s {schedule} --pidfile= -l WARNING".split())

    def kill(self, process: subprocess.Popen) -> None:
        """End PROCESS and its children as a power cut would."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def dismiss(self) -> None:
        for process in self.members:
            self.kill(process)


@pytest.fixture
def crew(transactional_db, tmp_path):
    crew = Crew(tmp_path)
    yield crew
    crew.dismiss()


def wait_for(true: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until TRUE holds; fail after SECONDS."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.05)
