"""REST: requests for a signature, and signing or refusing them."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access, approvals, facts
from escalation.api.inputs import Note, Question
from escalation.api.serializers import ApprovalSerializer, MessageSerializer
from escalation.models import Approval
from tickets import step_up
from tickets.refusals import NotFound


class ApprovalFilters(serializers.Serializer):
    """Each narrows the list."""

    state = serializers.ChoiceField(choices=Approval.State.choices, required=False)
    kind = serializers.ChoiceField(choices=Approval.Kind.choices, required=False)
    ticket = serializers.IntegerField(min_value=1, max_value=2**62, required=False, help_text=_("a ticket's number"))


@extend_schema(tags=["Approvals"])
class ApprovalView(ListModelMixin, GenericViewSet):
    """Requests for a signature on tickets that the caller may see; nobody signs their own."""

    queryset = Approval.objects.select_related("requested_by", "decided_by")
    serializer_class = ApprovalSerializer
    lookup_value_regex = "[0-9]{1,18}"
    query_serializers = {"list": ApprovalFilters}
    default_ordering = "requested_at"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        found = access.visible_requests(self.request.user).select_related("requested_by", "decided_by")
        found = found.prefetch_related("signatures__signer", "signatures__in_the_name_of")
        names = {"state": "state", "kind": "kind", "ticket": "escalation"}
        return found.filter(**{names[name]: value for name, value in self.query.items()})

    @extend_schema(parameters=[ApprovalFilters])
    def list(self, request, *args, **kwargs) -> Response:
        """Requests, oldest first."""
        return super().list(request, *args, **kwargs)

    def paginate_queryset(self, queryset):
        return see(super().paginate_queryset(queryset))

    def retrieve(self, request, pk: str) -> Response:
        """One request, with the facts that its signature is bound to."""
        return Response(ApprovalSerializer(*see([self._find(pk)])).data)

    @extend_schema(request=Note, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request, pk: str) -> Response:
        """Sign, and with the last signature carry out what was asked for. Only a token made for signing does (403)."""
        self._find(pk)
        step_up.require(request)
        return self._decide(approvals.approve, pk, with_digest=True)

    @extend_schema(request=Note, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request, pk: str) -> Response:
        """Refuse, with a reason; the ticket stays where it is and its clock runs on."""
        return self._decide(approvals.reject, pk, with_digest=False)

    @extend_schema(request=Question, responses={201: MessageSerializer})
    @action(detail=True, methods=["post"])
    def ask(self, request, pk: str) -> Response:
        """Ask whoever asked for it something first, as an internal note; the request stays open, the clock runs on."""
        approval = self._find(pk)
        serializer = Question(data=request.data)
        serializer.is_valid(raise_exception=True)
        note = approvals.ask(approval.pk, actor=request.user, **serializer.validated_data)
        return Response(MessageSerializer(note).data, status=201)

    @extend_schema(request=None, responses=ApprovalSerializer)
    @action(detail=True, methods=["post"], url_path="take-over")
    def take_over(self, request, pk: str) -> Response:
        """Take the ticket oneself, as one who may sign and works on its floor; the request stays open."""
        approvals.take_over(self._find(pk).pk, actor=request.user)
        return Response(ApprovalSerializer(*see([self._find(pk)])).data)

    def _decide(self, verb, pk: str, *, with_digest: bool) -> Response:
        approval = self._find(pk)
        serializer = Note(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        said = {"actor": self.request.user, "note": serializer.validated_data["note"]}
        if with_digest:
            said["digest"] = serializer.validated_data.get("digest")
        verb(approval.pk, **said)
        # What was signed is shown as it is stored, also when the ticket left the signer's sight by that.
        decided = Approval.objects.select_related("requested_by", "decided_by").get(pk=pk)
        return Response(ApprovalSerializer(*see([decided])).data)

    def _find(self, pk: str) -> Approval:
        found = self.get_queryset().filter(pk=pk).first()
        if found is None:
            raise NotFound(_("There is no approval %(number)s that you may see.") % {"number": pk}, code="not_found")
        return found


def see(requests: list[Approval]) -> list[Approval]:
    """Give each open request the digest of what its signer is shown now, in a few queries however many there are."""
    waiting = [row for row in requests if row.state == Approval.State.PENDING or row.justification_owed]
    now = facts.of_many(row.escalation_id for row in waiting) if waiting else {}
    for row in waiting:
        row.digest = facts.digest(row, now[row.escalation_id])
        row.difference = facts.difference(row, now[row.escalation_id])
    return requests
