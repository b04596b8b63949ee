"""How customers read the articles: whether they helped, and whether a request was then sent all the same."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from policies.models.script import Script


class Vote(models.Model):
    """What one visitor said of one version of an article; VISITOR is a random word that only their browser knows."""

    script = models.ForeignKey(Script, on_delete=models.CASCADE, related_name="votes")
    visitor = models.CharField(max_length=64)
    helped = models.BooleanField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["script", "visitor"], name="vote_once_a_visitor")]

    def __str__(self) -> str:
        return f"{self.script}: {'helped' if self.helped else 'did not help'}"


class Look(models.Model):
    """That articles were shown beside one form of the portal, which of them were opened, and whether it was sent.

    TOKEN is the form's own; nothing tells whose form it was.
    """

    token = models.CharField(max_length=64, primary_key=True)
    shown = ArrayField(models.SlugField(max_length=60))
    opened = ArrayField(models.SlugField(max_length=60), default=list)
    sent = models.BooleanField(default=False)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["at"], name="look_by_time")]

    def __str__(self) -> str:
        return f"{len(self.shown)} shown, {'sent' if self.sent else 'not sent'}"
