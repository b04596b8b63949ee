"""The policies a helpdesk starts with: the protocol's own figures, and first triggers and scripts in en, it and pt."""

from datetime import timedelta
from decimal import Decimal

from policies.models import FloorLimit, ResponseTime, Script, Trigger
from policies.risks import Risk
from policies.starter_scripts import SCRIPTS
from policies.starter_triggers import PHRASES
from tickets.models import Team

LIMITS = {1: (15, None), 2: (10, "specialists"), 3: (60, "risk-legal")}
"""Minutes on each floor (P2) and the team that has it there; Floor 1 belongs to the channel's team (P1.1)."""

TRIGGERS = (
    ("abusive-language", "Abusive language", Risk.ABUSE, 2, None),
    ("disputed-facts", "Dispute over facts", Risk.DISPUTE, 2, None),
    ("high-value", "High-value order", Risk.HIGH_VALUE, 2, Decimal("500")),
    ("premium-value", "Premium shipment", Risk.HIGH_VALUE, 3, Decimal("5000")),
    ("privacy-breach", "Privacy breach", Risk.PRIVACY_BREACH, 3, None),
    ("potential-fraud", "Potential fraud", Risk.FRAUD, 3, None),
    ("legal-risk", "Threat of legal action", Risk.LEGAL, 3, None),
    ("harassment", "Harassment", Risk.HARASSMENT, 3, None),
)


def load() -> None:
    """Put in force what has no version yet; a policy that people have changed stays theirs."""
    for floor, (minutes, team) in LIMITS.items():
        if not FloorLimit.objects.filter(floor=floor).exists():
            owner = Team.objects.filter(slug=team).first() if team else None
            FloorLimit.objects.create(floor=floor, limit=timedelta(minutes=minutes), team=owner)
    if not ResponseTime.objects.exists():
        ResponseTime.objects.create(first_response=timedelta(minutes=8), resolution=timedelta(hours=24))
    for slug, name, risk, floor, value in TRIGGERS:
        if not Trigger.objects.filter(slug=slug).exists():
            Trigger.objects.create(
                slug=slug, name=name, risk=risk, floor=floor, min_order_value=value, phrases=PHRASES.get(slug, {})
            )
    for slug, (title, floor, texts) in SCRIPTS.items():
        if not Script.objects.filter(slug=slug).exists():
            Script.objects.create(slug=slug, title=title, floor=floor, texts=texts)
