"""Running a macro: all that it names happens to a ticket in one transaction, each by its own verb, or nothing does."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from escalation import access, assignment, audit, drafts, edits, snoozing, waiting
from escalation.case import locked
from escalation.models import Action, Macro
from policies import scripts
from policies.models import Script
from tickets import names
from tickets.models import Draft, Tag, Ticket, User
from tickets.refusals import Conflict, Invalid


def offered(slug: str) -> Macro:
    """Return the macro SLUG if it is offered."""
    macro = Macro.objects.select_related("category", "team").filter(slug=slug, is_offered=True).first()
    if macro is None:
        raise Invalid(_("Choose a macro that is offered."), code="unknown", field="macro")
    return macro


def store(macro: Macro, *, actor: User, tags: list[Tag]) -> None:
    """Store a new or changed macro, for administrators; refuse one that does nothing or contradicts itself."""
    if macro.script and macro.wait:
        words = _("It puts a text into the draft, so it cannot stop the clock too: “Send and wait” does that.")
        raise Invalid(words, code="waits_after_sending", field="wait")
    if macro.script and scripts.current(macro.script).kind != Script.Kind.REPLY:
        raise Invalid(_("Choose a reply script."), code="kind", field="script")
    if not (tags or macro.category or macro.team or macro.owner or macro.script or macro.wait or macro.snooze):
        raise Invalid(_("Choose at least one thing that it does."), code="empty", field="tags")
    names.store(macro, actor=actor, lists={"tags": tags})


def effects(macro: Macro) -> list[str]:
    """Return what the macro does, in words, in the order in which it does it."""
    words = [_("puts on the tag %(name)s") % {"name": tag} for tag in macro.tags.all()]
    if macro.category:
        words.append(_("sets the category %(name)s") % {"name": macro.category})
    if macro.team:
        words.append(_("gives the ticket to the team %(name)s") % {"name": macro.team})
    if macro.owner:
        words.append(
            {"me": _("gives the ticket to you"), "nobody": _("gives the ticket back to the queue")}[macro.owner]
        )
    if macro.script:
        script = Script.objects.in_force().filter(slug=macro.script).first()
        words.append(
            _("puts the script “%(title)s” into your draft") % {"title": script.title if script else macro.script}
        )
    if macro.wait:
        words.append(_("waits for the customer, which stops the clock"))
    if macro.snooze:
        words.append(_("snoozes the ticket for you %(until)s") % {"until": macro.get_snooze_display()})
    return words


def run(number: int, *, actor: User, macro: Macro, now: datetime | None = None) -> None:
    """Do to ticket NUMBER all that MACRO says. What one effect is refused for stops all of them.

    A text goes under what ACTOR has written so far, and waits there as their draft.
    """
    with locked(number, now=now) as case:
        access.require_worker(actor, case.escalation)
        tags = list(macro.tags.all())
        facts = {
            "tags": [tag.slug for tag in tags],
            "owner": macro.owner,
            "script": macro.script,
            "snooze": macro.snooze,
        }
        facts |= {name: row.slug for name in ("category", "team") if (row := getattr(macro, name))}
        said = {"macro": macro.slug, "name": macro.name} | {name: fact for name, fact in facts.items() if fact}
        case.record(Action.MACRO_RUN, audit.person(actor), data=said | ({"wait": True} if macro.wait else {}))
        at = {"actor": actor, "now": case.now}
        if tags:
            edits.tag(number, add=tags, **at)
        if changes := {name: getattr(macro, name) for name in ("category", "team") if getattr(macro, name)}:
            edits.edit(number, changes=changes, **at)
        if macro.owner:
            assignment.assign(number, assignee=actor if macro.owner == Macro.Owner.ME else None, **at)
        if macro.script:
            _write(case.ticket, actor, scripts.current(macro.script), case.now)
        if macro.wait:
            waiting.wait(number, **at)
        if macro.snooze:
            hours = None if macro.snooze == Macro.Snooze.CUSTOMER else int(macro.snooze)
            until = None if hours is None else case.now + timedelta(hours=hours)
            snoozing.snooze(number, until=until, **at)


def _write(ticket: Ticket, actor: User, script: Script, now: datetime) -> None:
    draft = next((row for row in drafts.of(actor, ticket.pk) if row.is_proper), None)
    if draft and draft.kind == Draft.Kind.NOTE and draft.body:
        words = _("You are writing a note, and the macro brings a text for the customer: keep the note first.")
        raise Conflict(words, code="note")
    text = scripts.fill(script, ticket, actor)
    body = f"{draft.body.rstrip()}\n\n{text}" if draft and draft.body.strip() else text
    drafts.keep(ticket.pk, actor=actor, body=body, script=script.slug, now=now)
