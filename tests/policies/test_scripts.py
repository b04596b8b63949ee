"""A script filled in for a ticket: only what it names, only once, whatever customers call themselves."""

import pytest

from policies import scripts
from policies.models import Script
from tests.builders import open_ticket


@pytest.mark.parametrize("name", ["{agent_name}", "{order}{order}", "{ticket_number} {until}", "%(order)s \\1", "{"])
def test_what_a_customer_wrote_is_never_read_as_a_field(people, name):
    ticket = open_ticket(customer_name=name)
    ticket.order_reference = "{agent_name}"
    script = Script(texts={"en": "Dear {customer_name}, #{ticket_number} {order} {until} {date} – {agent_name}"})
    assert scripts.fill(script, ticket, people.agent, until="2027-01-31") == (
        f"Dear {name}, #{ticket.number} {{agent_name}} 2027-01-31 {{date}} – Agent"
    )


def test_what_is_unknown_or_empty_stays_for_people_to_fill_in(people):
    ticket = open_ticket()
    script = Script(texts={"en": "{order} {day} { order } {{agent_name}}"})
    assert scripts.fill(script, ticket, people.agent) == "{order} {day} { order } {Agent}"
