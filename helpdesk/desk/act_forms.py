"""The forms of the floor panel. The rules are in the verbs; these carry words there and refusals back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from django import forms
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from escalation.models import Blocked
from escalation.models.hold import usual
from helpdesk.portal.forms import CarriesRefusals, DayInput
from policies.risks import Risk
from tickets.models import User

_WORDS = 10_000


class ActForm(CarriesRefusals):
    """A form of the panel; its ids are stable from one drawing to the next, so that scripts can carry text over."""

    slug = ""
    # The verbs speak of a justification, a reason, a summary or a note; here it is one field.
    fields_of_verbs = {"justification": "words", "reason": "words", "summary": "words", "note": "words"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, auto_id=f"{self.slug}-%s", **kwargs)


@dataclass(frozen=True)
class Drawn:
    """The fields of a form as HTML, and the id of the one that a shortcut puts the cursor in."""

    html: SafeString
    first_field: str

    # What people write has its quotation marks escaped, so that these find what they look for in the HTML only.

    def offering(self, options: SafeString) -> "Drawn":
        """Return the same with OPTIONS at the end of its list."""
        return replace(self, html=mark_safe(self.html.replace("\n</select>", f"{options}\n</select>", 1)))

    def saying(self, field: str, value: str) -> "Drawn":
        """Return the same with VALUE in its text FIELD."""
        filled = f'name="{field}" value="{escape(value)}"'
        return replace(self, html=mark_safe(self.html.replace(f'name="{field}"', filled, 1)))

    def ticking(self, values: Iterable[str]) -> "Drawn":
        """Return the same with the boxes of VALUES ticked."""
        html = str(self.html)
        for value in values:
            html = html.replace(f'value="{escape(value)}"', f'value="{escape(value)}" checked', 1)
        return replace(self, html=mark_safe(html))


def draw(form: ActForm) -> Drawn:
    """Draw the fields of FORM."""
    html = render_to_string("parts/form.html", {"form": form})
    return Drawn(html, form.visible_fields()[0].id_for_label)


def blank(form: type[ActForm], **said) -> Drawn:
    """Draw the fields of a FORM that nobody has filled in: once for all tickets of which it says the same (SAID)."""
    return _blank(form, get_language(), **said)


@lru_cache(maxsize=500)
def _blank(form: type[ActForm], _language: str, **said) -> Drawn:
    return draw(form(**said))


def _text(label, **attrs) -> forms.CharField:
    return forms.CharField(label=label, max_length=_WORDS, widget=forms.Textarea({"rows": 3} | attrs))


class SeesFloor(ActForm):
    """A form that means something else on another floor: it says on which floor it was filled in."""

    floor = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, floor: int | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["floor"] = floor

    def see(self, floor: int | None) -> None:
        """Draw a refused form for the floor where the ticket is now, so that sending it again means what it says."""
        self.data = self.data.copy()
        self.data["floor"] = "" if floor is None else str(floor)


class PersonField(forms.ModelChoiceField):
    """Somebody to give a ticket to; who is on duty says so."""

    def label_from_instance(self, person) -> str:
        return person_label(str(person), person.is_here, person.open_tickets)


def person_label(name: str, is_here: bool, open_tickets: int) -> str:
    """Return what is said of somebody to whom a ticket can be given."""
    return _("%(who)s, on duty, %(open)s open") % {"who": name, "open": open_tickets} if is_here else name


class Assign(ActForm):
    slug = "assign"
    fields_of_verbs = {"assignee": "person"}
    person = PersonField(label=_("To whom"), queryset=None, required=False, empty_label=_("Nobody"))

    def __init__(self, *args, people: QuerySet[User] | None = None, has_owner: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.none() if people is None else people
        self.initial["person"] = 0 if has_owner else None  # who it is stands with the people (see `Choices.people`)


class Label(ActForm):
    slug = "label"
    subject = forms.CharField(label=_("Subject"), max_length=250)
    tags = forms.MultipleChoiceField(
        label=_("Tags"), choices=[], required=False, widget=forms.CheckboxSelectMultiple({"class": "chips"})
    )

    def __init__(self, *args, tags: Iterable[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = tags


class Wait(ActForm):
    slug = "wait"
    words = forms.CharField(label=_("What we wait for"), max_length=250, required=False)


class Up(SeesFloor):
    slug = "up"
    words = _text(_("Why it must go up"))


class Down(SeesFloor):
    slug = "down"
    to = forms.TypedChoiceField(label=_("To"), coerce=int, choices=[])
    words = _text(_("Why it goes back"))

    def __init__(self, *args, floor: int | None = None, **kwargs):
        super().__init__(*args, floor=floor, **kwargs)
        self.fields["to"].choices = [(n, _("Floor %(n)s") % {"n": n}) for n in range((floor or 1) - 1, 0, -1)]


class Hold(ActForm):
    slug = "hold"
    words = _text(_("Why, and what must happen before it is released"))
    blocks = forms.MultipleChoiceField(
        label=_("It forbids to"),
        choices=Blocked.choices,
        required=False,
        initial=usual,
        widget=forms.CheckboxSelectMultiple,
    )
    review_on = forms.DateField(label=_("Look at it again on"), required=False, widget=DayInput())


class Release(ActForm):
    slug = "release"
    words = _text(_("Why it can be released"))


class HoldOwner(ActForm):
    slug = "hold-owner"
    fields_of_verbs = {"owner": "person"}
    person = PersonField(label=_("Who looks at it again"), queryset=None, empty_label=None)

    def __init__(self, *args, people: QuerySet[User] | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = User.objects.none() if people is None else people


class FlagRisk(ActForm):
    slug = "risk"
    risk = forms.ChoiceField(label=_("Risk"), choices=[])
    words = _text(_("What you saw"))

    def __init__(self, *args, borne: set[str] = frozenset(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["risk"].choices = [(value, label) for value, label in Risk.choices if value not in borne]


class Resolve(SeesFloor):
    slug = "resolve"
    words = _text(_("How it was resolved"))


class Reopen(ActForm):
    slug = "reopen"
    words = _text(_("Why it is taken up again"))


class Until(forms.Form):
    """Until when something is snoozed."""

    until = forms.ChoiceField(
        label=_("Until"),
        choices=[
            ("customer", _("the customer writes")), ("1", _("in an hour")), ("3", _("in three hours")),
            ("24", _("tomorrow at this time")), ("168", _("in a week")), ("exact", _("the time below")),
        ],
    )  # fmt: skip
    at = forms.DateTimeField(
        label=_("Time"), required=False, widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
    )

    def clean(self) -> dict:
        """Make `until` the time, or None for the customer's next message. A time that was given counts."""
        data = super().clean()
        chosen, at = data.get("until"), data.get("at")
        if chosen == "exact" and not at and "at" not in self.errors:
            self.add_error("at", _("Give the time."))
        elif at or chosen in {"customer", "exact"}:
            data["until"] = at
        elif chosen:
            data["until"] = timezone.now() + timedelta(hours=int(chosen))
        return data


class Snooze(Until, ActForm):
    slug = "snooze"
    fields_of_verbs = {"until": "at"}
