"""REST: a customer's data: what erasing it would do, the erasure, a copy of it, and legal holds."""

from django.http import FileResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access, customer_copy, legal_holds, privacy
from escalation.api.inputs import Nothing, Reason, Words
from escalation.models import LegalHold, PrivacyRequest
from tickets import step_up
from tickets.fields import Instant, StrictSerializer
from tickets.models import Customer
from tickets.refusals import NotAllowed

_ID = OpenApiParameter("id", int, OpenApiParameter.PATH)


class CustomerFilters(StrictSerializer):
    email = serializers.EmailField(required=False, help_text="the whole address")


class PersonSerializer(serializers.ModelSerializer):
    """A customer; one that was erased has neither name nor address."""

    erased_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = Customer
        fields = ["id", "email", "name", "language", "erased_at"]
        read_only_fields = fields


class PreviewSerializer(serializers.Serializer):
    """What an erasure would take, what it would leave, and in sentences what stands in its way."""

    customer = PersonSerializer(read_only=True)
    goes = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    stays = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    obstacles = serializers.ListField(child=serializers.CharField(), read_only=True)


class Erase(StrictSerializer):
    reason = Words()
    confirm = serializers.CharField(max_length=254, help_text="the customer's name or address")


class RequestSerializer(serializers.ModelSerializer):
    """One erasure or copy: who did it, why, and what was refused."""

    customer = serializers.IntegerField(source="customer_id", read_only=True)
    asked_by = serializers.EmailField(source="asked_by.email", read_only=True, allow_null=True, default=None)
    asked_at = Instant(read_only=True)
    ended_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = PrivacyRequest
        fields = ["id", "customer", "kind", "state", "reason", "asked_by", "asked_at", "ended_at", "refusal"]
        read_only_fields = fields


class NewLegalHold(StrictSerializer):
    reason = Words()
    review_on = serializers.DateField()


class ReleaseNote(StrictSerializer):
    note = Words()


class LegalHoldSerializer(serializers.ModelSerializer):
    """A legal hold on a ticket or on a whole customer, with its release as far as that has come."""

    ticket = serializers.IntegerField(source="escalation_id", read_only=True, allow_null=True)
    customer = serializers.IntegerField(source="customer_id", read_only=True, allow_null=True)
    placed_by = serializers.EmailField(source="placed_by.email", read_only=True)
    placed_at = Instant(read_only=True)
    release_asked_by = serializers.EmailField(
        source="release_asked_by.email", read_only=True, allow_null=True, default=None
    )
    released_by = serializers.EmailField(source="released_by.email", read_only=True, allow_null=True, default=None)
    released_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = LegalHold
        fields = [
            "id",
            "ticket",
            "customer",
            "reason",
            "review_on",
            "placed_by",
            "placed_at",
            "release_asked_by",
            "release_because",
            "released_by",
            "released_at",
        ]
        read_only_fields = fields


@extend_schema(tags=["Privacy"])
class CustomerView(ListModelMixin, GenericViewSet):
    """Customers, to those who deal with their data: Head of Risk, Legal, administrators."""

    queryset = Customer.objects.all()
    serializer_class = PersonSerializer
    lookup_value_regex = "[0-9]{1,18}"
    query_serializers = {"list": CustomerFilters}
    default_ordering = "id"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        privacy.require_reader(self.request.user)
        found = super().get_queryset()
        return found.filter(email=self.query["email"].lower()) if "email" in self.query else found

    @extend_schema(parameters=[CustomerFilters])
    def list(self, request, *args, **kwargs) -> Response:
        """Find a customer by address."""
        return super().list(request, *args, **kwargs)

    @extend_schema(parameters=[_ID], responses=PreviewSerializer)
    @action(detail=True, methods=["get"])
    def privacy(self, request, pk: str) -> Response:
        """What erasing this customer would do now."""
        return Response(PreviewSerializer(privacy.preview(privacy.customer(int(pk), request.user))).data)

    @extend_schema(parameters=[_ID], request=Erase, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def erase(self, request, pk: str) -> Response:
        """Erase for good. Only a token made for signing does (403); what stands in the way refuses it (409)."""
        privacy.customer(int(pk), request.user)
        data = _read(Erase, request)
        step_up.require(request)
        return Response(RequestSerializer(privacy.erase_customer(int(pk), actor=request.user, **data)).data)

    @extend_schema(parameters=[_ID], request=Nothing, responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["post"])
    def copy(self, request, pk: str) -> FileResponse:
        """Everything that the customer gave us and we wrote to them, as one ZIP; that it was made is kept."""
        _read(Nothing, request)
        made = customer_copy.make(int(pk), actor=request.user)
        return FileResponse(made, as_attachment=True, filename=f"customer-{pk}.zip", content_type="application/zip")

    @extend_schema(parameters=[_ID], request=NewLegalHold, responses={201: LegalHoldSerializer})
    @action(detail=True, methods=["post"], url_path="legal-hold")
    def legal_hold(self, request, pk: str) -> Response:
        """Keep everything of this customer until Head of Risk and Legal release it."""
        privacy.customer(int(pk), request.user)
        hold = legal_holds.on_customer(int(pk), actor=request.user, **_read(NewLegalHold, request))
        return Response(LegalHoldSerializer(hold).data, status=201)


@extend_schema(tags=["Privacy"])
class LegalHoldView(ListModelMixin, GenericViewSet):
    """Legal holds in force."""

    queryset = LegalHold.objects.select_related("placed_by", "release_asked_by", "released_by")
    serializer_class = LegalHoldSerializer
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "id"

    def get_queryset(self):
        if not getattr(self, "swagger_fake_view", False):
            privacy.require_reader(self.request.user)
        return super().get_queryset().filter(released_at__isnull=True)

    @extend_schema(parameters=[_ID], request=Reason, responses=LegalHoldSerializer)
    @action(detail=True, methods=["post"], url_path="ask-release")
    def ask_release(self, request, pk: str) -> Response:
        """Ask the other of Head of Risk and Legal to release it."""
        hold = legal_holds.ask_release(int(pk), actor=request.user, **_read(Reason, request))
        return Response(LegalHoldSerializer(hold).data)

    @extend_schema(parameters=[_ID], request=ReleaseNote, responses=LegalHoldSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request, pk: str) -> Response:
        """Sign the release that somebody else asked for. Only a token made for signing does (403)."""
        if not request.user.has_role(*legal_holds.MAY):
            raise NotAllowed(_("Legal holds are released by Head of Risk and Legal."), code="role")
        data = _read(ReleaseNote, request)
        step_up.require(request)
        return Response(LegalHoldSerializer(legal_holds.release(int(pk), actor=request.user, **data)).data)


@extend_schema(tags=["Privacy"], parameters=[OpenApiParameter("number", int, OpenApiParameter.PATH)])
class TicketLegalHoldView(GenericViewSet):
    """The legal hold of one ticket."""

    queryset = LegalHold.objects.none()
    serializer_class = LegalHoldSerializer
    pagination_class = None
    paged = False

    @extend_schema(request=NewLegalHold, responses={201: LegalHoldSerializer})
    def create(self, request, number: str) -> Response:
        """Keep this ticket from retention, merging and erasure until Head of Risk and Legal release it."""
        ticket = access.get_ticket(request.user, int(number))
        hold = legal_holds.on_ticket(
            ticket.pk,
            actor=request.user,
            expected_version=request.expected_version,
            **_read(NewLegalHold, request),
        )
        return Response(LegalHoldSerializer(hold).data, status=201)


def _read(serializer_class: type, request) -> dict:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
