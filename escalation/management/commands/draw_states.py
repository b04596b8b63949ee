"""`manage.py draw_states FILE`: draw the floors' state machine, read from the code, into a Markdown file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from escalation.drawing import drawn_into


class Command(BaseCommand):
    help = "Draw the state machine of the floors into FILE, between its two marker lines."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options) -> None:
        try:
            file.write_text(drawn_into(file.read_text(encoding="utf-8")), encoding="utf-8")
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} was not drawn into: {error}") from error
        self.stdout.write(f"Drawn into {file}.")
