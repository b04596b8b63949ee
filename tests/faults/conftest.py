"""One house for all faults of this folder, whole again before each test, and the table of lateness at the end.

FAULTS=long runs every fault for longer, with thousands of deadlines (`make faults`).
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.embedded.running import make_directory
from tests.faults.house import House, house
from tests.faults.lateness import Lateness, report, table

LONG = os.environ.get("FAULTS") == "long"
PROGRAMS = ("escalator-1", "escalator-2", "deadlines", "beat-1", "beat-2", "worker", "web")
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "faults.md"
FIGURES = pytest.StashKey[list[Lateness]]()


def pick(short, long):
    """Return the size for the form of the suite that runs."""
    return long if LONG else short


@pytest.fixture(scope="session")
def figures(request) -> list[Lateness]:
    return request.config.stash.setdefault(FIGURES, [])


@pytest.fixture(scope="package")
def one_house(django_db_blocker):
    folder = make_directory()
    try:
        with (
            django_db_blocker.unblock(),
            small_disk(folder / "disk", megabytes=pick(300, 700)) as disk,
            house(folder, stock=pick(300, 3000), programs=PROGRAMS, disk=disk) as built,
        ):
            yield built
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path | None]:
    """Mount a disk that can be filled up; None where we may not."""
    place.mkdir(mode=0o711)
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=711", "tmpfs", str(place)], capture_output=True
        ).returncode
    )
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def helpdesk(one_house) -> House:
    """Everything is there and the network is good, whatever the test before did."""
    one_house.mend(PROGRAMS)
    return one_house


@pytest.fixture
def note(figures) -> Callable[[Lateness], None]:
    """Keep how late the deadlines of a fault were for the table at the end."""
    return figures.append


def pytest_terminal_summary(terminalreporter, config):
    figures = config.stash.get(FIGURES, [])
    if figures:
        terminalreporter.section("lateness of deadlines under faults")
        terminalreporter.write_line(table(figures))
    if figures and LONG:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report(figures), encoding="utf-8")
        terminalreporter.write_line(f"written to {RESULTS}")
