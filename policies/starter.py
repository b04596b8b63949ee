"""The policies a helpdesk starts with: the protocol's own figures, and first triggers and scripts in en, it and pt."""

import tomllib
from datetime import timedelta
from pathlib import Path

from policies.kinds import ApprovalKind
from policies.models import ApprovalRule, FloorLimit, Latitude, ResponseTime, Script, Trigger, Wording
from tickets import roles
from tickets.models import Team

BOOK = Path(__file__).parent / "starter_book"

LIMITS = {1: (15, None), 2: (10, "specialists"), 3: (60, "risk-legal")}
"""Minutes on each floor (P2) and the team that has it there; Floor 1 belongs to the channel's team (P1.1)."""

RISK_LEGAL = [roles.HEAD_OF_RISK, roles.LEGAL]

SIGNERS = [
    {"kind": ApprovalKind.FLOOR_3, "roles": [roles.SUPERVISOR, *RISK_LEGAL], "alone": RISK_LEGAL},
    {"kind": ApprovalKind.HOLD_RELEASE, "roles": [roles.SUPERVISOR, *RISK_LEGAL]},
    {"kind": ApprovalKind.HOLD_RELEASE, "floor": 3, "roles": RISK_LEGAL},
    {"kind": ApprovalKind.FINAL_RESOLUTION, "roles": RISK_LEGAL, "excludes_author": True},
    {"kind": ApprovalKind.EXTERNAL_NOTIFICATION, "roles": [roles.EXECUTIVE]},
    {"kind": ApprovalKind.DECISION, "roles": [roles.SUPERVISOR, *RISK_LEGAL]},
    {"kind": ApprovalKind.DECISION, "floor": 3, "roles": RISK_LEGAL},
]
"""The approval matrix of P2: Floor 3 is the home of Risk and Legal, so they may take a ticket there themselves."""


def load() -> None:
    """Put in force what has no version yet; a policy that people have changed stays theirs."""
    for floor, (minutes, team) in LIMITS.items():
        if not FloorLimit.objects.filter(floor=floor).exists():
            owner = Team.objects.filter(slug=team).first() if team else None
            FloorLimit.objects.create(floor=floor, limit=timedelta(minutes=minutes), team=owner)
    if not ResponseTime.objects.exists():
        ResponseTime.objects.create(first_response=timedelta(minutes=8), resolution=timedelta(hours=24))
    for row in SIGNERS:
        if not ApprovalRule.objects.filter(kind=row["kind"], floor=row.get("floor"), amount_from=None).exists():
            ApprovalRule.objects.create(**row)
    if not Latitude.objects.exists():
        deciders = [roles.AGENT, roles.SPECIALIST, roles.SUPERVISOR, *RISK_LEGAL]
        Latitude.objects.create(roles=deciders)
    for model in (Trigger, Script):
        pages = tomllib.loads((BOOK / f"{model.__name__.lower()}s.toml").read_text(encoding="utf-8"))
        known = set(model.objects.values_list("slug", flat=True))
        model.objects.bulk_create(model(slug=slug, **page) for slug, page in pages.items() if slug not in known)
    known = set(Wording.objects.values_list("slug", flat=True))
    for slug, page in tomllib.loads((BOOK / "wording.toml").read_text(encoding="utf-8")).items():
        page["phrases"] = {language: "\n".join(phrases) for language, phrases in page["phrases"].items()}
        if slug not in known:
            Wording.objects.create(slug=slug, **page)
