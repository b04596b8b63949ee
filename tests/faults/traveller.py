"""An escalator whose own clock is HOURS off: `python -m tests.faults.traveller HOURS`."""

import os
import sys
from datetime import UTC, datetime, timedelta

import django
import time_machine


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    django.setup()
    from django.core.management import call_command

    with time_machine.travel(datetime.now(UTC) + timedelta(hours=float(sys.argv[1])), tick=True):
        call_command("escalator")


if __name__ == "__main__":
    main()
