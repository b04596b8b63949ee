"""The text of a Floor 3 decision, in versions: what the final signature puts in force (P2)."""

from datetime import datetime

from django.utils.translation import gettext as _

from escalation import access, audit, signatures
from escalation.case import Case, locked
from escalation.models import Action, DecisionText
from tickets.models import User
from tickets.refusals import Conflict
from tickets.texts import clean_text

LONGEST = 10_000


def propose(
    number: int, *, actor: User, text: str, now: datetime | None = None, expected_version: int | None = None
) -> DecisionText:
    """Propose a new version of the decision text; a final signature that was asked for the version before is void."""
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        if case.escalation.floor is None:
            raise Conflict(_("This ticket is resolved; reopen it first."), code="resolved")
        words = clean_text(text, field="text", limit=LONGEST, required=True)
        if (last := current(case)) and last.text == words:
            raise Conflict(
                _("This is version %(version)s already, word for word.") % {"version": last.version}, code="unchanged"
            )
        row = adopt(case, actor=actor, text=words)
        case.record(Action.TEXT_PROPOSED, audit.person(actor), data={"version": row.version, "sha256": row.sha256})
        signatures.void_outdated(case, audit.person(actor))
        return row


def current(case: Case) -> DecisionText | None:
    return case.escalation.decision_texts.order_by("-version").first()


def adopt(case: Case, *, actor: User, text: str) -> DecisionText:
    """Make TEXT the current version unless it is already; who asks for a final signature records its words so."""
    last = current(case)
    if last and last.text == text:
        return last
    return DecisionText.objects.create(
        escalation=case.escalation,
        version=last.version + 1 if last else 1,
        text=text,
        proposed_by=actor,
        proposed_at=case.now,
    )
