"""REST: the weekly review: gaps of the decision matrix (P4.5), and what followed the use of texts (P6.2)."""

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import masking
from escalation.api.case_file import DecisionSerializer
from escalation.models import Decision, Verdict
from metrics import fridays, gaps, script_use
from metrics.models import GapAnswer
from policies.draft_api import DraftSerializer
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.refusals import NotAllowed


class GapSerializer(DecisionSerializer):
    """A decision that shows a gap; `gap` says what it shows, in words. Names are masked for outsiders."""

    ticket = serializers.IntegerField(source="escalation_id", read_only=True)
    rationale = serializers.SerializerMethodField()
    verdict = serializers.ChoiceField(choices=Verdict.choices, read_only=True)
    gap = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta(DecisionSerializer.Meta):
        fields = [*DecisionSerializer.Meta.fields, "ticket", "verdict", "gap"]
        read_only_fields = fields

    def get_rationale(self, decision: Decision) -> str:
        return masking.rationale(decision, self.context["request"].user)


class GapReason(StrictSerializer):
    reason = serializers.CharField(max_length=2000, allow_blank=True)


class GapAnswerSerializer(serializers.ModelSerializer):
    """What was made of a gap; it is answered once."""

    answer = serializers.ChoiceField(choices=GapAnswer.Answer.choices, read_only=True)
    answered_by = serializers.EmailField(source="answered_by.email", read_only=True)
    answered_at = Instant(read_only=True)

    class Meta:
        model = GapAnswer
        fields = ["decision", "answer", "reason", "answered_by", "answered_at"]
        read_only_fields = fields


_ID = OpenApiParameter("id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="of the decision")


@extend_schema(tags=["Policies"])
class GapView(GenericViewSet):
    """Where the matrix had no answer, was overruled, or led to a bad rating: what nobody has answered yet."""

    queryset = Decision.objects.none()
    serializer_class = GapSerializer
    lookup_value_regex = "[0-9]{1,18}"
    pagination_class = None
    paged = False

    @extend_schema(responses=GapSerializer(many=True), operation_id="decision_gaps")
    def list(self, request) -> Response:
        """The gaps of the last 90 days, the newest first, at most 200."""
        if not gaps.reviewers(request.user):
            raise NotAllowed(_("Gaps are reviewed by managers, supervisors and policy owners."), code="role")
        found = gaps.waiting(request.user, database_now())
        for gap in found:
            gap.decision.gap = gap.why
        return Response(self.get_serializer([gap.decision for gap in found], many=True).data)

    @extend_schema(request=GapReason, responses={200: GapAnswerSerializer}, parameters=[_ID])
    @action(detail=True, methods=["post"])
    def dismiss(self, request, pk: str) -> Response:
        """Put on record why it needs no change."""
        answer = gaps.dismiss(int(pk), **self._by(request))
        return Response(GapAnswerSerializer(answer).data)

    @extend_schema(request=GapReason, responses={201: DraftSerializer}, parameters=[_ID])
    @action(detail=True, methods=["post"])
    def draft(self, request, pk: str) -> Response:
        """Begin the draft of a better cell, or go on with the one there is; somebody else publishes it."""
        return Response(DraftSerializer(gaps.draft_change(int(pk), **self._by(request))).data, status=201)

    def _by(self, request) -> dict:
        sent = GapReason(data=request.data)
        sent.is_valid(raise_exception=True)
        return {"reason": sent.validated_data["reason"], "actor": request.user, "now": database_now()}


class UseQuery(StrictSerializer):
    week = serializers.CharField(max_length=10, required=False, help_text="2026-W47; the running one when left out")


class UseSerializer(serializers.Serializer):
    """One text: answers based on it in the week, and how many of their tickets then came back, moved up, were rated."""

    slug = serializers.SlugField(source="script.slug", read_only=True)
    version = serializers.IntegerField(source="script.version", read_only=True, help_text="the one in force now")
    used = serializers.IntegerField(read_only=True, help_text="0: never")
    reopened = serializers.IntegerField(read_only=True)
    moved_up = serializers.IntegerField(read_only=True)
    rated = serializers.IntegerField(read_only=True)
    rating = serializers.FloatField(read_only=True, allow_null=True, help_text="mean of 1 to 5; null when nobody rated")


@extend_schema(tags=["Policies"])
class UseView(GenericViewSet):
    """What followed the use of approved texts."""

    queryset = Decision.objects.none()
    serializer_class = UseSerializer
    pagination_class = None
    paged = False
    query_serializers = {"list": UseQuery}

    @extend_schema(responses=UseSerializer(many=True), parameters=[UseQuery], operation_id="script_use")
    def list(self, request) -> Response:
        """Every text that may go into an answer, those used most first, the never used ones last."""
        if not request.user.roles:
            raise NotAllowed(_("The policies are for the staff."), code="role")
        week = self.query.get("week")
        span = fridays.span(fridays.parse(week) if week else fridays.of(database_now()))
        return Response(UseSerializer(script_use.table(span), many=True).data)
