"""REST: what followed a change of a policy, beside the time before it (P3.5)."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from metrics import effects
from metrics.models import Figure
from policies import book
from policies.models import Right
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer
from tickets.refusals import NotAllowed, NotFound


class EffectQuery(StrictSerializer):
    kind = serializers.ChoiceField(choices=sorted(book.KINDS))
    id = serializers.IntegerField(min_value=1, max_value=2**62, help_text="of the version, as in `/policies/`")


class MeasuredSerializer(serializers.Serializer):
    value = serializers.FloatField(read_only=True, allow_null=True, help_text="null when there was no case")
    n = serializers.IntegerField(read_only=True, help_text="cases")


class EffectSerializer(serializers.Serializer):
    key = serializers.ChoiceField(choices=[metric.key for metric in effects.METRICS], source="metric.key")
    unit = serializers.ChoiceField(choices=Figure.Unit.choices, source="metric.unit")
    before = MeasuredSerializer(help_text="the 90 days before the change")
    after = MeasuredSerializer(help_text="from the change on")
    better = serializers.BooleanField(allow_null=True, help_text="null: no difference, or too few cases to say")


class WatchSerializer(serializers.Serializer):
    """Four figures through 90 days from a change on; `channel` and `category` name what is counted, null is all."""

    since = Instant(source="before.end")
    through = Instant(source="after.end", allow_null=True, default=None, help_text="null: it has not begun")
    until = Instant(help_text="watched until then")
    channel = serializers.SlugField(source="scope.channel.slug", allow_null=True, default=None)
    category = serializers.SlugField(source="scope.category.slug", allow_null=True, default=None)
    figures = EffectSerializer(many=True)


@extend_schema(tags=["Policies"], parameters=[EffectQuery])
class EffectView(GenericViewSet):
    """What followed a change of a policy (P3.5)."""

    queryset = Right.objects.none()
    serializer_class = WatchSerializer
    pagination_class = None
    paged = False
    query_serializers = {"list": EffectQuery}

    @extend_schema(responses=WatchSerializer, operation_id="policy_effects")
    def list(self, request) -> Response:
        """First-contact resolution, handling time, customers who left, satisfaction: before the change, and since."""
        if not request.user.roles:
            raise NotAllowed(_("The policies are for the staff."), code="role")
        policy = book.kind(self.query["kind"]).versions_whole().filter(pk=self.query["id"]).first()
        if policy is None:
            raise NotFound(_("There is no such version."), code="not_found")
        watched = effects.watch(policy, database_now())
        said = {name: getattr(watched, name) for name in ("before", "after", "until", "scope")}
        return Response(WatchSerializer(said | {"figures": effects.of(watched)}).data)
