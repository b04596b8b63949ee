"""The policies a helpdesk starts with: the protocol's own figures, and first triggers and scripts in en, it and pt."""

import tomllib
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings

from policies.kinds import ApprovalKind
from policies.models import ApprovalRule, DecisionRule, FloorLimit, ResponseTime, Right, Script, Trigger, Wording
from policies.remedies import Problem, Remedy
from tickets import roles
from tickets.models import Category, Team

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
    {"kind": ApprovalKind.CONTACT, "roles": [roles.SUPERVISOR, *RISK_LEGAL]},
    {"kind": ApprovalKind.CONTACT, "floor": 3, "roles": RISK_LEGAL},
]
"""The approval matrix of P2: Floor 3 is the home of Risk and Legal, so they may take a ticket there themselves."""

DECIDERS = [roles.AGENT, roles.SPECIALIST, roles.SUPERVISOR, *RISK_LEGAL]

LATITUDE = {
    "up_to": Decimal(100),
    "window": timedelta(hours=24),
    "customer_up_to": Decimal(300),
    "customer_window": timedelta(days=30),
    "agent_up_to": Decimal(1500),
    "agent_window": timedelta(days=7),
}
"""What anybody on the floors may give alone (P4.1), in the shop's currency, and what it may not add up to."""

WORDS = (Remedy.APOLOGY, Remedy.EXPLANATION)
GOODS = (Remedy.REFUND, Remedy.STORE_CREDIT, Remedy.REPLACEMENT)
CELLS = {
    Problem.DAMAGE: (*GOODS, Remedy.REPAIR, *WORDS),
    Problem.WRONG_SHIPMENT: (*GOODS, *WORDS),
    Problem.RETURN: (*GOODS, *WORDS),
    Problem.PRODUCT_QUESTION: WORDS,
    Problem.SERVICE: (Remedy.REFUND, Remedy.STORE_CREDIT, *WORDS),
    Problem.PAYMENT: (Remedy.REFUND, Remedy.STORE_CREDIT, *WORDS),
    Problem.OUT_OF_THE_BOX: WORDS,
}
"""The decision matrix to start with (P4.2). Where it has no cell, a review decides; so it does for all of Floor 3."""


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
    if not DecisionRule.objects.exists():
        DecisionRule.objects.bulk_create(_cells())
    rights = tomllib.loads((BOOK / "rights.toml").read_text(encoding="utf-8"))
    known = set(Right.objects.values_list("right", "policy"))
    Right.objects.bulk_create(
        Right(right=right, policy=policy, **says)
        for right, policies in rights.items()
        for policy, says in policies.items()
        if (right, policy) not in known
    )
    for model in (Trigger, Script):
        pages = tomllib.loads((BOOK / f"{model.__name__.lower()}s.toml").read_text(encoding="utf-8"))
        known = set(model.objects.values_list("slug", flat=True))
        model.objects.bulk_create(model(slug=slug, **page) for slug, page in pages.items() if slug not in known)
    known = set(Script.objects.values_list("slug", flat=True))
    for slug, page in tomllib.loads((BOOK / "articles.toml").read_text(encoding="utf-8")).items():
        category = Category.objects.filter(slug=page.pop("category", "")).first()
        if slug not in known:
            texts = {language: text.strip() for language, text in page.pop("texts").items()}
            Script.objects.create(slug=slug, category=category, texts=texts, **page)
    known = set(Wording.objects.values_list("slug", flat=True))
    for slug, page in tomllib.loads((BOOK / "wording.toml").read_text(encoding="utf-8")).items():
        page["phrases"] = {language: "\n".join(phrases) for language, phrases in page["phrases"].items()}
        if slug not in known:
            Wording.objects.create(slug=slug, **page)


def _cells() -> Iterable[DecisionRule]:
    for problem, remedies in CELLS.items():
        for remedy in remedies:
            limit = {} if remedy in WORDS else LATITUDE | {"currency": settings.CURRENCY}
            slug = f"{problem}-{remedy}".replace("_", "-")
            yield DecisionRule(slug=slug, problem=problem, remedy=remedy, roles=DECIDERS, **limit)
