"""Taking the words out of an audit trail without breaking its chain.

The hash of an event covers its words, so a redacted event no longer fits its own hash. What it says afterwards is
sealed again, and the `erased` event, a link of the same chain, keeps those seals: `audit.verify` accepts an event that
fits either its own hash or the seal that a later link keeps for it. Who did what, when and where stays in clear.
"""

from escalation import audit
from escalation.case import Case
from escalation.models import Action, AuditEvent
from tickets.personal import ERASED

KEPT = frozenset(
    "amount approval approvals blocks by_ticket calendar capacity category channel considered copies currency digest"
    " due_at evidence floor floor_limit form found from hold how in_the_name_of into kind language latitude legal_hold"
    " link manifest_sha256 matrix merged message messages notice open other person policy problem redacted remedy"
    " replaces review_on risk risks rule score script script_version seconds signatures signed_by size slug split_from"
    " state ticket to trigger via version visit why".split()
)
"""Details of an event that name no words: ids, codes, numbers, instants. Whatever is not listed here goes."""

_SEALS_STAY = {Action.EVIDENCE_ADDED, Action.TEXT_PROPOSED}
"""Events about what itself stays in the case file; the SHA-256 of anything else would let short words be guessed."""

_SPEAK = {AuditEvent.By.PERSON, AuditEvent.By.CUSTOMER}
"""Those whose reasons are words of their own; the clock, rules and the system give fixed ones."""


def redact(case: Case) -> dict[str, str]:
    """Take the words out of the trail of a locked ticket that is marked as erased; return the seals by event number."""
    seals = {}
    for event in AuditEvent.objects.filter(ticket=case.number).exclude(action=Action.ERASED).order_by("seq"):
        reason = ERASED if event.reason and event.by in _SPEAK else event.reason
        data = _without_words(event.data, event.action in _SEALS_STAY)
        if (reason, data) == (event.reason, event.data):
            continue
        AuditEvent.objects.filter(pk=event.pk).update(reason=reason, data=data)
        event.reason, event.data = reason, data
        seals[str(event.seq)] = audit.seal_of(event)
    return seals


def _without_words(value: object, seals_stay: bool) -> object:
    if isinstance(value, dict):
        return {
            name: _without_words(inner, seals_stay)
            for name, inner in value.items()
            if name in KEPT or (name == "sha256" and seals_stay)
        }
    if isinstance(value, list):
        return [_without_words(inner, seals_stay) for inner in value]
    return value
