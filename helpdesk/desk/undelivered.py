"""What could not be delivered: the list, sending again one or all of a topic, withdrawing one."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk import letters, undelivered
from helpdesk.models import Channel
from helpdesk.notifications import events
from tickets.refusals import Refusal

SIZE = 25


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what was given up, or with `?withdrawn` what is no longer to be sent, and why."""
    undelivered.require_reader(request.user)
    withdrawn = "withdrawn" in request.GET
    page = Paginator(undelivered.listed(request.user, withdrawn=withdrawn), SIZE).get_page(request.GET.get("page"))
    rows = [row | {"way": Channel(row["way"]).label, "words": _words(row["said"])} for row in page]
    context = {
        "page": page,
        "rows": rows,
        "withdrawn": withdrawn,
        "topics": [] if withdrawn else [(t, _words(t), n) for t, n in undelivered.topics(request.user).items()],
        "hidden": 0 if withdrawn else undelivered.count_hidden(request.user),
    }
    return render(request, "desk/undelivered.html", context)


@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Try again what was chosen: one row, a topic, or what is out of sight."""
    kind, pk = _row(request)
    done = undelivered.send_again(
        request.user,
        kind=kind,
        pk=pk,
        topic=request.POST.get("topic", "")[:40],
        hidden="hidden" in request.POST,
    )
    words = ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", done) % {"count": done}
    messages.success(request, words if done else _("Nothing of that was given up."))
    return redirect("desk:undelivered")


@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """End a row that was given up, with a reason."""
    kind, pk = _row(request)
    try:
        undelivered.withdraw(request.user, kind=kind, pk=pk, reason=request.POST.get("reason", ""))
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        messages.error(request, refusal.detail)
    else:
        messages.success(request, _("It will not be sent."))
    return redirect("desk:undelivered")


def _words(topic: str) -> str:
    """Return what a topic is, in words: an event that staff know, else a letter to the customer."""
    known = events.TOPICS.get(topic)
    if known and topic not in letters.LETTERS:
        return str(events.EVENTS[known.event].label)
    return _("Letter to the customer: %(topic)s") % {"topic": topic.replace("_", " ")}


def _row(request: HttpRequest) -> tuple[str, int]:
    """Read a row named as `outbox-12` or `delivery-7`."""
    kind, _dash, number = request.POST.get("row", "").partition("-")
    known = number.isascii() and number.isdigit() and len(number) < 19
    return kind[:20], int(number) if known else 0
