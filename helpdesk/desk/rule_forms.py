"""The forms of the rules: a draft, the test box, and the publication."""

from decimal import Decimal

from django import forms
from django.conf import settings
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.desk.language_tabs import LanguageTabs
from helpdesk.portal.forms import CarriesRefusals
from policies import expressions
from policies.languages import LANGUAGES
from policies.models import Trigger, TriggerDraft
from policies.risks import Risk
from tickets.models import Channel, Tag, Team
from tickets.texts import MESSAGE_LIMIT

_PHRASES_HELP = _("One in each line; * at the end stands for any ending, ! at the beginning for: not this wording.")


def _lines(label) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}), help_text=_PHRASES_HELP
    )


class DraftForm(CarriesRefusals, LanguageTabs):
    """What must hold, and what then happens. All that is filled in must hold together."""

    fields_of_verbs = {"slug": "name", "phrases": "phrases_en"}
    texts = ["phrases"]

    name = forms.CharField(label=_("Name"), max_length=120)
    position = forms.IntegerField(
        label=_("Position"), min_value=0, max_value=9999, initial=200, help_text=_("Rules are read from low to high.")
    )
    phrases_en = _lines(_("The text contains (English)"))
    phrases_it = _lines(_("The text contains (Italian)"))
    phrases_pt = _lines(_("The text contains (Portuguese)"))
    min_order_value = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        min_value=Decimal("0.01"),
        required=False,
    )
    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        max_length=expressions.LONGEST,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )
    floor = forms.TypedChoiceField(
        label=_("Go to"),
        choices=[("", _("No floor")), (2, _("Floor 2")), (3, _("Floor 3"))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    risk = forms.ChoiceField(label=_("Flag"), choices=[("", _("No risk")), *Risk.choices], required=False)
    team = forms.ModelChoiceField(
        label=_("Give it to"), queryset=Team.objects.all(), required=False, empty_label=_("No team in particular")
    )
    warning = forms.CharField(label=_("Warn the supervisors"), max_length=250, required=False)
    tags = forms.ModelMultipleChoiceField(
        label=_("Tags"), queryset=Tag.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    hold = forms.BooleanField(label=_("Place a hold"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = []
        for name, kind in expressions.NAMES.items():
            names += [f"{name}.{part}" for part in kind] if isinstance(kind, dict) else [name]
        self.fields["min_order_value"].label = _("The order is worth at least (%(currency)s)") % {
            "currency": settings.CURRENCY
        }
        self.fields["condition"].help_text = _("For example: %(example)s. It may name: %(names)s.") % {
            "example": expressions.EXAMPLE, "names": ", ".join(names),
        }  # fmt: skip

    def terms(self) -> dict:
        """Return what was filled in, as the verbs take it."""
        data = dict(self.cleaned_data)
        data.pop("revision")
        data["tags"] = [tag.slug for tag in data["tags"]]
        data["phrases"] = {code: data.pop(f"phrases_{code}").splitlines() for code in LANGUAGES}
        return data

    @property
    def new_slug(self) -> str:
        return slugify(self.cleaned_data["name"])[:60] or "rule"

    @staticmethod
    def initial_of(rule: Trigger | TriggerDraft) -> dict:
        names = ("name", "position", "min_order_value", "condition", "floor", "risk", "team", "warning", "hold")
        initial = {name: getattr(rule, name) for name in names}
        initial |= {f"phrases_{code}": "\n".join(rule.phrases.get(code, [])) for code in LANGUAGES}
        initial["tags"] = Tag.objects.filter(slug__in=rule.tags)
        initial["revision"] = getattr(rule, "revision", None)
        return initial


class TestForm(forms.Form):
    """A message and an order to ask the rules about. Nothing of it is stored."""

    __test__ = False  # not a test, whatever test runners make of its name

    text = forms.CharField(label=_("Message"), max_length=MESSAGE_LIMIT, widget=forms.Textarea({"rows": 5}))
    value = forms.DecimalField(
        label=_("Order value"), max_digits=12, decimal_places=2, min_value=Decimal(0), required=False
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False, initial=settings.CURRENCY)
    products = forms.CharField(label=_("Products"), max_length=2000, required=False, help_text=_("Separated by commas"))
    channel = forms.ModelChoiceField(
        label=_("Channel"), queryset=Channel.objects.all(), required=False, empty_label=_("None in particular")
    )
    earlier_tickets = forms.IntegerField(label=_("Customer's earlier tickets"), min_value=0, required=False)
    strikes = forms.IntegerField(label=_("Customer's strikes"), min_value=0, required=False)
    lifetime_value = forms.DecimalField(label=_("Customer's lifetime value"), min_value=Decimal(0), required=False)
    draft = forms.ModelChoiceField(
        label=_("Rules"), queryset=TriggerDraft.objects.all(), required=False, empty_label=_("As they are in force")
    )


class PublishForm(CarriesRefusals):
    """From when on the rule holds."""

    fields_of_verbs = {"at": "at"}

    at = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        help_text=_("Empty: now"),
        widget=forms.DateTimeInput({"type": "datetime-local"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
