"""Personal links: the signed word by which a customer, who has no account, reaches their own ticket."""

from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext as _

from tickets.refusals import NotFound

_SALT = "tickets.personal-link"
VALID_FOR = timedelta(days=365)
"""A link works this long after it was made; every letter carries a new one."""


def personal_token(number: int) -> str:
    """Return the word that opens ticket NUMBER in the portal (HMAC-SHA256 under the site's key)."""
    return signing.TimestampSigner(salt=_SALT, sep=".").sign(str(number))


def number_of(token: str) -> int:
    """Return the ticket that TOKEN opens, or NotFound: forged and outdated words are not told apart."""
    try:
        return int(signing.TimestampSigner(salt=_SALT, sep=".").unsign(token, max_age=VALID_FOR))
    except (signing.BadSignature, ValueError):
        words = _("This link is not valid, or too old. Use the link in our latest message.")
        raise NotFound(words, code="link") from None
