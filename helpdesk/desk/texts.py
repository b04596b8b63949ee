"""The approved texts that the composer offers: those that fit the ticket first, then all that may go into an answer."""

from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from escalation import suggestions
from policies import knowledge, scripts
from policies.models import Script
from tickets.models import Ticket

if TYPE_CHECKING:
    from helpdesk.desk.choices import Choices

SUGGESTED = 3
MOST = 400
"""Texts that the list holds; more are found by search under Knowledge."""

KEY = "composer-texts"

FRESH_FOR = 15
"""Seconds for which the list is kept; only what is in force can be inserted."""

_LISTED = {Script.Kind.REPLY: _("Reply scripts"), Script.Kind.HANDOUT: _("Handouts")}


class Listed(NamedTuple):
    """A script or handout in the list."""

    slug: str
    title: str
    kind: str
    floor: int | None


def listed() -> list[Listed]:
    """Read the scripts and handouts in force, by title."""
    texts = offered().filter(kind__in=_LISTED).order_by("title")
    return [Listed(*row) for row in texts.values_list(*Listed._fields)[:MOST]]


class Texts:
    """What may be put into an answer to TICKET, whose customer last said SAID. Asked for when the page draws it."""

    def __init__(self, ticket: Ticket, choices: "Choices", said: str = ""):
        self._ticket, self._choices = ticket, choices
        self._about = f"{ticket.subject} {ticket.category or ''} {said}"

    @cached_property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return labelled groups of (slug, title): what fits the ticket, then scripts and handouts, its floor's first.

        Articles are many, so only those that fit are here; all are found under Knowledge.
        """
        fitting = knowledge.suggest(offered(self._ticket), self._about, most=SUGGESTED)
        floor = self._ticket.escalation.sensitive_floor
        listed = sorted(self._choices.texts, key=lambda text: (text.floor not in (floor, None), text.title))
        groups = [(_("Fits this ticket"), fitting)]
        groups += [(label, [text for text in listed if text.kind == kind]) for kind, label in _LISTED.items()]
        return [(label, [(text.slug, text.title) for text in texts]) for label, texts in groups if texts]


def offered(ticket: Ticket | None = None) -> QuerySet[Script]:
    """Return the texts that may go into an answer, without those that did not help with TICKET."""
    # Most tickets have none; whether this one has comes with the ticket itself.
    if ticket is None or not getattr(ticket, "was_not_helped", True):
        return _offered()
    return _offered().exclude(slug__in=suggestions.refused_texts(ticket.pk))


def playbook(ticket: Ticket) -> Script | None:
    """Return the playbook for the goods of TICKET (P4.6), if there is one; nothing of it goes into an answer.

    Those without a category are general, and stand under Knowledge.
    """
    books = knowledge.in_force(public=False, kinds=[Script.Kind.PLAYBOOK]).exclude(category=None)
    fitting = knowledge.suggest(
        books.select_related(None).only("slug", "title"), " ".join(ticket.order_products), most=1
    )
    return fitting[0] if fitting else None


@cache
def _offered() -> QuerySet[Script]:
    texts = knowledge.in_force(public=False).exclude(kind=Script.Kind.PLAYBOOK)
    texts = texts.exclude(kind=Script.Kind.ARTICLE, is_public=False)
    return texts.select_related(None).only("slug", "title", "kind", "floor")


def words(script: Script, ticket: Ticket, request: HttpRequest) -> str:
    """Return what is put into the answer: a text filled in for the ticket, or the link to an article."""
    if script.kind != Script.Kind.ARTICLE:
        return _untitled(scripts.fill(script, ticket, request.user), script)
    title = knowledge.title_in(script, ticket.language or ticket.customer.language)
    return f"[{title}]({request.build_absolute_uri(reverse('portal:article', args=[script.slug]))})"


def _untitled(text: str, script: Script) -> str:
    """Leave a handout's heading out: it is the title of its page, not of an answer."""
    first, _line, rest = text.partition("\n")
    return rest.strip() if script.kind == Script.Kind.HANDOUT and first.startswith("# ") else text
