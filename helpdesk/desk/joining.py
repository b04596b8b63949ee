"""What a ticket has to do with others, on one page: merge it into one, split a part off, link it."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escalation import access, linking, merging, overview, splitting
from helpdesk.desk.stand import Stand
from helpdesk.portal.forms import CarriesRefusals
from tickets.models import Message, Ticket, TicketLink, User
from tickets.refusals import NotFound, Refusal

OTHERS_SHOWN = 10
"""Open tickets of the same customer that are offered for merging."""


class JoinForm(CarriesRefusals):
    """A form of this page; its ids start with its slug."""

    slug = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"{self.slug}-%s", **kwargs)


def _number(label) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, max_value=2**62, widget=forms.TextInput({"inputmode": "numeric"})
    )


class MergeForm(JoinForm):
    slug = "merge"
    into = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why these are one"), max_length=10_000, widget=forms.Textarea({"rows": 3})
    )


class SplitForm(JoinForm):
    slug = "split"
    subject = forms.CharField(label=gettext_lazy("Subject of the new ticket"), max_length=250)
    messages = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Messages that it begins with"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, ticket: Ticket, **kwargs):
        super().__init__(*args, **kwargs)
        said = Message.objects.in_conversation(ticket.pk).select_related("author", "customer", "ticket__customer")
        said = said.order_by("-created_at", "-id")[: splitting.MOST]
        self.fields["messages"].choices = [
            (m.pk, f"{m.author or m.writer}: {' '.join(m.body.split())[:90]}") for m in reversed(said)
        ]


class LinkForm(JoinForm):
    slug = "link"
    kind = forms.ChoiceField(label=gettext_lazy("This ticket is"), choices=TicketLink.Kind.choices)
    other = _number(gettext_lazy("Number of the other ticket"))


class UnlinkForm(JoinForm):
    slug = "unlink"
    link = forms.IntegerField(widget=forms.HiddenInput)


@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show the forms; with `into` also what merging into that ticket would make of the two."""
    return _page(request, overview.ticket(request.user, number))


@require_POST
def do(request: HttpRequest, number: int, slug: str) -> HttpResponse:
    """Merge, split, link or unlink. What is refused is shown on the same page, with the words kept."""
    if slug not in _VERBS:
        raise Http404
    ticket = overview.ticket(request.user, number)
    form = _form(slug, ticket, request.POST)
    if not form.is_valid():
        return _page(request, ticket, bound=form, status=400)
    try:
        shown, done = _VERBS[slug](ticket, request.user, form.cleaned_data)
    except NotFound as refusal:
        if slug == "unlink":
            raise
        form.refuse(refusal)
        return _page(request, ticket, bound=form, status=refusal.status)
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, overview.ticket(request.user, number), bound=form, status=refusal.status)
    if not access.can_see(request.user, shown):
        messages.success(request, done + " " + _("#%(number)s is out of your sight now.") % {"number": shown})
        return redirect("desk:queue")
    messages.success(request, done)
    return redirect("desk:ticket", shown)


def _merge(ticket: Ticket, user: User, data: dict) -> tuple[int, str]:
    merging.merge(ticket.pk, actor=user, **data)
    return data["into"], _("#%(number)s goes on here.") % {"number": ticket.pk}


def _split(ticket: Ticket, user: User, data: dict) -> tuple[int, str]:
    new = splitting.split(ticket.pk, actor=user, **data)
    return new.pk, _("Split off from #%(number)s.") % {"number": ticket.pk}


def _link(ticket: Ticket, user: User, data: dict) -> tuple[int, str]:
    linking.link(ticket.pk, actor=user, **data)
    return ticket.pk, _("Linked to #%(number)s.") % {"number": data["other"]}


def _unlink(ticket: Ticket, user: User, data: dict) -> tuple[int, str]:
    linking.unlink(ticket.pk, data["link"], actor=user)
    return ticket.pk, _("The link is removed.")


_VERBS: dict[str, Callable[[Ticket, User, dict], tuple[int, str]]] = {
    "merge": _merge,
    "split": _split,
    "link": _link,
    "unlink": _unlink,
}
_FORMS = {form.slug: form for form in (MergeForm, SplitForm, LinkForm, UnlinkForm)}


def _form(slug: str, ticket: Ticket, *data) -> JoinForm:
    return SplitForm(*data, ticket=ticket) if slug == "split" else _FORMS[slug](*data)


def _page(request: HttpRequest, ticket: Ticket, *, bound: JoinForm | None = None, status: int = 200) -> HttpResponse:
    user = request.user
    drawn = {slug: bound if bound and bound.slug == slug else _form(slug, ticket) for slug in _FORMS}
    asked = (bound.data if isinstance(bound, MergeForm) else request.GET).get("into", "").strip().lstrip("#")
    into = _seen(user, asked)
    drawn["merge"].initial["into"] = into.pk if into else None
    theirs = overview.having_status(overview.tickets(user), overview.OPEN) if not into else None
    context = {
        "ticket": ticket,
        "forms": drawn,
        "links": linking.of(ticket.pk, user),
        "works": access.works_on(user, ticket.escalation)
        and ticket.merged_into_id is None
        and ticket.erased_at is None,
        "asked": asked,
        "into": into,
        "pair": [Stand(ticket), Stand(into)] if into else [],
        "higher": max(ticket.escalation.floor or 1, into.escalation.sensitive_floor) if into else None,
        "across": into is not None and into.customer_id != ticket.customer_id,
        "others": theirs.filter(customer=ticket.customer_id).exclude(pk=ticket.pk)[:OTHERS_SHOWN] if theirs else [],
        "now": timezone.now(),
    }
    return render(request, "desk/joining.html", context, status=status)


def _seen(user: User, number: str) -> Ticket | None:
    """Return the ticket of that number if USER may see it."""
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return overview.tickets(user).filter(pk=int(number)).first()
