"""A real copy of the helpdesk in processes of its own, for tests that start, kill and stop it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
# What the copy must find out for itself, although the tests run with it set.
OURS = ("DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FILE", "HELPDESK_HTTPS")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_directory() -> Path:
    """Return a new directory that PostgreSQL's own account may enter; root's pytest directories are closed to it."""
    path = Path(tempfile.mkdtemp(prefix="helpdesk-test-", dir="/tmp"))
    path.chmod(0o711)
    return path


def wait_until(condition: Callable[[], object], seconds: float, what: str):
    """Return what CONDITION returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


class Copy:
    """One copy: its directory, port, process, and all it printed."""

    def __init__(self, var: Path, port: int | None = None) -> None:
        self.var = var
        self.port = port or free_port()
        self.output = var.with_name(var.name + ".out")
        self.env = {name: value for name, value in os.environ.items() if name not in OURS}
        self.env |= {"HELPDESK_VAR": str(var), "PORT": str(self.port), "WEB_WORKERS": "1"}
        self.process: subprocess.Popen | None = None

    def start(self) -> "Copy":
        with open(self.output, "w") as output:
            command = [sys.executable, "-m", "helpdesk.embedded", "up"]
            self.process = subprocess.Popen(command, env=self.env, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        return self

    def wait_ready(self, seconds: float = 120) -> "Copy":
        def ready() -> bool:
            assert self.process.poll() is None, self.printed()
            return "The helpdesk is ready" in self.printed()

        wait_until(ready, seconds, "the start")
        return self

    def refused(self) -> str:
        """Start, expect that it gives up, and return what it said."""
        self.start()
        assert self.process.wait(20) == 1, self.printed()
        return self.printed()

    def printed(self) -> str:
        return self.output.read_text()

    def get(self, path: str) -> int:
        """Return the status of a page, 0 when nobody answers."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).status
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def services(self) -> dict[str, str]:
        return dict(re.findall(r'^(\w+)="(.*)"$', (self.var / "services.env").read_text(), re.M))

    def descendants(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, *marks: str) -> psutil.Process | None:
        """Return the direct child whose command line holds all MARKS."""
        for child in psutil.Process(self.process.pid).children():
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:
                continue
            if line and all(mark in line for mark in marks):
                return child
        return None

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(40)
        return self.process.returncode if self.process else 0

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.var.parent, ignore_errors=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
