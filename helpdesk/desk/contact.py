"""The ladder against abuse on a ticket (P5.4): what holds, what was done, and the next step."""

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from escalation import access, contact, contact_steps
from escalation.models import ContactStep
from helpdesk.portal.forms import CarriesRefusals, DayInput
from tickets.clock import database_now
from tickets.refusals import Refusal

Step = ContactStep.Step


class StepForm(CarriesRefusals):
    """The next step: a warning holds at once, the others are asked for until a day."""

    STEPS = (
        (Step.WARNED, gettext_lazy("Warn: the customer is told at once")),
        (Step.LIMITED, gettext_lazy("In writing only: somebody else signs")),
        (Step.ENDED, gettext_lazy("End of contact: somebody else signs")),
    )

    step = forms.ChoiceField(label=gettext_lazy("Step"), choices=STEPS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("What happened"), max_length=10_000, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Facts with dates; it goes on the record. The customer gets the letter of the house."),
    )  # fmt: skip
    until = forms.DateField(
        label=gettext_lazy("Until the end of"), required=False, widget=DayInput(),
        help_text=gettext_lazy("Not for a warning, which counts for a year."),
    )  # fmt: skip

    def clean(self):
        data = super().clean()
        if data.get("step") in contact_steps.LONGEST and not data.get("until") and "until" not in self.errors:
            self.add_error("until", _("Say until when."))
        return data


class LiftForm(CarriesRefusals):
    of = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("Why it ends"), max_length=10_000, widget=forms.Textarea({"rows": 2}))


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, number: int) -> HttpResponse:
    """Show the ladder of the ticket's customer; take a step, or lift one."""
    ticket = access.get_ticket(request.user, number)
    lifts = "of" in request.POST
    form = StepForm(None if lifts else request.POST or None)
    lift_form = LiftForm(request.POST if lifts else None)
    chosen, status = (lift_form if lifts else form), 200
    if request.method == "POST":
        status = 400
        if chosen.is_valid():
            try:
                messages.success(request, _lift(request, number, chosen) if lifts else _take(request, number, chosen))
                return redirect("desk:contact", number)
            except Refusal as refusal:
                chosen.refuse(refusal)
                status = refusal.status
    now = database_now()
    holding = contact.in_force(ticket.customer_id, now)
    if holding and not lifts:
        lift_form = LiftForm(initial={"of": holding.pk})
    steps = ContactStep.objects.filter(
        customer=ticket.customer_id, escalation__ticket__in=access.visible_to(request.user)
    )
    context = {
        "ticket": ticket,
        "form": form,
        "lift_form": lift_form,
        "holding": holding,
        "steps": steps.select_related("asked_by", "lifted_by", "approval__decided_by")[:50],
        "works": access.works_on(request.user, ticket.escalation),
        "may_lift": request.user.has_role(*contact.ANSWERS_ALL_THE_SAME),
        "now": now,
    }
    return render(request, "desk/contact.html", context, status=status)


def _take(request: HttpRequest, number: int, form: StepForm) -> str:
    data = form.cleaned_data
    if data["step"] == Step.WARNED:
        contact_steps.warn(number, actor=request.user, reason=data["reason"])
        return _("The customer is warned.")
    until = timezone.make_aware(datetime.combine(data["until"], time.max.replace(microsecond=0)))
    contact_steps.ask(number, actor=request.user, step=data["step"], reason=data["reason"], until=until)
    return _("The signature is asked for. Until then nothing changes for the customer.")


def _lift(request: HttpRequest, number: int, form: LiftForm) -> str:
    data = form.cleaned_data
    contact_steps.lift(data["of"], number=number, actor=request.user, reason=data["reason"])
    return _("The step is lifted.")
