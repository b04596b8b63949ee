"""How often one person may call. A cache that is away counts nothing, and the API goes on working."""

import logging
import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

log = logging.getLogger(__name__)

_SECONDS = {"sec": 1, "min": 60, "hour": 3600}


class PerPerson(BaseThrottle):
    """At most `API_RATE` calls per person in each clock window, counted in the cache."""

    wait_seconds: float | None = None

    def allow_request(self, request, view) -> bool:
        limit, window = self.rate()
        now = time.time()
        slot = int(now // window)
        who = request.user.pk or self.get_ident(request)
        key = f"api-calls:{who}:{slot}"
        try:
            cache.add(key, 0, timeout=window * 2)
            count = cache.incr(key)
        except Exception as error:  # any cache trouble: serving beats counting
            log.debug("calls are not counted: %s", error)
            return True
        if count is None or count <= limit:
            return True
        self.wait_seconds = (slot + 1) * window - now
        return False

    def wait(self) -> float | None:
        return self.wait_seconds

    @staticmethod
    def rate() -> tuple[int, int]:
        """Return the number of calls and the length of the window in seconds of the rate in force ("1200/min")."""
        count, _slash, unit = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["user"].partition("/")
        return int(count), _SECONDS[unit]
