"""How staff sign in, on top of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context
from django.db.models import Exists, OuterRef
from django.utils.http import url_has_allowed_host_and_scheme

from helpdesk.desk import saved
from helpdesk.models import Notification
from tickets import step_up
from tickets.models import User


class StaffBackend(AuthenticationBackend):
    """Sign-in by e-mail. Each request reads the person with what every page shows: duty, and whether news waits."""

    def get_user(self, user_id: int) -> User | None:
        news = Notification.objects.filter(recipient=OuterRef("pk"), in_app=True, read_at__isnull=True)
        people = User.objects.select_related("duty").annotate(has_news=Exists(news))
        user = people.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


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

    def clean_email(self, email: str) -> str:
        return super().clean_email(email).strip().lower()

    def is_safe_url(self, url: str | None) -> bool:
        """Accept paths on this site only; an absolute address is never needed after sign-in."""
        return bool(url) and url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
