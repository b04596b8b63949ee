"""REST: what the caller was told of, and reading it."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from helpdesk.models import Notification
from helpdesk.notifications import events, inbox
from tickets.clock import database_now
from tickets.fields import Instant
from tickets.refusals import NotFound


class OwnNotificationSerializer(serializers.ModelSerializer):
    """One thing that the caller was told of; `words` are in the caller's language."""

    event = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()
    ticket = serializers.IntegerField(source="ticket_id", allow_null=True, read_only=True)
    at = Instant(read_only=True)
    read_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = Notification
        fields = ["id", "event", "words", "ticket", "at", "read_at"]

    def get_event(self, row) -> str:
        topic = events.TOPICS.get(row.topic)
        return topic.event if topic else row.topic

    def get_words(self, row) -> str:
        return events.words(row.topic, row.facts)


class OwnNotificationFilters(serializers.Serializer):
    """Each narrows the list."""

    unread = serializers.BooleanField(required=False)


class NotificationsReadSerializer(serializers.Serializer):
    """How many were unread until now."""

    read = serializers.IntegerField(read_only=True)


@extend_schema(tags=["People"])
class OwnNotificationView(ListModelMixin, GenericViewSet):
    """What the caller was told of, about what they may still see, newest first."""

    queryset = Notification.objects.all()
    serializer_class = OwnNotificationSerializer
    lookup_value_regex = "[0-9]{1,18}"
    query_serializers = {"list": OwnNotificationFilters}
    default_ordering = "-id"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        found = inbox.listed(self.request.user)
        wanted = self.query.get("unread") if self.action == "list" else None
        return found if wanted is None else found.filter(read_at__isnull=wanted)

    @extend_schema(parameters=[OwnNotificationFilters])
    def list(self, request, *args, **kwargs) -> Response:
        """Notifications, newest first."""
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses=OwnNotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request, pk: str) -> Response:
        """Mark one as read."""
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise NotFound(_("You have no notification %(number)s.") % {"number": pk}, code="not_found")
        inbox.read(request.user, Notification.objects.filter(pk=row.pk), now=database_now())
        row.refresh_from_db()
        return Response(OwnNotificationSerializer(row).data)

    @extend_schema(request=None, responses=NotificationsReadSerializer, operation_id="notifications_read_all")
    @action(detail=False, methods=["post"], url_path="read")
    def read_all(self, request) -> Response:
        """Mark all as read."""
        numbers = list(inbox.unread(request.user).values_list("pk", flat=True))
        done = inbox.read(request.user, Notification.objects.filter(pk__in=numbers), now=database_now())
        return Response({"read": done})
