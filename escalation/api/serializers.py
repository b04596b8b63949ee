"""How tickets and what belongs to them look in JSON."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from escalation import overview
from escalation.models import Approval, AuditEvent, FloorVisit, Signature
from policies.risks import Risk
from tickets.fields import Duration, Instant, Money
from tickets.models import Attachment, Message, Ticket


class CustomerSerializer(serializers.Serializer):
    email = serializers.EmailField(read_only=True)
    name = serializers.CharField(read_only=True)
    language = serializers.CharField(read_only=True, help_text="BCP 47, or empty")


class HoldSerializer(serializers.Serializer):
    """A hold in force: what it forbids stays forbidden until its release is signed."""

    reason = serializers.CharField(read_only=True)
    placed_by = serializers.EmailField(read_only=True, allow_null=True, help_text="null: a rule placed it")
    placed_at = Instant(read_only=True)


class OrderSerializer(serializers.Serializer):
    reference = serializers.CharField(read_only=True)
    value = Money(read_only=True, allow_null=True)
    products = serializers.ListField(child=serializers.CharField(), read_only=True)


class TicketSerializer(serializers.Serializer):
    """A ticket and where it stands. `floor` is where it is, or where it was resolved."""

    number = serializers.IntegerField(read_only=True)
    subject = serializers.CharField(read_only=True)
    status = serializers.SerializerMethodField()
    floor = serializers.IntegerField(source="escalation.sensitive_floor", read_only=True, min_value=1, max_value=3)
    floor_entered_at = Instant(read_only=True)
    floor_deadline = Instant(read_only=True, allow_null=True)
    clock = serializers.SerializerMethodField()
    channel = serializers.SlugField(source="channel.slug", read_only=True)
    team = serializers.SlugField(source="team.slug", read_only=True, allow_null=True, default=None)
    assignee = serializers.EmailField(source="assignee.email", read_only=True, allow_null=True, default=None)
    customer = CustomerSerializer(read_only=True)
    category = serializers.SlugField(source="category.slug", read_only=True, allow_null=True, default=None)
    tags = serializers.ListField(source="tag_slugs", child=serializers.SlugField(), read_only=True)
    language = serializers.CharField(read_only=True, help_text="BCP 47, or empty")
    risks = serializers.ListField(child=serializers.ChoiceField(choices=Risk.choices), read_only=True)
    hold = serializers.SerializerMethodField()
    order = serializers.SerializerMethodField()
    first_response_at = Instant(read_only=True, allow_null=True)
    resolved_at = Instant(source="escalation.resolved_at", read_only=True, allow_null=True)
    resolved_on_floor = serializers.IntegerField(source="escalation.resolved_on_floor", read_only=True, allow_null=True)
    justification_owed = serializers.BooleanField(read_only=True, help_text="the clock overtook a signature (P2.1)")
    merged_into = serializers.IntegerField(
        source="merged_into_id", read_only=True, allow_null=True, help_text="the ticket in which this one goes on"
    )
    created_at = Instant(read_only=True)
    updated_at = Instant(read_only=True)
    version = serializers.IntegerField(source="escalation.version", read_only=True)

    @extend_schema_field(serializers.ChoiceField(choices=overview.STATUSES))
    def get_status(self, ticket: Ticket) -> str:
        return overview.status(ticket)

    @extend_schema_field(serializers.ChoiceField(choices=overview.CLOCKS))
    def get_clock(self, ticket: Ticket) -> str:
        return overview.clock(ticket)

    @extend_schema_field(HoldSerializer(allow_null=True))
    def get_hold(self, ticket: Ticket) -> dict | None:
        if ticket.hold_placed_at is None:
            return None
        held = {"reason": ticket.hold_reason, "placed_by": ticket.hold_placed_by, "placed_at": ticket.hold_placed_at}
        return HoldSerializer(held).data

    @extend_schema_field(OrderSerializer(allow_null=True))
    def get_order(self, ticket: Ticket) -> dict | None:
        if not (ticket.order_reference or ticket.order_value is not None or ticket.order_products):
            return None
        value = None
        if ticket.order_value is not None:
            value = {"amount": ticket.order_value, "currency": ticket.order_currency}
        order = {"reference": ticket.order_reference, "value": value, "products": ticket.order_products}
        return OrderSerializer(order).data


class AttachmentSerializer(serializers.ModelSerializer):
    message = serializers.IntegerField(source="message_id", read_only=True)
    visibility = serializers.ChoiceField(
        source="message.visibility", choices=Message.Visibility.choices, read_only=True
    )
    created_at = Instant(read_only=True)

    class Meta:
        model = Attachment
        fields = ["id", "message", "visibility", "name", "size", "content_type", "sha256", "created_at"]
        read_only_fields = fields


class MessageSerializer(serializers.ModelSerializer):
    author = serializers.EmailField(
        source="author.email", read_only=True, allow_null=True, default=None, help_text="null: the customer"
    )
    ticket = serializers.IntegerField(
        source="ticket_id", read_only=True, help_text="where it was written: this one, or one merged into it"
    )
    created_at = Instant(read_only=True)
    script = serializers.SlugField(source="script_use.script.slug", read_only=True, allow_null=True, default=None)
    attachments = AttachmentSerializer(many=True, read_only=True)

    class Meta:
        model = Message
        fields = ["id", "ticket", "author", "visibility", "body", "script", "attachments", "created_at"]
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer):
    """One link of the audit trail; `hash` covers it and the hash before it."""

    at = Instant(read_only=True)
    actor = serializers.CharField(read_only=True, help_text="an address, `customer`, `clock`, `rule` or `system`")
    data = serializers.DictField(read_only=True)

    class Meta:
        model = AuditEvent
        fields = ["seq", "at", "actor", "action", "floor_from", "floor_to", "reason", "data", "hash", "previous_hash"]
        read_only_fields = fields


class VisitSerializer(serializers.ModelSerializer):
    """A stay on a floor. `how` says what brought the ticket there."""

    limit = Duration(read_only=True)
    entered_at = Instant(read_only=True)
    due_at = Instant(read_only=True, allow_null=True)
    left_at = Instant(read_only=True, allow_null=True)
    by = serializers.EmailField(source="by.email", read_only=True, allow_null=True, default=None)

    class Meta:
        model = FloorVisit
        fields = ["id", "floor", "limit", "entered_at", "due_at", "left_at", "how", "by"]
        read_only_fields = fields


class SignatureSerializer(serializers.ModelSerializer):
    """One signature under a request, given in the name of somebody absent where that is said."""

    signer = serializers.EmailField(source="signer.email", read_only=True)
    in_the_name_of = serializers.EmailField(
        source="in_the_name_of.email", read_only=True, allow_null=True, default=None
    )
    signed_at = Instant(read_only=True)

    class Meta:
        model = Signature
        fields = ["signer", "in_the_name_of", "signed_at", "digest", "note"]
        read_only_fields = fields


class ApprovalSerializer(serializers.ModelSerializer):
    """A request for somebody else's signature. `digest` covers what the signer is shown, the case being as it is now.

    `difference` says what has changed since it was asked for: name -> asked, now.
    """

    ticket = serializers.IntegerField(source="escalation_id", read_only=True)
    requested_by = serializers.EmailField(source="requested_by.email", read_only=True)
    requested_at = Instant(read_only=True)
    decided_by = serializers.EmailField(source="decided_by.email", read_only=True, allow_null=True, default=None)
    decided_at = Instant(read_only=True, allow_null=True)
    content = serializers.DictField(read_only=True)
    difference = serializers.DictField(read_only=True, default=dict)
    signatures = SignatureSerializer(many=True, read_only=True)
    justification_owed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Approval
        fields = [
            "id",
            "ticket",
            "kind",
            "state",
            "requested_by",
            "requested_at",
            "justification",
            "content",
            "digest",
            "difference",
            "signatures",
            "decided_by",
            "decided_at",
            "note",
            "justification_owed",
        ]
        read_only_fields = fields
