"""What a person sets for themselves: language, zone, looks, signature, the view the desk opens with, API tokens."""

import zoneinfo

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk import saved
from helpdesk.portal.forms import CarriesRefusals
from tickets import step_up, tokens
from tickets.clock import database_now
from tickets.models import ApiToken, User
from tickets.refusals import Refusal
from tickets.texts import clean_text


class PersonalForm(forms.ModelForm):
    class Meta:
        model = User
        fields = [
            "language", "time_zone", "theme", "density", "start_view", "signature", "undo_seconds", "after_sending",
            "shortcuts",
        ]  # fmt: skip
        widgets = {"signature": forms.Textarea({"rows": 3})}
        help_texts = {
            "signature": gettext_lazy("Stands below your replies in the letters that customers get."),
            "undo_seconds": gettext_lazy("Until then nobody has seen it; it counts from when you sent it off."),
            "after_sending": gettext_lazy("An answer that can still be taken back is linked from where you are led."),
            "shortcuts": gettext_lazy("Letters such as j, k and x act at once. Ctrl or Cmd with Enter always works."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        zones = sorted(zoneinfo.available_timezones())
        fields = {
            "language": settings.LANGUAGES,
            "time_zone": [(zone, zone.replace("_", " ")) for zone in zones],
            "theme": [("system", _("As the system")), ("light", _("Light")), ("dark", _("Dark"))],
            "start_view": saved.choices(self.instance),
        }
        for name, choices in fields.items():
            old = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                label=old.label, choices=choices, required=name != "start_view", help_text=old.help_text
            )

    def clean_signature(self) -> str:
        return clean_text(self.cleaned_data["signature"], field="signature")


class TokenForm(CarriesRefusals):
    name = forms.CharField(label=gettext_lazy("What it is for"), max_length=80)
    days = forms.TypedChoiceField(
        label=gettext_lazy("It ends after"),
        coerce=int,
        empty_value=None,
        required=False,
        initial="90",
        choices=[
            ("30", gettext_lazy("30 days")), ("90", gettext_lazy("90 days")), ("365", gettext_lazy("a year")),
            ("", gettext_lazy("never by itself")),
        ],
    )  # fmt: skip
    may_sign = forms.BooleanField(
        label=gettext_lazy("It may sign in my name"),
        required=False,
        help_text=gettext_lazy("Only where it is kept as well as your password."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show and change one's own settings."""
    person = User.objects.get(pk=request.user.pk)
    form = PersonalForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        form.save()
        with translation.override(person.language):
            messages.success(request, _("Saved."))
        return redirect("desk:me")
    return render(request, "desk/personal.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List one's own tokens; make one, whose secret is shown on the answer and never again."""
    user, now, made, status = request.user, database_now(), "", 200
    form = TokenForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            if not step_up.proven(request):
                raise ReauthenticationRequired  # a stolen session must not become a lasting key
            try:
                _row, made = tokens.make(user, **form.cleaned_data, now=now)
                form, status = TokenForm(), 200
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
    context = {"form": form, "made": made, "tokens": ApiToken.objects.filter(user=user)[:50], "now": now}
    return render(request, "desk/tokens.html", context, status=status)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one of one's own tokens."""
    token = tokens.withdraw(pk, actor=request.user, now=database_now())
    messages.success(request, _("%(token)s opens nothing any more.") % {"token": token})
    return redirect("desk:tokens")
