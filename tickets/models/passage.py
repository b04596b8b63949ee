"""What search reads: every text that can be found, as words. Triggers keep it, so no door can forget it."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from tickets.models.ticket import Ticket


class Passage(models.Model):
    """The words of one text: a message, a decision, a customer, a script. Written by triggers only (docs/search.md).

    Weights: A the subject or title, B customer and order, D the text itself. Besides, it holds marks that no text can
    contain because they begin with a space: its kind, and the day and the month in which its ticket was opened.
    """

    kind = models.CharField(max_length=12)
    source = models.BigIntegerField()  # primary key of the text in the table of its kind
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, related_name="+")
    words = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "source"], name="passage_once")]
        indexes = [
            # A small list of pending entries: every search reads it from end to end.
            GinIndex(fields=["words"], name="passage_words", gin_pending_list_limit=128),
            # Common words are in a million messages; what is not one is looked for among its like.
            GinIndex(fields=["words"], name="passage_script_words", condition=Q(kind="script"), fastupdate=False),
            GinIndex(fields=["words"], name="passage_customer_words", condition=Q(kind="customer"), fastupdate=False),
            GinIndex(fields=["words"], name="passage_decision_words", condition=Q(kind="decision"), fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source}"


class Word(models.Model):
    """A word in some passage, for completing what is typed and for guessing what was meant; never shown unchecked."""

    word = models.TextField(primary_key=True, db_collation="C")
    seen = models.BigIntegerField()  # in how many passages, about

    class Meta:
        indexes = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="word_trigrams")]

    def __str__(self) -> str:
        return self.word


class SearchMark(models.Model):
    """How far a background task of search has come."""

    task = models.CharField(primary_key=True, max_length=20)
    number = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.task}: {self.number}"
