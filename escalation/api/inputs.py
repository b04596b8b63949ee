"""What callers may send. Rules of the house are in the verbs; here is only the shape."""

from rest_framework import serializers

from escalation.models import Blocked
from policies.risks import Risk
from tickets.fields import Money, StrictSerializer
from tickets.models import Message, TicketLink
from tickets.texts import MESSAGE_LIMIT

_LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class Words(serializers.CharField):
    """Free text; empty is for the verb to refuse."""

    def __init__(self, **kwargs):
        kwargs.setdefault("max_length", 10_000)
        super().__init__(**kwargs)


class CustomerInput(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    language = serializers.RegexField(_LANGUAGE, max_length=10, required=False, help_text="BCP 47")


class OrderInput(StrictSerializer):
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True)
    value = Money(required=False, allow_null=True)
    products = serializers.ListField(
        child=serializers.CharField(max_length=200), max_length=100, required=False, allow_empty=True
    )


class NewTicket(StrictSerializer):
    subject = serializers.CharField(max_length=250)
    body = serializers.CharField(max_length=MESSAGE_LIMIT)
    channel = serializers.SlugField(max_length=60)
    customer = CustomerInput()
    category = serializers.SlugField(max_length=60, required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=30, required=False)
    order = OrderInput(required=False, allow_null=True)
    language = serializers.RegexField(_LANGUAGE, max_length=10, required=False, help_text="BCP 47")


class TicketChange(StrictSerializer):
    """What of a ticket can be changed by hand; all else follows from what is done."""

    subject = serializers.CharField(max_length=250, required=False)
    category = serializers.SlugField(max_length=60, required=False, allow_null=True)
    tags = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=30, required=False)
    assignee = serializers.EmailField(max_length=254, required=False, allow_null=True)
    team = serializers.SlugField(max_length=60, required=False, allow_null=True)
    order = OrderInput(required=False, allow_null=True)
    language = serializers.RegexField(_LANGUAGE, max_length=10, required=False, allow_blank=True, help_text="BCP 47")


class NewMessage(StrictSerializer):
    body = serializers.CharField(max_length=MESSAGE_LIMIT)
    visibility = serializers.ChoiceField(choices=Message.Visibility.choices)
    script = serializers.SlugField(max_length=60, required=False, allow_null=True)


class Justification(StrictSerializer):
    justification = Words()


class Reason(StrictSerializer):
    reason = Words()


class NewHold(StrictSerializer):
    """`blocks` is all but `send` when it is left out."""

    reason = Words()
    blocks = serializers.ListField(
        child=serializers.ChoiceField(choices=Blocked.choices), required=False, allow_empty=False
    )
    review_on = serializers.DateField(required=False, allow_null=True)


class HoldOwner(StrictSerializer):
    owner = serializers.EmailField(max_length=254)


class Wait(StrictSerializer):
    reason = Words(required=False, allow_blank=True, max_length=250)


class Return(StrictSerializer):
    floor = serializers.IntegerField()
    justification = Words()


class RiskInput(StrictSerializer):
    risk = serializers.ChoiceField(choices=Risk.choices)
    note = Words()


class Summary(StrictSerializer):
    summary = Words()


class Note(StrictSerializer):
    note = Words()
    digest = serializers.RegexField(
        r"^[0-9a-f]{64}$", required=False, help_text="of the request as the signer was shown it"
    )


class Question(StrictSerializer):
    question = Words()
    hold = serializers.BooleanField(default=False, help_text="hold the ticket as well; the release is signed")


class Merge(StrictSerializer):
    into = serializers.IntegerField(min_value=1, max_value=2**62, help_text="the ticket that goes on")
    reason = Words()


class Split(StrictSerializer):
    messages = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62), min_length=1, max_length=50
    )
    subject = serializers.CharField(max_length=250)


class NewLink(StrictSerializer):
    """This ticket is `related` to, a `duplicate` of, or `caused` by `other`."""

    other = serializers.IntegerField(min_value=1, max_value=2**62)
    kind = serializers.ChoiceField(choices=TicketLink.Kind.choices)


class Nothing(StrictSerializer):
    """A call that takes no details."""
