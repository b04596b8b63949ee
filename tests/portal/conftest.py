"""A customer at the portal: no password, one personal link a request."""

import pytest
from django.test import Client
from django.urls import reverse

from tickets.links import personal_token


@pytest.fixture
def customer() -> Client:
    return Client()


def link(ticket, name: str = "follow", *args) -> str:
    """Return an address under the ticket's personal link."""
    return reverse(f"portal:{name}", args=[personal_token(ticket.pk), *args])


def words(**changes) -> dict:
    """Return a filled form that fires no trigger."""
    return {
        "name": "Carla Conti",
        "email": "carla@example.org",
        "subject": "Where is my parcel",
        "body": "Good morning, my parcel should have come on Friday.",
        "order": "1182",
        "language": "it",
    } | changes
