"""The cache, for which a Redis that is away is merely empty."""

import logging
import time

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_SILENCE = 60.0
"""Seconds between two log lines about the same outage."""


class _Client(RedisCacheClient):
    """Django's, except that it does not make a new client of the library, with its 170 callbacks, for every call."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._clients: dict = {}

    def get_client(self, key=None, *, write=False):
        pool = self._get_connection_pool(write)
        if pool not in self._clients:
            self._clients[pool] = self._client(connection_pool=pool)
        return self._clients[pool]


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, except that pages and API keep working when Redis does not answer.

    Reads find nothing, writes are lost, counters start again at each call: nothing that must hold may rest on it.
    """

    _said_at = float("-inf")

    def __init__(self, server, params):
        super().__init__(server, params)
        self._class = _Client

    def _forgive(self, error: Exception) -> None:
        now = time.monotonic()
        if now - ForgivingRedisCache._said_at >= _SILENCE:
            ForgivingRedisCache._said_at = now
            logger.warning("Redis does not answer, working without a cache: %s", error)

    def add(self, *args, **kwargs):
        try:
            return super().add(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return True

    def get(self, key, default=None, version=None):
        try:
            return super().get(key, default, version)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return default

    def set(self, *args, **kwargs):
        try:
            super().set(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)

    def touch(self, *args, **kwargs):
        try:
            return super().touch(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return False

    def delete(self, *args, **kwargs):
        try:
            return super().delete(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return False

    def get_many(self, *args, **kwargs):
        try:
            return super().get_many(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return {}

    def has_key(self, *args, **kwargs):
        try:
            return super().has_key(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return False

    def incr(self, key, delta=1, version=None):
        try:
            return super().incr(key, delta, version)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return delta

    def set_many(self, data, *args, **kwargs):
        try:
            return super().set_many(data, *args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)
            return list(data)

    def delete_many(self, *args, **kwargs):
        try:
            super().delete_many(*args, **kwargs)
        except (RedisError, OSError) as error:
            self._forgive(error)

    def clear(self):
        try:
            return super().clear()
        except (RedisError, OSError) as error:
            self._forgive(error)
            return False

    def read_hashes(self, keys: list[str]) -> list[dict[str, str]]:
        """Return the hashes at KEYS, in their order, in one round trip."""
        try:
            pipe = self._cache.get_client(None).pipeline(transaction=False)
            for key in keys:
                pipe.hgetall(self.make_and_validate_key(key))
            found = pipe.execute()
        except (RedisError, OSError) as error:
            self._forgive(error)
            found = [{} for _key in keys]
        return [{field.decode(): value.decode() for field, value in one.items()} for one in found]

    def note(self, key: str, fields: dict[str, str], seconds: int) -> dict[str, str]:
        """Set FIELDS of the hash at KEY, let it live SECONDS more, and return all of it, in one round trip."""
        name = self.make_and_validate_key(key)
        try:
            pipe = self._cache.get_client(name, write=True).pipeline(transaction=False)
            found = pipe.hset(name, mapping=fields).expire(name, seconds).hgetall(name).execute()[-1]
        except (RedisError, OSError) as error:
            self._forgive(error)
            return {}
        return {field.decode(): value.decode() for field, value in found.items()}
