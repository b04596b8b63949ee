"""Chat, or anything else that apprise reaches, at an address which a person gives.

Only services on the list of the settings, so that an address leads neither into the house's own network nor to files or
programs of this machine: services whose host is theirs, and others at hosts that an administrator named. Nothing after
a question mark is taken: there apprise reads templates from disk and switches certificates off. Redirects are refused.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from helpdesk.models import NotificationSettings
from helpdesk.sealing import seal, unseal
from tickets.models import User
from tickets.refusals import Invalid

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

# apprise is loaded where it is first used: it takes 45 MB, which pages without it need not carry.

LONGEST = 400


class ChatFailed(Exception):
    """The service did not take the message; the text says why, without the address."""


def keep(user: User, address: str) -> None:
    """Store where USER's chat messages go, or refuse an address in words; '' forgets it."""
    sealed = seal(_checked(address)) if address.strip() else ""
    NotificationSettings.objects.update_or_create(user=user, defaults={"chat_sealed": sealed})


def masked(chosen: NotificationSettings) -> str:
    """Return which service messages go to, with all secrets cut out; '' when there is none."""
    address = unseal(chosen.chat_sealed) if chosen.chat_sealed else ""
    if address is None:
        return _("unreadable since the key of this helpdesk changed; enter it again")
    if not address:
        return ""
    service = _service(address)
    return service.url(privacy=True).partition("?")[0] if service else urlsplit(address).scheme + "://…"


def send(chosen: NotificationSettings, subject: str, body: str) -> None:
    """Send a message, or raise ChatFailed."""
    address = unseal(chosen.chat_sealed)
    if address is None:
        raise ChatFailed("The address cannot be read with today's key; its owner must enter it again.")
    # The list of the settings may have become shorter since the address was taken.
    service = _service(_checked(address))
    from apprise import LogCapture

    with LogCapture(level=logging.WARNING, fmt="%(message)s") as log:
        taken = service.notify(title=subject, body=body)
        said = log.getvalue()
    if not taken:
        raise ChatFailed(" ".join(said.split())[-300:] or "The service did not take the message.")


def _checked(address: str) -> str:
    """Return ADDRESS as it is to be stored, or refuse it."""
    address = address.strip()
    if len(address) > LONGEST or not address.isprintable() or any(c in address for c in ' ,;"<>\\'):
        raise Invalid(_("This is no address of a chat service."), code="invalid", field="address")
    if "?" in address or "%" in address:
        raise Invalid(_("Leave out everything from the question mark on."), code="invalid", field="address")
    service = _service(address)
    if service is None:
        raise Invalid(
            _("This is no address of a chat service that we may use. It begins with one of: %(schemes)s.")
            % {"schemes": ", ".join(f"{scheme}://" for scheme in allowed())},
            code="invalid",
            field="address",
        )
    return address


def allowed() -> list[str]:
    """Return the beginnings of addresses that are taken."""
    return [*settings.NOTIFY_SERVICES, *(settings.NOTIFY_HOST_SERVICES if settings.NOTIFY_HOSTS else [])]


def _service(address: str) -> NotifyBase | None:
    """Return the service at ADDRESS if it is one that may be used."""
    from apprise import Apprise

    service = Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
    if service is None:
        return None
    schemes = _schemes(service)
    if schemes & set(settings.NOTIFY_SERVICES):
        return service
    if schemes & set(settings.NOTIFY_HOST_SERVICES) and _host(service) in settings.NOTIFY_HOSTS:
        return service
    return None


@cache
def _asset() -> AppriseAsset:
    from apprise import AppriseAsset

    asset = AppriseAsset(app_id="Helpdesk", app_desc="Helpdesk", app_url="", http_redirects=False, async_mode=False)
    asset.image_url_mask = asset.image_url_logo = None  # pictures would be fetched from somebody else's site
    return asset


def _schemes(service: NotifyBase) -> set[str]:
    found = set()
    for names in (service.protocol, service.secure_protocol):
        found |= {names} if isinstance(names, str) else set(names or ())
    return found


def _host(service: NotifyBase) -> str:
    """Return where a service with a host of its own is, as the setting writes it: `host`, or `host:port`."""
    return f"{service.host}:{service.port}" if service.port else str(service.host)
