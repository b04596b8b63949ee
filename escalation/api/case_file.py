"""REST: the file of a case: evidence, decision texts, decisions, notices to authorities, the sealed export."""

from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.viewsets import GenericViewSet

from escalation import access, decision_texts, decisions, evidence, external, sealed_export
from escalation.api.inputs import Words
from escalation.api.parts import NUMBER, TicketPart
from escalation.api.serializers import ApprovalSerializer
from escalation.models import Approval, Decision, DecisionText, Evidence, ExternalNotification
from policies.remedies import Problem, Remedy
from tickets.fields import Instant, Money, StrictSerializer
from tickets.refusals import Invalid

_ASKED = {202: OpenApiResponse(ApprovalSerializer, "A signature is asked for; nothing is in force yet.")}
DECISION_STATES = ("made", *Approval.State.values)
"""`made`, or what became of the request for a signature."""

_ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


class NewEvidence(StrictSerializer):
    """A file, or the id of a message of this ticket, or a statement in `description` alone."""

    description = Words(required=False, allow_blank=True)
    source = serializers.CharField(max_length=250, required=False, allow_blank=True)
    message = serializers.IntegerField(min_value=1, max_value=2**62, required=False)
    file = serializers.FileField(max_length=250, allow_empty_file=True, required=False)


class EvidenceSerializer(serializers.ModelSerializer):
    """One piece of the register; it is never changed and never removed."""

    message = serializers.IntegerField(source="message_id", read_only=True, allow_null=True)
    added_by = serializers.EmailField(source="added_by.email", read_only=True)
    added_at = Instant(read_only=True)

    class Meta:
        model = Evidence
        fields = ["id", "form", "description", "source", "name", "message", "size", "sha256", "added_by", "added_at"]
        read_only_fields = fields


class CasePart(TicketPart):
    """Something of a case that its workers add to."""

    ticket_path = "escalation"
    lookup_value_regex = "[0-9]{1,18}"

    def begin(self, serializer_class: type) -> tuple[int, dict, dict]:
        """Find the ticket for the caller, then read what was sent; return its number, the details and who calls."""
        number = access.get_ticket(self.request.user, int(self.kwargs["number"])).pk
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        by = {"actor": self.request.user, "expected_version": self.request.expected_version}
        return number, dict(serializer.validated_data), by


@extend_schema(tags=["Case file"], parameters=[NUMBER])
class EvidenceView(CasePart):
    """The evidence register: what the case rests on, each piece with its SHA-256."""

    queryset = Evidence.objects.select_related("added_by")
    serializer_class = EvidenceSerializer
    parser_classes = [*api_settings.DEFAULT_PARSER_CLASSES, MultiPartParser]
    default_ordering = "id"

    @extend_schema(request=NewEvidence, responses={201: EvidenceSerializer})
    def create(self, request, number: str) -> Response:
        """Register one piece; JSON for a statement or a message, `multipart/form-data` for a file."""
        if len(request.FILES) > 1 or any(len(request.FILES.getlist(name)) > 1 for name in request.FILES):
            raise Invalid(_("Send one file in each call."), code="too_many", field="file")
        ticket, data, by = self.begin(NewEvidence)
        return Response(EvidenceSerializer(evidence.add(ticket, **data, **by)).data, status=201)

    @extend_schema(parameters=[_ID], responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def retrieve(self, request, number: str, pk: str) -> FileResponse:
        """The bytes of a registered file, to be saved."""
        found = self.get_queryset().filter(pk=pk, form=Evidence.Form.FILE).first()
        if found is None:
            raise Http404
        response = FileResponse(
            found.file.open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
        )
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response


class NewText(StrictSerializer):
    text = Words()


class DecisionTextSerializer(serializers.ModelSerializer):
    proposed_by = serializers.EmailField(source="proposed_by.email", read_only=True)
    proposed_at = Instant(read_only=True)
    sha256 = serializers.CharField(read_only=True)

    class Meta:
        model = DecisionText
        fields = ["version", "text", "sha256", "proposed_by", "proposed_at"]
        read_only_fields = fields


@extend_schema(tags=["Case file"], parameters=[NUMBER])
class DecisionTextView(CasePart):
    """The text that the final signature puts in force, in versions."""

    queryset = DecisionText.objects.select_related("proposed_by")
    serializer_class = DecisionTextSerializer
    default_ordering = "version"

    @extend_schema(request=NewText, responses={201: DecisionTextSerializer})
    def create(self, request, number: str) -> Response:
        """Propose a version; a final signature that was asked for the one before is void."""
        ticket, data, by = self.begin(NewText)
        return Response(DecisionTextSerializer(decision_texts.propose(ticket, **data, **by)).data, status=201)


class NewDecision(StrictSerializer):
    problem = serializers.ChoiceField(choices=Problem.choices)
    remedy = serializers.ChoiceField(choices=Remedy.choices)
    amount = Money(required=False, allow_null=True)
    rationale = Words()
    cites = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62),
        max_length=decisions.MOST_CITED,
        required=False,
        help_text="ids of earlier decisions that this one follows",
    )
    rights = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**62),
        max_length=decisions.MOST_CITED,
        required=False,
        help_text="ids of rights in force that it rests on, as in `/policies/?kind=rights`",
    )
    departs_because = serializers.CharField(
        max_length=2000,
        required=False,
        allow_blank=True,
        help_text="why it differs from most similar cases; sent empty, it is refused when it does differ",
    )


class DecisionSerializer(serializers.ModelSerializer):
    """A remedy: `made`, or what became of the request for its signature."""

    state = serializers.ChoiceField(choices=DECISION_STATES, read_only=True)
    amount = serializers.SerializerMethodField()
    decided_by = serializers.EmailField(source="decided_by.email", read_only=True)
    decided_at = Instant(read_only=True)
    in_force_at = Instant(read_only=True, allow_null=True)
    approval = serializers.IntegerField(source="approval_id", read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields = [
            "id",
            "problem",
            "remedy",
            "amount",
            "rationale",
            "state",
            "decided_by",
            "decided_at",
            "in_force_at",
            "approval",
        ]
        read_only_fields = fields

    def get_amount(self, decision: Decision) -> Money(allow_null=True):
        if decision.amount is None:
            return None
        return {"amount": f"{decision.amount:.2f}", "currency": decision.currency}


@extend_schema(tags=["Case file"], parameters=[NUMBER])
class DecisionView(CasePart):
    """What was decided for the customer: each with its reason."""

    queryset = Decision.objects.select_related("decided_by", "approval")
    serializer_class = DecisionSerializer
    default_ordering = "decided_at"

    @extend_schema(request=NewDecision, responses={201: DecisionSerializer} | _ASKED)
    def create(self, request, number: str) -> Response:
        """Decide: at once where the matrix lets the caller (P4.2), else a rapid review starts and others sign."""
        ticket, data, by = self.begin(NewDecision)
        money = data.pop("amount", None) or {}
        decision = decisions.decide(ticket, **data, **money, **by)
        if decision.approval_id:
            return Response(ApprovalSerializer(decision.approval).data, status=202)
        return Response(DecisionSerializer(decision).data, status=201)


class NewNotification(StrictSerializer):
    authority = serializers.CharField(max_length=200)
    reference = serializers.CharField(max_length=200, required=False, allow_blank=True)
    justification = Words()
    due_at = Instant(required=False, help_text="72 hours from now when left out")


class SentNotification(StrictSerializer):
    reference = serializers.CharField(max_length=200, required=False, allow_blank=True)


class NotificationSerializer(serializers.ModelSerializer):
    """A notice to an authority: `sent`, `approved`, or what became of the request for its signature."""

    state = serializers.ChoiceField(choices=["sent", *Approval.State.values], read_only=True)
    asked_by = serializers.EmailField(source="asked_by.email", read_only=True)
    asked_at = Instant(read_only=True)
    due_at = Instant(read_only=True)
    approved_at = Instant(read_only=True, allow_null=True)
    sent_at = Instant(read_only=True, allow_null=True)
    approval = serializers.IntegerField(source="approval_id", read_only=True)

    class Meta:
        model = ExternalNotification
        fields = [
            "id",
            "authority",
            "reference",
            "justification",
            "state",
            "asked_by",
            "asked_at",
            "due_at",
            "approved_at",
            "sent_at",
            "approval",
        ]
        read_only_fields = fields


@extend_schema(tags=["Case file"], parameters=[NUMBER])
class NotificationView(CasePart):
    """Notices to authorities, each with a deadline of its own."""

    queryset = ExternalNotification.objects.select_related("asked_by", "approval")
    serializer_class = NotificationSerializer
    default_ordering = "asked_at"

    @extend_schema(request=NewNotification, responses=_ASKED)
    def create(self, request, number: str) -> Response:
        """Ask an executive to sign a notice to an authority."""
        ticket, data, by = self.begin(NewNotification)
        return Response(ApprovalSerializer(external.ask(ticket, **data, **by).approval).data, status=202)

    @extend_schema(request=SentNotification, responses=NotificationSerializer, parameters=[_ID])
    @action(detail=True, methods=["post"])
    def sent(self, request, number: str, pk: str) -> Response:
        """Put on record that a signed notice went out."""
        ticket, data, by = self.begin(SentNotification)
        return Response(NotificationSerializer(external.sent(ticket, int(pk), **data, **by)).data)


@extend_schema(tags=["Case file"], parameters=[NUMBER])
class ExportView(GenericViewSet):
    """The case as one ZIP that checks itself."""

    queryset = Evidence.objects.none()
    serializer_class = serializers.Serializer
    pagination_class = None
    paged = False

    @extend_schema(operation_id="case_export", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def list(self, request, number: str) -> FileResponse:
        """Documents, hashes, the whole trail, and a program that checks them; for Head of Risk and Legal."""
        made, digest = sealed_export.make(int(number), actor=request.user)
        response = FileResponse(made, as_attachment=True, filename=f"case-{number}.zip", content_type="application/zip")
        response["X-Manifest-SHA256"] = digest
        return response
