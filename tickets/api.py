"""REST: channels, teams, categories."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from tickets.models import Category, Channel, Tag, Team


class ChannelSerializer(serializers.ModelSerializer):
    team = serializers.SlugRelatedField("slug", read_only=True, help_text="the team that owns the channel (P1.1)")

    class Meta:
        model = Channel
        fields = ["slug", "name", "team"]


class TeamSerializer(serializers.ModelSerializer):
    members = serializers.SlugRelatedField("email", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["slug", "name", "members"]


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["slug", "name"]


@extend_schema(tags=["House"])
class ChannelView(ListModelMixin, GenericViewSet):
    """The ways complaints arrive, each with the team that owns it (P1.1)."""

    queryset = Channel.objects.select_related("team")
    serializer_class = ChannelSerializer
    default_ordering = "slug"


@extend_schema(tags=["House"])
class TeamView(ListModelMixin, GenericViewSet):
    """The teams and who is in them."""

    queryset = Team.objects.prefetch_related("members")
    serializer_class = TeamSerializer
    default_ordering = "slug"


@extend_schema(tags=["House"])
class CategoryView(ListModelMixin, GenericViewSet):
    """What tickets can be about."""

    queryset = Category.objects.all()
    serializer_class = CategorySerializer
    default_ordering = "slug"


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["slug", "name"]


@extend_schema(tags=["House"])
class TagView(ListModelMixin, GenericViewSet):
    """The standard words that can be put on tickets."""

    queryset = Tag.objects.all()
    serializer_class = TagSerializer
    default_ordering = "slug"
