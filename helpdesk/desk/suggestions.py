"""What the composer suggests when it is asked: texts and earlier decisions, each with why it fits, and the fields.

    writing.suggested = Suggested(ticket, user)

A suggestion is named `script:SLUG`, `decision:NUMBER` or `field:NAME`; it is put under what is written, or said not to
help.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from escalation import masking, precedents, suggestions
from helpdesk.desk import texts
from helpdesk.templatetags.ux import money
from policies import knowledge, scripts
from policies.models import Script
from tickets.models import Message, Ticket, User
from tickets.refusals import Invalid

MOST = 3
"""Suggestions of each kind."""


@dataclass(frozen=True)
class Suggestion:
    """One text or decision: its name in the composer, what it is, why it fits, and where it can be read."""

    name: str
    title: str
    why: str
    url: str
    about: str = ""


class Suggested:
    """What is suggested for TICKET to USER."""

    def __init__(self, ticket: Ticket, user: User):
        last = Message.objects.filter(ticket=ticket.pk, author=None, visibility=Message.Visibility.PUBLIC)
        said = last.order_by("-created_at", "-pk").values_list("body", flat=True).first() or ""
        about = f"{ticket.subject} {ticket.category or ''} {said}"
        self.texts = [*_texts(ticket, about, article=False), *_texts(ticket, about, article=True)]
        self.decisions = [_decision(case, user) for case in suggestions.decisions(ticket, user)]
        self.playbook = texts.playbook(ticket)
        self.fields = list(scripts.fields(ticket, user).items())


def words(name: str, ticket: Ticket, request: HttpRequest, *, note: bool) -> tuple[str, Script | None]:
    """Return the words for the suggestion NAME, in an internal NOTE or an answer, and the text that they are from."""
    kind, _colon, which = name.rpartition(":")
    if kind == "field":
        values = scripts.fields(ticket, request.user)
        if which not in values:
            raise Invalid(_("There is no such field."), code="unknown", field="do")
        # What is not known stays as it is, so that sending warns of it.
        return values[which] or f"{{{which}}}", None
    if kind == "decision":
        return _words_of_decision(which, ticket, request, note=note), None
    script = scripts.current(which)
    return texts.words(script, ticket, request), script


def _texts(ticket: Ticket, about: str, *, article: bool) -> list[Suggestion]:
    offered = texts.offered(ticket)
    kind = {"kind": Script.Kind.ARTICLE}
    found = knowledge.suggest(offered.filter(**kind) if article else offered.exclude(**kind), about, most=MOST)
    whole = Script.objects.in_bulk([text.pk for text in found])
    return [_text(whole[text.pk], ticket, about) for text in found if text.pk in whole]


def _text(text: Script, ticket: Ticket, about: str) -> Suggestion:
    why = [_("same category")] if text.category_id and text.category_id == ticket.category_id else []
    if shared := knowledge.shared_words(text, about):
        why.append(_("words: %(words)s") % {"words": ", ".join(shared)})
    url = reverse("desk:knowledge_text", args=[text.slug])
    return Suggestion(f"script:{text.slug}", text.title, "; ".join(why), url, text.get_kind_display())


def _decision(case: precedents.Similar, user: User) -> Suggestion:
    made = case.decision
    return Suggestion(
        f"decision:{made.pk}",
        f"{_outcome(made)}, {date_format(made.in_force_at, 'SHORT_DATE_FORMAT')}",
        "; ".join(str(reason) for reason in case.reasons),
        reverse("desk:ticket", args=[made.escalation_id]),
        masking.rationale(made, user)[:200],
    )


def _words_of_decision(which: str, ticket: Ticket, request: HttpRequest, *, note: bool) -> str:
    """Return a sentence about an earlier decision: with its ticket for colleagues, for a customer its remedy only."""
    number = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else 0
    made = precedents.archive(request.user).filter(pk=number, in_force_at__isnull=False).first()
    if made is None:
        raise Invalid(_("There is no such decision."), code="unknown", field="do")
    if note:
        link = (
            f"[#{made.escalation_id}]({request.build_absolute_uri(reverse('desk:ticket', args=[made.escalation_id]))})"
        )
        words = _("Decided in a similar case, %(ticket)s: %(outcome)s.")
        return words % {"ticket": link, "outcome": _outcome(made)}
    with translation.override(ticket.language or ticket.customer.language or "en"):
        return _("In a case like yours we offer: %(remedy)s.") % {"remedy": made.get_remedy_display()}


def _outcome(made) -> str:
    """Return the remedy, with its amount for colleagues."""
    amount = f" {money(made.amount, made.currency)}" if made.amount is not None else ""
    return f"{made.get_remedy_display()}{amount}"
