"""REST: what may be done with a ticket where it stands. Each call is one verb."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from escalation import access, holds, merging, moves, overview, rules, splitting, waiting
from escalation.api import inputs
from escalation.api.serializers import ApprovalSerializer, TicketSerializer
from escalation.models import Approval
from tickets.models import Ticket, User
from tickets.refusals import Invalid

_DONE = {200: TicketSerializer}
_ASKED = {202: OpenApiResponse(ApprovalSerializer, "A signature is asked for; the ticket has not moved.")}


def verb(name: str | None = None, *, takes: type | None, gives: dict):
    """Route POST /tickets/{number}/NAME/ to a method, and describe it."""

    def decorate(method):
        routed = action(detail=True, methods=["post"], url_path=name or method.__name__)(method)
        return extend_schema(request=takes, responses=gives)(routed)

    return decorate


class TicketVerbs:
    """The calls below /tickets/{number}/ that move it, stop its clock, flag it, hold it."""

    @verb(takes=inputs.Justification, gives=_DONE | _ASKED)
    def escalate(self, request, number: str) -> Response:
        """Up one floor: Floor 1 to 2 at once, Floor 2 to 3 by signature unless the caller may do it alone (P2.1)."""
        data = self.begin(inputs.Justification)
        return self.done_or_asked(moves.escalate(self.number, justification=data["justification"], **self.by_caller))

    @verb("return", takes=inputs.Return, gives=_DONE)
    def send_down(self, request, number: str) -> Response:
        """Down again, with a new clock."""
        data = self.begin(inputs.Return)
        moves.send_down(self.number, floor=data["floor"], justification=data["justification"], **self.by_caller)
        return self.show_after(self.number)

    @verb(takes=inputs.Wait, gives=_DONE)
    def wait(self, request, number: str) -> Response:
        """Stop the clock while we wait for the customer, whose next message starts it again."""
        data = self.begin(inputs.Wait)
        waiting.wait(self.number, reason=data.get("reason", ""), **self.by_caller)
        return self.show_after(self.number)

    @verb(takes=inputs.Nothing, gives=_DONE)
    def resume(self, request, number: str) -> Response:
        """Let the clock run again without waiting any longer."""
        self.begin(inputs.Nothing)
        waiting.resume(self.number, **self.by_caller)
        return self.show_after(self.number)

    @verb(takes=inputs.RiskInput, gives=_DONE)
    def risks(self, request, number: str) -> Response:
        """Flag a risk; the rule in force for it decides where the ticket goes (P2.2)."""
        data = self.begin(inputs.RiskInput)
        rules.flag(self.number, risk=data["risk"], note=data["note"], **self.by_caller)
        return self.show_after(self.number)

    @verb(takes=inputs.NewHold, gives=_DONE)
    def hold(self, request, number: str) -> Response:
        """Place a hold: what it `blocks` stays forbidden until a release is signed. The clock runs on."""
        data = self.begin(inputs.NewHold)
        holds.place(self.number, **data, **self.by_caller)
        return self.show_after(self.number)

    @verb("hold/owner", takes=inputs.HoldOwner, gives=_DONE)
    def hold_owner(self, request, number: str) -> Response:
        """Give the hold to somebody else on this floor, who looks at it again."""
        data = self.begin(inputs.HoldOwner)
        owner = User.objects.filter(email=data["owner"].lower(), is_active=True).first()
        if owner is None:
            raise Invalid(
                _("There is nobody with the address %(address)s.") % {"address": data["owner"]},
                code="unknown",
                field="owner",
            )
        holds.reassign(self.number, actor=request.user, owner=owner)
        return self.show_after(self.number)

    @verb("hold/release", takes=inputs.Justification, gives=_ASKED)
    def release_hold(self, request, number: str) -> Response:
        """Ask for the release of the hold; somebody else must sign it."""
        data = self.begin(inputs.Justification)
        return self.done_or_asked(holds.ask_release(self.number, justification=data["justification"], **self.by_caller))

    @verb(takes=inputs.Summary, gives=_DONE | _ASKED)
    def resolve(self, request, number: str) -> Response:
        """Resolve: at once on Floors 1 and 2, by signature of Head of Risk or Legal on Floor 3."""
        data = self.begin(inputs.Summary)
        return self.done_or_asked(moves.resolve(self.number, summary=data["summary"], **self.by_caller))

    @verb(takes=inputs.Reason, gives=_DONE)
    def reopen(self, request, number: str) -> Response:
        """Take a resolved ticket up again, on the floor that resolved it."""
        data = self.begin(inputs.Reason)
        moves.reopen(self.number, reason=data["reason"], **self.by_caller)
        return self.show_after(self.number)

    @verb(takes=inputs.Merge, gives=_DONE)
    def merge(self, request, number: str) -> Response:
        """End this ticket and go on with another, which is the answer. It cannot be undone."""
        data = self.begin(inputs.Merge)
        merging.merge(self.number, **data, **self.by_caller)
        return self.show_after(data["into"])

    @verb(takes=inputs.Split, gives={201: TicketSerializer})
    def split(self, request, number: str) -> Response:
        """Open a ticket of the same customer that begins with copies of some messages of this one."""
        data = self.begin(inputs.Split)
        return self.show_after(splitting.split(self.number, **data, **self.by_caller).pk, status=201)

    # --- the same steps for each ---

    def begin(self, serializer_class: type) -> dict:
        """Find the ticket for the caller, then read what was sent: strangers learn nothing from errors."""
        self.number = access.get_ticket(self.request.user, int(self.kwargs["number"])).pk
        self.by_caller = {"actor": self.request.user, "expected_version": self.request.expected_version}
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def show(self, ticket: Ticket, status: int = 200) -> Response:
        return Response(
            TicketSerializer(ticket).data, status=status, headers={"ETag": f'"{ticket.escalation.version}"'}
        )

    def show_after(self, number: int, status: int = 200) -> Response:
        """Show what the caller's own act has made of the ticket, also when it left their sight by that."""
        return self.show(overview.standing().get(pk=number), status)

    def done_or_asked(self, approval: Approval | None) -> Response:
        """Answer 202 with the request when somebody else must sign, else the ticket."""
        if approval is None:
            return self.show_after(self.number)
        return Response(ApprovalSerializer(approval).data, status=202)
