"""The first administrator of an empty house: made at an address that only the console shows, dead once there is one."""

import hmac

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from helpdesk.portal.forms import CarriesRefusals
from policies import reviews
from tickets import house, people, roles
from tickets.clock import database_now
from tickets.models import HouseChange, User
from tickets.refusals import NotFound, Refusal


class FirstForm(CarriesRefusals):
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("Your e-mail"), max_length=254)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 15 characters; a sentence is easy to keep."),
    )
    again = forms.CharField(
        label=gettext_lazy("The password again"), widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def clean(self) -> dict:
        data = super().clean()
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("The two passwords differ."))
        if data.get("password"):
            try:
                validate_password(data["password"], User(email=data.get("email", ""), name=data.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return data


def address() -> str:
    """Return the address for the first administrator, or '' once somebody administers the house."""
    if has_administrator():
        return ""
    return settings.SITE_URL + reverse("first_run", args=[_key()])


def has_administrator() -> bool:
    return User.objects.filter(groups__name=roles.ADMIN).exists() or User.objects.filter(is_superuser=True).exists()


@login_not_required
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Take the first administrator's name, address and password; then sign-in and a list of what comes next."""
    if not hmac.compare_digest(key.encode(), _key().encode()) or has_administrator():
        raise Http404
    form, status = FirstForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                make(**{name: form.cleaned_data[name] for name in ("name", "email", "language", "password")})
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            else:
                messages.success(request, _("The house is yours. Sign in, and go through what comes next."))
                return redirect(f"{reverse('account_login')}?next={reverse('desk:house_start')}")
    return render(request, "desk/first_run.html", {"form": form}, status=status)


@transaction.atomic
def make(*, name: str, email: str, language: str, password: str) -> User:
    """Make the first administrator; of two who try at once the second finds the address dead."""
    list(Group.objects.select_for_update().filter(name=roles.ADMIN))
    if has_administrator():
        raise NotFound(_("Somebody administers this house already."), code="not_found")
    person = people.invite(
        email,
        name=name,
        wanted=[roles.ADMIN],
        actor=None,
        language=language,
        time_zone=settings.ORGANISATION_TIME_ZONE,
        is_staff=True,
        is_superuser=True,
    )
    person.set_password(password)
    person.save(update_fields=["password"])
    house.record(person, HouseChange.Action.SET_UP, "first administrator")
    reviews.adopt(person, database_now())
    return person


def _key() -> str:
    return salted_hmac("helpdesk.first-run", "the first administrator", algorithm="sha256").hexdigest()[:40]
