"""How staff sign in, on top of django-allauth."""

from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from allauth.core.internal.ratelimit import parse_rates
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from escalation.sweep import since_last_sweep
from helpdesk.desk import saved
from helpdesk.models import Notification
from tickets import step_up
from tickets.models import User
from tickets.prepared import prepared


class StaffBackend(AuthenticationBackend):
    """Sign-in by e-mail. Each request reads, in one query, the person with what every page needs.

    That is: roles, duty, whether news waits, and how long ago the clock was looked at.
    """

    def get_user(self, user_id: int) -> User | None:
        found = _person(pk=user_id)
        if not found or not self.user_can_authenticate(found[0]):
            return None
        user = found[0]
        user.roles = frozenset(user.role_names)
        return user


@prepared
def _person(*, pk: int) -> QuerySet[User]:
    news = Notification.objects.filter(recipient=OuterRef("pk"), in_app=True, read_at__isnull=True)
    roles = Group.objects.filter(user=OuterRef("pk")).order_by()
    return (
        User.objects.filter(pk=pk)
        .select_related("duty")
        .annotate(has_news=Exists(news), role_names=ArraySubquery(roles.values("name")), since_sweep=since_last_sweep())
    )


class StaffAccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; nobody signs up, and sign-in never leads to another site."""

    def is_open_for_signup(self, request) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str = "") -> bool:
        """Having signed in within the last minutes counts as well, as it does for signatures."""
        return not step_up.proven(context.request)

    def get_login_redirect_url(self, request) -> str:
        """Open the desk with the view that the person has chosen."""
        return saved.opening(request.user)

    def pre_authenticate(self, request, **credentials) -> None:
        """Say from when on one may try again; a try that is refused does not count, so the wait does not grow."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            longest = max(rate.duration for rate in parse_rates(app_settings.RATE_LIMITS["login_failed"]))
            free = timezone.localtime() + timedelta(seconds=longest, minutes=1)  # a minute that has begun counts whole
            words = _("Too many failed sign-ins. Try again at %(time)s, or reset the password.")
            raise ValidationError(words % {"time": f"{free:%H:%M}"}, code=error.code) from error

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).strip().lower()

    def is_safe_url(self, url: str | None) -> bool:
        """Accept paths on this site only; an absolute address is never needed after sign-in."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
