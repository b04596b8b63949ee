"""REST: reading a reply before it is sent, and the rules about words that it is read by."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from policies import tone
from policies.languages import LANGUAGES
from policies.matrix_api import InForceView
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


class WordingSerializer(serializers.ModelSerializer):
    """A rule about words; signs in phrases are explained in docs/tone.md."""

    phrases = serializers.SerializerMethodField()
    reason = serializers.DictField(child=serializers.CharField(), help_text="language -> why it hurts")
    better = serializers.DictField(child=serializers.CharField(), help_text="language -> what to say instead")
    owner = serializers.SlugRelatedField("email", read_only=True, allow_null=True)

    class Meta:
        model = Wording
        fields = ["slug", "title", "kind", "phrases", "reason", "better", "owner", "review_on", "version", "valid_from"]

    def get_phrases(self, rule: Wording) -> dict[str, list[str]]:
        return {code: [line for line in lines.splitlines() if line.strip()] for code, lines in rule.phrases.items()}


@extend_schema(tags=["Policies"])
class WordingView(InForceView):
    """The rules about words in force (P5)."""

    queryset = Wording.objects.select_related("owner")
    serializer_class = WordingSerializer
