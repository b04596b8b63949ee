"""Keeps programs alive and shows what they print.

One thread only: the kernel ties a child's life to the thread that made it.
"""

import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable

from helpdesk.embedded.problems import Problem, Stopped
from helpdesk.embedded.programs import Program
from helpdesk.embedded.terminal import Terminal

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LONGEST_LINE = 64 * 1024
MOST_EARLY_DEATHS = 4


class Supervisor:
    """Starts programs, restarts those that die, and stops them in the reverse order of their ranks."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.programs: list[Program] = []
        self.ranks: list[list[Program]] = []
        self.stopping = False
        self.stopped_by: int | None = None
        self._stop_asked_at: float | None = None
        self._in_a_hurry = False
        self._selector = selectors.DefaultSelector()
        self._rests: dict[int, bytes] = {}
        self._old_handlers: dict[int, object] = {}

    def __enter__(self) -> "Supervisor":
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._old_wakeup = signal.set_wakeup_fd(self._wake_out.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            self._old_handlers[number] = signal.signal(number, self._on_stop_signal)
        self._old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, *_) -> None:
        self.stop_all()
        for number, handler in self._old_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._old_wakeup)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _on_stop_signal(self, number, _frame) -> None:
        self.stopped_by = number
        # One Ctrl-C may arrive twice within an instant, from the terminal and by make; only a later one presses.
        now = time.monotonic()
        if self._stop_asked_at is None:
            self._stop_asked_at = now
        elif now - self._stop_asked_at > 1:
            self._in_a_hurry = True

    def forget_stop(self) -> None:
        """Go on after Stopped: the caller deals with the request itself."""
        self._stop_asked_at = None
        self._in_a_hurry = False

    def add(self, *programs: Program) -> None:
        """Start PROGRAMS and keep them alive from now on; they stop together, before those that were added earlier."""
        self.ranks.append(list(programs))
        for program in programs:
            self.programs.append(program)
            self._start(program)

    def _start(self, program: Program) -> None:
        read, write = os.pipe()
        os.set_blocking(read, False)
        try:
            program.start(time.monotonic(), stdout=write, stderr=subprocess.STDOUT)
        except BaseException:
            os.close(read)
            raise
        finally:
            os.close(write)
        self._rests[read] = b""
        self._selector.register(read, selectors.EVENT_READ, program)

    def tick(self, longest: float = 1.0) -> None:
        """Deal with output, deaths and signals, waiting at most LONGEST seconds; raise Stopped when asked to stop."""
        now = time.monotonic()
        due = [program.start_at for program in self.programs if program.process is None]
        pause = max(0.0, min([now + longest, *due]) - now) if not self.stopping else longest
        for key, _ in self._selector.select(pause):
            if key.data is None:
                self._drain_wakeups()
            else:
                self._read(key.fd, key.data)
        if not self.stopping:
            if self._stop_asked_at is not None:
                raise Stopped
            self._restart_the_dead()

    def _drain_wakeups(self) -> None:
        try:
            while self._wake_in.recv(4096):
                pass
        except BlockingIOError:
            pass

    def _read(self, fd: int, program: Program) -> None:
        try:
            data = os.read(fd, LONGEST_LINE)
        except BlockingIOError:
            return
        *lines, rest = (self._rests[fd] + data).split(b"\n")
        if rest and (not data or len(rest) > LONGEST_LINE):
            lines.append(rest)
            rest = b""
        for line in lines:
            self.terminal.line(program.name, line.decode(errors="replace").rstrip("\r"))
        self._rests[fd] = rest
        if not data:
            self._selector.unregister(fd)
            os.close(fd)
            del self._rests[fd]

    def _restart_the_dead(self) -> None:
        now = time.monotonic()
        for program in self.programs:
            if program.process is None:
                if now >= program.start_at:
                    self._start(program)
            elif program.died():
                code = program.process.returncode
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                program.plan_restart(now)
                self.terminal.say(f"{program.name} {how}; it starts again in {program.start_at - now:.1f} s")

    def wait_for(self, condition: Callable[[], bool], program: Program, *, seconds: float, otherwise: str) -> None:
        """Run until CONDITION holds; raise Problem with OTHERWISE after SECONDS or when PROGRAM keeps dying."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or program.early_deaths > MOST_EARLY_DEATHS:
                raise Problem(otherwise)
            self.tick(0.05)

    def run(self, command: list[str], *, env: dict[str, str], cwd, name: str = "helpdesk", shown: bool = True) -> str:
        """Run COMMAND to its end beside the programs and return its output; raise Problem when it fails."""
        job = Program(name, command, env=env, cwd=cwd)
        job.start(time.monotonic(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(job.process.stdout.fileno(), False)
        output = b""
        try:
            while True:
                ended = job.died()
                chunk = job.process.stdout.read()
                output += chunk or b""
                if ended and not chunk:
                    break
                self.tick(0.05)
        finally:
            job.signal_group(signal.SIGKILL)
            job.process.wait()
            job.process.stdout.close()
        text = output.decode(errors="replace")
        if job.process.returncode or shown:
            for line in text.splitlines():
                self.terminal.line(name, line)
        if job.process.returncode:
            raise Problem(f"`{' '.join(command[1:])}` failed; the lines above say why.")
        return text

    def stop_all(self, patience: float = 10.0) -> None:
        """Stop the ranks, the last started first; kill what is left after PATIENCE seconds or a second Ctrl-C."""
        self.stopping = True
        while self.ranks:
            rank = [program for program in self.ranks.pop() if program.process and not program.died()]
            for program in rank:
                program.signal(program.stop_signal)
            deadline = time.monotonic() + patience
            while any(not program.died() for program in rank):
                if time.monotonic() > deadline or self._in_a_hurry:
                    for program in rank:
                        program.signal_group(signal.SIGKILL)
                self.tick(0.05)
        self.programs.clear()
        last_words = time.monotonic() + 1
        while self._rests and time.monotonic() < last_words:
            self.tick(0.05)
