"""Doors of the desk as a person uses them."""

import pytest
from django.test import Client

from tests import builders


@pytest.fixture
def visit(client):
    """Return a function that signs PERSON in and gives back the client: `visit(people.agent).get(...)`."""

    def sign_in(person) -> Client:
        client.force_login(person)
        return client

    return sign_in


@pytest.fixture
def fresh(people):
    """Return a function that opens a ticket now, so that its clock runs."""
    return lambda **fields: builders.open_ticket(now=None, **fields)


@pytest.fixture
def brought(people):
    """Return a function that opens a ticket now and brings it to a floor."""
    return lambda floor, **fields: builders.on_floor(floor, people, now=None, **fields)
