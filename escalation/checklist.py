"""What the final signature of a Floor 3 case still lacks (P2). It advises; what forbids is in the verbs."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from escalation.models import Approval, Blocked, Escalation


@dataclass(frozen=True)
class Tick:
    """One line of the list: `name` is stable, `label` is for people."""

    name: str
    label: str
    done: bool


def ticks(escalation: Escalation) -> list[Tick]:
    """Return the list for a case, in the order in which people work through it."""
    hold = escalation.holds.filter(released_at__isnull=True).first()
    open_requests = list(
        escalation.approvals.filter(state__in=[Approval.State.PENDING, Approval.State.OVERTAKEN]).values_list(
            "kind", "state", "decided_at"
        )
    )
    pending = {kind for kind, state, _decided in open_requests if state == Approval.State.PENDING}
    owed = any(state == Approval.State.OVERTAKEN and decided is None for _kind, state, decided in open_requests)
    asked = Approval.Kind.FINAL_RESOLUTION in pending
    open_notices = escalation.external_notifications.filter(sent_at__isnull=True).exclude(
        approval__state__in=[Approval.State.REJECTED, Approval.State.VOID]
    )
    return [
        Tick("risks", _("The risks are named"), escalation.risk_flags.exists()),
        Tick("evidence", _("Evidence is registered"), escalation.evidence.exists()),
        Tick("justification", _("The justification for Floor 3 is given"), not owed),
        Tick("decisions", _("No decision waits for its review"), Approval.Kind.DECISION not in pending),
        Tick("notices", _("Notices to authorities are sent or refused"), not open_notices.exists()),
        Tick("hold", _("No hold forbids resolving"), not (hold and Blocked.RESOLVE in hold.blocks)),
        Tick("text", _("A decision text is proposed"), escalation.decision_texts.exists()),
        Tick("asked", _("The final signature is asked for"), asked or escalation.floor is None),
    ]
