"""What can be found, and by whom: one line per kind.

To add a kind, let a trigger of its table call `search_put` or `search_put_on_ticket` (docs/search.md), name it here,
and say in `escalation.search.hits` how one is shown.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TICKETS, MESSAGES, CUSTOMERS, SCRIPTS, DECISIONS = "tickets", "messages", "customers", "scripts", "decisions"


@dataclass(frozen=True)
class Kind:
    """One tab. `mark` is the kind of its passages. Whose passages hang on tickets is seen with the ticket; for others
    `seen` is SQL that says whether the passage `p` may be seen, where `{tickets}` are the tickets that may be."""

    label: str | Promise
    mark: str = ""
    seen: str = ""


def _in_force(table: str) -> str:
    return (
        f"EXISTS (SELECT FROM {table} o WHERE o.id = p.source AND o.valid_from <= statement_timestamp()"
        " AND (o.valid_until IS NULL OR o.valid_until > statement_timestamp()))"
    )


KINDS = {
    TICKETS: Kind(_("Tickets")),
    MESSAGES: Kind(_("Messages"), "message"),
    # A customer is known to whoever may see one of their tickets.
    CUSTOMERS: Kind(
        _("Customers"), "customer", "EXISTS (SELECT FROM ({tickets}) v WHERE v.customer_id = p.source OFFSET 0)"
    ),
    SCRIPTS: Kind(_("Knowledge"), "script", _in_force("policies_script")),
    DECISIONS: Kind(_("Decisions"), "decision"),
}

NAMES = list(KINDS)
