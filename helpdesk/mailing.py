"""Handing a letter to the mail server."""

import hashlib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils.translation import gettext as _

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


def try_out(email: str) -> tuple[bool, str]:
    """Send a test letter to EMAIL; return whether it went, and in words what became of it."""
    letter = EmailMessage(_("A letter from your helpdesk"), _("If you read this, mail works."), to=[email])
    try:
        letter.send()
    except Exception as error:  # whatever a mail server can answer
        return False, _("The mail server refused: %(error)s") % {"error": f"{type(error).__name__}: {error}"[:300]}
    if where := server():
        return True, _("%(server)s took a letter for %(email)s.") % {"server": where, "email": email}
    words = _("The letter for %(email)s was only put aside here: no mail server is set (EMAIL_URL in .env).")
    return False, words % {"email": email}


def server() -> str:
    """Return the mail server that letters go to, as host:port; '' while none is set and letters are put aside."""
    aside = settings.EMAIL_BACKEND.endswith((".filebased.EmailBackend", ".console.EmailBackend", ".dummy.EmailBackend"))
    return "" if aside else f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
