"""The same done to many tickets: each alone and by its own verb, so that rights, holds and signatures hold for each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import OperationalError, models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escalation import access, assignment, edits, holds, macros, moves, snoozing, waiting
from escalation.justification import justified
from escalation.models import Escalation
from tickets.clock import database_now
from tickets.models import Ticket, User
from tickets.refusals import Conflict, Invalid, Refusal, Stale
from tickets.texts import clean_text

AT_MOST = 100
"""Tickets at a time."""


class Act(models.TextChoices):
    """What can be done to many at once. Answers are not sent in bulk, and signatures are not asked for."""

    TAKE = "take", gettext_lazy("Assign to me")
    ASSIGN = "assign", gettext_lazy("Assign to somebody")
    TEAM = "team", gettext_lazy("Give to a team")
    ADD_TAGS = "add_tags", gettext_lazy("Add tags")
    REMOVE_TAGS = "remove_tags", gettext_lazy("Remove tags")
    CATEGORY = "category", gettext_lazy("Set the category")
    WAIT = "wait", gettext_lazy("Wait for the customer")
    HOLD = "hold", gettext_lazy("Place a hold")
    UP = "up", gettext_lazy("Move up to Floor 2")
    RESOLVE = "resolve", gettext_lazy("Resolve")
    MACRO = "macro", gettext_lazy("Run a macro")
    SNOOZE = "snooze", gettext_lazy("Snooze")


@dataclass(frozen=True)
class Outcome:
    """What became of one ticket: `changed`, `unchanged` (it was so already) or `skipped`, with reason and code."""

    number: int
    outcome: str
    why: str = ""
    code: str = ""


def carry_out(numbers: Iterable[int], *, actor: User, act: str, details: dict | None = None) -> list[Outcome]:
    """Do ACT to each ticket and say what became of each, in the order of their numbers.

    DETAILS holds what the act needs: `assignee`, `team`, `category`, `tags` and `macro` as rows, `reason` as
    text, `until` as a time or None (until the customer writes). What no ticket could be done with is Invalid; what one
    ticket does not allow skips that ticket only.
    """
    wanted = sorted(set(numbers))  # everybody locks in the same order
    details = details or {}
    if not wanted or len(wanted) > AT_MOST:
        words = _("Choose between 1 and %(n)s tickets.") % {"n": AT_MOST}
        raise Invalid(words, code="out_of_range", field="tickets")
    _require(act, details)
    before, told, refused = {}, {}, {}
    for number in wanted:
        try:
            before[number], told[number] = _do(number, actor, act, details)
        except Refusal as refusal:
            refused[number] = Outcome(number, "skipped", str(refusal.detail), refusal.code)
        except OperationalError as error:
            # 55P03: the lock was not had in time.
            if getattr(error.__cause__, "pgcode", "") != "55P03":
                raise
            refused[number] = Outcome(number, "skipped", _("Somebody else is at this ticket; try again."), "busy")
    after = dict(Escalation.objects.filter(pk__in=before).values_list("pk", "version"))

    def outcome(number: int) -> Outcome:
        changed = after.get(number) != before[number] if told[number] is None else told[number]
        return Outcome(number, "changed" if changed else "unchanged")

    return [refused.get(number) or outcome(number) for number in wanted]


def _do(number: int, actor: User, act: str, details: dict) -> tuple[int, bool | None]:
    """Do it to one ticket, once more when somebody changed it between looking and doing.

    Return the version before, and whether it changed anything where the version does not tell.
    """
    for last in (False, True):
        ticket = access.get_ticket(actor, number)
        try:
            done = _VERBS[act](ticket, actor, details)
            return ticket.escalation.version, done if act == Act.SNOOZE else None
        except Stale:
            if last:
                raise
    raise AssertionError("the second try returns or raises")


def _require(act: str, details: dict) -> None:
    """Refuse before the first ticket what would be refused for every one of them."""
    if act not in Act.values:
        raise Invalid(_("Choose what to do with the tickets."), code="unknown", field="do")
    needed = {Act.ADD_TAGS: "tags", Act.REMOVE_TAGS: "tags"}.get(act)
    if needed and not details.get(needed):
        raise Invalid(_("Choose at least one tag."), code="required", field=needed)
    if act == Act.MACRO and not details.get("macro"):
        raise Invalid(_("Choose a macro."), code="required", field="macro")
    if act == Act.SNOOZE:
        if "until" not in details:
            raise Invalid(_("Choose until when."), code="required", field="until")
        snoozing.require_soon(details["until"], database_now())
    if act in {Act.UP, Act.HOLD}:
        justified(details.get("reason", ""), field="reason")
    if act == Act.RESOLVE:
        clean_text(details.get("reason", ""), field="reason", limit=10_000, required=True)


def _up(ticket: Ticket, actor: User, details: dict) -> None:
    if ticket.escalation.floor == 2:
        raise Conflict(_("It is on Floor 2; Floor 3 is asked for one ticket at a time."), code="one_by_one")
    version = ticket.escalation.version
    moves.escalate(ticket.pk, actor=actor, justification=details["reason"], expected_version=version)


def _resolve(ticket: Ticket, actor: User, details: dict) -> None:
    if ticket.escalation.floor == 3:
        raise Conflict(_("It is on Floor 3, where each resolution is signed by itself."), code="one_by_one")
    moves.resolve(ticket.pk, actor=actor, summary=details["reason"], expected_version=ticket.escalation.version)


def _snooze(ticket: Ticket, actor: User, details: dict) -> bool:
    if ticket.escalation.floor is None:
        raise Conflict(_("This ticket is resolved; there is nothing to put off."), code="resolved")
    return snoozing.snooze(ticket.pk, actor=actor, until=details["until"])


_VERBS = {
    Act.TAKE: lambda ticket, actor, details: assignment.assign(ticket.pk, actor=actor, assignee=actor),
    Act.ASSIGN: lambda ticket, actor, details: assignment.assign(
        ticket.pk, actor=actor, assignee=details.get("assignee")
    ),
    Act.TEAM: lambda ticket, actor, details: edits.edit(ticket.pk, actor=actor, changes={"team": details.get("team")}),
    Act.CATEGORY: lambda ticket, actor, details: edits.edit(
        ticket.pk, actor=actor, changes={"category": details.get("category")}
    ),
    Act.ADD_TAGS: lambda ticket, actor, details: edits.tag(ticket.pk, actor=actor, add=details["tags"]),
    Act.REMOVE_TAGS: lambda ticket, actor, details: edits.tag(ticket.pk, actor=actor, remove=details["tags"]),
    Act.WAIT: lambda ticket, actor, details: waiting.wait(ticket.pk, actor=actor, reason=details.get("reason", "")),
    Act.HOLD: lambda ticket, actor, details: holds.place(ticket.pk, actor=actor, reason=details["reason"]),
    Act.UP: _up,
    Act.RESOLVE: _resolve,
    Act.SNOOZE: _snooze,
    Act.MACRO: lambda ticket, actor, details: macros.run(ticket.pk, actor=actor, macro=details["macro"]),
}
