from pathlib import Path

from django.conf import settings
from django.core.management.commands import makemessages

TRANSLATED = (
    "escalation/conversation.py",
    "helpdesk/customer_letters.py",
    "helpdesk/desk/scorecard_cards.py",
    "helpdesk/errors.py",
    "helpdesk/formats/",
    "helpdesk/notifications/delivery.py",
    "helpdesk/notifications/events.py",
    "helpdesk/portal/",
    "helpdesk/templatetags/ux.py",
    "policies/models/right.py",
    "templates/base.html",
    "templates/errors/",
    "templates/letters/",
    "templates/parts/",
    "templates/portal/",
    "tickets/files.py",
    "tickets/links.py",
    "tickets/texts.py",
)
"""What the catalogues cover: letters to customers and staff, the portal, and what these pages share with others."""


class Command(makemessages.Command):
    help = "Bring the catalogues of what customers read up to date with the sources (needs GNU gettext)."
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-wrap"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, "--no-wrap"]

    def find_files(self, root):
        found = super().find_files(root)
        return [file for file in found if self._name(file).startswith(TRANSLATED)]

    def _name(self, file) -> str:
        return (Path(file.dirpath) / file.file).resolve().relative_to(settings.BASE_DIR).as_posix()
