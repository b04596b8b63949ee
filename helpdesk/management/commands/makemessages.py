from pathlib import Path

from django.conf import settings
from django.core.management.commands import makemessages

SOURCES = ("escalation/", "helpdesk/", "metrics/", "policies/", "templates/", "tickets/")
"""Where texts for people stand; the rest prints on terminals, in English."""


class Command(makemessages.Command):
    help = "Bring the catalogues up to date with the sources (needs GNU gettext)."
    # A guessed translation is wrong more often than right, and nobody looks at it: what is new stays empty.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-wrap", "--no-fuzzy-matching"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, "--no-wrap"]

    def find_files(self, root):
        found = super().find_files(root)
        return [file for file in found if self._name(file).startswith(SOURCES)]

    def _name(self, file) -> str:
        return (Path(file.dirpath) / file.file).resolve().relative_to(settings.BASE_DIR).as_posix()
