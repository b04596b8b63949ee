"""Correcting what a ticket says about itself; each correction is on record with before and after."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from escalation import access, audit, rules, signatures
from escalation.case import locked
from escalation.models import Action
from policies.triggers import Occasion
from tickets.models import Category, Tag, Team, Ticket, User
from tickets.refusals import Invalid
from tickets.texts import clean_line

EDITABLE = ("subject", "category", "team", "language", "tags", "order")


def edit(
    number: int,
    *,
    actor: User,
    changes: dict,
    now: datetime | None = None,
    expected_version: int | None = None,
) -> None:
    """Change any of `EDITABLE`: CHANGES maps names to new values (`tags` to Tag rows, `order` to a dict as in `Order`).

    A changed order is read by the triggers like a new one.
    """
    unknown = set(changes) - set(EDITABLE)
    if unknown:
        raise Invalid(
            _("This cannot be changed here: %(names)s.") % {"names": ", ".join(sorted(unknown))},
            code="read_only",
            field=min(unknown),
        )
    with locked(number, now=now, expected_version=expected_version) as case:
        access.require_worker(actor, case.escalation)
        ticket = case.ticket
        before, after, fields = {}, {}, []
        for name, value in changes.items():
            old, new = _apply(ticket, name, value)
            if old != new:
                before[name], after[name] = old, new
                fields += _columns(name)
        if not after:
            return
        if fields:
            ticket.save(update_fields=fields)
        if "tags" in after:
            ticket.tags.set(changes["tags"])
        case.record(Action.EDITED, audit.person(actor), data={"before": before, "after": after})
        if "order" in after:
            found = rules.findings_for(ticket, text="", occasion=Occasion.ORDER, now=case.now)
            rules.apply(case, found)
            signatures.void_outdated(case, audit.person(actor))


def tag(
    number: int, *, actor: User, add: Iterable[Tag] = (), remove: Iterable[Tag] = (), now: datetime | None = None
) -> None:
    """Put tags on a ticket and take others off; the rest stays, whoever changed it meanwhile."""
    with locked(number, now=now) as case:
        access.require_worker(actor, case.escalation)
        borne = {tag.slug: tag for tag in case.ticket.tags.all()}
        wanted = {**borne, **{tag.slug: tag for tag in add}}
        for tag in remove:
            wanted.pop(tag.slug, None)
        if wanted.keys() == borne.keys():
            return
        case.ticket.tags.set(wanted.values())
        cited = {"before": {"tags": sorted(borne)}, "after": {"tags": sorted(wanted)}}
        case.record(Action.EDITED, audit.person(actor), data=cited)


def order_fields(order: dict | None) -> dict:
    """Return the ticket's order columns for ORDER = {reference, value: {amount, currency}, products}, checked."""
    order = order or {}
    value = order.get("value") or {}
    amount = value.get("amount")
    currency = clean_line(value.get("currency") or "", field="order.value.currency", limit=3)
    if amount is not None:
        amount = Decimal(amount)
        if not amount.is_finite() or amount < 0 or amount >= Decimal("1e10"):
            raise Invalid(
                _("The order's value must be an amount of zero or more."), code="invalid", field="order.value"
            )
        amount = amount.quantize(Decimal("0.01"))
        currency = currency or settings.CURRENCY
        if not (currency.isascii() and currency.isalpha() and currency.isupper() and len(currency) == 3):
            raise Invalid(
                _("Use a three-letter ISO 4217 code such as EUR."), code="invalid", field="order.value.currency"
            )
    products = [clean_line(str(p), field="order.products", limit=200) for p in order.get("products") or []]
    if len(products) > 100:
        raise Invalid(_("At most 100 products."), code="too_many", field="order.products")
    return {
        "order_reference": clean_line(order.get("reference") or "", field="order.reference", limit=80),
        "order_value": amount,
        "order_currency": currency if amount is not None else "",
        "order_products": products,
    }


def _apply(ticket: Ticket, name: str, value: object) -> tuple[object, object]:
    """Put VALUE on the ticket in memory; return before and after as the record keeps them."""
    if name == "subject":
        old, ticket.subject = ticket.subject, clean_line(str(value), field="subject", limit=250, required=True)
        return old, ticket.subject
    if name == "language":
        old, ticket.language = ticket.language, clean_line(str(value or ""), field="language", limit=10)
        return old, ticket.language
    if name == "tags":
        return sorted(ticket.tags.values_list("slug", flat=True)), sorted(tag.slug for tag in _tags(value))
    if name == "order":
        old = _order_record(ticket)
        for column, new in order_fields(value).items():
            setattr(ticket, column, new)
        return old, _order_record(ticket)
    related: Category | Team | None = value
    old = getattr(ticket, name)
    setattr(ticket, name, related)
    return old.slug if old else None, related.slug if related else None


def _tags(value: object) -> list[Tag]:
    return list(value or [])


def _order_record(ticket: Ticket) -> dict:
    return {
        "reference": ticket.order_reference,
        "value": None if ticket.order_value is None else f"{ticket.order_value:.2f} {ticket.order_currency}",
        "products": list(ticket.order_products),
    }


def _columns(name: str) -> list[str]:
    if name == "order":
        return ["order_reference", "order_value", "order_currency", "order_products"]
    return [] if name == "tags" else [name]
