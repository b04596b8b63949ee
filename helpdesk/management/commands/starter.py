from django.core.management.base import BaseCommand
from django.db import transaction

import metrics.starter
import policies.starter
import tickets.starter
from policies import reviews
from tickets.clock import database_now


class Command(BaseCommand):
    help = "Load the starter roles, teams, channels and policies; adds only what is missing, so run it at each start."

    @transaction.atomic
    def handle(self, *args, **options):
        tickets.starter.load()
        policies.starter.load()
        metrics.starter.load()
        reviews.adopt_by_first_administrator(database_now())
