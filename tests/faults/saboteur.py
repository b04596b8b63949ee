"""An escalator that does something terrible in the middle of each batch: `python -m tests.faults.saboteur HOW`."""

import os
import signal
import sys

import django


def die(write, *batch) -> None:
    """Write everything and be killed before the commit."""
    write(*batch)
    os.kill(os.getpid(), signal.SIGKILL)


def freeze(write, *batch) -> None:
    """Stand still with the rows locked; go on when somebody says so."""
    os.kill(os.getpid(), signal.SIGSTOP)
    write(*batch)


def eat(write, *batch) -> None:
    """Ask for more memory than there is."""
    hoard = []
    while True:
        hoard.append(bytearray(16 * 2**20))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from django.core.management import call_command

    from escalation import sweep

    write, harm = sweep.write_climbs, globals()[sys.argv[1]]
    sweep.write_climbs = lambda due, now: harm(write, due, now) if due else None
    call_command("escalator")


if __name__ == "__main__":
    main()
