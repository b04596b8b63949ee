"""REST: reading a reply before it is sent."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import tone
from policies.languages import LANGUAGES
from policies.models import Wording
from tickets.fields import StrictSerializer


class ToneCheckInput(StrictSerializer):
    text = serializers.CharField(max_length=tone.LONGEST, allow_blank=True, trim_whitespace=False)
    language = serializers.ChoiceField(LANGUAGES, required=False, help_text="guessed from the text when left out")


class ToneFindingSerializer(serializers.Serializer):
    """What could be said better. `start` and `end` count characters (code points); equal where something is missing."""

    kind = serializers.ChoiceField(Wording.Kind.choices)
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    text = serializers.CharField()
    why = serializers.CharField()
    suggestion = serializers.CharField()


class ToneFindings(serializers.Serializer):
    findings = ToneFindingSerializer(many=True)


@extend_schema(tags=["Policies"])
class ToneCheckView(GenericViewSet):
    """Does the tone stay collaborative (P5.3)? It points out, and neither blocks nor rewrites."""

    serializer_class = ToneFindings
    paged = False

    @extend_schema(request=ToneCheckInput, responses={200: ToneFindings})
    def create(self, request) -> Response:
        """Return what could be said better in a reply."""
        given = ToneCheckInput(data=request.data)
        given.is_valid(raise_exception=True)
        found = tone.check(given.validated_data["text"], given.validated_data.get("language", ""))
        return Response(ToneFindings({"findings": found}).data)
