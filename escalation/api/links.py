"""REST: how tickets bear on each other."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from escalation import access, linking
from escalation.api.inputs import NewLink, Nothing
from escalation.api.parts import NUMBER, TicketPart
from tickets.fields import Instant
from tickets.models import TicketLink


class LinkSerializer(serializers.ModelSerializer):
    """`ticket` is related to, a duplicate of, or caused by `other`; the ticket that was asked for is either end."""

    ticket = serializers.IntegerField(source="ticket_id", read_only=True)
    other = serializers.IntegerField(source="other_id", read_only=True)
    made_by = serializers.EmailField(source="made_by.email", read_only=True)
    made_at = Instant(read_only=True)

    class Meta:
        model = TicketLink
        fields = ["id", "ticket", "kind", "other", "made_by", "made_at"]
        read_only_fields = fields


@extend_schema(tags=["Tickets"], parameters=[NUMBER])
class LinkView(TicketPart):
    """Links to other tickets that the caller may see."""

    queryset = TicketLink.objects.select_related("made_by")
    serializer_class = LinkSerializer
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "id"

    def of_ticket(self, rows, number: int):
        return rows.filter(pk__in=linking.of(number, self.request.user))

    @extend_schema(request=NewLink, responses={201: LinkSerializer})
    def create(self, request, number: str) -> Response:
        """Link this ticket to another."""
        ticket = access.get_ticket(request.user, int(number))
        serializer = NewLink(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = linking.link(ticket.pk, actor=request.user, **serializer.validated_data)
        return Response(LinkSerializer(made).data, status=201)

    @extend_schema(
        request=Nothing, parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)], responses={204: None}
    )
    @action(detail=True, methods=["post"])
    def remove(self, request, number: str, pk: str) -> Response:
        """Take a link back; that there was one stays on both trails."""
        ticket = access.get_ticket(request.user, int(number))
        Nothing(data=request.data).is_valid(raise_exception=True)
        linking.unlink(ticket.pk, int(pk), actor=request.user)
        return Response(status=204)
