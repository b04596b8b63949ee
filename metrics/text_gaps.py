"""The weekly review of the approved texts (P6.2): what failed, and what nobody uses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from escalation import contact_steps
from escalation.justification import justified
from metrics import gaps, script_use
from metrics.fridays import Span
from metrics.models import TextAnswer
from metrics.script_use import Use
from policies import book, knowledge, life, proposals
from policies.models import PolicyDraft, Script
from tickets.models import User
from tickets.refusals import Invalid, NotAllowed

LOOKBACK = timedelta(days=90)
"""So far back is looked at what followed; a text that was answered is not asked about for as long."""

SHARE = 4
"""One in so many tickets that came back or moved up after a text is too many."""

UNHAPPY = Decimal(3)
"""A mean rating (1 to 5) below it is bad."""

Answer = TextAnswer.Answer

_LETTERS = frozenset(contact_steps.SCRIPTS.values())
"""Letters of the steps against abuse: the fewer are sent, the better."""


@dataclass(frozen=True)
class TextGap:
    """A text in force that is to be looked at, with what followed its use, and why."""

    use: Use
    why: tuple[str, ...]

    @property
    def is_unused(self) -> bool:
        """Whether nothing speaks against it but that nobody used it."""
        return not self.use.used and not self.use.unhelpful


def waiting(now: datetime) -> list[TextGap]:
    """Return the texts that failed in the last 90 days or that nobody used, those with most reasons first.

    Left out are those that were answered in this time, and those of which a draft waits.
    """
    answered = TextAnswer.objects.filter(answered_at__gt=now - LOOKBACK).values_list("script__slug", flat=True)
    drafted = PolicyDraft.objects.filter(kind="scripts").values_list("key", flat=True)
    done = {*answered, *drafted}
    since = dict(Script.objects.order_by().values_list("slug").annotate(first=Min("valid_from")))
    found = [
        TextGap(use, why)
        for use in script_use.table(Span(now - LOOKBACK, now))
        if use.script.slug not in done and (why := tuple(_why(use, is_old=since[use.script.slug] <= now - LOOKBACK)))
    ]
    return sorted(found, key=lambda gap: -len(gap.why) - bool(gap.use.used))


def asked(now: datetime) -> list[TextAnswer]:
    """Return the changes that reviewers asked for in the last 90 days and that nobody has drafted or published yet."""
    rows = TextAnswer.objects.filter(answer=Answer.ASKED, answered_at__gt=now - LOOKBACK)
    drafted = PolicyDraft.objects.filter(kind="scripts").values("key")
    rows = rows.filter(script__valid_until__isnull=True).exclude(script__slug__in=drafted)
    return list(rows.select_related("script", "answered_by"))


def answered() -> list[TextAnswer]:
    """Return the last twenty answers."""
    return list(TextAnswer.objects.select_related("script", "answered_by").order_by("-answered_at", "-pk")[:20])


def answer(slug: str, *, answer: str, reason: str, actor: User, now: datetime) -> TextAnswer:
    """Put on record what is made of the text SLUG; to draft a change begins its draft, or finds the one there is.

    Who may not write policies asks for a change instead; policy owners find it in the review.
    """
    if not gaps.reviewers(actor):
        raise NotAllowed(_("Texts are reviewed by managers, supervisors and policy owners."), code="role")
    if answer not in Answer.values:
        raise Invalid(_("There is no such answer."), code="unknown", field="answer")
    if answer == Answer.DRAFTED:
        life.require_writer(actor)
    why = justified(reason, field="reason")
    with transaction.atomic():
        text = knowledge.get(slug, public=False)
        made = TextAnswer.objects.create(script=text, answer=answer, reason=why, answered_by=actor, answered_at=now)
        if answer == Answer.DRAFTED and draft_of(text) is None:
            kind = book.kind("scripts")
            proposals.begin(kind, kind.write(text), actor=actor, now=now, why=why)
    return made


def draft_of(text: Script) -> PolicyDraft | None:
    """Return the draft of the next version of TEXT, if there is one."""
    return PolicyDraft.objects.filter(kind="scripts", key=text.slug).first()


def _why(use: Use, *, is_old: bool):
    if use.rating is not None and use.rating < UNHAPPY:
        yield _("bad ratings after it")
    if use.reopened and use.reopened * SHARE >= use.used:
        yield _("tickets came back after it")
    if use.moved_up and use.moved_up * SHARE >= use.used:
        yield _("tickets moved up after it")
    if use.unhelpful:
        yield _("did not help")
    if not use.used and is_old and use.script.slug not in _LETTERS and use.script.kind != Script.Kind.ARTICLE:
        yield _("not used for 90 days")
