"""REST: what belongs to a ticket: messages, files, the audit trail, stays on floors."""

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access, conversation
from escalation.api.explanations import Explained
from escalation.api.inputs import NewMessage
from escalation.api.serializers import AttachmentSerializer, EventSerializer, MessageSerializer, VisitSerializer
from escalation.models import AuditEvent, FloorVisit
from tickets.models import Attachment, Message
from tickets.refusals import Invalid

NUMBER = OpenApiParameter("number", int, OpenApiParameter.PATH, description="the ticket's number")


class TicketPart(ListModelMixin, GenericViewSet):
    """Something that belongs to a ticket and is seen by those who see the ticket."""

    ticket_path = "ticket"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        ticket = access.get_ticket(self.request.user, int(self.kwargs["number"]))
        return self.of_ticket(super().get_queryset(), ticket.pk)

    def of_ticket(self, rows: QuerySet, number: int) -> QuerySet:
        return rows.filter(**{self.ticket_path: number})


@extend_schema(tags=["Conversation"], parameters=[NUMBER])
class MessageView(TicketPart):
    """What was said, oldest first, also in tickets that were merged into this one."""

    queryset = Message.objects.select_related("author", "script_use__script").prefetch_related("attachments__message")
    serializer_class = MessageSerializer
    default_ordering = "created_at"

    def of_ticket(self, rows: QuerySet, number: int) -> QuerySet:
        return rows.in_conversation(number)

    @extend_schema(request=NewMessage, responses={201: MessageSerializer})
    def create(self, request, number: str) -> Response:
        """Answer the customer (`public`) or leave a note for colleagues (`internal`)."""
        ticket = access.get_ticket(request.user, int(number))
        serializer = NewMessage(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = serializer.validated_data
        said = {"body": data["body"], "actor": request.user, "expected_version": request.expected_version}
        if data["visibility"] == Message.Visibility.PUBLIC:
            message = conversation.reply(ticket.pk, script=data.get("script") or "", **said)
        elif data.get("script"):
            raise Invalid(_("A script belongs to a public answer."), code="invalid", field="script")
        else:
            message = conversation.note(ticket.pk, **said)
        return Response(MessageSerializer(message).data, status=201)


class Upload(serializers.Serializer):
    """One file, as `multipart/form-data`."""

    file = serializers.FileField(max_length=250, allow_empty_file=True)


@extend_schema(tags=["Conversation"], parameters=[NUMBER])
class AttachmentView(TicketPart):
    """Files on the ticket's messages, each with the SHA-256 of its bytes."""

    queryset = Attachment.objects.select_related("message")
    serializer_class = AttachmentSerializer
    parser_classes = [MultiPartParser]
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "id"

    def of_ticket(self, rows: QuerySet, number: int) -> QuerySet:
        return rows.filter(message__in=Message.objects.in_conversation(number))

    @extend_schema(request={"multipart/form-data": Upload}, responses={201: AttachmentSerializer})
    def create(self, request, number: str) -> Response:
        """Add one file, as an internal note that names it."""
        ticket = access.get_ticket(request.user, int(number))
        upload = Upload(data=request.data)
        upload.is_valid(raise_exception=True)
        unknown = [name for name in request.data if name != "file"]
        if unknown:
            raise Invalid(_("There is no such field."), code="unknown", field=unknown[0][:80])
        if len(request.FILES.getlist("file")) > 1:
            raise Invalid(_("Send one file in each call."), code="too_many", field="file")
        (added,) = conversation.add_files(ticket.pk, actor=request.user, files=[upload.validated_data["file"]])
        return Response(AttachmentSerializer(added).data, status=201)

    @extend_schema(
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request, number: str, pk: str) -> FileResponse:
        """The file itself, to be saved: it is never shown as a page of this site."""
        attachment = self.get_queryset().filter(pk=pk).first()
        if attachment is None:
            raise Http404
        response = FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
        )
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


@extend_schema(tags=["Record"], parameters=[NUMBER])
class EventView(TicketPart):
    """The audit trail: append-only, each event sealed by the hash of the one before."""

    queryset = AuditEvent.objects.select_related("person")
    serializer_class = EventSerializer
    default_ordering = "seq"


@extend_schema(tags=["Record"], parameters=[NUMBER])
class VisitView(Explained, TicketPart):
    """Stays on floors, in order."""

    queryset = FloorVisit.objects.select_related("by")
    serializer_class = VisitSerializer
    ticket_path = "escalation"
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "entered_at"
