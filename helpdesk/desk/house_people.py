"""People and roles: who is there, what each may do, inviting, switching off and on."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escalation import abilities, leaving
from helpdesk.desk.house import page, paged
from helpdesk.portal.forms import CarriesRefusals
from tickets import house, people, roles
from tickets.clock import database_now
from tickets.models import HouseChange, Team, User
from tickets.refusals import Invalid, Refusal
from tickets.sorting import BY_NAME

logger = logging.getLogger(__name__)


class PersonForm(CarriesRefusals):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=[(role, roles.LABELS[role]) for role in roles.ALL],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    teams = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Teams"), queryset=Team.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    fields_of_verbs = {"roles": "wanted"}


class InviteForm(PersonForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    field_order = ["email", "name"]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """List the people, by name; `q` finds some, `off` shows those who are switched off."""
    house.require_admin(request.user)
    text, off = request.GET.get("q", "").replace("\x00", "").strip()[:100], "off" in request.GET
    rows = User.objects.filter(is_active=not off).prefetch_related("groups", "teams").order_by(*BY_NAME)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(email__icontains=text))
    shown = paged(request, rows)
    for person in shown:
        person.role_names = [roles.LABELS.get(group.name, group.name) for group in person.groups.all()]
    context = {"page": shown, "text": text, "off": off}
    return page(request, "desk/house_people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make an account and send its owner a link with which they set their password."""
    house.require_admin(request.user)
    form, status = InviteForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                person = people.invite(actor=request.user, **form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            else:
                _send_link(request, person)
                return redirect("desk:person", person.pk)
    return page(request, "desk/house_person_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person with what they may do; change name, roles and teams."""
    house.require_admin(request.user)
    one, status = get_object_or_404(User, pk=pk), 200
    held = list(one.groups.values_list("name", flat=True))
    form = PersonForm(request.POST or None, initial={"name": one.name, "wanted": held, "teams": one.teams.all()})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                people.change(one, actor=request.user, **form.cleaned_data)
                messages.success(request, _("Saved."))
                return redirect("desk:person", pk)
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    context = {
        "person": one,
        "form": form,
        "abilities": abilities.of(held) if one.is_active else [],
        "open_tickets": len(leaving.held_by(one)),
        "has_factor": Authenticator.objects.filter(user=one).exists(),
        "changes": HouseChange.objects.filter(about=one.email).select_related("person")[:10],
    }
    return page(request, "desk/house_person.html", context, status=status)


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the link again, take the second factor away, switch the account off or on."""
    house.require_admin(request.user)
    one, do = get_object_or_404(User, pk=pk), request.POST.get("do")
    try:
        if do == "link":
            _send_link(request, one)
        elif do == "factor":
            _typed(request, one)
            _reset_factor(request.user, one)
            messages.success(request, _("Their next sign-in asks for the password only."))
        elif do == "off":
            _typed(request, one)
            given_back = leaving.switch_off(one, actor=request.user, now=database_now())
            words = ngettext(
                "%(who)s is switched off; %(n)s ticket went back to its queue.",
                "%(who)s is switched off; %(n)s tickets went back to their queues.",
                given_back,
            )
            messages.success(request, words % {"who": one, "n": given_back})
        elif do == "on":
            leaving.switch_on(one, actor=request.user)
            messages.success(request, _("%(who)s can sign in again.") % {"who": one})
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    return redirect("desk:person", pk)


def _typed(request: HttpRequest, one: User) -> None:
    if request.POST.get("typed", "").strip().lower() != one.email:
        raise Invalid(_("Type the address %(email)s to confirm.") % {"email": one.email}, code="typed", field="typed")


@transaction.atomic
def _reset_factor(actor: User, one: User) -> None:
    if Authenticator.objects.filter(user=one).delete()[0]:
        house.record(actor, HouseChange.Action.FACTOR_RESET, one.email)


def _send_link(request: HttpRequest, one: User) -> None:
    """Send the link with which somebody sets their password; when mail fails, say so and show it to hand over."""
    if not one.is_active:
        raise Invalid(_("This account is switched off."), code="inactive")
    key = default_token_generator.make_token(one)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(one), "key": key})
    link = settings.SITE_URL + path
    with translation.override(one.language):
        body = _("You have an account at the helpdesk. Choose your password on this page; the link works once:")
        letter = EmailMessage(_("Your account at the helpdesk"), f"{body}\n\n{link}\n", to=[one.email])
    try:
        letter.send()
        messages.success(request, _("A letter with a link is on its way to %(email)s.") % {"email": one.email})
    except Exception as error:  # whatever a mail server can answer
        logger.warning("The invitation for %s could not be sent: %s", one.email, error)
        words = _("The letter could not be sent (%(error)s). Hand over this link yourself: %(link)s")
        messages.warning(request, words % {"error": str(error)[:200], "link": link})
