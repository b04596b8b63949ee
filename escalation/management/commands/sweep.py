from django.core.management.base import BaseCommand

from escalation.sweep import sweep


class Command(BaseCommand):
    help = "Climb every ticket whose deadline has passed, once, and say how many there were."

    def handle(self, *args, **options):
        self.stdout.write(f"{sweep(door='hand')} tickets moved or alarmed")
