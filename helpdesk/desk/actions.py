"""The doors of the floor panel: each reads one form, calls one verb, and shows what came of it."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from escalation import access, assignment, edits, holds, moves, rules, snoozing, waiting, watching
from helpdesk.desk import act_forms as forms
from helpdesk.desk import ticket as pages
from helpdesk.desk.choices import Choices
from helpdesk.desk.stand import in_words, named_actions
from policies.risks import Risk
from tickets.models import Tag, Ticket, User
from tickets.refusals import Conflict, NotFound, Refusal


@require_POST
def act(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Do one action of the panel. A refused one shows the panel again with its reason and the text kept."""
    if slug not in _VERBS:
        raise Http404
    ticket = access.get_ticket(request.user, number)
    make, verb = _VERBS[slug]
    form = make(ticket, request) if make else None
    if form is not None and not form.is_valid():
        return pages.panel(request, number, bound=form, status=400)
    try:
        done = verb(ticket, request.user, form.cleaned_data if form else {})
    except NotFound:
        raise
    except Refusal as refusal:
        if form is None:
            return pages.panel(request, number, refused=str(refusal.detail), status=refusal.status)
        form.refuse(refusal)
        return pages.panel(request, number, bound=form, status=refusal.status)
    if not access.can_see(request.user, number):
        words = done + " " + _("#%(number)s is out of your sight now.") % {"number": number}
        if request.htmx:
            return pages.gone(request, number, done=words)
        messages.success(request, words)
        return redirect("desk:queue")
    if request.htmx:
        return pages.panel(request, number, done=done)
    messages.success(request, done)
    return redirect("desk:ticket", number)


def _mine(ticket: Ticket, user: User, _data: dict) -> str:
    assignment.assign(ticket.pk, actor=user, assignee=user)
    return _("This ticket is yours now.")


def _assign(ticket: Ticket, user: User, data: dict) -> str:
    assignment.assign(ticket.pk, actor=user, assignee=data["person"])
    if data["person"] is None:
        return _("Nobody has this ticket now.")
    return _("%(who)s has this ticket now.") % {"who": data["person"]}


def _label(ticket: Ticket, user: User, data: dict) -> str:
    changes = {"subject": data["subject"], "tags": list(Tag.objects.filter(slug__in=data["tags"]))}
    edits.edit(ticket.pk, actor=user, changes=changes)
    return _("Saved.")


def _wait(ticket: Ticket, user: User, data: dict) -> str:
    waiting.wait(ticket.pk, actor=user, reason=data["words"])
    return _("The clock stands still until the customer writes.")


def _resume(ticket: Ticket, user: User, _data: dict) -> str:
    waiting.resume(ticket.pk, actor=user)
    return _("The clock runs again.")


def _up(ticket: Ticket, user: User, data: dict) -> str:
    version = _same_floor(ticket, data)
    asked = moves.escalate(ticket.pk, actor=user, justification=data["words"], expected_version=version)
    if asked:
        return _("The signature is asked for.")
    return _("Moved to Floor %(floor)s.") % {"floor": ticket.escalation.floor + 1}


def _down(ticket: Ticket, user: User, data: dict) -> str:
    version = _same_floor(ticket, data)
    moves.send_down(ticket.pk, actor=user, floor=data["to"], justification=data["words"], expected_version=version)
    return _("Handed back to Floor %(floor)s.") % {"floor": data["to"]}


def _hold(ticket: Ticket, user: User, data: dict) -> str:
    blocks, review_on = data["blocks"] or None, data["review_on"]
    hold = holds.place(ticket.pk, actor=user, reason=data["words"], blocks=blocks, review_on=review_on)
    return _("On hold until the release is signed. It forbids to: %(what)s.") % {"what": named_actions(hold.blocks)}


def _hold_owner(ticket: Ticket, user: User, data: dict) -> str:
    holds.reassign(ticket.pk, actor=user, owner=data["person"])
    return _("%(who)s looks at the hold again.") % {"who": data["person"]}


def _release(ticket: Ticket, user: User, data: dict) -> str:
    holds.ask_release(ticket.pk, actor=user, justification=data["words"])
    return _("The release is asked for.")


def _risk(ticket: Ticket, user: User, data: dict) -> str:
    rules.flag(ticket.pk, actor=user, risk=data["risk"], note=data["words"])
    return _("Flagged: %(risk)s.") % {"risk": Risk(data["risk"]).label}


def _resolve(ticket: Ticket, user: User, data: dict) -> str:
    version = _same_floor(ticket, data)
    asked = moves.resolve(ticket.pk, actor=user, summary=data["words"], expected_version=version)
    return _("The final signature is asked for.") if asked else _("Resolved.")


def _reopen(ticket: Ticket, user: User, data: dict) -> str:
    moves.reopen(ticket.pk, actor=user, reason=data["words"])
    return _("Reopened with a new clock.")


def _watch(ticket: Ticket, user: User, _data: dict) -> str:
    watching.watch(ticket.pk, actor=user)
    return _("You will hear what others do to this ticket.")


def _unwatch(ticket: Ticket, user: User, _data: dict) -> str:
    watching.unwatch(ticket.pk, actor=user)
    return _("You will hear of this ticket only what concerns you.")


def _snooze(ticket: Ticket, user: User, data: dict) -> str:
    snoozing.snooze(ticket.pk, actor=user, until=data["until"])
    if data["until"] is None:
        return _("It is out of “Mine” until the customer writes. No clock stops.")
    words = _("It is out of “Mine” until %(time)s. No clock stops.")
    return words % {"time": in_words(data["until"])}


def _wake(ticket: Ticket, user: User, _data: dict) -> str:
    snoozing.wake(ticket.pk, actor=user)
    return _("It is among your tickets again.")


def _same_floor(ticket: Ticket, data: dict) -> int | None:
    """Refuse a form that was filled in for another floor; return the version at which it still fits."""
    floor, now_on = data.get("floor"), ticket.escalation.floor
    if floor is None or now_on is None or floor == now_on:
        return ticket.escalation.version if floor is not None else None
    raise Conflict(
        _("You wrote this when the ticket was on Floor %(then)s; it is on Floor %(now)s now. Read again what follows.")
        % {"then": floor, "now": now_on},
        code="moved",
    )


def _make_assign(ticket: Ticket, request: HttpRequest) -> forms.Assign:
    return forms.Assign(request.POST, people=assignment.candidates(ticket.escalation))


def _make_hold_owner(ticket: Ticket, request: HttpRequest) -> forms.HoldOwner:
    return forms.HoldOwner(request.POST, people=assignment.candidates(ticket.escalation))


def _make_label(ticket: Ticket, request: HttpRequest) -> forms.Label:
    return forms.Label(request.POST, tags=Choices(ticket.escalation, timezone.now()).tags)


def _make_risk(_ticket: Ticket, request: HttpRequest) -> forms.FlagRisk:
    return forms.FlagRisk(request.POST)


def _plain(form: type[forms.ActForm]) -> Callable:
    return lambda _ticket, request: form(request.POST)


def _seeing_floor(form: type[forms.SeesFloor]) -> Callable:
    return lambda ticket, request: form(request.POST, floor=ticket.escalation.floor)


_VERBS: dict[str, tuple[Callable | None, Callable[[Ticket, User, dict], str]]] = {
    "mine": (None, _mine),
    "watch": (None, _watch),
    "unwatch": (None, _unwatch),
    "snooze": (_plain(forms.Snooze), _snooze),
    "wake": (None, _wake),
    "assign": (_make_assign, _assign),
    "label": (_make_label, _label),
    "wait": (_plain(forms.Wait), _wait),
    "resume": (None, _resume),
    "up": (_seeing_floor(forms.Up), _up),
    "down": (_seeing_floor(forms.Down), _down),
    "hold": (_plain(forms.Hold), _hold),
    "hold-owner": (_make_hold_owner, _hold_owner),
    "release": (_plain(forms.Release), _release),
    "risk": (_make_risk, _risk),
    "resolve": (_seeing_floor(forms.Resolve), _resolve),
    "reopen": (_plain(forms.Reopen), _reopen),
}
