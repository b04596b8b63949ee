from django.core.management.base import BaseCommand, CommandError

from escalation.audit import verify
from escalation.models import AuditEvent


class Command(BaseCommand):
    help = (
        "Check the audit chain of every ticket (or of one) and name the first broken link of each that does not hold."
    )

    def add_arguments(self, parser):
        parser.add_argument("ticket", nargs="?", type=int, help="number of the ticket; all tickets when left out")

    def handle(self, *args, ticket=None, **options):
        broken = 0
        for link in verify(ticket):
            broken += 1
            self.stderr.write(f"ticket {link.ticket}, event {link.seq}: {link.fault}")
        if broken:
            raise CommandError(f"{broken} audit chains are broken.")
        events = AuditEvent.objects.filter(ticket_id=ticket) if ticket else AuditEvent.objects.all()
        self.stdout.write(f"The audit trail is whole: {events.count()} events verified.")
