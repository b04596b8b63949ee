"""The directory with everything that one copy of the helpdesk keeps: lock, secret key, sockets, services' data."""

import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from helpdesk.embedded import account as accounts
from helpdesk.embedded.problems import Problem

# A Unix socket's path may have 107 bytes on Linux, 103 on macOS; addresses fold capitals and choke on odd characters.
SOCKET_DIRECTORY = re.compile(r"[a-z0-9/._-]{1,80}")
NEEDED_BYTES = 300 * 2**20
OPEN_PLACES = Path("/var/lib/helpdesk")
"""Where PostgreSQL's directories are when root keeps the home where PostgreSQL's account may not go."""


class Home:
    """The var directory of one running copy; hold it with `lock()` before touching what is inside."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.valkey = self.path / "valkey"
        self.beat_schedule = self.path / "beat" / "schedule"
        self.secret_key = self.path / "secret_key"
        self.services_env = self.path / "services.env"
        self.demo = self.path / "demo.txt"  # the sign-ins of the demo people
        self._lock: int | None = None
        self._sockets_note = self.path / "sockets"
        self._place_note = self.path / "postgres.place"

    @property
    def place(self) -> Path:
        """The directory for PostgreSQL's data and sockets: this one, or what `make_directories` had to choose."""
        return Path(self._place_note.read_text().strip()) if self._place_note.exists() else self.path

    @property
    def postgres(self) -> Path:
        return self.place / "postgres"

    def lock(self) -> None:
        """Make the directory and take it for this process; refuse when another copy runs in it.

        The system drops the lock with the process, so a killed copy never blocks the next one.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(self._lock, 20).decode().strip() or "unknown"
            os.close(self._lock)
            self._lock = None
            raise Problem(
                f"The helpdesk already runs in {self.path} (process {pid}). Use that one, stop it with Ctrl-C in its "
                "terminal, or start a second copy with another HELPDESK_VAR and PORT."
            ) from None
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())
        if not self.postgres.exists() and shutil.disk_usage(self.path).free < NEEDED_BYTES:
            raise Problem(
                f"Less than {NEEDED_BYTES // 2**20} MB are free under {self.path}. Free some space, or set "
                "HELPDESK_VAR to a directory on another disk."
            )

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def make_directories(self) -> None:
        # A strict umask must not lock PostgreSQL's account out of our own directory; secrets inside are 0600 or 0700.
        self.path.chmod(self.path.stat().st_mode | 0o711)
        for directory in (self.valkey, self.beat_schedule.parent, self.path / "media"):
            directory.mkdir(mode=0o700, exist_ok=True)
        if not accounts.reaches(accounts.choose(self.postgres), self.place):
            OPEN_PLACES.mkdir(mode=0o755, exist_ok=True)
            place = Path(tempfile.mkdtemp(dir=OPEN_PLACES, prefix="postgres-"))
            place.chmod(0o711)
            self.write_private(self._place_note, f"{place}\n")

    def make_secret_key(self) -> None:
        """Write a random key on the first start and keep it, so that sign-ins outlive a restart."""
        if not self.secret_key.exists() or len(self.secret_key.read_text().strip()) < 50:
            self.write_private(self.secret_key, secrets.token_urlsafe(64) + "\n")

    def make_sockets(self) -> Path:
        """Return an empty directory for sockets: inside the home, or a short private one when its path is too long."""
        self.remove_sockets()
        sockets = self.place / "run"
        if not SOCKET_DIRECTORY.fullmatch(str(sockets)):
            sockets = Path(tempfile.mkdtemp(prefix="helpdesk-", dir="/tmp"))
        sockets.mkdir(mode=0o700, exist_ok=True)
        sockets.chmod(0o700)
        self.write_private(self._sockets_note, f"{sockets}\n")
        return sockets

    def remove_sockets(self) -> None:
        """Remove the socket directory of an earlier run, if it is still ours."""
        if self._sockets_note.exists():
            sockets = Path(self._sockets_note.read_text().strip())
            if sockets == self.place / "run" or (sockets.parent == Path("/tmp") and _is_private(sockets)):
                shutil.rmtree(sockets, ignore_errors=True)
            self._sockets_note.unlink()

    def write_services(self, values: dict[str, str]) -> None:
        """Write the addresses for `manage.py` in another terminal; only the owner may read them."""
        lines = ["# Written at each start. Settings read here what the environment does not say."]
        lines += [f'{name}="{value}"' for name, value in values.items()]
        self.write_private(self.services_env, "\n".join(lines) + "\n")

    @staticmethod
    def write_private(path: Path, text: str) -> None:
        """Replace PATH by TEXT in one step, readable by the owner only."""
        fresh = path.with_name(path.name + ".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        fresh.replace(path)


def _is_private(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
