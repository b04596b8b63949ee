"""Settings of the helpdesk. Each knob is read from the environment once, here; `.env.example` lists them all.

House rules that people change (floor limits, targets, triggers) are rows in `policies` and `metrics`, not settings.
"""

import os
import socket
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("HELPDESK_VAR") or BASE_DIR / "var").resolve()

env = Env()
# `make run` writes the addresses of its embedded services here, so that `manage.py` in another terminal finds them.
if (VAR_DIR / "services.env").is_file():
    env.read_env(str(VAR_DIR / "services.env"), recurse=False)


def _secret(name: str) -> str:
    """Return the secret NAME from the environment or from the file that NAME_FILE points to, or ''."""
    path = env.str(f"{name}_FILE", "")
    return Path(path).read_text().strip() if path else env.str(name, "")


def _required(name: str, example: str) -> str:
    value = _secret(name)
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it, e.g. {name}={example}, or use `make run`, which brings its own services."
        )
    return value


DEBUG = env.bool("DEBUG", False)
SECRET_KEY = _required("SECRET_KEY", "$(python3 -c 'import secrets; print(secrets.token_urlsafe(64))')")
if len(SECRET_KEY) < 50 or SECRET_KEY.startswith(("django-insecure-", "change-me")):
    raise ImproperlyConfigured("SECRET_KEY is too short or a sample. Use at least 50 random characters.")
SECRET_KEY_FALLBACKS = [key for key in _secret("SECRET_KEY_FALLBACKS").split(",") if key]

HTTPS = env.bool("HELPDESK_HTTPS", True)
SITE_URL = env.str("SITE_URL", f"http://localhost:{env.int('PORT', 8000)}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the hosts; '*' would trust any Host header.")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "heroicons",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tickets",
    "policies",
    "escalation",
    "metrics",
    "helpdesk",
]

MIDDLEWARE = [
    "helpdesk.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "helpdesk.middleware.ReaderMiddleware",
    "helpdesk.portal.session.CustomerMiddleware",
    "helpdesk.middleware.PresenceMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helpdesk.middleware.BellMiddleware",
    "helpdesk.second_factor.SecondFactorMiddleware",
    "helpdesk.middleware.NoStoreMiddleware",
    "helpdesk.errors.RefusalMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "helpdesk.template_loader.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.desk.context.shell",
            ],
        },
    },
]

FORM_RENDERER = "helpdesk.form_widgets.Renderer"

# --- Data -------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.dj_db_url("DATABASE_URL", default=_required("DATABASE_URL", "postgres://USER@HOST/NAME"))}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
# A peer that vanished is noticed within some 10 s instead of the kernel's hours.
_KEEPALIVE = {"idle": 5, "interval": 2, "count": 3}  # seconds, seconds, tries
DATABASES["default"]["OPTIONS"] = {
    # Without jit: what takes milliseconds, as every search does, would be compiled for longer than it runs.
    "options": "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c jit=off",
    "connect_timeout": 5,  # s
    "tcp_user_timeout": 10_000,  # ms
    **{f"keepalives_{name}": value for name, value in _KEEPALIVE.items()},
} | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _required("REDIS_URL", "redis://HOST:6379/0")
CACHES = {
    "default": {
        "BACKEND": "helpdesk.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

MEDIA_ROOT = VAR_DIR / "media"
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- People -----------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tickets.User"
AUTHENTICATION_BACKENDS = ["helpdesk.accounts.StaffBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ADMIN_PATH = env.str("ADMIN_PATH", "admin/").strip("/") + "/"  # where the raw tables are, for superusers
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:queue"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "helpdesk.accounts.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff accounts are made by an administrator; nobody signs up
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # a password reset must not mail strangers' addresses
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds within which a password must have been given before a signature
MFA_ADAPTER = "helpdesk.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by an administrator
MFA_TOTP_ISSUER = "Helpdesk"
REQUIRE_MFA = env.bool("REQUIRE_MFA", HTTPS)  # people who sign set up a second factor before anything else
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 0)

SESSION_ENGINE = "helpdesk.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
PORTAL_PATH = "/help/"  # where the pages for customers are
CUSTOMER_COOKIE_NAME = "__Host-customer" if HTTPS else "customer"  # customers' sign-in is not that of staff
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "helpdesk.errors.csrf_failure"

# --- Browser safety ---------------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    CSRF_COOKIE_SECURE = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# --- Language and time ------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("it", "Italiano"), ("pt", "Português")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["helpdesk.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
ORGANISATION_TIME_ZONE = env.str("ORGANISATION_TIME_ZONE", "Europe/Rome")
try:
    ZoneInfo(ORGANISATION_TIME_ZONE)
except (ValueError, LookupError, OSError) as error:
    raise ImproperlyConfigured(f"ORGANISATION_TIME_ZONE is no time zone: {error}") from error
SCORECARD_WEEKDAY = env.int("SCORECARD_WEEKDAY", 4, validate=validate.Range(0, 6))  # 0 is Monday, 4 is Friday
SCORECARD_HOUR = env.int("SCORECARD_HOUR", 17, validate=validate.Range(0, 23))  # in ORGANISATION_TIME_ZONE
CURRENCY = env.str("CURRENCY", "EUR")
OFFLINE_MINUTES = env.int("OFFLINE_MINUTES", 10, validate=validate.Range(2, 24 * 60))  # unseen for so long is offline
STAFF_NAMES = env.str("STAFF_NAMES", "first", validate=validate.OneOf(["first", "none"]))  # what customers see of them
REOPEN_DAYS = env.int("REOPEN_DAYS", 30, validate=validate.Range(1, 3650))  # so long an answered ticket can be reopened

# --- Static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "helpdesk" / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "helpdesk.icons.Finder",
]
STORAGES = {
    "default": {"BACKEND": "tickets.storage.WholeFiles"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or env.bool("PLAIN_STATIC", False)
        else "helpdesk.static_files.MinifiedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or env.bool("PLAIN_STATIC", False)

# --- Mail -------------------------------------------------------------------------------------------------------------

_mail = env.dj_email_url("EMAIL_URL", f"file://{VAR_DIR / 'mail'}") | {"EMAIL_TIMEOUT": 10}
if _mail["EMAIL_FILE_PATH"]:
    _mail["EMAIL_FILE_PATH"] = "/" + _mail["EMAIL_FILE_PATH"].lstrip("/")  # the parser drops the slash of file:///...
vars().update(_mail)
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", "Helpdesk <helpdesk@example.com>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Chat services that people may name for their notifications. These have one address on the internet, their maker's.
_CHAT = {"discord", "gchat", "pbul", "pover", "slack", "tgram", "webex", "wxteams"}
NOTIFY_SERVICES = sorted(set(env.list("NOTIFY_SERVICES", sorted(_CHAT))))
if unknown := set(NOTIFY_SERVICES) - _CHAT:
    raise ImproperlyConfigured(f"NOTIFY_SERVICES: {', '.join(sorted(unknown))} is none of {', '.join(sorted(_CHAT))}.")
# These are at a host of somebody's choice: only at hosts that are named here, as `host` or `host:port`.
NOTIFY_HOSTS = [host.lower() for host in env.list("NOTIFY_HOSTS", [])]
NOTIFY_HOST_SERVICES = [
    f"{name}{secure}" for name in ("gotify", "json", "mmost", "ntfy", "rocket", "workflow") for secure in ("", "s")
]

# Hosts of the house, as `host` or `host:port`, that webhooks may call: not public, or without TLS.
WEBHOOK_HOSTS = [host.lower() for host in env.list("WEBHOOK_HOSTS", [])]

# --- REST -------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "helpdesk.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["helpdesk.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "helpdesk.api.pagination.Cursor",
    "DEFAULT_THROTTLE_CLASSES": ["helpdesk.api.throttles.PerPerson"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", "1200/min")},
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "helpdesk.api.problems.handle",
    "NUM_PROXIES": env.int("TRUSTED_PROXY_COUNT", 0),
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk REST API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Risk": "policies.risks.Risk",
        "TicketStatus": "escalation.overview.STATUSES",
        "Clock": "escalation.overview.CLOCKS",
        "Visibility": "tickets.models.Message.Visibility",
        "ApprovalState": "escalation.models.Approval.State",
        "DecisionState": "escalation.api.case_file.DECISION_STATES",
        "ApprovalKind": "policies.kinds.ApprovalKind",
        "LinkKind": "tickets.models.TicketLink.Kind",
        "SearchKind": "escalation.search.kinds.NAMES",
        "WordingKind": "policies.models.Wording.Kind",
        "Role": "tickets.roles.ALL",
        "PolicyKind": "policies.book_api.KINDS",
        "GapOutcome": "metrics.models.GapAnswer.Answer",
        "TextOutcome": "metrics.models.TextAnswer.Answer",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "helpdesk.api.schema.describe_problems",
    ],
}

# --- Celery (reasons in docs/clocks.md) -------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 10,
    "retry_on_timeout": True,
}
if sys.platform == "linux" and not REDIS_URL.startswith("unix:"):
    CELERY_BROKER_TRANSPORT_OPTIONS |= {
        "socket_keepalive": True,
        "socket_keepalive_options": {
            socket.TCP_KEEPIDLE: _KEEPALIVE["idle"],
            socket.TCP_KEEPINTVL: _KEEPALIVE["interval"],
            socket.TCP_KEEPCNT: _KEEPALIVE["count"],
            socket.TCP_USER_TIMEOUT: 10_000,
        },
    }
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_MAX_TASKS_PER_CHILD = 5000
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- Logs -------------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "helpdesk.logs.RequestIdFilter"}},
    "formatters": {"json": {"()": "helpdesk.logs.JsonFormatter"}, "plain": {"()": "helpdesk.logs.PlainFormatter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": env.str("LOG_FORMAT", "plain", validate=validate.OneOf(["plain", "json"])),
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"handlers": ["console"], "propagate": False}},
}

# --- Demo -------------------------------------------------------------------------------------------------------------

# `0` and `1` say what `make run` puts into an empty database; `day` is a helpdesk on a virtual clock (`make demo`).
DEMO_DAY = env.str("HELPDESK_DEMO", "1", validate=validate.OneOf(["0", "1", "day"])) == "day"
if DEMO_DAY:
    from helpdesk.demo import mode

    globals().update(mode.changed(globals()))
