"""REST: articles, handouts and playbooks in force."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import knowledge, readings
from policies.models import Script
from tickets.clock import database_now
from tickets.fields import Instant, StrictSerializer


class ArticleQuery(StrictSerializer):
    q = serializers.CharField(max_length=200, required=False, help_text="words, or beginnings of words")


class Helped(serializers.Serializer):
    yes = serializers.IntegerField(read_only=True)
    no = serializers.IntegerField(read_only=True)


class ArticleSerializer(serializers.ModelSerializer):
    category = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    texts = serializers.DictField(child=serializers.CharField(), help_text="language -> Markdown")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)
    helped = serializers.SerializerMethodField(help_text="what visitors of the help centre say of it")

    class Meta:
        model = Script
        fields = [
            "slug", "title", "kind", "is_public", "floor", "category", "texts", "owner", "version", "valid_from",
            "review_on", "helped",
        ]  # fmt: skip

    def get_helped(self, text: Script) -> Helped:
        if "votes" not in self.context:  # once for all of a page
            self.context["votes"] = readings.votes(self.parent.instance if self.parent else [text])
        yes, no = self.context["votes"].get(text.slug, (0, 0))
        return {"yes": yes, "no": no}


class DeflectionQuery(StrictSerializer):
    since = Instant(required=False, help_text="30 days before `until` when left out")
    until = Instant(required=False, help_text="now when left out")

    def validate(self, given: dict) -> dict:
        until = given.get("until") or database_now()
        since = given.get("since") or until - timedelta(days=30)
        if since >= until:
            raise serializers.ValidationError({"since": _("It lies before `until`.")})
        return {"since": since, "until": until}


class DeflectionSerializer(serializers.Serializer):
    """Forms of the help centre beside which articles were shown; those of the last hour may yet be sent."""

    shown = serializers.IntegerField(read_only=True)
    opened = serializers.IntegerField(read_only=True, help_text="in which an article was opened")
    not_sent = serializers.IntegerField(read_only=True, help_text="that were not sent as a ticket")


@extend_schema(tags=["Policies"])
class ArticleView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Articles, handouts and playbooks in force (P6.1); reply scripts are at `/scripts/`."""

    queryset = Script.objects.none()
    serializer_class = ArticleSerializer
    query_serializers = {"list": ArticleQuery, "deflection": DeflectionQuery}
    default_ordering = "slug"
    lookup_field = "slug"

    @property
    def paged(self) -> bool:
        return getattr(self, "action", "") != "deflection"

    def get_queryset(self):
        kinds = (Script.Kind.ARTICLE, Script.Kind.HANDOUT, Script.Kind.PLAYBOOK)
        texts = knowledge.in_force(public=False, kinds=kinds)
        asked = getattr(self, "query", {}).get("q")
        return texts.filter(pk__in=knowledge.search(texts, asked).values("pk")) if asked else texts

    @extend_schema(responses=DeflectionSerializer, parameters=[DeflectionQuery], filters=False)
    @action(detail=False, pagination_class=None)
    def deflection(self, request) -> Response:
        """How many forms were not sent after articles were shown beside them (P6.1)."""
        return Response(DeflectionSerializer(readings.deflection(**self.query)).data)
