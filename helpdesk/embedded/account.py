"""The unprivileged account that PostgreSQL runs under when we are root, because PostgreSQL refuses to be root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from helpdesk.embedded.problems import Problem

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A system account that owns PostgreSQL's files and runs its server."""

    name: str
    uid: int
    gid: int

    def own(self, path: Path) -> None:
        os.chown(path, self.uid, self.gid)

    def popen_options(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def choose(data: Path) -> Account | None:
    """Return the account for PostgreSQL, or None when we are not root; DATA keeps the owner that it has."""
    if os.geteuid() != 0:
        return None
    try:
        if data.exists() and data.stat().st_uid != 0:
            entry = pwd.getpwuid(data.stat().st_uid)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    except KeyError:
        raise Problem(
            f"{data} belongs to an account that no longer exists. Give it to one: chown -R postgres {data}"
        ) from None
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise Problem(
        "PostgreSQL refuses to run as root and this machine has neither an account 'postgres' nor 'nobody'. "
        "Run as a normal user, or set DATABASE_URL to a server of yours."
    )


def reaches(account: Account | None, path: Path, flag: str = "-x") -> bool:
    """Whether ACCOUNT may enter or run PATH (or, with "-w", write to it); we ourselves, without one, may."""
    if account is None:
        return True
    return subprocess.run(["test", flag, str(path)], **account.popen_options(), cwd="/").returncode == 0


def check_reach(account: Account | None, binary: Path, data: Path) -> None:
    """Refuse in a sentence when ACCOUNT may not run BINARY or enter DATA; parents' permissions are never changed."""
    for path, flag in ((binary, "-x"), (data, "-w")):
        if not reaches(account, path, flag):
            raise Problem(
                f"PostgreSQL refuses to run as root, and the account '{account.name}' may not reach {path} because "
                f"{_barrier(account, path)} is private. Move this copy to a directory that others may enter (for "
                "example /opt/helpdesk), or run it as a normal user, or set DATABASE_URL to a server of yours."
            )


def _barrier(account: Account, path: Path) -> Path:
    for parent in reversed(path.parents):
        if not reaches(account, parent):
            return parent
    return path
