"""What rules do to a ticket besides flagging a risk and naming a floor: tags, team, hold, warning (P2.2).

Each rule does each of these once to a ticket: what people have changed since, a later message does not undo.
"""

from collections.abc import Iterable

from escalation import audit, holds, notices
from escalation.case import Case
from escalation.models import Action, AuditEvent
from policies.triggers import Finding
from tickets.models import Tag, Ticket

_BY_RULES = (Action.EDITED, Action.HOLD_PLACED, Action.WARNED)


def carry_out(case: Case, findings: Iterable[Finding]) -> bool:
    """Do to a locked, live ticket what FINDINGS ask for and has not been done yet, in the order of the rules.

    The first rule that names a team, or a hold, is the one that is heard. Return whether anything was done.
    """
    acting = sorted((f for f in findings if f.trigger.acts), key=lambda f: (f.trigger.position, f.trigger.slug))
    if not acting or case.escalation.floor is None:
        return False
    done = _done(case)
    version = case.escalation.version
    placed = False
    for finding in acting:
        slug, citation = finding.trigger.slug, {"rule": finding.citation}
        if (Action.EDITED, slug) not in done:
            placed = _edit(case, finding, citation, team_is_set=placed) or placed
        if finding.trigger.hold and (Action.HOLD_PLACED, slug) not in done:
            holds.place_by_rule(case, rule=finding.trigger.name, data=citation)
        if finding.trigger.warning and (Action.WARNED, slug) not in done:
            case.record(Action.WARNED, audit.RULE, reason=finding.trigger.warning, data=citation)
            notices.warned(case.number, rule=slug, warning=finding.trigger.warning, now=case.now)
    return case.escalation.version > version


def _done(case: Case) -> set[tuple[str, str]]:
    """Return what rules have done to this ticket: pairs of action and rule."""
    events = AuditEvent.objects.filter(ticket_id=case.number, by=AuditEvent.By.RULE, action__in=_BY_RULES)
    return set(events.values_list("action", "data__rule__trigger"))


def _edit(case: Case, finding: Finding, citation: dict, *, team_is_set: bool) -> bool:
    """Put the rule's tags and team on the ticket, with one event; return whether it set a team."""
    ticket, trigger = case.ticket, finding.trigger
    before, after = {}, {}
    if trigger.tags:
        borne = set(ticket.tags.values_list("slug", flat=True))
        wanted = list(Tag.objects.filter(slug__in=set(trigger.tags) - borne))
        if wanted:
            ticket.tags.add(*wanted)
            before["tags"], after["tags"] = sorted(borne), sorted(borne | {tag.slug for tag in wanted})
    changes_team = bool(trigger.team_id) and not team_is_set and ticket.team_id != trigger.team_id
    if changes_team:
        before["team"], after["team"] = ticket.team.slug if ticket.team_id else None, trigger.team.slug
        Ticket.objects.filter(pk=ticket.pk).update(team_id=trigger.team_id)
        ticket.team = trigger.team
    if after:
        case.record(Action.EDITED, audit.RULE, data={"before": before, "after": after} | citation)
    return changes_team
