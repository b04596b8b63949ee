"""The second factor: its secrets are encrypted, and people who sign set one up before anything else."""

import base64
import hashlib
from io import BytesIO

import qrcode
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect
from qrcode.image.svg import SvgPathFillImage

from tickets import roles
from tickets.models import User

SIGNERS = (roles.HEAD_OF_RISK, roles.LEGAL, roles.EXECUTIVE, roles.ADMIN)
"""Whose signature, or whose rights over other people, a stolen password alone must not give away."""

_KNOWN = "has-second-factor"


def is_required(user: User) -> bool:
    """Whether USER must have a second factor (REQUIRE_MFA)."""
    return settings.REQUIRE_MFA and (user.is_superuser or user.has_role(*SIGNERS))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps secrets encrypted under SECRET_KEY (older keys still read them), and required factors in place."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _("Your role needs a second factor, so it cannot be taken away."),
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """With a white ground of its own: phones read nothing that is dark on dark."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not is_required(authenticator.user)


class SecondFactorMiddleware:
    """Lead people who need a second factor and have none to the page that sets it up; else they may only sign out."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest):
        if settings.REQUIRE_MFA and not request.path.startswith("/account/") and self._lacks_one(request):
            page = resolve_url("mfa_activate_totp")
            return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
        return self.get_response(request)

    @staticmethod
    def _lacks_one(request: HttpRequest) -> bool:
        if not request.user.is_authenticated or request.session.get(_KNOWN) or not is_required(request.user):
            return False
        if is_mfa_enabled(request.user):
            request.session[_KNOWN] = True  # it cannot be taken away, so it need not be asked for again
            return False
        return True


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor" + key.encode()).digest())) for key in keys]
    )
