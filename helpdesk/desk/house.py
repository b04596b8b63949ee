"""What the pages on the house share, and the API tokens of everybody."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tickets import house, tokens
from tickets.clock import database_now
from tickets.models import ApiToken

SIZE = 50


def page(request: HttpRequest, template: str, context: dict, *, status: int = 200) -> HttpResponse:
    """Draw a page of the house with the tabs of all others, for administrators only."""
    house.require_admin(request.user)
    named = {"teams": _("Teams"), "channels": _("Channels"), "categories": _("Categories"), "tags": _("Tags")}
    named |= {"macros": _("Macros")}
    tabs = [
        (reverse("desk:house"), _("People")),
        *((reverse("desk:names", args=[kind]), label) for kind, label in named.items()),
        (reverse("desk:house_tokens"), _("API tokens")),
        (reverse("desk:hooks"), _("Webhooks")),
        (reverse("desk:house_record"), _("Record")),
        (reverse("desk:house_health"), _("Health")),
        (reverse("desk:house_start"), _("First steps")),
    ]
    here = max((url for url, _label in tabs if request.path.startswith(url)), key=len, default="")
    return render(request, template, context | {"tabs": tabs, "tab": here}, status=status)


def paged(request: HttpRequest, rows):
    return Paginator(rows, SIZE).get_page(request.GET.get("page"))


@require_safe
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens of everybody that open something, the last used first."""
    now = database_now()
    rows = tokens.in_force(now).select_related("user").order_by("-last_used_at", "-created_at")
    return page(request, "desk/house_tokens.html", {"page": paged(request, rows)})


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a token of anybody."""
    house.require_admin(request.user)
    token: ApiToken = tokens.withdraw(pk, actor=request.user, now=database_now())
    messages.success(request, _("%(token)s opens nothing any more.") % {"token": token})
    return redirect("desk:house_tokens")
