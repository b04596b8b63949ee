"""What a person was told of: the list, reading one or all; opening one leads to its page and reads it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from helpdesk.models import Notification
from helpdesk.notifications import events, inbox
from tickets.clock import database_now

SIZE = 25


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List what USER was told of, unread first, newest first; what is out of their sight by now is left out."""
    rows = inbox.listed(request.user).select_related("ticket")
    page = Paginator(inbox.unread_first(rows), SIZE).get_page(request.GET.get("page"))
    for row in page:
        row.words = events.words(row.topic, row.facts)
    waiting = inbox.unread_count(request.user)
    context = {"page": page, "waiting": waiting, "now": timezone.now()}
    return render(request, "desk/notifications.html", context)


@require_safe
def open_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what a notification is about. Whoever goes there has read it, and what else was said of the ticket."""
    row = inbox.listed(request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    inbox.read_about(request.user, row, now=database_now())
    return redirect(events.address(row.topic, row.ticket_id, row.facts))


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one (`one`), or everything that is listed, as read."""
    rows = inbox.unread(request.user)
    word = request.POST.get("one", "")
    if word:
        rows = rows.filter(pk=int(word) if word.isascii() and word.isdigit() and len(word) < 19 else 0)
    numbers = list(rows.values_list("pk", flat=True))
    count = inbox.read(request.user, Notification.objects.filter(pk__in=numbers), now=database_now())
    if not word:
        said = ngettext("%(count)s notification is read.", "%(count)s notifications are read.", count)
        messages.success(request, said % {"count": count} if count else _("Nothing was unread."))
    return redirect("desk:notifications")
