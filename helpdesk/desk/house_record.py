"""Who did what, when: the trails of all tickets that one may see, and the changes of the house."""

from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from escalation.access import visible_to
from escalation.models import Action, AuditEvent
from helpdesk.desk.house import SIZE, page
from helpdesk.portal.forms import DayInput
from tickets import house
from tickets.models import HouseChange

_DAY = DayInput()


class RecordForm(forms.Form):
    of = forms.ChoiceField(
        label=gettext_lazy("Of"),
        choices=[("tickets", gettext_lazy("tickets")), ("house", gettext_lazy("the house"))],
        required=False,
    )
    person = forms.CharField(label=gettext_lazy("By (address)"), max_length=254, required=False)
    ticket = forms.IntegerField(label=gettext_lazy("Ticket"), min_value=1, max_value=2**62, required=False)
    action = forms.ChoiceField(label=gettext_lazy("What"), choices=[], required=False)
    first = forms.DateField(label=gettext_lazy("From"), widget=_DAY, required=False)
    last = forms.DateField(label=gettext_lazy("Until"), widget=_DAY, required=False)
    before = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        both = {**dict(Action.choices), **dict(HouseChange.Action.choices)}
        self.fields["action"].choices = [("", _("anything")), *sorted(both.items(), key=lambda pair: str(pair[1]))]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Search the record, newest first; `before` is where the page before this one ended."""
    house.require_admin(request.user)
    form = RecordForm(request.GET)
    rows, more, asked = [], None, {}
    if form.is_valid():
        asked = form.cleaned_data
        rows = list(_found(asked, request.user)[: SIZE + 1])
        more = rows[SIZE - 1].pk if len(rows) > SIZE else None
    context = {"form": form, "rows": rows[:SIZE], "more": more, "of_house": asked.get("of") == "house"}
    return page(request, "desk/house_record.html", context, status=200 if form.is_valid() else 422)


def _found(asked: dict, user):
    if asked["of"] == "house":
        rows = HouseChange.objects.select_related("person")
        narrowed = Q()
    else:
        rows = AuditEvent.objects.filter(ticket__in=visible_to(user)).select_related("person", "customer")
        narrowed = Q(ticket_id=asked["ticket"]) if asked["ticket"] else Q()
    if asked["person"]:
        narrowed &= Q(person__email=asked["person"].strip().lower())
    if asked["action"]:
        narrowed &= Q(action=asked["action"])
    if asked["first"]:
        narrowed &= Q(at__gte=_midnight(asked["first"]))
    if asked["last"]:
        narrowed &= Q(at__lt=_midnight(asked["last"] + timedelta(days=1)))
    if asked["before"]:
        narrowed &= Q(pk__lt=asked["before"])
    # Rows are written in the order of their keys, so the key alone pages, whatever is narrowed by.
    return rows.filter(narrowed).order_by("-pk")


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
