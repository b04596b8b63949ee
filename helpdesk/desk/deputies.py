"""Who signs what in this house, and who signs for me while I am away."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from escalation import signers
from helpdesk.portal.forms import CarriesRefusals, DayInput
from policies import delegations
from policies.kinds import ApprovalKind
from policies.matrix import Matrix
from policies.models import Delegation
from tickets.clock import database_now
from tickets.models import User
from tickets.refusals import Refusal
from tickets.sorting import BY_NAME

_DAY = DayInput()


class DeputyForm(CarriesRefusals):
    """Whole days in the writer's time zone, both of them included."""

    fields_of_verbs = {"starts_at": "first", "ends_at": "last"}

    deputy = forms.ModelChoiceField(
        label=gettext_lazy("Who signs for you"), queryset=None, empty_label=gettext_lazy("Choose")
    )
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False, choices=[])
    first = forms.DateField(label=gettext_lazy("First day"), widget=_DAY)
    last = forms.DateField(label=gettext_lazy("Last day"), widget=_DAY)

    def __init__(self, *args, person: User, **kwargs):
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, groups__isnull=False).exclude(pk=person.pk).distinct()
        self.fields["deputy"].queryset = staff.order_by(*BY_NAME)
        self.fields["kind"].choices = [("", _("Everything that you sign")), *ApprovalKind.choices]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the matrix and the absences that concern this person; take a new one."""
    user, status = request.user, 200
    form = DeputyForm(request.POST or None, person=user)
    if request.method == "POST":
        status = 400
        if form.is_valid():
            data = form.cleaned_data
            try:
                delegations.delegate(
                    absent=user,
                    deputy=data["deputy"],
                    kind=data["kind"],
                    starts_at=_midnight(data["first"]),
                    ends_at=_midnight(data["last"] + timedelta(days=1)),
                    actor=user,
                    now=database_now(),
                )
            except Refusal as refusal:
                form.refuse(refusal)
                status = refusal.status
            else:
                messages.success(request, _("%(who)s signs for you then.") % {"who": data["deputy"]})
                return redirect("desk:deputies")
    now = timezone.now()
    mine = Delegation.objects.filter(Q(absent=user) | Q(deputy=user), ends_at__gt=now, ended_at__isnull=True)
    context = {
        "form": form,
        "rules": [(rule, signers.named(rule.roles), signers.named(rule.alone)) for rule in Matrix().rules],
        "mine": mine.select_related("absent", "deputy"),
        "now": now,
    }
    return render(request, "desk/deputies.html", context, status=status)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an absence before its time."""
    row = Delegation.objects.filter(Q(absent=request.user) | Q(deputy=request.user), pk=pk).first()
    if row is None:
        raise Http404
    try:
        delegations.end(row, actor=request.user, now=database_now())
    except Refusal as refusal:
        messages.error(request, str(refusal.detail))
    return redirect("desk:deputies")


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
