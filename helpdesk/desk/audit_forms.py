"""The forms of an audit: beginning it, one question of its checklist, an action, and its conclusion."""

from collections.abc import Iterable
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from helpdesk.portal.forms import CarriesRefusals, DayInput
from metrics import audits, quarters
from metrics.audits import Said
from metrics.models import AuditFinding
from policies.models import Right
from tickets import roles
from tickets.models import User
from tickets.sorting import BY_NAME


class BeginForm(CarriesRefusals):
    """Which policy and quarter, and how many tickets are looked at by hand."""

    policy = forms.ChoiceField(label=_("Policy"), choices=Right.Against.choices)
    quarter = forms.TypedChoiceField(label=_("Quarter"), coerce=quarters.parse)
    size = forms.IntegerField(
        label=_("Tickets to look at by hand"), initial=audits.SAMPLE, min_value=audits.SMALLEST,
        max_value=audits.LARGEST, help_text=_("They are drawn at random; the draw can be checked from its seed."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What this edition corrects"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Only where an edition of this quarter is published already."),
    )

    def __init__(self, *args, quarters: Iterable[date], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quarter"].choices = [(_name(day), _name(day)) for day in quarters]


class FindingForm(CarriesRefusals):
    """One question about one ticket: was the right kept? Its fields are named by the right, so a page can hold many."""

    answer = forms.ChoiceField(
        label=_("Was it kept?"), choices=[("", "–"), *AuditFinding.Answer.choices], widget=forms.Select
    )
    note = forms.CharField(
        label=_("What was found"), required=False, max_length=2000, widget=forms.TextInput({"dir": "auto"})
    )

    def __init__(self, *args, finding: AuditFinding, **kwargs):
        initial = {"answer": finding.answer, "note": finding.note}
        super().__init__(*args, prefix=f"f{finding.pk}", initial=initial, auto_id=f"id_{finding.pk}_%s", **kwargs)
        self.finding = finding

    def said(self) -> Said:
        return Said(**self.cleaned_data)


class ActionForm(CarriesRefusals):
    """What is done from now on, by whom, until when."""

    words = forms.CharField(label=_("What is done"), max_length=2000, widget=forms.Textarea({"rows": 2, "dir": "auto"}))
    owner = forms.ModelChoiceField(label=_("By whom"), queryset=User.objects.none(), empty_label=_("Choose"))
    due_on = forms.DateField(label=_("Until"), widget=DayInput())

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, groups__name__in=roles.ALL)
        self.fields["owner"].queryset = staff.distinct().order_by(*BY_NAME)


class CloseForm(CarriesRefusals):
    """What the auditor concludes; staff read it, customers read the figures."""

    conclusion = forms.CharField(
        label=_("Conclusion"), max_length=4000, widget=forms.Textarea({"rows": 5, "dir": "auto"})
    )


def _name(day: date) -> str:
    return quarters.name(day)
