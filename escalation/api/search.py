"""REST: search over everything that the caller may see."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation.search import run
from escalation.search.asked import LONGEST
from escalation.search.kinds import NAMES, TICKETS
from tickets.clock import database_now
from tickets.fields import Instant
from tickets.models import Ticket

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SearchQuery(serializers.Serializer):
    q = serializers.CharField(
        max_length=LONGEST, help_text='words, "phrases", -words to leave out, and operators such as `floor:2 is:late`'
    )
    kind = serializers.ChoiceField(choices=NAMES, default=TICKETS)
    cursor = serializers.RegexField(r"^[0-9]{1,3}\.[0-9]{1,16}$", required=False, help_text="from `next`")
    page_size = serializers.IntegerField(min_value=1, max_value=100, default=run.PAGE)


class CountSerializer(serializers.Serializer):
    number = serializers.IntegerField(read_only=True)
    more = serializers.BooleanField(read_only=True, help_text="there are at least so many")


class FoundSerializer(serializers.Serializer):
    """One hit: a title, a piece of the text around the words, and the ticket it belongs to, if it does."""

    kind = serializers.ChoiceField(choices=NAMES, read_only=True)
    id = serializers.IntegerField(source="pk", read_only=True)
    title = serializers.SerializerMethodField()
    excerpt = serializers.SerializerMethodField()
    ticket = serializers.IntegerField(read_only=True, allow_null=True)
    at = Instant(read_only=True, allow_null=True)
    facts = serializers.ListField(child=serializers.CharField(), read_only=True)
    internal = serializers.BooleanField(source="note", read_only=True)

    def get_title(self, found) -> str:
        return "".join(text for text, _marked in found.title)

    def get_excerpt(self, found) -> str:
        return "".join(text for text, _marked in found.excerpt)


class SearchSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=NAMES, read_only=True)
    counts = serializers.DictField(child=CountSerializer(), help_text="kind -> how much was found")
    incomplete = serializers.BooleanField(help_text="only the newest of very many were looked at")
    next = serializers.URLField(allow_null=True)
    results = FoundSerializer(many=True)


@extend_schema(tags=["Search"])
class SearchView(GenericViewSet):
    """Search."""

    queryset = Ticket.objects.none()
    serializer_class = SearchSerializer
    pagination_class = None
    paged = False
    query_serializers = {"list": SearchQuery}

    @extend_schema(parameters=[SearchQuery], responses=SearchSerializer, operation_id="search")
    def list(self, request) -> Response:
        """What has the words, the best of one kind first, and how much of each kind. At most a thousand are shown."""
        kind, size = self.query["kind"], self.query["page_size"]
        page, now = 1, database_now()
        if "cursor" in self.query:
            page, begun = map(int, self.query["cursor"].split("."))
            page, now = max(page, 1), min(now, _EPOCH + timedelta(microseconds=begun))
        search = run.begin(request.user, self.query["q"], now=now)
        found = {
            "kind": kind,
            "results": search.page(kind, page, size=size),
            "counts": search.counts,
            "incomplete": search.finding.given_up,
            "next": self._link(page + 1, now) if search.has_page(kind, page + 1, size=size) else None,
        }
        return Response(SearchSerializer(found).data)

    def _link(self, page: int, now: datetime) -> str:
        cursor = f"{page}.{(now - _EPOCH) // timedelta(microseconds=1)}"
        query = urlencode(self.request.query_params.dict() | {"cursor": cursor})
        return f"{self.request.build_absolute_uri(self.request.path)}?{query}"
