"""The small forms of the scorecard: a note, a correction, a target, a pulse answer, a review."""

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.catalogue import METRICS
from tickets.models import Team, User
from tickets.sorting import BY_NAME


class NoteForm(forms.Form):
    """A note on one figure of the week."""

    key = forms.ChoiceField(label=_("Figure"), choices=[(key, metric.name) for key, metric in METRICS.items()])
    text = forms.CharField(
        label=_("Note"),
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("What lies behind a dip or a rise, an experiment, what you will do."),
    )


class CorrectionForm(forms.Form):
    """Why a week is published again."""

    reason = forms.CharField(
        label=_("What this edition corrects"), min_length=10, max_length=2000, widget=forms.Textarea({"rows": 2})
    )


class TargetForm(forms.Form):
    """A new target and the reason for it (P8.4)."""

    value = forms.DecimalField(
        label=_("New target"), max_digits=9, decimal_places=2, min_value=0, max_value=1_000_000, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 2}))


class PulseForm(forms.Form):
    """One question to the front line."""

    WORDS = ((100, _("Very good")), (75, _("Good")), (50, _("So-so")), (25, _("Bad")), (0, _("Very bad")))

    score = forms.TypedChoiceField(
        label=_("How was your week at work?"), choices=WORDS, coerce=int, widget=forms.RadioSelect
    )
    team = forms.ModelChoiceField(
        label=_("Your team"), queryset=Team.objects.none(), required=False, empty_label=_("No team")
    )

    def __init__(self, *args, teams: list[Team], **kwargs):
        super().__init__(*args, **kwargs)
        if len(teams) < 2:
            del self.fields["team"]
        else:
            self.fields["team"].queryset = Team.objects.filter(pk__in=[team.pk for team in teams])


class ReviewForm(forms.Form):
    """A review of one person's work on one ticket."""

    number = forms.IntegerField(label=_("Ticket number"), min_value=1, max_value=2**63 - 1)
    reviewed = forms.ModelChoiceField(label=_("Whose work"), queryset=User.objects.none(), empty_label=_("Choose"))
    score = forms.IntegerField(
        label=_("Score"),
        min_value=0,
        max_value=100,
        help_text=_("0 to 100: up to 20 points for each question of the guide."),
    )
    note = forms.CharField(label=_("Note"), max_length=5000, required=False, widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args, reviewer: User, **kwargs):
        super().__init__(*args, **kwargs)
        staff = User.objects.filter(is_active=True, groups__isnull=False).exclude(pk=reviewer.pk)
        self.fields["reviewed"].queryset = staff.distinct().order_by(*BY_NAME)
