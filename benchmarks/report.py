"""The table on the screen and the file in `results/`."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection

from benchmarks.measure import Figure

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("Django", "djangorestframework", "celery", "psycopg2-binary", "django-fsm-2", "gunicorn")


def show(figure: Figure) -> None:
    """Print one line as soon as it is known."""
    beside = f" | beside {figure.beside}" if figure.beside else ""
    aim = f" | aim {figure.aim}" if figure.aim else ""
    print(f"  {figure.what}: {figure.value}{beside}{aim}", flush=True)


def write(sections: list[tuple[int, list[Figure]]]) -> Path:
    """Write all figures with machine, date and versions; return the file."""
    now = datetime.now(UTC)
    lines = [f"# Benchmarks of {now:%Y-%m-%d %H:%M} UTC", "", *_surroundings(), ""]
    for size, figures in sections:
        lines += [f"## {size:,} tickets", "", "| what | measured | beside | aim | note |", "|---|---|---|---|---|"]
        lines += [f"| {f.what} | {f.value} | {f.beside} | {f.aim} | {f.note} |" for f in figures]
        lines.append("")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d-%H%M}.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _surroundings() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('fsync'), current_setting('shared_buffers')"
        )
        server, fsync, buffers = cursor.fetchone()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return [
        f"- Machine: {os.cpu_count()} cores ({_processor()}), {platform.system()} {platform.release().split('-')[0]}",
        f"- Python {platform.python_version()}, {packages}",
        f"- PostgreSQL {server}, fsync {fsync}, shared_buffers {buffers}",
        f"- Load of the machine at the end: {', '.join(f'{load:.1f}' for load in os.getloadavg())} (1, 5, 15 minutes)",
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()
