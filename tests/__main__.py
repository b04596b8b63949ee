"""`python -m tests`: all tests in two groups side by side, each on throw-away services of its own.

They share nothing, so neither can disturb the other, and two cores are busy for half the time. With arguments, or with
services of one's own (DATABASE_URL, REDIS_URL), pytest runs once.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
PYTEST = [sys.executable, "-m", "helpdesk.embedded", "with", "--", sys.executable, "-m", "pytest"]
FIRST = {"api", "desk", "helpdesk", "metrics", "policies", "portal"}
"""Folders that take about as long as all others together."""


def main(arguments: list[str]) -> int:
    if arguments or os.environ.get("DATABASE_URL") or os.environ.get("REDIS_URL"):
        return subprocess.call([*PYTEST, *arguments], cwd=HERE.parent)
    places = sorted(path for path in HERE.iterdir() if (path / "__init__.py").exists() or path.match("test_*.py"))
    groups = [[p for p in places if p.name in FIRST], [p for p in places if p.name not in FIRST]]
    started = [
        subprocess.Popen(
            [*PYTEST, "-q", *(str(place.relative_to(HERE.parent)) for place in group)],
            cwd=HERE.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for group in groups
    ]
    readers = [threading.Thread(target=_show, args=(name, run)) for name, run in zip("12", started, strict=True)]
    for reader in readers:
        reader.start()
    try:
        for reader in readers:
            reader.join()
        ended = [run.wait() for run in started]
    except KeyboardInterrupt:  # the terminal has told them too
        for run in started:
            run.wait()
        return 130
    for name, group, code in zip("12", groups, ended, strict=True):
        print(f"{name}| {'passed' if code == 0 else 'FAILED'}: {' '.join(place.name for place in group)}")
    return max(map(abs, ended))


def _show(name: str, run: subprocess.Popen) -> None:
    for line in run.stdout:
        print(f"{name}| {line}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
