"""What customers fill in. The rules about texts and files are in the verbs; forms only carry their refusals."""

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tickets.files import MAX_BYTES, MAX_FILES
from tickets.models import Category, Customer, Wish
from tickets.refusals import Refusal
from tickets.texts import MESSAGE_LIMIT


def _files_help() -> str:
    words = gettext("Photos, receipts, letters: at most %(number)s files of %(size)s MB each.")
    return words % {"number": MAX_FILES, "size": MAX_BYTES // 1024**2}


FILES_HELP = lazy(_files_help, str)()  # filled in when it is shown: before that the reader's language is not known


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files as a list; what is too large is refused by `tickets.files`."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data] if data else []
        # The verb refuses empty files with their names; here only the shape is made right.
        return [file for file in files if file]


class DayInput(forms.DateInput):
    """A day that the browser lets one choose: its value is written as HTML wants it, whatever the reader's language."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None):
        super().__init__(attrs, format="%Y-%m-%d")


class CarriesRefusals(forms.Form):
    """A form on which a verb's refusal is shown beside the field it is about."""

    fields_of_verbs: dict[str, str] = {}

    def refuse(self, refusal: Refusal) -> None:
        name = self.fields_of_verbs.get(refusal.field or "", refusal.field or "")
        self.add_error(name if name in self.fields else None, str(refusal.detail))


class CategoryField(forms.ModelChoiceField):
    """The house's own kinds of request; those that it began with are known in every language."""

    def label_from_instance(self, category: Category) -> str:
        return gettext(category.name)


class SubmitForm(CarriesRefusals):
    """A request for help. Who is signed in is not asked again who they are."""

    WISHES = (
        ("", _("I am not sure")),
        (Wish.REFUND, _("My money back")),
        (Wish.STORE_CREDIT, _("A credit note")),
        (Wish.REPLACEMENT, _("A replacement")),
        (Wish.REPAIR, _("A repair")),
        (Wish.EXPLANATION, _("An explanation")),
        (Wish.APOLOGY, _("An apology")),
    )

    fields_of_verbs = {
        "customer.email": "email",
        "customer.name": "name",
        "order.reference": "order",
    }

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        help_text=_("We send your personal link there."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )
    subject = forms.CharField(label=_("What is it about?"), max_length=250, widget=forms.TextInput({"dir": "auto"}))
    category = CategoryField(
        label=_("Kind of request"), queryset=Category.objects.all(), required=False, empty_label=_("Not sure")
    )
    order = forms.CharField(
        label=_("Order number"),
        max_length=80,
        required=False,
        help_text=_("You find it on your receipt."),
    )
    body = forms.CharField(
        label=_("What happened?"),
        max_length=MESSAGE_LIMIT,
        widget=forms.Textarea({"rows": 7, "dir": "auto"}),
    )
    wish = forms.ChoiceField(label=_("What would you like?"), choices=WISHES, required=False)
    files = FilesField(label=_("Files"), required=False, help_text=FILES_HELP)
    language = forms.ChoiceField(
        label=_("Language for our answer"),
        choices=[(code.split("-")[0], name) for code, name in settings.LANGUAGES],
        required=False,
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)
    # People do not see it; programs that fill every field do.
    website = forms.CharField(required=False, label=_("Leave this empty"))

    def __init__(self, *args, customer: Customer | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        if customer:
            del self.fields["name"], self.fields["email"]


class SignInForm(CarriesRefusals):
    """The address that a one-time link is asked for."""

    email = forms.EmailField(
        label=_("Your e-mail"),
        max_length=254,
        help_text=_("The one that you wrote to us from, or gave us."),
        widget=forms.EmailInput({"autocomplete": "email"}),
    )


class ReplyForm(CarriesRefusals):
    """A further message to us."""

    body = forms.CharField(
        label=_("Your message"), max_length=MESSAGE_LIMIT, widget=forms.Textarea({"rows": 5, "dir": "auto"})
    )
    files = FilesField(label=_("Files"), required=False, help_text=FILES_HELP)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class RatingForm(CarriesRefusals):
    """How satisfied the customer is with the outcome (P7.1)."""

    WORDS = (
        (5, _("Very satisfied")),
        (4, _("Satisfied")),
        (3, _("Neither one nor the other")),
        (2, _("Dissatisfied")),
        (1, _("Very dissatisfied")),
    )

    score = forms.TypedChoiceField(
        label=_("How satisfied are you with the outcome?"), choices=WORDS, coerce=int, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label=_("What should we know?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
