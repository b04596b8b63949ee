"""What is different in a helpdesk that plays the demo day. Settings read it only when HELPDESK_DEMO is `day`."""

from collections.abc import Mapping
from typing import Any

A_SEASON = 90 * 24 * 3600
"""Seconds. The virtual clock may be days ahead of the browser's: nobody is to be signed out in the middle of a tour."""


def changed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs from SETTINGS: the clock, the bar, mail that stays here, people without passwords."""
    middleware = list(settings["MIDDLEWARE"])
    middleware.insert(
        middleware.index("django.contrib.sessions.middleware.SessionMiddleware"), "helpdesk.demo.bar.DayMiddleware"
    )
    template = settings["TEMPLATES"][0]
    options = template["OPTIONS"]
    processors = [*options["context_processors"], "helpdesk.demo.bar.bar"]
    database = settings["DATABASES"]["default"]
    connecting = database.get("OPTIONS", {})
    path = f"{connecting.get('options', '')} -c search_path=demo,pg_catalog,public".strip()
    return {
        "DEMO_DAY": True,
        "MIDDLEWARE": middleware,
        "TEMPLATES": [template | {"OPTIONS": options | {"context_processors": processors}}],
        "DATABASES": settings["DATABASES"] | {"default": database | {"OPTIONS": connecting | {"options": path}}},
        "ROOT_URLCONF": "helpdesk.demo.urls",
        "EMAIL_BACKEND": "helpdesk.demo.mail.EmailBackend",
        "NOTIFY_SERVICES": [],
        "NOTIFY_HOSTS": [],
        "SESSION_COOKIE_AGE": A_SEASON,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": A_SEASON,
        "REQUIRE_MFA": False,
    }
