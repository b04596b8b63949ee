"""How a person wants to be told: a grid of events and ways, rhythms, quiet hours, and where chat goes."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.desk.clock_forms import DAYS
from helpdesk.models import Channel, NotificationSettings
from helpdesk.notifications import chat, choices
from helpdesk.portal.forms import CarriesRefusals
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Invalid, Refusal

_TIME = {"type": "time"}


class TimesForm(CarriesRefusals):
    """When e-mail and chat may come."""

    mail_rhythm = forms.ChoiceField(label=gettext_lazy("E-mail comes"), choices=NotificationSettings.Rhythm.choices)
    chat_rhythm = forms.ChoiceField(label=gettext_lazy("Chat comes"), choices=NotificationSettings.Rhythm.choices)
    daily_at = forms.TypedChoiceField(
        label=gettext_lazy("Once a day is at"), coerce=int, choices=[(hour, f"{hour:02}:00") for hour in range(24)]
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"), required=False, widget=forms.TimeInput(_TIME, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"), required=False, widget=forms.TimeInput(_TIME, format="%H:%M")
    )
    days_off = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Quiet all day on"),
        required=False,
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple,
    )

    def times(self) -> choices.Times:
        data = self.cleaned_data
        return choices.Times(**data | {"days_off": tuple(data["days_off"])})

    @classmethod
    def of(cls, chosen: NotificationSettings) -> dict:
        return {name: getattr(chosen, name) for name in choices.Times.__dataclass_fields__}


class ChatForm(CarriesRefusals):
    """Where chat messages go. What is stored is not shown again."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=chat.LONGEST,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "placeholder": "slack://…"}),
        help_text=gettext_lazy("As your chat service and apprise write it. It is kept sealed and not shown again."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show what a person chose, and take what they change. Unknown events and ways are refused."""
    user = request.user
    if request.method != "POST":
        return _page(request, times=TimesForm(initial=TimesForm.of(choices.of(user))))
    form = TimesForm(request.POST)
    if form.is_valid():
        try:
            choices.save(user, wanted=_ticked(request), times=form.times(), now=database_now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect("desk:notification_settings")
    return _page(request, times=form, wanted=_ticked(request), status=422)


@require_POST
def chat_address(request: HttpRequest) -> HttpResponse:
    """Store, forget or try where chat messages go."""
    user = request.user
    if "forget" in request.POST:
        chat.keep(user, "")
        messages.success(request, _("The address is forgotten."))
        return redirect("desk:notification_settings")
    form = ChatForm(request.POST)
    if not form.is_valid():
        return _page(request, chat_form=form, status=422)
    try:
        if form.cleaned_data["address"]:
            chat.keep(user, form.cleaned_data["address"])
            messages.success(request, _("The address is stored."))
        elif "test" not in request.POST:
            raise Invalid(_("Enter an address first."), code="required", field="address")
        if "test" in request.POST:
            _try(request, user)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, chat_form=form, status=422)
    return redirect("desk:notification_settings")


def _try(request: HttpRequest, user: User) -> None:
    """Send a test and say what became of it."""
    chosen = choices.of(user)
    if not chosen.chat_sealed:
        messages.error(request, _("There is no address yet."))
        return
    try:
        chat.send(chosen, _("A test from the helpdesk"), _("Notifications will reach you here."))
    except chat.ChatFailed as error:
        messages.error(request, _("The test did not arrive: %(why)s") % {"why": error})
    else:
        messages.success(request, _("The service has taken the test message. Look whether it reached you."))


def _ticked(request: HttpRequest) -> dict[str, set[str]]:
    """Read ticks of the form `event:way`."""
    wanted: dict[str, set[str]] = {}
    for word in request.POST.getlist("way")[:200]:
        event, _colon, way = word.partition(":")
        wanted.setdefault(event, set()).add(way)
    return wanted


def _page(
    request: HttpRequest,
    *,
    times: TimesForm | None = None,
    chat_form: ChatForm | None = None,
    wanted: dict[str, set[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    chosen = choices.of(user)
    lines = []
    for slug, event in choices.concern(user).items():
        on = choices.chosen_ways(user, slug, chosen) if wanted is None else wanted.get(slug, set())
        cells = [(way, way in on, event.alarm and way == Channel.APP) for way in Channel]
        lines.append((slug, event.label, cells))
    context = {
        "lines": lines,
        "ways": list(Channel),
        "times": times or TimesForm(initial=TimesForm.of(chosen)),
        "chat_form": chat_form or ChatForm(),
        "chat": chat.masked(chosen),
        "schemes": ", ".join(f"{name}://" for name in chat.allowed()),
        "zone": user.time_zone,
    }
    return render(request, "desk/notification_settings.html", context, status=status)
