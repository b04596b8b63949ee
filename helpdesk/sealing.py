"""Keeping a secret in the database so that a copy of the database alone does not tell it."""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(secret: str) -> str:
    """Return SECRET encrypted under the house's key."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed, or None when it was sealed under a key that is no longer known."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(b"helpdesk.sealing:" + k.encode()).digest())) for k in keys])
