"""A child process that never outlives us, and what is known of a process id that a file remembers."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from helpdesk.embedded.account import Account

PR_SET_PDEATHSIG = 1
FIRST_PAUSE, LONGEST_PAUSE, HEALTHY_AFTER = 0.5, 10.0, 10.0  # seconds

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
if _libc is not None:
    _libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


class Program:
    """One program to keep alive, its process, and how long to pause before the next attempt.

    `death_signal` is what the kernel sends it when we die without a word (Linux only); `before_start` runs before each
    start.
    """

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        env: dict[str, str],
        cwd: Path,
        account: Account | None = None,
        stop_signal: int = signal.SIGTERM,
        death_signal: int = signal.SIGKILL,
        before_start: Callable[[], None] | None = None,
        first_pause: float = FIRST_PAUSE,
    ) -> None:
        self.name = name
        self.command = command
        self.env = env
        self.cwd = cwd
        self.account = account
        self.stop_signal = stop_signal
        self.death_signal = death_signal
        self.before_start = before_start
        self.first_pause = self.pause = first_pause
        self.process: subprocess.Popen | None = None
        self.started_at = self.start_at = 0.0
        self.early_deaths = 0  # in a row

    def start(self, now: float, **streams) -> subprocess.Popen:
        """Start the process in a session of its own, so that Ctrl-C reaches us alone; NOW is monotonic seconds."""
        if self.before_start:
            self.before_start()
        self.started_at = now
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dying_with_us(self.death_signal),
            **(self.account.popen_options() if self.account else {}),
            **streams,
        )
        return self.process

    def died(self) -> bool:
        """Say whether the process ended; what it left in its group is killed before its id can be used again."""
        if self.process is None or self.process.returncode is not None:
            return self.process is not None
        if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        self.signal_group(signal.SIGKILL)
        self.process.poll()
        return True

    def plan_restart(self, now: float) -> None:
        """Set the next start: at once longer pauses for a program that dies young, up to ten seconds."""
        if now - self.started_at > HEALTHY_AFTER:
            self.pause, self.early_deaths = self.first_pause, 0
        self.early_deaths += 1
        self.start_at = now + self.pause
        self.pause = min(max(self.pause, FIRST_PAUSE) * 2, LONGEST_PAUSE)
        self.process = None

    def signal(self, number: int) -> None:
        if self.process and self.process.returncode is None:
            self.process.send_signal(number)

    def signal_group(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass


def dying_with_us(number: int) -> Callable[[], None] | None:
    """Return what a child must do so that the kernel sends it signal NUMBER when we end, however we end."""
    if _libc is None:
        return None
    parent = os.getpid()

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arm


def stop_with_parent() -> None:
    """Ask the kernel to stop us when the process that started us (make) is killed."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def command_of(pid: int) -> str:
    """Return the command line of a living process, or '' when there is none with that id."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
