"""`manage.py index_search`: finish the background work of search at once."""

from django.core.management.base import BaseCommand

from tickets import vocabulary

_ROUND = 10  # seconds


class Command(BaseCommand):
    help = "Make texts that are older than the search findable, and learn all words. Beat does the same bit by bit."

    def handle(self, *args, **options) -> None:
        while texts := vocabulary.catch_up(seconds=_ROUND):
            self.stdout.write(f"{texts} more texts were looked at")
        vocabulary.learn(seconds=24 * 3600, now_too=True)
        self.stdout.write("Search knows all texts and words.")
