"""REST: finding, opening, reading and correcting tickets."""

from django.db import models, transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access, assignment, edits, intake, overview
from escalation.api.filters import TicketFilters, narrow
from escalation.api.inputs import NewTicket, TicketChange
from escalation.api.moves import TicketVerbs
from escalation.api.serializers import TicketSerializer
from tickets.models import Category, Channel, Tag, Team, Ticket, User
from tickets.refusals import Invalid, NotAllowed

ORDERINGS = {
    "floor_deadline": "floor_deadline",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "number": "pk",
}


@extend_schema(tags=["Tickets"])
class TicketView(TicketVerbs, ListModelMixin, GenericViewSet):
    """Tickets that the caller may see; nearest deadline first unless another order is asked for."""

    queryset = Ticket.objects.all()
    serializer_class = TicketSerializer
    lookup_field = "number"
    lookup_value_regex = "[0-9]{1,18}"
    query_serializers = {"list": TicketFilters}
    orderings = ORDERINGS
    default_ordering = "floor_deadline"

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return narrow(overview.tickets(self.request.user), self.query, user=self.request.user)

    @extend_schema(parameters=[TicketFilters])
    def list(self, request, *args, **kwargs) -> Response:
        """The caller's tickets."""
        return super().list(request, *args, **kwargs)

    def retrieve(self, request, number: str) -> Response:
        """One ticket; its `ETag` carries the version for `If-Match`."""
        return self.show(overview.ticket(request.user, int(number)))

    @extend_schema(request=NewTicket, responses={201: TicketSerializer})
    def create(self, request) -> Response:
        """Open a ticket. The triggers read it, and it starts on the floor that they name (P2.2).

        The answer shows the ticket as it was opened, even where a rule sent it out of the caller's sight.
        """
        if not request.user.roles:
            raise NotAllowed(_("Tickets are opened by people with a role in this help desk."), code="role")
        data = _read(NewTicket, request.data)
        customer = data["customer"]
        ticket = intake.open_ticket(
            subject=data["subject"],
            body=data["body"],
            channel=_by_slug(Channel.objects.select_related("team"), data["channel"], "channel"),
            customer_email=customer["email"],
            customer_name=customer.get("name", ""),
            customer_language=customer.get("language", ""),
            category=_by_slug(Category.objects, data.get("category"), "category"),
            tags=_tags(data.get("tags", [])),
            order=data.get("order"),
            language=data.get("language", ""),
            actor=request.user,
        )
        response = self.show(ticket, status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{ticket.pk}/")
        return response

    @extend_schema(request=TicketChange, responses=TicketSerializer)
    def partial_update(self, request, number: str) -> Response:
        """Correct what the ticket says about itself, or give it to somebody; all of it or nothing."""
        ticket = access.get_ticket(request.user, int(number))
        data = _read(TicketChange, request.data)
        common = {"actor": request.user}
        version = request.expected_version
        with transaction.atomic():
            if "assignee" in data:
                who = _person(data.pop("assignee"))
                assignment.assign(ticket.pk, assignee=who, expected_version=version, **common)
                version = None
                if not data:
                    return self.show_after(ticket.pk)
            edits.edit(ticket.pk, changes=_changes(data), expected_version=version, **common)
        return self.show_after(ticket.pk)


def _read(serializer_class: type, data) -> dict:
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _changes(data: dict) -> dict:
    changes = dict(data)
    if "category" in changes:
        changes["category"] = _by_slug(Category.objects, changes["category"], "category")
    if "team" in changes:
        changes["team"] = _by_slug(Team.objects, changes["team"], "team")
    if "tags" in changes:
        changes["tags"] = _tags(changes["tags"])
    return changes


def _by_slug(rows, slug: str | None, field: str) -> models.Model | None:
    if slug is None:
        return None
    found = rows.filter(slug=slug).first()
    if found is None:
        raise Invalid(
            _("There is no %(field)s '%(slug)s'.") % {"field": field, "slug": slug}, code="unknown", field=field
        )
    return found


def _tags(slugs: list[str]) -> list[Tag]:
    found = {tag.slug: tag for tag in Tag.objects.filter(slug__in=slugs)} if slugs else {}
    for slug in slugs:
        if slug not in found:
            raise Invalid(
                _("There is no tag '%(slug)s'; GET /tags/ lists them.") % {"slug": slug}, code="unknown", field="tags"
            )
    return list(found.values())


def _person(address: str | None) -> User | None:
    if address is None:
        return None
    found = User.objects.filter(email=address.lower(), is_active=True).first()
    if found is None:
        raise Invalid(
            _("There is nobody with the address %(address)s.") % {"address": address}, code="unknown", field="assignee"
        )
    return found
