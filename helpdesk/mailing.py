"""Handing a letter to the mail server."""

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from escalation.models import OutboxMessage


def post(owed: OutboxMessage, subject: str, body: str, to: list[str]) -> None:
    """Send one mail for what is owed; addresses that can never exist (RFC 6761) get none and count as done."""
    # The same cause gives the same Message-ID, so a mail that is sent twice after a crash is one for its reader.
    identity = hashlib.sha256(f"{owed.pk}:{owed.key}".encode()).hexdigest()[:32]
    mail(identity, subject, body, to)


def mail(identity: str, subject: str, body: str, to: list[str], *, html: str = "") -> None:
    """Send one mail under a Message-ID made of IDENTITY, with an HTML version when one is given."""
    to = [address for address in to if not address.endswith(".invalid")]
    if not to:
        return
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=body,
        to=to,
        headers={"Message-ID": f"<{identity}@{host}>", "Auto-Submitted": "auto-generated"},
    )
    if html:
        message.attach_alternative(html, "text/html")
    message.send()
