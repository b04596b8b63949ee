"""What the case page says of signatures and of the versions of its decision text."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from escalation import signers
from escalation.models import Approval, DecisionText, Escalation, ExternalNotification
from policies.matrix import Matrix

_COLOURS = {Approval.State.PENDING: "warn", Approval.State.APPROVED: "ok", Approval.State.REJECTED: "late"}


@dataclass(frozen=True)
class Signature:
    """One signature that the case needs: for what, by whom, and how far it is. `request` is None before it is asked."""

    what: str
    signers: str
    state: str
    colour: str
    request: Approval | None = None

    @property
    def is_gone(self) -> bool:
        """Whether the final signature was asked for in vain: the case has changed since, or it was refused."""
        gone = (Approval.State.VOID, Approval.State.REJECTED)
        final = self.request and self.request.kind == Approval.Kind.FINAL_RESOLUTION
        return bool(final and self.request.state in gone)


def signature_row(escalation: Escalation, notices: Iterable[ExternalNotification]) -> list[Signature]:
    """Return the final signature and those on notices to authorities (P2), also what was not asked for yet."""
    matrix = Matrix()
    final = escalation.approvals.filter(kind=Approval.Kind.FINAL_RESOLUTION).select_related("decided_by")
    asked = final.order_by("-requested_at", "-pk").first()
    what = Approval.Kind.FINAL_RESOLUTION.label
    if asked:
        asked.escalation = escalation
        row = [_signature(str(what), asked, matrix)]
    else:
        roles = signers.named(signers.asked_of(Approval.Kind.FINAL_RESOLUTION, escalation))
        row = [Signature(str(what), roles, _("not asked for yet"), "plain")]
    for notice in notices:
        notice.approval.escalation = escalation
        row.append(_signature(_("Notice to %(who)s") % {"who": notice.authority}, notice.approval, matrix))
    return row


def _signature(what: str, asked: Approval, matrix: Matrix) -> Signature:
    rule = signers.rule_for(asked, matrix)
    state = str(asked.get_state_display())
    if asked.state == Approval.State.PENDING and rule.signatures > 1:
        given = _("%(given)s of %(needed)s") % {"given": asked.signatures.count(), "needed": rule.signatures}
        state = f"{state} ({given})"
    elif asked.decided_by:
        state = f"{state}: {asked.decided_by}"
    return Signature(what, signers.named(rule.roles), state, _COLOURS.get(asked.state, "held"), asked)


@dataclass(frozen=True)
class Version:
    """One version of the decision text; `parts` are (how, words) against the one before: same, added, gone."""

    text: DecisionText
    parts: list[tuple[str, str]]


def compared(texts: Iterable[DecisionText]) -> list[Version]:
    """Return TEXTS, newest first, each with what it changed in the one before it; the first one changed nothing."""
    texts = list(texts)
    return [
        Version(text, difference(before.text, text.text) if before else [])
        for text, before in zip(texts, [*texts[1:], None], strict=False)
    ]


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Return AFTER word by word against BEFORE, as (how, words): `same`, `added`, or `gone` for what it left out."""
    old, new = (text.split(" ") for text in (before, after))
    parts = []
    for how, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if how == "equal":
            parts.append(("same", " ".join(new[k:n])))
            continue
        if old[i:j]:
            parts.append(("gone", " ".join(old[i:j])))
        if new[k:n]:
            parts.append(("added", " ".join(new[k:n])))
    return parts
