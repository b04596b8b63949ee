"""`manage.py demo [--if-empty]`: people and tickets to look around with."""

import os
import secrets

from django.core.management.base import BaseCommand, CommandError

from helpdesk.demo import content
from tickets.clock import database_now
from tickets.roles import LABELS


class Command(BaseCommand):
    help = "Fill an empty database with demo people and tickets and print the sign-ins. Run `starter` first."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there are people or tickets")

    def handle(self, *args, if_empty: bool, **options) -> None:
        if not content.is_empty():
            if if_empty:
                return
            raise CommandError("There are people or tickets already; demo content is made in an empty database only.")
        given = os.environ.get("HELPDESK_DEMO_PASSWORD", "")
        password = given or secrets.token_urlsafe(12)
        people = content.fill(password=password, now=database_now())
        self.stdout.write("Demo people, all with the same password:")
        for person in people:
            self.stdout.write(f"  {person.email:<24} {', '.join(str(LABELS[role]) for role in sorted(person.roles))}")
        self.stdout.write("Password: the one in HELPDESK_DEMO_PASSWORD." if given else f"Password: {password}")
