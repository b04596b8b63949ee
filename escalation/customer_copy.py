"""Everything that a customer gave us and we wrote to them, as one ZIP (GDPR art. 15 and 20).

Internal notes, risks and signatures are not in it: they are the house's own words about a case, which Legal releases by
hand where the law asks for it. Nothing of another person is in it.
"""

import tempfile
import zipfile
from datetime import datetime
from typing import IO

from django.db.models import Q
from django.utils.translation import gettext as _

from escalation import erasure, privacy, reasons
from escalation.archive import Archive, json_of
from escalation.models import PrivacyRequest
from tickets.clock import database_now
from tickets.models import Attachment, Customer, Message, Ticket, User
from tickets.refusals import NotAllowed

_SPOOLED = 8 * 1024 * 1024


def make(customer_id: int, *, actor: User, now: datetime | None = None) -> IO[bytes]:
    """Return the copy as an open file; that it was made, and by whom, is kept."""
    who = privacy.customer(customer_id, actor)
    if not actor.has_role(*privacy.MAY):
        raise NotAllowed(_("A customer's data is copied by Legal and administrators."), code="role")
    instant = now or database_now()
    out = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        _write(Archive(zipped, f"customer-{who.pk}/"), who)
    PrivacyRequest.objects.create(
        customer=who,
        kind=PrivacyRequest.Kind.COPY,
        state=PrivacyRequest.State.DONE,
        reason=reasons.COPY_MADE,
        asked_by=actor,
        asked_at=instant,
        ended_at=instant,
    )
    out.seek(0)
    return out


def _write(archive: Archive, who: Customer) -> None:
    about = {"name": who.name, "email": who.email, "language": who.language, "since": who.created_at}
    archive.text("customer.json", json_of(about))
    tickets = Ticket.objects.filter(customer=who).order_by("pk").select_related("channel", "category", "escalation")
    archive.lines("requests.jsonl", map(_ticket, tickets))
    said = Message.objects.filter(visibility=Message.Visibility.PUBLIC).filter(
        Q(ticket__customer=who, customer=None) | Q(customer=who)
    )
    said = said.order_by("created_at", "pk")
    archive.lines("messages.jsonl", map(_message, said))
    files = []
    for file in Attachment.objects.filter(message__in=said.order_by()).order_by("pk"):
        path = f"files/{file.pk}"
        archive.copy(path, file.file)
        files.append({"path": path, "name": file.name, "message": file.message_id, "size": file.size})
    archive.lines("files.jsonl", files)
    for model in erasure.personal_models():
        if model.personal.given:
            theirs = model._base_manager.filter(**{f"{model.personal.ticket}__in": tickets.values("pk")})
            columns = (*model.personal.given, model.personal.ticket)
            archive.lines(f"{model._meta.model_name}s.jsonl", theirs.order_by("pk").values(*columns))


def _ticket(ticket: Ticket) -> dict:
    names = ("subject", "language", "order_reference", "order_value", "order_currency", "order_products", "created_at")
    return {name: getattr(ticket, name) for name in names} | {
        "number": ticket.pk,
        "channel": ticket.channel.name,
        "category": ticket.category.name if ticket.category else "",
        "resolved_at": ticket.escalation.resolved_at,
    }


def _message(message: Message) -> dict:
    return {
        "request": message.ticket_id,
        "from": "you" if message.from_customer else "us",
        "at": message.created_at,
        "text": message.body,
        "id": message.pk,
    }
