"""REST: the approval matrix in force, and who signs for whom while somebody is away."""

from django.db.models import Q
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import delegations, matrix
from policies.kinds import ApprovalKind
from policies.models import ApprovalRule, Delegation
from tickets import roles
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.models import User
from tickets.refusals import Invalid, NotFound


class ApprovalRuleSerializer(serializers.ModelSerializer):
    """A row: without `floor` for all floors without one of their own; `amount_from` in the shop's currency."""

    signed_by = serializers.ListField(source="roles", child=serializers.ChoiceField(choices=roles.ALL))
    alone = serializers.ListField(child=serializers.ChoiceField(choices=roles.ALL), help_text="need nobody else")

    class Meta:
        model = ApprovalRule
        fields = [
            "kind", "floor", "amount_from", "signed_by", "signatures", "alone", "excludes_author", "version",
            "valid_from",
        ]  # fmt: skip


class NewApprovalRule(StrictSerializer):
    kind = serializers.ChoiceField(choices=ApprovalKind.choices)
    floor = serializers.IntegerField(min_value=1, max_value=3, required=False, allow_null=True)
    amount_from = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    signed_by = serializers.ListField(child=serializers.ChoiceField(choices=roles.ALL), allow_empty=False)
    signatures = serializers.IntegerField(min_value=1, max_value=5, default=1)
    alone = serializers.ListField(child=serializers.ChoiceField(choices=roles.ALL), default=list)
    excludes_author = serializers.BooleanField(default=False)


@extend_schema(tags=["Policies"])
class ApprovalRuleView(ListModelMixin, GenericViewSet):
    """The approval matrix in force (P2): who signs what."""

    queryset = ApprovalRule.objects.all()
    serializer_class = ApprovalRuleSerializer
    default_ordering = "id"

    def get_queryset(self):
        return super().get_queryset().in_force()

    @extend_schema(request=NewApprovalRule, responses={201: ApprovalRuleSerializer})
    def create(self, request) -> Response:
        """Put a row in force from now on, in place of the one for the same kind, floor and amount."""
        sent = NewApprovalRule(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        row = matrix.change(signers=data.pop("signed_by"), **data, actor=request.user, now=database_now())
        return Response(ApprovalRuleSerializer(row).data, status=201)


class DelegationSerializer(serializers.ModelSerializer):
    absent = serializers.EmailField(source="absent.email", read_only=True)
    deputy = serializers.EmailField(source="deputy.email", read_only=True)
    kind = serializers.CharField(read_only=True, help_text="empty: every kind")
    starts_at = Instant(read_only=True)
    ends_at = Instant(read_only=True)
    ended_at = Instant(read_only=True, allow_null=True)

    class Meta:
        model = Delegation
        fields = ["id", "absent", "deputy", "kind", "starts_at", "ends_at", "ended_at"]
        read_only_fields = fields


class NewDelegation(StrictSerializer):
    """`absent` is the caller when it is left out; an administrator may name somebody else."""

    absent = serializers.EmailField(max_length=254, required=False)
    deputy = serializers.EmailField(max_length=254)
    kind = serializers.ChoiceField(choices=ApprovalKind.choices, required=False, allow_blank=True, default="")
    starts_at = Instant()
    ends_at = Instant()


@extend_schema(tags=["Policies"])
class DelegationView(ListModelMixin, GenericViewSet):
    """Who signs for whom, as far as the caller is one of the two; administrators see all."""

    queryset = Delegation.objects.select_related("absent", "deputy")
    serializer_class = DelegationSerializer
    lookup_value_regex = "[0-9]{1,18}"
    default_ordering = "starts_at"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False) or self.request.user.has_role(roles.ADMIN):
            return super().get_queryset()
        return super().get_queryset().filter(Q(absent=self.request.user) | Q(deputy=self.request.user))

    @extend_schema(request=NewDelegation, responses={201: DelegationSerializer})
    def create(self, request) -> Response:
        """Name a deputy for an absence of at most 90 days."""
        sent = NewDelegation(data=request.data)
        sent.is_valid(raise_exception=True)
        data = dict(sent.validated_data)
        absent = _person(data.pop("absent"), "absent") if "absent" in data else request.user
        deputy = _person(data.pop("deputy"), "deputy")
        row = delegations.delegate(absent=absent, deputy=deputy, actor=request.user, now=database_now(), **data)
        return Response(DelegationSerializer(row).data, status=201)

    @extend_schema(request=StrictSerializer, responses=DelegationSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """End it before its time."""
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise NotFound(_("There is no delegation %(number)s that you may see.") % {"number": pk}, code="not_found")
        delegations.end(row, actor=request.user, now=database_now())
        row.refresh_from_db()
        return Response(DelegationSerializer(row).data)


def _person(address: str, field: str) -> User:
    found = User.objects.filter(email=address.lower(), is_active=True).first()
    if found is None:
        raise Invalid(
            _("There is nobody with the address %(address)s.") % {"address": address}, code="unknown", field=field
        )
    return found
