"""A customer's data on one page: what is there, what must be kept, a copy of it, and its erasure."""

from collections.abc import Callable

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalation import customer_copy, legal_holds, privacy
from helpdesk.portal.forms import CarriesRefusals, DayInput
from tickets import step_up
from tickets.models import Customer, User
from tickets.refusals import NotFound, Refusal


def _words(label) -> forms.CharField:
    return forms.CharField(label=label, max_length=10_000, widget=forms.Textarea({"rows": 3}))


class PrivacyForm(CarriesRefusals):
    """A form of this page; its ids start with its slug."""

    slug = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"{self.slug}-%s", **kwargs)


class LegalHoldForm(PrivacyForm):
    slug = "keep"
    reason = _words(gettext_lazy("What it is kept for"))
    review_on = forms.DateField(label=gettext_lazy("Look at it again on"), widget=DayInput())


class HoldForm(PrivacyForm):
    """A form about one of the customer's legal holds."""

    hold = forms.ModelChoiceField(
        label=gettext_lazy("Which legal hold"), queryset=None, empty_label=gettext_lazy("Choose")
    )

    def __init__(self, *args, who: Customer, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["hold"].queryset = legal_holds.of_customer(who)


class AskReleaseForm(HoldForm):
    slug = "ask"
    reason = _words(gettext_lazy("Why it can be released"))


class ReleaseForm(HoldForm):
    slug = "release"
    note = _words(gettext_lazy("Your words to the release"))


class EraseForm(PrivacyForm):
    slug = "erase"
    reason = _words(gettext_lazy("On what ground (stays on record: do not name the customer)"))
    confirm = forms.CharField(
        label=gettext_lazy("Type the name or address of the customer"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what erasing a customer would take and leave, and what stands in its way."""
    return _page(request, privacy.customer(pk, request.user))


@require_POST
def do(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Erase, or place, ask to release and release a legal hold. What is refused is shown, with the words kept."""
    if slug not in _VERBS:
        raise Http404
    who = privacy.customer(pk, request.user)
    make, verb, signs = _VERBS[slug]
    form = _form(make, who, request.POST)
    if not form.is_valid():
        return _page(request, who, bound=form, status=400)
    if signs and not step_up.proven(request):
        raise ReauthenticationRequired  # the form is sent on by itself once the password was given
    try:
        done = verb(who, request.user, dict(form.cleaned_data))
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, who, bound=form, status=refusal.status)
    messages.success(request, done)
    return redirect("desk:privacy", pk)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the copy of a customer's data; that it was made is kept, so it is no plain link."""
    made = customer_copy.make(pk, actor=request.user)
    return FileResponse(made, as_attachment=True, filename=f"customer-{pk}.zip", content_type="application/zip")


def _keep(who: Customer, user: User, data: dict) -> str:
    legal_holds.on_customer(who.pk, actor=user, **data)
    return _("Everything of this customer is kept until the release is signed.")


def _ask(who: Customer, user: User, data: dict) -> str:
    legal_holds.ask_release(data.pop("hold").pk, actor=user, **data)
    return _("The release is asked for.")


def _release(who: Customer, user: User, data: dict) -> str:
    legal_holds.release(data.pop("hold").pk, actor=user, **data)
    return _("The legal hold is released.")


def _erase(who: Customer, user: User, data: dict) -> str:
    privacy.erase_customer(who.pk, actor=user, **data)
    return _("The customer's data is erased.")


_VERBS: dict[str, tuple[type[PrivacyForm], Callable[[Customer, User, dict], str], bool]] = {
    "keep": (LegalHoldForm, _keep, False),
    "ask": (AskReleaseForm, _ask, False),
    "release": (ReleaseForm, _release, True),
    "erase": (EraseForm, _erase, True),
}


def _form(make: type[PrivacyForm], who: Customer, *data) -> PrivacyForm:
    return make(*data, who=who) if issubclass(make, HoldForm) else make(*data)


def _page(request: HttpRequest, who: Customer, *, bound: PrivacyForm | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    drawn = {slug: _form(make, who) for slug, (make, *_rest) in _VERBS.items()}
    if bound:
        drawn[bound.slug] = bound
    context = {
        "customer": who,
        "preview": privacy.preview(who),
        "holds": legal_holds.of_customer(who),
        "requests": who.privacy_requests.select_related("asked_by")[:20],
        "forms": drawn,
        "may_hold": user.has_role(*legal_holds.MAY),
        "may_erase": user.has_role(*privacy.MAY) and who.erased_at is None,
        "may_copy": user.has_role(*privacy.MAY),
        "now": timezone.now(),
    }
    return render(request, "desk/privacy.html", context, status=status)
