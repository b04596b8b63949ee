"""All addresses of the product. Pages are split by audience: `desk/` for staff, `help/` for customers."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.usersessions import views as sessions
from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required, login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.permissions import IsAuthenticated

from helpdesk import first_run, health
from helpdesk.desk import saved


@login_not_required
def start(request: HttpRequest) -> HttpResponse:
    """Send staff to their queue and everybody else to the help centre."""
    return redirect(saved.opening(request.user) if request.user.is_authenticated else "portal:submit")


# Raw tables, for superusers; the sign-in is ours, with its rate limits.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)

# Only the pages of allauth that staff need: nobody signs up, addresses are changed by an administrator.
account_urls = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

account_urls += [
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/enter/", login_not_required(mfa.authenticate), name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/set-up/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/take-away/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("sessions/", sessions.list_usersessions, name="usersessions_list"),
]

# Read by people with an account. Swagger UI sets styles from its script and starts by an inline one; no other page may.
swagger = csp_replace(
    {
        "default-src": [NONE],
        "script-src": [SELF, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
)(login_required(SpectacularSwaggerView.as_view(url_name="schema")))


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages name their icon themselves; the raw admin does not, and browsers then ask here."""
    return redirect(static("favicon.svg"))


urlpatterns = [
    path("favicon.ico", favicon),
    path("", start, name="start"),
    path("desk/", include("helpdesk.desk.urls")),
    path("help/", include("helpdesk.portal.urls")),
    path("account/", include(account_urls)),
    path("first-run/<str:key>/", first_run.show, name="first_run"),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("api/v1/", include("helpdesk.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(permission_classes=[IsAuthenticated]), name="schema"),
    path("api/docs/", swagger, name="api-docs"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = "helpdesk.errors.bad_request"
handler403 = "helpdesk.errors.permission_denied"
handler404 = "helpdesk.errors.not_found"
handler500 = "helpdesk.errors.server_error"
