"""Keys by which other systems act as a member of staff."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

MARK = "hd_"
"""How every token begins, so that scanners for leaked secrets recognise one."""


def fingerprint(secret: str) -> str:
    """Return the SHA-256 (hex) that is kept of SECRET. Slow hashing adds nothing to 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiToken(models.Model):
    """A bearer token of the REST API (RFC 6750). Only its hash is kept; the token itself is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("what it is for"), max_length=80, blank=True)
    prefix = models.CharField(_("how it begins"), max_length=12)
    digest = models.CharField(_("SHA-256, hex"), max_length=64, unique=True, editable=False)
    may_sign = models.BooleanField(_("may sign"), default=False)
    created_at = models.DateTimeField(_("made"), db_default=Now())
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}".strip()

    @classmethod
    def issue(
        cls, user, *, name: str = "", may_sign: bool = False, expires_at: datetime | None = None
    ) -> tuple["ApiToken", str]:
        """Make a token for USER; return its row and the secret, which cannot be read again.

        One that MAY_SIGN gives signatures in their name, so only where the token is kept as well as their password.
        """
        secret = MARK + secrets.token_urlsafe(32)
        row = cls.objects.create(
            user=user,
            name=name,
            prefix=secret[: len(MARK) + 6],
            digest=fingerprint(secret),
            may_sign=may_sign,
            expires_at=expires_at,
        )
        return row, secret
