"""The facts of a case that a signature is bound to, and what has changed of them since it was asked for.

All of them are in the digest that the signer is shown; for each kind of request some also bind the request itself: when
they change, it is void and must be asked for again.
"""

from collections.abc import Iterable

from django.db.models import Max

from escalation.models import Approval, DecisionText, Evidence, Hold, RiskFlag
from tickets.models import Message

Kind = Approval.Kind

BINDING = {
    Kind.FLOOR_3: (),
    Kind.HOLD_RELEASE: ("hold", "risks"),
    Kind.FINAL_RESOLUTION: ("last_message", "risks", "evidence", "text"),
    Kind.EXTERNAL_NOTIFICATION: ("risks", "evidence"),
    Kind.DECISION: ("risks",),
    Kind.CONTACT: (),
}
"""What must be as it was when the request was made. A note among colleagues voids nothing, but is in the digest."""


def of(number: int) -> dict:
    """Return the facts of ticket NUMBER as they are now."""
    return of_many([number])[number]


def of_many(numbers: Iterable[int]) -> dict[int, dict]:
    """Return the facts of each of these tickets, in the same few queries however many they are."""
    numbers = set(numbers)
    found = {
        number: {"last_message": None, "last_note": None, "risks": [], "evidence": [], "text": None, "hold": None}
        for number in numbers
    }
    newest = Message.objects.filter(ticket_id__in=numbers).values_list("ticket_id", "visibility").annotate(Max("id"))
    for number, visibility, pk in newest.order_by():
        found[number]["last_message" if visibility == Message.Visibility.PUBLIC else "last_note"] = pk
    of_these = {"escalation_id__in": numbers}
    for number, risk in RiskFlag.objects.filter(**of_these).order_by("risk").values_list("escalation_id", "risk"):
        found[number]["risks"].append(risk)
    for number, sha256 in Evidence.objects.filter(**of_these).order_by("id").values_list("escalation_id", "sha256"):
        found[number]["evidence"].append(sha256)
    for text in DecisionText.objects.filter(**of_these).order_by("escalation_id", "-version").distinct("escalation_id"):
        found[text.escalation_id]["text"] = {
            "version": text.version,
            "sha256": text.sha256,
            "by": text.proposed_by_id,
        }
    for hold in Hold.objects.filter(**of_these, released_at__isnull=True):
        found[hold.escalation_id]["hold"] = hold.pk
    return found


def shown(approval: Approval, now: dict) -> dict:
    """Return what a signer of APPROVAL is shown, the case being as NOW says."""
    return approval.content | now


def digest(approval: Approval, now: dict) -> str:
    """Return the SHA-256 over what a signer of APPROVAL is shown."""
    return Approval.digest_of(
        ticket=approval.escalation_id,
        kind=approval.kind,
        justification=approval.justification,
        content=shown(approval, now),
    )


def difference(approval: Approval, now: dict, *, binding: bool = False) -> dict:
    """Return what of the facts is not as it was asked for: name -> asked, now; with BINDING only what voids."""
    names = BINDING[Kind(approval.kind)] if binding else now
    return {
        name: {"asked": approval.content[name], "now": now[name]}
        for name in names
        if name in approval.content and approval.content[name] != now[name]
    }
