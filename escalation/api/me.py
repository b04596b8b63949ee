"""REST: who the caller is, and what they may do."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from escalation import access
from policies.kinds import ApprovalKind
from policies.matrix import Matrix
from tickets import roles
from tickets.fields import Instant
from tickets.models import ApiToken, User


class TokenSerializer(serializers.Serializer):
    name = serializers.CharField(read_only=True)
    prefix = serializers.CharField(read_only=True)
    may_sign = serializers.BooleanField(read_only=True)
    created_at = Instant(read_only=True)
    expires_at = Instant(read_only=True, allow_null=True)


class MaySerializer(serializers.Serializer):
    work_on_floors = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    see_all_of_floor_3 = serializers.BooleanField(read_only=True)
    sign = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="kinds of approval")
    change_floors = serializers.BooleanField(read_only=True)


class MeSerializer(serializers.Serializer):
    """The person whose rights the call has, and the token, if one was used."""

    email = serializers.EmailField(read_only=True)
    name = serializers.CharField(read_only=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=roles.ALL), read_only=True)
    teams = serializers.ListField(child=serializers.SlugField(), read_only=True)
    language = serializers.CharField(read_only=True)
    time_zone = serializers.CharField(read_only=True)
    may = MaySerializer(read_only=True)
    token = TokenSerializer(read_only=True, allow_null=True)


@extend_schema(tags=["People"])
class MeView(GenericViewSet):
    """The caller."""

    queryset = User.objects.none()
    serializer_class = MeSerializer
    pagination_class = None
    paged = False

    @extend_schema(responses=MeSerializer, operation_id="me")
    def list(self, request) -> Response:
        """Who the token is, in which roles, and what that allows."""
        user = request.user
        signs = Matrix().kinds_signed_by(user.roles)
        me = {
            "email": user.email,
            "name": user.name,
            "roles": [role for role in roles.ALL if role in user.roles],
            "teams": list(user.teams.values_list("slug", flat=True)),
            "language": user.language,
            "time_zone": user.time_zone,
            "may": {
                "work_on_floors": [floor for floor, allowed in access.WORKERS.items() if user.has_role(*allowed)],
                "see_all_of_floor_3": user.has_role(*access.FLOOR_3_READERS),
                "sign": [kind for kind in ApprovalKind.values if kind in signs],
                "change_floors": user.has_role(roles.POLICY_OWNER, roles.ADMIN),
            },
            "token": request.auth if isinstance(request.auth, ApiToken) else None,
        }
        return Response(MeSerializer(me).data)
