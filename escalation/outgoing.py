"""Answers on their way out: for some seconds after it was sent off, an answer can be taken back.

Until it goes out nothing has been said: no message, no event, no letter. What may forbid it is asked twice, when it is
sent off and when it goes; if the case has changed its meaning between the two, the words come back to their writer with
the reason. It is a row, so it survives a restart; whoever makes rounds sends it (see `escalation.rounds`).
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from escalation import conversation, drafts, moves, notices, waiting
from escalation.case import Case, locked
from policies import responses, scripts
from tickets.clock import database_now
from tickets.models import Draft, Message, User
from tickets.refusals import Conflict, NotFound, Refusal
from tickets.texts import clean_text

logger = logging.getLogger(__name__)

MARGIN = timedelta(seconds=5)
"""So long before a deadline an answer goes out at the latest: being able to take it back never costs a promise."""

SUMMARY = 500
"""Characters of an answer that 'send and resolve' keeps as the summary of the resolution."""

MAX_ATTEMPTS = 5
RETRY_AFTER = timedelta(seconds=10)
AT_ONCE = 100


def press(
    number: int,
    *,
    actor: User,
    body: str,
    script: str = "",
    then: str = Draft.Then.SEND,
    seen_message: int | None = None,
    seen_press: datetime | None = None,
    now: datetime | None = None,
) -> Draft | Message:
    """Send off ACTOR's answer with the files of their draft; it goes out when their seconds to take it back are over.

    Return it on its way, or as the message when it went out at once.

    SEEN_MESSAGE is the newest message that they had on screen, SEEN_PRESS when the newest answer of somebody else that
    is on its way was sent off, if they were shown one: nobody answers past another.
    """
    text = clean_text(body, field="body", required=True)
    if script:
        scripts.current(script)
    with locked(number, now=now) as case:
        conversation.require_sender(case, actor)
        conversation.refuse_if_overtaken(case, actor, seen_message)
        _refuse_beside_another(case, actor, seen_press)
        draft = drafts.keep(number, actor=actor, body=text, script=script, now=case.now)
        draft.then = Draft.Then(then)
        draft.seen = case.ticket.messages.order_by("-pk").values_list("pk", flat=True).first() or 0
        draft.pressed_at, draft.goes_at = case.now, _goes_at(case, actor)
        draft.save()
        return _deliver(case, draft) if draft.goes_at == case.now else draft


def take_back(pk: int, *, actor: User) -> None:
    """Make an answer that is on its way, or that came back, ACTOR's draft again, before whatever they wrote since."""
    with transaction.atomic():
        row = Draft.objects.select_for_update().exclude(drafts.PROPER).filter(pk=pk, author=actor).first()
        if row is None:
            raise Conflict(_("It has gone out already and cannot be taken back."), code="gone_out")
        if not row.body:
            drafts.discard(row)
            return
        since = Draft.objects.select_for_update().filter(drafts.PROPER, ticket=row.ticket_id, author=actor).first()
        if since:
            row.body = f"{row.body}\n\n{since.body}".strip()
            # What was written as a note must never reach the customer by mistake.
            row.kind, row.revision = since.kind, since.revision
            since.files.update(draft=row)
            since.delete()
        row.goes_at, row.pressed_at, row.problem, row.attempts = None, None, "", 0
        row.revision += 1
        row.save()


def release_due(as_of: datetime | None = None) -> int:
    """Send the answers whose time has come; return how many went out. Safe to run in parallel and twice."""
    now = as_of or database_now()
    due = Draft.objects.filter(goes_at__lte=now).order_by("goes_at", "pk").values_list("pk", flat=True)
    return sum(release(pk, as_of) for pk in due[:AT_ONCE])


def release(pk: int, as_of: datetime | None = None) -> bool:
    """Send one answer, or give it back to its writer; return whether it went out."""
    try:
        with transaction.atomic():
            # Rows that somebody else is sending, or taking back at this moment, are theirs.
            draft = Draft.objects.select_for_update(skip_locked=True, of=["self"]).select_related("author")
            draft = draft.filter(pk=pk, goes_at__lte=as_of or database_now()).first()
            if draft is None:
                return False
            with override(draft.author.language):  # why it comes back is for its writer only
                return _send_or_return(draft, as_of)
    except Exception as error:  # whatever one answer raises must not stop the next
        logger.exception("The answer %s could not be sent", pk)
        _put_off(pk, error)
        return False


def _send_or_return(draft: Draft, as_of: datetime | None) -> bool:
    try:
        with locked(draft.ticket_id, now=as_of) as case:
            conversation.require_sender(case, draft.author)
            _refuse_if_changed(case, draft)
            _deliver(case, draft)
            return True
    except NotFound:
        _give_back(draft, _("The ticket is out of your sight now."))
    except Refusal as refusal:
        _give_back(draft, str(refusal.detail))
    return False


def _deliver(case: Case, draft: Draft) -> Message:
    """Say it, and do what was to follow; if that is refused, the answer is sent all the same and the writer told."""
    used = scripts.current(draft.script) if draft.script else None
    sent_off = draft.pressed_at if draft.pressed_at < case.now else None
    kept = list(draft.files.all())
    message = conversation.send(case, actor=draft.author, text=draft.body, used=used, kept=kept, pressed_at=sent_off)
    try:
        match draft.then:
            case Draft.Then.WAIT:
                waiting.wait(case.number, actor=draft.author, since=sent_off, now=case.now)
            case Draft.Then.RESOLVE:
                moves.resolve(case.number, actor=draft.author, summary=draft.body[:SUMMARY], now=case.now)
    except Refusal as refusal:
        draft.files.all().delete()
        draft.body = draft.script = ""
        _give_back(draft, _("Your answer was sent, but the rest was refused: %(why)s") % {"why": refusal.detail})
    else:
        drafts.sent(draft)
    return message


def _give_back(draft: Draft, why: str) -> None:
    draft.goes_at, draft.problem = None, why
    draft.save()
    notices.not_sent(draft.ticket_id, draft=draft.pk, now=draft.pressed_at)


def _put_off(pk: int, error: Exception) -> None:
    """Try again soon; an answer that cannot be sent at all comes back."""
    with transaction.atomic():
        draft = Draft.objects.select_for_update(of=["self"]).select_related("author")
        draft = draft.filter(pk=pk, goes_at__isnull=False).first()
        if draft is None:
            return
        draft.attempts += 1
        if draft.attempts >= MAX_ATTEMPTS:
            with override(draft.author.language):
                words = _("It could not be sent (%(error)s). Try again.") % {"error": type(error).__name__}
            _give_back(draft, words)
        else:
            draft.goes_at = database_now() + RETRY_AFTER
            draft.save()


def _goes_at(case: Case, actor: User) -> datetime:
    """Return when an answer sent off now goes out: never past the floor's deadline or the promised first answer."""
    goes_at = case.now + timedelta(seconds=actor.undo_seconds)
    limits = [case.visit.due_at] if case.visit and case.visit.due_at else []
    if case.ticket.first_response_at is None:
        promised = responses.promised(case.ticket.channel, case.ticket.created_at)
        limits += [promised.answer_at] if promised else []
    for limit in limits:
        if limit > case.now:
            goes_at = min(goes_at, max(case.now, limit - MARGIN))
    return goes_at


def _refuse_beside_another(case: Case, actor: User, seen_press: datetime | None) -> None:
    others = Draft.objects.filter(ticket=case.number, goes_at__isnull=False).exclude(author=actor)
    other = others.select_related("author").order_by("-pressed_at").first()
    if other and (seen_press is None or other.pressed_at > seen_press):
        raise Conflict(
            _("%(name)s has just sent off an answer. Read it before you send yours.") % {"name": other.author},
            code="newer_message",
            data={"draft": other.pk},
        )


def _refuse_if_changed(case: Case, draft: Draft) -> None:
    """Refuse an answer whose case has become another one since it was sent off."""
    resolved_at = case.escalation.resolved_at
    if resolved_at and resolved_at >= draft.pressed_at:
        raise Conflict(_("The ticket was resolved before your answer went out."), code="resolved")
    if case.ticket.messages.filter(pk__gt=draft.seen, author__isnull=True).exists():
        raise Conflict(_("The customer wrote before your answer went out. Read it first."), code="newer_message")
