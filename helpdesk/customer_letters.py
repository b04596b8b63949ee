"""What customers are written, in their language and in plain words: never floors, roles, risks or staff notes.

Each thing is said once, and only while it is true. The catalogues are in `locale/`.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from escalation import outbox
from escalation.models import OutboxMessage
from helpdesk.languages import spoken
from helpdesk.mailing import post
from helpdesk.portal.words import until
from policies import responses
from tickets import sign_in as signing_in
from tickets.clock import database_now
from tickets.links import personal_token
from tickets.models import Message, SignInLink, Ticket


def language_of(ticket: Ticket) -> str:
    """Return the language to write to the ticket's customer in: one that we have, else the house's own."""
    return spoken(ticket.language, ticket.customer.language)


def received(ticket: Ticket, owed: OutboxMessage) -> None:
    """Number, link and the time promised; their own words only where the address is known to be theirs."""
    lines = [_("your request has arrived.")]
    promise = responses.promised(ticket.channel, ticket.created_at)
    now = database_now()
    if promise and promise.answer_at > now:
        with timezone.override(settings.ORGANISATION_TIME_ZONE):
            lines.append(_("You get a first answer %(when)s.") % {"when": until(promise.answer_at, now)})
    text = " ".join(lines)
    if owed.payload.get("copy"):
        first = ticket.messages.filter(visibility=Message.Visibility.PUBLIC).first()
        text += "\n\n" + _("This is what you wrote:") + f"\n\n{ticket.subject}\n\n{first.body}"
    _write(ticket, owed, _("We have received your request"), text)


def answered(ticket: Ticket, owed: OutboxMessage) -> None:
    message = Message.objects.select_related("author").get(pk=owed.payload["message"])
    signature = message.author.signature if message.author_id else ""
    text = f"{message.body}\n\n{signature}" if signature else message.body
    _write(ticket, owed, _("Our answer to your request"), text, plain=True)


def moved_on(ticket: Ticket, owed: OutboxMessage) -> None:
    """Owe the customer the one letter about a specialist, whichever way and however often the case moves up."""
    outbox.promise(ticket=ticket.pk, topic="specialist", key=f"specialist:{ticket.pk}", now=owed.created_at)


def with_specialist(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.escalation.floor in (2, 3):
        _write(
            ticket,
            owed,
            _("A specialist has your request"),
            _("your case is now with a specialist, who has read everything so far. You need not repeat anything."),
        )
    else:
        # It came back, or is answered, before the letter went out: what was not said can be said another time.
        OutboxMessage.objects.filter(pk=owed.pk).delete()


def answer_late(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.first_response_at is None and ticket.escalation.floor is not None:
        _write(
            ticket,
            owed,
            _("Our answer takes longer than promised"),
            _("we promised you an answer by now and do not have it yet. We are sorry, and we are working on it."),
        )


def under_review(ticket: Ticket, owed: OutboxMessage) -> None:
    _write(
        ticket,
        owed,
        _("Your request is being reviewed"),
        _("somebody with more room to decide is looking at your request now. You will hear from us shortly."),
    )


def resolved(ticket: Ticket, owed: OutboxMessage) -> None:
    if ticket.escalation.resolved_at:
        _write(
            ticket,
            owed,
            _("Your request is answered"),
            _("we believe that your request is solved. Please tell us on your page how it went, or write to us again."),
            place="#rate",
        )


def sign_in(owed: OutboxMessage) -> None:
    """The one-time link, to the address as the customer has it; nothing goes to an address that no customer has."""
    link = SignInLink.objects.filter(pk=owed.payload["link"]).first()
    secret = link and signing_in.issue(link, now=database_now())
    if not secret:
        OutboxMessage.objects.filter(pk=owed.pk).delete()
        return
    address = settings.SITE_URL + reverse("portal:enter", args=[secret])
    with translation.override(spoken(link.language)):
        lines = [
            _("Good day,"),
            _("this link signs you in to your requests. It works once, within 30 minutes:"),
            address,
            _("You did not ask for it? Then do nothing: without the link nobody gets in, and we never ask you for it."),
        ]
        post(owed, _("Your link to sign in"), "\n\n".join(lines) + "\n", [link.email])


def _write(
    ticket: Ticket, owed: OutboxMessage, subject: str, text: str, *, plain: bool = False, place: str = ""
) -> None:
    link = settings.SITE_URL + reverse("portal:follow", args=[personal_token(ticket.pk)]) + place
    greeting = "" if plain else _("Good day,") + "\n\n"
    footer = _("Your personal page for request %(number)s: %(link)s") % {"number": ticket.pk, "link": link}
    post(owed, f"[#{ticket.pk}] {subject}", f"{greeting}{text}\n\n--\n{footer}\n", [ticket.customer.email])
