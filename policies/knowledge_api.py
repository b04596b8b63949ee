"""REST: articles, handouts and playbooks in force."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from policies import knowledge
from policies.models import Script
from tickets.fields import StrictSerializer


class ArticleQuery(StrictSerializer):
    q = serializers.CharField(max_length=200, required=False, help_text="words, or beginnings of words")


class ArticleSerializer(serializers.ModelSerializer):
    category = serializers.SlugRelatedField("slug", read_only=True, allow_null=True)
    texts = serializers.DictField(child=serializers.CharField(), help_text="language -> Markdown")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Script
        fields = [
            "slug", "title", "kind", "is_public", "floor", "category", "texts", "owner", "version", "valid_from",
            "review_on",
        ]  # fmt: skip


@extend_schema(tags=["Policies"])
class ArticleView(ListModelMixin, RetrieveModelMixin, GenericViewSet):
    """Articles, handouts and playbooks in force (P6.1); reply scripts are at `/scripts/`."""

    queryset = Script.objects.none()
    serializer_class = ArticleSerializer
    query_serializers = {"list": ArticleQuery}
    default_ordering = "slug"
    lookup_field = "slug"

    def get_queryset(self):
        kinds = (Script.Kind.ARTICLE, Script.Kind.HANDOUT, Script.Kind.PLAYBOOK)
        texts = knowledge.in_force(public=False, kinds=kinds)
        asked = getattr(self, "query", {}).get("q")
        return texts.filter(pk__in=knowledge.search(texts, asked).values("pk")) if asked else texts
