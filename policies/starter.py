"""The policies a helpdesk starts with: the protocol's own figures, and first triggers and scripts in en, it and pt."""

import tomllib
from datetime import timedelta
from pathlib import Path

from policies.models import FloorLimit, ResponseTime, Script, Trigger
from tickets.models import Team

BOOK = Path(__file__).parent / "starter_book"

LIMITS = {1: (15, None), 2: (10, "specialists"), 3: (60, "risk-legal")}
"""Minutes on each floor (P2) and the team that has it there; Floor 1 belongs to the channel's team (P1.1)."""


def load() -> None:
    """Put in force what has no version yet; a policy that people have changed stays theirs."""
    for floor, (minutes, team) in LIMITS.items():
        if not FloorLimit.objects.filter(floor=floor).exists():
            owner = Team.objects.filter(slug=team).first() if team else None
            FloorLimit.objects.create(floor=floor, limit=timedelta(minutes=minutes), team=owner)
    if not ResponseTime.objects.exists():
        ResponseTime.objects.create(first_response=timedelta(minutes=8), resolution=timedelta(hours=24))
    for model in (Trigger, Script):
        pages = tomllib.loads((BOOK / f"{model.__name__.lower()}s.toml").read_text(encoding="utf-8"))
        known = set(model.objects.values_list("slug", flat=True))
        model.objects.bulk_create(model(slug=slug, **page) for slug, page in pages.items() if slug not in known)
