"""The ticket page and its live parts: where the ticket stands, what was said, what may be done.

One part asks every few seconds whether anything is new (`stand`); when something is, it says so to the other two. The
composer lies outside all of them, so nothing that happens takes typed words away.
"""

import math

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import reswap

from escalation import access, contact, drafts, linking, overview
from escalation.models.escalation import State
from helpdesk import presence
from helpdesk.desk import texts, thread
from helpdesk.desk.act_forms import ActForm, SeesFloor
from helpdesk.desk.offers import Offers
from helpdesk.desk.queue import last_list
from helpdesk.desk.stand import Stand
from helpdesk.desk.writing import Writing, of_draft
from helpdesk.downloads import download
from tickets import duty
from tickets.models import Attachment, Message, Ticket, User
from tickets.prepared import prepared
from tickets.refusals import NotFound

DRAW = "X-Draw"
"""Header of a refusal that htmx is to draw although its status is an error (see ticket.js)."""

OTHERS_SHOWN = 5
"""Further tickets of the same customer beside a ticket."""


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show a ticket to somebody who may see it."""
    return page(request, number)


@require_safe
def stand(request: HttpRequest, number: int) -> HttpResponse:
    """Where the ticket stands; 204 when that is version `v` still. Out of sight, say so and leave typed words alone."""
    versions = _versions(request.user.roles, number=number, reader=request.user.pk)
    if not versions:
        if request.htmx:
            return gone(request, number)
        raise NotFound(_("There is no ticket %(number)s that you may see.") % {"number": number}, code="not_found")
    present = _present(number, request.user)
    if str(versions[0]) == request.GET.get("v"):
        if request.GET.get("p", "") == present["present_word"]:
            return HttpResponse(status=204)
        return reswap(render(request, "desk/parts/presence.html", present | {"oob": True}), "none")
    ticket = overview.ticket(request.user, number)
    context = _floor_context(ticket, request.user) | present | {"with_presence": True}
    response = render(request, "desk/parts/stand.html", context)
    response["HX-Trigger"] = "desk:changed"
    return response


@require_safe
def said(request: HttpRequest, number: int) -> HttpResponse:
    """The conversation."""
    context = _floor_context(overview.ticket(request.user, number), request.user)
    context |= _said_context(context["ticket"], context["stand"], request.user)
    return render(request, "desk/parts/said.html", context)


@require_safe
def acts(request: HttpRequest, number: int) -> HttpResponse:
    """What may be done now."""
    return render(request, "desk/parts/acts.html", _floor_context(overview.ticket(request.user, number), request.user))


@require_safe
def file(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Send a file of a message of this ticket."""
    ticket = access.get_ticket(request.user, number)
    said = Message.objects.in_conversation(ticket.pk)
    return download(get_object_or_404(Attachment.objects.filter(message__in=said), pk=pk))


def page(
    request: HttpRequest,
    number: int,
    *,
    writing: Writing | None = None,
    bound: ActForm | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the whole page, with a refused form and its words if there is one."""
    ticket = overview.ticket(request.user, number)
    others = _others(request.user.roles, customer=ticket.customer_id, but=number, reader=request.user.pk)
    context = _floor_context(ticket, request.user, bound=bound)
    context |= _said_context(ticket, context["stand"], request.user)
    context |= _present(number, request.user) | {
        "opening": True,
        "refused": refused,
        "back": last_list(request),
        "draft": writing or of_draft(context["draft"], context["newest"]),
        "texts": texts.Texts(ticket, context["offers"].choices, thread.last_said(context["entries"])),
        "contact": contact.in_force(ticket.customer_id, context["now"]) if ticket.steps else None,
        "others": [(other, State(other.escalation.state).label) for other in others],
        "links": linking.of(number, request.user) if ticket.is_linked else [],
    }
    return render(request, "desk/ticket.html", context, status=status)


def panel(
    request: HttpRequest,
    number: int,
    *,
    bound: ActForm | None = None,
    done: str = "",
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return what an action led to: the page, or for htmx the panel with everything that the action changed."""
    if not request.htmx:
        return page(request, number, bound=bound, refused=refused, status=status)
    ticket = overview.ticket(request.user, number)
    context = _floor_context(ticket, request.user, bound=bound) | {"done": done, "refused": refused}
    if done:
        context |= _said_context(ticket, context["stand"], request.user) | {"all_parts": True}
    response = render(request, "desk/parts/acts.html", context, status=status)
    if status >= 400:
        response[DRAW] = "yes"
    return response


def gone(request: HttpRequest, number: int, *, done: str = "") -> HttpResponse:
    """Say in all live parts that the ticket is out of this person's sight; the same words for one that never was."""
    return render(request, "desk/parts/gone.html", {"number": number, "done": done, "target": request.htmx.target})


def _floor_context(ticket: Ticket, user: User, *, bound: ActForm | None = None) -> dict:
    if isinstance(bound, SeesFloor):
        bound.see(ticket.escalation.floor)
    where = Stand(ticket, timezone.now())
    return {
        "ticket": ticket,
        "stand": where,
        "offers": Offers(where, user, bound),
        "now": where.now,
        "owner_here": bool(ticket.assignee_id) and duty.is_present(ticket.assignee, where.now),
        "resolved": ticket.escalation.state == State.RESOLVED,
        "version": ticket.escalation.version,
    }


def live(ticket: Ticket, user: User) -> dict:
    """Return what another page of TICKET draws `parts/stand.html` and `parts/presence.html` with."""
    return _floor_context(ticket, user) | _present(ticket.pk, user)


def _present(number: int, user: User) -> dict:
    people = presence.note(number, user)
    return {"present": people, "present_word": presence.word(people)}


def _said_context(ticket: Ticket, where: Stand, user: User) -> dict:
    entries, newest = thread.read(ticket, where.flags)
    thread.mark_new(entries, presence.read_up_to(ticket.pk, user, newest), user)
    written = drafts.of(user, ticket.pk) if ticket.has_draft else []
    last = max((row.goes_at for row in written if row.is_waiting), default=where.now)
    return {
        "entries": entries,
        "newest": newest,
        "draft": next((row for row in written if row.is_proper), None),
        "outgoing": [row for row in written if not row.is_proper],
        # When an answer of one's own has gone out, or has come back, the conversation looks again.
        "look_again": max(math.ceil((last - where.now).total_seconds()), 0) + 2,  # s
    }


@prepared
def _versions(roles: frozenset[str], *, number: int, reader: int) -> QuerySet[Ticket]:
    seen = access.visible_to(access.reader(roles, reader))
    return seen.filter(pk=number).values_list("escalation__version", flat=True)


@prepared
def _others(roles: frozenset[str], *, customer: int, but: int, reader: int) -> QuerySet[Ticket]:
    """Return further tickets of a customer that somebody may see, newest first."""
    theirs = access.visible_to(access.reader(roles, reader)).filter(customer=customer, merged_into=None)
    theirs = theirs.exclude(pk=but).select_related("escalation").only("subject", "escalation__state")
    return theirs.order_by("-created_at", "-pk")[:OTHERS_SHOWN]


def to_ticket(number: int, place: str = "") -> str:
    """Return the ticket's address, at a PLACE on its page if one is named."""
    return reverse("desk:ticket", args=[number]) + (f"#{place}" if place else "")
