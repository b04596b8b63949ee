"""The demo's staff and what is theirs: one person per role, two agents, all at example.com (RFC 2606)."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from escalation import macros
from escalation.models import Macro
from policies.book import KINDS
from tickets import duty, roles
from tickets.models import Category, Tag, Team, User

STAFF = {
    "agent": ("Anna Amato", roles.AGENT, "first-line", 800),
    "agent2": ("Luca Longo", roles.AGENT, "first-line", 310),
    "specialist": ("Marco Serra", roles.SPECIALIST, "specialists", 1240),
    "supervisor": ("Marta Conte", roles.SUPERVISOR, "specialists", 1900),
    "risk": ("Elena Risi", roles.HEAD_OF_RISK, "risk-legal", 2100),
    "legal": ("Laura Leone", roles.LEGAL, "risk-legal", 950),
    "executive": ("Edoardo Ricci", roles.EXECUTIVE, None, 3000),
    "manager": ("Silvia Gallo", roles.MANAGER, None, 1500),
    "policy": ("Paola Villa", roles.POLICY_OWNER, None, 620),
    "admin": ("Ada Martini", roles.ADMIN, None, 2500),
}
"""Address before the @: name, role, team, days since they joined."""


def hire(*, password: str, now: datetime) -> dict[str, User]:
    """Make the accounts and return them by the part of the address before the @."""
    hashed = make_password(password)  # once: hashing is slow on purpose, and the password is the same for all
    groups = {group.name: group for group in Group.objects.all()}
    teams = {team.slug: team for team in Team.objects.all()}
    staff = {}
    for local, (name, role, team, days) in STAFF.items():
        is_admin = role == roles.ADMIN
        person = User.objects.create(
            email=f"{local}@example.com",
            name=name,
            password=hashed,
            joined_on=(now - timedelta(days=days)).date(),
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        person.groups.add(groups[role])
        if team:
            teams[team].members.add(person)
        staff[local] = person
    # On duty since before the demo, but not seen yet: tickets come as soon as he signs in.
    duty.come_on(staff["specialist"], now=now - timedelta(hours=1))
    known = Category.objects.filter(slug__in=["damage", "wrong-shipment"])
    duty.describe(staff["specialist"], languages=["it", "en"], categories=known, capacity=3)
    return staff


def own_policies(owner: User, now: datetime) -> None:
    """Give every policy in force an owner and a day of review, some weeks apart (P3.3)."""
    for place, kind in enumerate(KINDS.values()):
        day = (now + timedelta(days=21 + 7 * place)).date()
        kind.model.objects.filter(owner=None, valid_until=None).update(owner=owner, review_on=day)


def make_macros(keeper: User) -> None:
    """Make two macros, as a house would have them."""
    damage = Category.objects.get(slug="damage")
    damaged = Macro(slug="damaged", name="Damaged on arrival", keeper=keeper, category=damage, owner=Macro.Owner.ME)
    damaged.script = "damaged-item"
    macros.store(damaged, actor=keeper, tags=list(Tag.objects.filter(slug="delivery")))
    jewelry = Macro(slug="jewelry", name="Jewelry to the specialists", keeper=keeper, owner=Macro.Owner.NOBODY)
    jewelry.team = Team.objects.get(slug="specialists")
    macros.store(jewelry, actor=keeper, tags=list(Tag.objects.filter(slug__in=["jewelry", "vip"])))
