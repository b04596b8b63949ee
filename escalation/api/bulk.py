"""REST: the same done to many tickets."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import bulk
from escalation.api.inputs import Words
from escalation.models import Macro
from tickets.fields import StrictSerializer
from tickets.models import Category, Tag, Team, Ticket, User


class BulkInput(StrictSerializer):
    """What `do` needs: `assignee`, `team`, `category`, `until` (each may be null), `tags`, `macro`, `reason`."""

    tickets = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10**18), min_length=1, max_length=bulk.AT_MOST
    )
    do = serializers.ChoiceField(choices=bulk.Act.choices)
    assignee = serializers.SlugRelatedField(
        "email", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    team = serializers.SlugRelatedField("slug", queryset=Team.objects.all(), required=False, allow_null=True)
    category = serializers.SlugRelatedField("slug", queryset=Category.objects.all(), required=False, allow_null=True)
    tags = serializers.SlugRelatedField("slug", queryset=Tag.objects.all(), many=True, required=False)
    macro = serializers.SlugRelatedField("slug", queryset=Macro.objects.filter(is_offered=True), required=False)
    reason = Words(required=False, allow_blank=True)
    until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="of a snooze; null: until the customer writes"
    )


class OutcomeSerializer(serializers.Serializer):
    number = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["changed", "unchanged", "skipped"])
    detail = serializers.CharField(source="why", help_text="why it was skipped, else empty")
    code = serializers.CharField(help_text="of the refusal, else empty")


class BulkResult(serializers.Serializer):
    results = OutcomeSerializer(many=True)


@extend_schema(tags=["Tickets"])
class BulkView(GenericViewSet):
    """Many tickets at once, each by itself: what one of them does not allow skips that one only."""

    queryset = Ticket.objects.none()
    serializer_class = BulkInput

    @extend_schema(request=BulkInput, responses={200: BulkResult})
    def create(self, request) -> Response:
        """Do the same to at most 100 tickets, and hear of each what became of it."""
        serializer = BulkInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        numbers, act = data.pop("tickets"), data.pop("do")
        outcomes = bulk.carry_out(numbers, actor=request.user, act=act, details=data)
        return Response(BulkResult({"results": outcomes}).data)
