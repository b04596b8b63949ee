"""All requests of the customer who is signed in."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from helpdesk.portal.stand import own, word
from tickets.models import Message
from tickets.texts import clean_line

PAGE = 20
_LARGEST = 2**63 - 1


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List them in plain words, open ones first; `q` looks for a number, an order or words in them."""
    if not request.customer:
        return redirect("portal:sign_in")
    wanted = clean_line(request.GET.get("q", "")[:100], field="q", limit=100)
    tickets = own(request.customer)
    if wanted:
        tickets = tickets.filter(_about(wanted))
    page = Paginator(tickets, PAGE).get_page(request.GET.get("page"))
    rows = [(ticket, word(ticket)) for ticket in page.object_list]
    return render(request, "portal/requests.html", {"rows": rows, "page": page, "wanted": wanted})


def _about(wanted: str) -> Q:
    said = Message.objects.filter(ticket=OuterRef("pk"), visibility=Message.Visibility.PUBLIC, body__icontains=wanted)
    found = Q(subject__icontains=wanted) | Q(order_reference__icontains=wanted) | Q(Exists(said))
    number = wanted.removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) <= _LARGEST:
        found |= Q(pk=int(number))
    return found
