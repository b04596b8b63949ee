"""What every helpdesk needs before the first ticket: roles, and one team, channels and categories to begin with."""

from django.contrib.auth.models import Group

from tickets import roles
from tickets.models import Category, Channel, Tag, Team

TEAMS = {"first-line": "First line", "specialists": "Specialists", "risk-legal": "Risk and Legal"}
ROUTED = {"specialists"}
"""Teams whose tickets are given out by rule from the start: Floor 2 (P2)."""
CHANNELS = {
    "web": "Web form",
    "email": "E-mail",
    "phone": "Phone",
    "chat": "Chat",
    "store": "Store",
    "social": "Social media",
    "api": "API",
}
CATEGORIES = {
    "damage": "Damage",
    "wrong-shipment": "Wrong shipment",
    "return": "Return",
    "product-question": "Product question",
    "service": "Service",
    "payment": "Payment",
    "out-of-the-box": "Out of the box",
    "privacy": "Privacy",
}
TAGS = {"delivery": "Delivery", "refund": "Refund", "warranty": "Warranty", "jewelry": "Jewelry", "vip": "VIP"}


def load() -> None:
    """Add what is missing; what is there stays as it is."""
    for role in roles.ALL:
        Group.objects.get_or_create(name=role)
    teams = {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": name, "auto_assign": slug in ROUTED})[0]
        for slug, name in TEAMS.items()
    }
    for slug, name in CHANNELS.items():
        Channel.objects.get_or_create(slug=slug, defaults={"name": name, "team": teams["first-line"]})
    for model, names in ((Category, CATEGORIES), (Tag, TAGS)):
        for slug, name in names.items():
            model.objects.get_or_create(slug=slug, defaults={"name": name})
