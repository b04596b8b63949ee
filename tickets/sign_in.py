"""Signing in by a one-time link: asking for one, writing it, using it once, signing out.

A wish is noted for any address in the same way; whether a customer has it is looked up only when the letter is written,
so that neither the answer nor its time tells who writes to us.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from tickets.models import Customer, CustomerSession, SignInLink
from tickets.models.token import fingerprint

VALID_FOR = timedelta(minutes=30)
SIGNED_IN_FOR = timedelta(days=7)
KEPT = timedelta(hours=24)
"""For so long a link is remembered, to say what became of it."""

AN_HOUR = timedelta(hours=1)
LINKS_AN_HOUR = 5
"""For one address; who asks for more gets the same answer and no letter."""


def ask(email: str, *, browser: str, language: str = "", now: datetime) -> SignInLink | None:
    """Note that whoever holds EMAIL may want a link; None when too many were asked for within the hour.

    BROWSER is a random word that the asking browser keeps, so that another one can be told apart.
    """
    address = email.strip().lower()
    if SignInLink.objects.filter(email=address, asked_at__gt=now - AN_HOUR).count() >= LINKS_AN_HOUR:
        return None
    return SignInLink.objects.create(email=address, language=language, browser=fingerprint(browser), asked_at=now)


def issue(link: SignInLink, *, now: datetime) -> str | None:
    """Make the secret of LINK and return it; links for this address that went out before are void from now on.

    None when no customer has the address, or when a newer wish has been noted: that one gets the letter.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update(no_key=True).filter(email=link.email).first()
        if customer is None or SignInLink.objects.filter(email=link.email, pk__gt=link.pk).exists():
            return None
        SignInLink.objects.filter(email=link.email, digest__isnull=False, ended_at=None).update(ended_at=now)
        secret = secrets.token_urlsafe(32)
        SignInLink.objects.filter(pk=link.pk).update(
            digest=fingerprint(secret), expires_at=now + VALID_FOR, ended_at=None
        )
        return secret


def find(secret: str, *, now: datetime) -> SignInLink | None:
    """Return the link that SECRET belongs to while it can be used; looking does not use it."""
    return SignInLink.objects.filter(digest=fingerprint(secret), ended_at=None, expires_at__gt=now).first()


def asked_here(link: SignInLink, browser: str) -> bool:
    """Whether LINK was asked for in the browser that remembers the word BROWSER."""
    return bool(browser) and secrets.compare_digest(link.browser, fingerprint(browser))


def enter(secret: str, *, now: datetime) -> tuple[Customer, str] | None:
    """Use SECRET up and sign its customer in; return them and the word of the session, or None: it works no more."""
    with transaction.atomic():
        links = SignInLink.objects.filter(digest=fingerprint(secret))
        if not links.filter(ended_at=None, expires_at__gt=now).update(ended_at=now):
            return None
        customer = Customer.objects.filter(email=links.values("email")[:1]).first()
        if customer is None:
            return None
        word = secrets.token_urlsafe(32)
        CustomerSession.objects.create(customer=customer, digest=fingerprint(word), expires_at=now + SIGNED_IN_FOR)
        return customer, word


def who(word: str, *, now: datetime) -> Customer | None:
    """Return the customer whose session has this WORD and still runs."""
    sessions = CustomerSession.objects.select_related("customer")
    session = sessions.filter(digest=fingerprint(word), expires_at__gt=now).first()
    return session.customer if session else None


def leave(word: str) -> None:
    """Sign out: the session ends here and now, whoever else holds its word."""
    CustomerSession.objects.filter(digest=fingerprint(word)).delete()


def forget_old(*, now: datetime) -> int:
    """Delete links a day after they were asked for and sessions that ran out; return how many."""
    links, _each = SignInLink.objects.filter(asked_at__lt=now - KEPT).delete()
    sessions, _each = CustomerSession.objects.filter(expires_at__lt=now).delete()
    return links + sessions


def forget_customer(customer: Customer) -> None:
    """Sign CUSTOMER out everywhere, and forget that links were asked for."""
    CustomerSession.objects.filter(customer=customer).delete()
    SignInLink.objects.filter(email=customer.email).delete()
