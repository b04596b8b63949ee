"""REST: the archive of precedents with what became of them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from escalation.api.precedents import PrecedentQuery, PrecedentSerializer, PrecedentView
from escalation.models import Decision
from metrics import ratings


class ArchivedSerializer(PrecedentSerializer):
    """A decision in force: on which facts, under which rule, with which reason; names are masked for outsiders."""

    rating = serializers.SerializerMethodField(help_text="the last score (1 to 5) given after it; null: none")

    class Meta(PrecedentSerializer.Meta):
        fields = [*PrecedentSerializer.Meta.fields, "rating"]
        read_only_fields = fields

    def get_rating(self, decision: Decision) -> int | None:
        if "ratings" not in self.context:  # once for all of a page
            listed = self.parent.instance if self.parent else [decision]
            self.context["ratings"] = ratings.after(listed)
        return self.context["ratings"].get(decision.pk)


@extend_schema(tags=["Policies"], parameters=[PrecedentQuery])
class ArchiveView(PrecedentView):
    """What was decided, newest first, about tickets that the caller may see, and how it was rated (P4.4)."""

    serializer_class = ArchivedSerializer
