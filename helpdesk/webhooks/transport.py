"""Calling an address that somebody gave, so that it leads neither into the house's own network nor to this machine.

The name is resolved once, every address it has must be public, and the call goes to the one that was looked at (not to
what the name means a moment later). Redirects are not followed. WEBHOOK_HOSTS names hosts of the house that may be
called all the same, also without TLS.
"""

import ipaddress
import socket
import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from tickets.refusals import Invalid

SECONDS = 10
"""For a whole call: a side that answers a byte at a time must not hold up the others."""

READ = 300
"""Bytes of an answer that are looked at, to say what was wrong."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class CallFailed(Exception):
    """The other side did not take it; the text says why."""


def checked(url: str) -> str:
    """Return URL as it is to be stored, or refuse it in words. Nothing is called."""
    url = url.strip()
    parts = _parts(url)
    if parts is None or len(url) > 500:
        words = _("Give a whole address that begins with https://, without a name or password in it.")
        raise Invalid(words, code="invalid", field="url")
    if parts.scheme != "https" and not _own(parts):
        words = _("The address must begin with https://. WEBHOOK_HOSTS names hosts of the house that may do without.")
        raise Invalid(words, code="insecure", field="url")
    return url


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """Send BODY and return the status of the answer, or raise CallFailed."""
    parts = _parts(url)
    if parts is None or (parts.scheme != "https" and not _own(parts)):
        raise CallFailed("This address is not one that may be called.")
    connection = _Pinned(parts, _address(parts))
    timer = Timer(SECONDS, connection.cut)
    timer.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers | {"Content-Type": "application/json", "Connection": "close"})
        answer = connection.getresponse()
        said = answer.read(READ).decode("utf-8", "replace") if answer.status >= 300 else ""
    except (OSError, HTTPException, ValueError) as error:
        raise CallFailed(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        timer.cancel()
        connection.close()
    if not 200 <= answer.status < 300:
        raise CallFailed(f"HTTP {answer.status} {' '.join(said.split())}".strip())
    return answer.status


class _Pinned(HTTPConnection):
    """A connection to one address of a host, whatever its name means by then."""

    def __init__(self, parts: SplitResult, address: str):
        super().__init__(parts.hostname, _port(parts), timeout=SECONDS)
        self._address, self._secure = address, parts.scheme == "https"
        self._line: socket.socket | None = None

    def connect(self) -> None:
        self.sock = self._line = socket.create_connection((self._address, self.port), self.timeout)
        if self._secure:
            # The handshake comes after, so that `cut` knows the socket that does it.
            context = ssl.create_default_context()
            self.sock = self._line = context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self._line.do_handshake()

    def cut(self) -> None:
        """End the call from another thread. Closing would not: whoever reads the answer keeps the socket open."""
        if self._line is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._line, socket.SHUT_RDWR)


def _parts(url: str) -> SplitResult | None:
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and 0 < _port(parts) < 65536
    except ValueError:
        return None
    return parts if known and parts.username is None and parts.password is None and not parts.fragment else None


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else {"https": 443, "http": 80}[parts.scheme]


def _own(parts: SplitResult) -> bool:
    """Whether WEBHOOK_HOSTS names this host, by itself for its usual port, else with the port."""
    return (parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}") in settings.WEBHOOK_HOSTS


def _address(parts: SplitResult) -> str:
    """Return one address of the host, after looking at all it has."""
    try:
        found = {row[4][0] for row in socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)}
    except OSError as error:
        raise CallFailed(f"The name cannot be resolved: {error}"[:300]) from error
    if not _own(parts) and not all(_public(address) for address in found):
        raise CallFailed("The address leads into a private network.")
    return sorted(found, key=lambda address: ":" in address)[0]


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.sixtofour or ip.teredo or ip in _NAT64:
            return False
        ip = ip.ipv4_mapped or ip
    return ip.is_global and not ip.is_multicast
