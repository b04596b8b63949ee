"""Erase what is past its retention; with --dry-run say only how much that is."""

from django.core.management.base import BaseCommand

from escalation import retention


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count and change nothing")
        parser.add_argument("--limit", type=int, default=retention.AT_ONCE, help="erase at most so many tickets")

    def handle(self, *args, dry_run: bool, limit: int, **options) -> None:
        found = retention.counts()
        if not found:
            self.stdout.write("No retention is in force: nothing is erased by time.")
        for count in found:
            self.stdout.write(f"{count.rule}: {count.past} tickets are past it, {count.kept} of them kept by a hold.")
        if found and not dry_run:
            self.stdout.write(f"{retention.run(limit=limit)} tickets erased.")
