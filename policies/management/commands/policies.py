"""manage.py policies export|import|check FOLDER: the policy book as files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from policies import book_files
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Refusal


class Command(BaseCommand):
    help = "Write the policy book to files, check such files, or bring them in: a new house starts, another drafts."

    def add_arguments(self, parser):
        parser.add_argument("do", choices=["export", "import", "check"])
        parser.add_argument("folder", type=Path)
        parser.add_argument("--as", dest="author", metavar="EMAIL", help="in whose name changes are drafted")

        parser.add_argument(
            "--planned",
            action="store_true",
            help="export what will stand once all published changes hold (default: what is in force now)",
        )

    def handle(self, *args, do: str, folder: Path, author: str | None, planned: bool, **options):
        now = database_now()
        try:
            if do == "export":
                self.stdout.write(f"{len(book_files.export(folder, now=now, planned=planned))} files in {folder}")
                return
            if faults := book_files.check(folder, now=now):
                raise CommandError("\n".join(map(str, faults)))
            for address, rules in sorted(book_files.strangers(folder, now=now).items()):
                self.stdout.write(
                    f"{address}, owner of {rules} rules, may not answer for policies here: these keep the owner that "
                    f"they have here, and new ones belong to {author or 'nobody'}."
                )
            if do == "check":
                self.stdout.write("Every rule can be put in force.")
                return
            done = book_files.load(folder, actor=self._person(author), now=now)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        self.stdout.write(
            f"{done.in_force} in force, {done.drafted} drafted for somebody else to publish, {done.unchanged} as they "
            f"were, {done.waiting} left alone because a draft waits."
        )

    def _person(self, address: str | None) -> User | None:
        if address is None:
            return None
        found = User.objects.filter(email=address.lower(), is_active=True).first()
        if found is None:
            raise CommandError(f"There is nobody with the address {address}.")
        return found
