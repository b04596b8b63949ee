"""`manage.py export_case N`: the sealed export of a case, as Head of Risk and Legal get it on the desk."""

import shutil
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from escalation import sealed_export
from tickets.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Write a case with its documents, hashes and trail into one ZIP that checks itself; say the manifest's SHA-256."
    )

    def add_arguments(self, parser):
        parser.add_argument("ticket", type=int, help="number of the ticket")
        parser.add_argument("--output", help="file to write; case-N.zip here when left out")

    def handle(self, *args, ticket: int, output: str | None, **options):
        path = Path(output or f"case-{ticket}.zip")
        if path.exists():
            raise CommandError(f"{path} exists already; nothing was written.")
        try:
            made, digest = sealed_export.make(ticket)
        except Refusal as refusal:
            raise CommandError(str(refusal.detail)) from None
        with made, path.open("xb") as file:
            shutil.copyfileobj(made, file)
        self.stdout.write(f"{path}\nmanifest.json SHA-256 {digest}")
