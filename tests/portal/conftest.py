"""A customer at the portal: no password, one personal link a request."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tickets.links import personal_token
from tickets.models import Customer, CustomerSession
from tickets.models.token import fingerprint


@pytest.fixture
def customer() -> Client:
    return Client()


@pytest.fixture
def signed_in(people) -> Client:
    """Carla, who has used a one-time link."""
    carla, _new = Customer.objects.get_or_create(email="carla@example.org", defaults={"name": "Carla Conti"})
    client = Client()
    client.cookies[settings.CUSTOMER_COOKIE_NAME] = "a word that only her browser has"
    CustomerSession.objects.create(
        customer=carla,
        digest=fingerprint("a word that only her browser has"),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return client


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
