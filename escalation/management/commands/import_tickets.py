"""`manage.py import_tickets FILE.csv --map NAME`: tickets of another system."""

import io
import os

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from escalation import import_map
from escalation.import_rows import Fault
from escalation.importing import Summary, import_tickets
from tickets.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Import the tickets of a CSV file. What is over keeps its dates and mails nobody; what is in progress opens "
        "as a live ticket. Running it again adds only what is new. Bad rows are reported and the rest goes in."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", help="CSV file with a header line")
        parser.add_argument(
            "--map",
            required=True,
            metavar="NAME",
            help=f"how its columns become tickets: {', '.join(import_map.shipped())}, or the path of a TOML file",
        )
        parser.add_argument("--strict", action="store_true", help="exit with 1 when a row did not go in")

    def handle(self, *args, file: str, map: str, strict: bool, **options) -> None:
        try:
            summary = self._run(file, import_map.load(map))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from None
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        self._tell(summary)
        if strict and (summary.faults or summary.changed):
            raise CommandError(f"{summary.faults + summary.changed} rows did not go in.")

    def _run(self, file: str, mapping: import_map.ImportMap) -> Summary:
        with open(file, "rb") as raw:
            # Bytes that are not of this encoding become U+FFFD, which stays visible in the text.
            text = io.TextIOWrapper(raw, encoding=mapping.encoding, errors="replace", newline="")
            with tqdm(total=os.fstat(raw.fileno()).st_size, unit="B", unit_scale=True, disable=None) as bar:

                def report(fault: Fault) -> None:
                    bar.clear()
                    self.stderr.write(f"line {fault.line}: {fault.reason}")

                return import_tickets(text, mapping, on_fault=report, on_batch=lambda: bar.update(raw.tell() - bar.n))

    def _tell(self, summary: Summary) -> None:
        self.stdout.write(
            f"{summary.history + summary.live} tickets imported: {summary.history} resolved, {summary.live} live. "
            f"{summary.unchanged} were here already, {summary.changed} are here and differ in the file, "
            f"{summary.faults} rows did not go in."
        )
        if summary.without_words:
            self.stdout.write(
                f"{summary.without_words} rows have no words of the customer; their text is made of the other columns."
            )
