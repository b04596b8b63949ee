"""Proof of who signs: a password given within the last minutes, or a token that was made for signing."""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.utils.translation import gettext as _

from tickets.models import ApiToken
from tickets.refusals import NotAllowed


def proven(request) -> bool:
    """Whether the caller has proven lately who they are: by token `may_sign`, in a session by signing in.

    Signing in counts as well as giving the password again (ACCOUNT_REAUTHENTICATION_TIMEOUT seconds). Accounts without
    a password prove themselves where they sign in.
    """
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return token.may_sign
    if not request.user.has_usable_password():
        return True
    return last_proof(request) > time.time() - app_settings.REAUTHENTICATION_TIMEOUT


def last_proof(request) -> float:
    """Return when the person of this session signed in or gave the password again, in Unix seconds; 0 if never."""
    return max((record["at"] for record in get_authentication_records(request, request.user)), default=0)


def require(request) -> None:
    """Refuse a call of the API whose caller has not proven lately who they are."""
    if not proven(request):
        raise NotAllowed(
            _(
                "This needs proof of who asks: a token made with --may-sign, or in a session the password within the "
                "last minutes."
            ),
            code="step_up",
        )
