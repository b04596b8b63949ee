"""`python -m benchmarks [--tickets N]... [NAME]...`: run the benchmarks on the database that the environment names."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
os.environ.setdefault("API_RATE", "1000000/min")  # the throttle is not what is measured
os.environ.setdefault("PLAIN_STATIC", "1")
os.environ.setdefault("LOG_LEVEL", "WARNING")

NAMES = (
    "empty",
    "burst",
    "verify",
    "escalator",
    "celery",
    "instant",
    "load",
    "pages",
    "idle",
    "search",
    "policies",
    "create",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument("--tickets", type=int, action="append", help="sizes, default 100000 and 1000000")
    options = parser.parse_args()
    names = options.names or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    sizes = sorted(set(options.tickets or [100_000, 1_000_000]))
    if sizes[0] < 30_000:
        parser.error("the smallest size is 30000: 20000 tickets are open")

    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    return _run(names, sizes)


def _run(names: list[str], sizes: list[int]) -> int:
    from benchmarks import data, report
    from tickets.models import Ticket

    if Ticket.objects.exists():
        print("There are tickets in this database; the benchmarks need an empty one.", file=sys.stderr)
        return 1
    refer = data.prepare()
    numbers = data.open_tickets(refer)
    sections = []
    for size in sizes:
        print(f"Making {size:,} tickets …", flush=True)
        data.grow(refer, until=size)
        sections.append((size, _measure(names, refer, numbers, size, last=size == sizes[-1])))
    path = report.write(sections)
    print(f"\nWritten to {path}")
    return 0


def _measure(names: list[str], refer: dict, numbers: list[int], size: int, *, last: bool) -> list:
    """Run the chosen benchmarks at one size; how late the clock is does not depend on it and is measured once."""
    from benchmarks import idle, lateness, policies, report, search, sweeps, trail, web

    schedule = str(Path(tempfile.mkdtemp()) / "beat")
    steps = {
        "empty": lambda: sweeps.empty(size),
        "verify": lambda: trail.verify(size, raw=set(numbers[sweeps.DUE :])),
        "pages": lambda: web.pages(numbers),
        "idle": lambda: idle.idle(numbers),
        "search": search.search,
        "policies": lambda: policies.policies(refer) if last else [],
        "create": lambda: web.create(refer),
        "burst": lambda: sweeps.burst(refer, numbers, size),
        "escalator": lambda: lateness.by_escalator(refer, numbers) if last else [],
        "celery": lambda: lateness.by_celery(refer, numbers, schedule) if last else [],
        "instant": lambda: lateness.at_once(refer, numbers, schedule) if last else [],
        "load": lambda: lateness.beside_web(refer, numbers) if last else [],
    }
    figures = []
    for name, step in steps.items():
        if name in names:
            for figure in step():
                report.show(figure)
                figures.append(figure)
    return figures


if __name__ == "__main__":
    sys.exit(main())
