"""Finding a script and filling it in for a ticket."""

import re

from django.utils.translation import gettext as _

from policies.models import Script
from tickets.models import Ticket, User
from tickets.refusals import Invalid

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def current(slug: str) -> Script:
    """Return the version of script SLUG in force, or refuse a slug that has none."""
    script = Script.objects.in_force().filter(slug=slug).first()
    if script is None:
        raise Invalid(
            _("There is no script '%(slug)s' in force; GET /scripts/ lists them.") % {"slug": slug},
            code="unknown",
            field="script",
        )
    return script


def text_in(script: Script, language: str) -> tuple[str, str]:
    """Return the script's text and the language it is really in: the one asked for, else English, else any."""
    short = language.split("-")[0].lower()
    for candidate in (short, "en", *script.texts):
        if candidate in script.texts:
            return script.texts[candidate], candidate
    return "", ""


def fields(ticket: Ticket, actor: User) -> dict[str, str]:
    """Return what the placeholders of a text mean for TICKET, by name; empty for what is not known."""
    return {
        "customer_name": ticket.customer.name,
        "ticket_number": str(ticket.number),
        "order": ticket.order_reference,
        "agent_name": actor.get_short_name(),
    }


def fill(script: Script, ticket: Ticket, actor: User, **more: str) -> str:
    """Return the script's text for TICKET with literal placeholders replaced; unknown ones stay as they are.

    MORE are further placeholders by name. What is filled in is never read again, so a customer who calls themselves
    {agent_name} is told nothing by it.
    """
    text, _language = text_in(script, ticket.language or ticket.customer.language)
    values = fields(ticket, actor) | more
    return _filled(text, values)


def sample(text: str, actor: User) -> tuple[str, list[str]]:
    """Return TEXT filled with made-up values, as ACTOR would send it, and the placeholders left to fill in by hand."""
    values = {"customer_name": "Maria Rossi", "ticket_number": "1182", "order": "A-4711", "until": "2027-01-31"}
    values["agent_name"] = actor.get_short_name()
    left = [found[0] for found in _PLACEHOLDER.finditer(text) if found[1] not in values]
    return _filled(text, values), list(dict.fromkeys(left))


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1]) or found[0], text)
