"""How often one address on the net may use the portal. Counted in the cache: without Redis nothing is limited."""

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

HOUR = 3600
ACKNOWLEDGEMENTS = 10
"""Letters of receipt per hour: the form is open to all and must not mail strangers without limit."""
SUBMISSIONS = 30
REPLIES = 60
SIGN_INS = 20
DEAD_LINKS = 30
"""Links that sign nobody in, tried by one address on the net."""
SUGGESTIONS = 240
VOTES = 60


def within(request: HttpRequest, what: str, limit: int) -> bool:
    """Count one use of WHAT by the caller's address; whether it is among the first LIMIT of the running hour."""
    key = _key(request, what)
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) <= limit
    except ValueError:  # it ran out between the two calls
        return True


def spent(request: HttpRequest, what: str, limit: int) -> bool:
    """Whether the caller's address has used WHAT up already; asking counts nothing."""
    return (cache.get(_key(request, what)) or 0) >= limit


def _key(request: HttpRequest, what: str) -> str:
    return f"portal:{what}:{get_adapter().get_client_ip(request)}"
