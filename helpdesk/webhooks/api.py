"""REST: webhooks, what became of their calls, and sending one again. For administrators."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from helpdesk.models import HookDelivery, Webhook
from helpdesk.webhooks import hooks
from tickets import house, step_up
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer

_DELIVERY = OpenApiParameter("delivery", int, OpenApiParameter.PATH)


class WebhookSerializer(serializers.ModelSerializer):
    """An address that is told what happens to tickets which its keeper may see; no `events` means all."""

    keeper = serializers.EmailField(source="keeper.email", read_only=True)
    events = serializers.ListField(child=serializers.CharField(), read_only=True)
    created_at = Instant(read_only=True)

    class Meta:
        model = Webhook
        fields = ["id", "name", "url", "events", "keeper", "is_on", "created_at"]
        read_only_fields = fields


class WebhookWithSecretSerializer(WebhookSerializer):
    """The same with what its calls are signed with; shown when that is made."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]

    def get_secret(self, row) -> str:
        return hooks.secret_of(row)


class NewWebhook(StrictSerializer):
    name = serializers.CharField(max_length=60)
    url = serializers.CharField(max_length=500)
    events = serializers.ListField(
        child=serializers.CharField(max_length=24), required=False, help_text="kinds of the audit trail"
    )


class ChangedWebhook(NewWebhook):
    """What is left out stays."""

    name = serializers.CharField(max_length=60, required=False)
    url = serializers.CharField(max_length=500, required=False)
    is_on = serializers.BooleanField(required=False)


class HookDeliverySerializer(serializers.ModelSerializer):
    """One call. `event` is empty for a trial, `ticket` also where the caller may not see it."""

    event = serializers.CharField(source="event.action", read_only=True, allow_null=True, default=None)
    ticket = serializers.SerializerMethodField()
    created_at = Instant(read_only=True)
    sent_at = Instant(read_only=True, allow_null=True)
    parked_at = Instant(read_only=True, allow_null=True, help_text="given up, or withdrawn")
    next_attempt_at = Instant(read_only=True)

    class Meta:
        model = HookDelivery
        fields = [
            "id", "event", "ticket", "created_at", "attempts", "next_attempt_at", "sent_at", "answer", "parked_at",
            "last_error", "withdrawn",
        ]  # fmt: skip
        read_only_fields = fields

    def get_ticket(self, row) -> int | None:
        return row.event.ticket_id if row.event and row.event.ticket_id in self.context["seen"] else None


@extend_schema(tags=["House"])
class WebhookView(ListModelMixin, GenericViewSet):
    """Webhooks, for administrators."""

    queryset = Webhook.objects.select_related("keeper")
    serializer_class = WebhookSerializer
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "id"

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        house.require_admin(request.user)

    @extend_schema(responses=WebhookSerializer)
    def retrieve(self, request, pk: str) -> Response:
        """One webhook."""
        return Response(WebhookSerializer(hooks.find(int(pk), actor=request.user)).data)

    @extend_schema(request=NewWebhook, responses={201: WebhookWithSecretSerializer})
    def create(self, request) -> Response:
        """Make one, kept by the caller; it is told what happens from now on."""
        sent = NewWebhook(data=request.data)
        sent.is_valid(raise_exception=True)
        hook = hooks.make(actor=request.user, **sent.validated_data)
        return Response(WebhookWithSecretSerializer(hook).data, status=201)

    @extend_schema(request=ChangedWebhook, responses=WebhookSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Change it, or switch it off and on. Who changes the address or the events keeps it from then on."""
        sent = ChangedWebhook(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(WebhookSerializer(hooks.change(int(pk), actor=request.user, **sent.validated_data)).data)

    @extend_schema(request=StrictSerializer, responses=WebhookWithSecretSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request, pk: str) -> Response:
        """Give it a new secret; for a day calls are signed with both. Only a token made for signing may (403)."""
        step_up.require(request)
        hooks.new_secret(int(pk), actor=request.user, now=database_now())
        return Response(WebhookWithSecretSerializer(hooks.find(int(pk), actor=request.user)).data)

    @extend_schema(responses=HookDeliverySerializer(many=True))
    @action(detail=True, methods=["get"])
    def deliveries(self, request, pk: str) -> Response:
        """Its calls of the last 30 days, newest first."""
        rows = hooks.find(int(pk), actor=request.user).deliveries.select_related("event")
        self.default_ordering = "-id"
        return self.get_paginated_response(_shown(request, *self.paginate_queryset(rows)))

    @extend_schema(request=StrictSerializer, responses={201: HookDeliverySerializer})
    @action(detail=True, methods=["post"])
    def trial(self, request, pk: str) -> Response:
        """Owe it a call that says only that it is a trial."""
        made = hooks.try_out(int(pk), actor=request.user)
        made.refresh_from_db()
        return Response(_shown(request, made)[0], status=201)

    @extend_schema(parameters=[_DELIVERY], request=StrictSerializer, responses=HookDeliverySerializer)
    @action(detail=True, methods=["post"], url_path="deliveries/(?P<delivery>[0-9]{1,18})/again")
    def again(self, request, pk: str, delivery: str) -> Response:
        """Make a call once more, whether it was taken or given up."""
        return Response(_shown(request, hooks.send_again(int(pk), int(delivery), actor=request.user))[0])


def _shown(request, *rows: HookDelivery) -> list[dict]:
    """Return ROWS as the caller may see them."""
    return HookDeliverySerializer(rows, many=True, context={"seen": hooks.tickets_of(rows, request.user)}).data
