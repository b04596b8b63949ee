"""Bearer tokens (RFC 6750). They are our own rows, because a name, the last use and a withdrawal belong to each."""

import re
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from tickets.models import ApiToken
from tickets.models.token import fingerprint

_SHAPE = re.compile(rb"[A-Za-z0-9._~+/=-]{20,200}")
USE_NOTED_EVERY = timedelta(minutes=1)
"""How exact `last_used_at` is; a write for each request would cost more than it tells."""


class BearerAuthentication(BaseAuthentication):
    """Let a caller act as the person a token was made for, while the token and the account are in force."""

    scheme = b"bearer"

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.scheme:
            return None
        if len(parts) != 2 or not _SHAPE.fullmatch(parts[1]):
            raise AuthenticationFailed(_("The Authorization header must read: Bearer, one space, the token."))
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=fingerprint(parts[1].decode()), revoked_at__isnull=True, user__is_active=True)
            .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
            .annotate(fresh=Q(last_used_at__gt=Now() - USE_NOTED_EVERY))
            .first()
        )
        if token is None:
            # One sentence for unknown, withdrawn, expired and switched off: a guesser learns nothing.
            raise AuthenticationFailed(_("This token is not valid."))
        if not token.fresh:
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
        return token.user, token

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'


class BearerScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document describes the tokens."""

    target_class = "helpdesk.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token printed once by `manage.py create_token EMAIL`.",
        }
