"""Webhooks: where other systems are told what happens, what became of the last calls, and sending one again."""

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation.models import Action
from helpdesk.desk.house import page, paged
from helpdesk.models import Webhook
from helpdesk.portal.forms import CarriesRefusals
from helpdesk.webhooks import hooks
from tickets import house, step_up
from tickets.clock import database_now
from tickets.refusals import Refusal


class HookForm(CarriesRefusals):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        widget=forms.URLInput,
        help_text=gettext_lazy("Begins with https://. It is called with POST."),
    )
    events = forms.MultipleChoiceField(
        label=gettext_lazy("What it is told"),
        choices=sorted(Action.choices, key=lambda choice: choice[0]),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "chips"}),
        help_text=gettext_lazy("Nothing ticked means everything."),
    )
    is_on = forms.BooleanField(label=gettext_lazy("Switched on"), required=False, initial=True)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List the webhooks, with what waits and what was given up."""
    return page(request, "desk/house_hooks.html", {"rows": hooks.listed(actor=request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make one."""
    house.require_admin(request.user)
    form, status = HookForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                hook = hooks.make(actor=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            else:
                messages.success(request, _("Made. Give the other side its secret, and try it."))
                return redirect("desk:hook", hook.pk)
    return page(request, "desk/house_hook.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one with its last calls; change it."""
    hook = hooks.find(pk, actor=request.user)
    first = {name: getattr(hook, name) for name in ("name", "url", "events", "is_on")}
    form, status = HookForm(request.POST or None, initial=first), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                hooks.change(pk, actor=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            else:
                messages.success(request, _("Saved."))
                return redirect("desk:hook", pk)
    return _page(request, hook, form, status=status)


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the secret, give it a new one, try it, send a call again, delete it."""
    do, _colon, which = request.POST.get("do", "").partition(":")
    hook = hooks.find(pk, actor=request.user)
    if do in {"secret", "new-secret"}:
        if not step_up.proven(request):
            raise ReauthenticationRequired
        if do == "new-secret":
            hooks.new_secret(pk, actor=request.user, now=database_now())
            messages.success(request, _("It has a new secret; for a day calls are signed with the former one as well."))
            hook = hooks.find(pk, actor=request.user)
        return _page(request, hook, secret=hooks.secret_of(hook))
    if do == "try":
        hooks.try_out(pk, actor=request.user)
        messages.success(request, _("A trial call leaves within seconds; it stands first in the list below."))
    elif do == "again" and which.isascii() and which.isdigit() and len(which) < 19:
        hooks.send_again(pk, int(which), actor=request.user)
        messages.success(request, _("The call is made once more within seconds."))
    elif do == "delete":
        if request.POST.get("typed", "").strip() != hook.name:
            messages.error(request, _("Type %(slug)s to confirm.") % {"slug": hook.name})
            return redirect("desk:hook", pk)
        hooks.delete(pk, actor=request.user)
        messages.success(request, _("Deleted."))
        return redirect("desk:hooks")
    else:
        raise Http404
    return redirect("desk:hook", pk)


def _page(
    request: HttpRequest, hook: Webhook, form: HookForm | None = None, *, secret: str = "", status: int = 200
) -> HttpResponse:
    first = {name: getattr(hook, name) for name in ("name", "url", "events", "is_on")}
    calls = paged(request, hook.deliveries.select_related("event").order_by("-pk"))
    seen = hooks.tickets_of(calls, request.user)
    for call in calls:
        call.ticket = call.event.ticket_id if call.event and call.event.ticket_id in seen else None
        call.open = call.sent_at is None and call.parked_at is None
    context = {"hook": hook, "form": form or HookForm(initial=first), "page": calls, "secret": secret}
    return page(request, "desk/house_hook.html", context | {"now": database_now()}, status=status)
