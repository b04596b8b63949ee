"""Sessions in the database as Django keeps them (SESSION_ENGINE), read by a query that is put together once."""

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from tickets.prepared import prepared


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        found = _alive(key=self.session_key, now=timezone.now())
        if not found:
            self._session_key = None
        return found[0] if found else None


@prepared
def _alive(*, key: str, now) -> QuerySet:
    return SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now)
