"""The roles of P10, kept as Django groups of the same name."""

from django.utils.translation import gettext_lazy as _

AGENT = "agent"
SPECIALIST = "specialist"
SUPERVISOR = "supervisor"
HEAD_OF_RISK = "head_of_risk"
LEGAL = "legal"
EXECUTIVE = "executive"
MANAGER = "manager"
POLICY_OWNER = "policy_owner"
ADMIN = "admin"

ALL = (AGENT, SPECIALIST, SUPERVISOR, HEAD_OF_RISK, LEGAL, EXECUTIVE, MANAGER, POLICY_OWNER, ADMIN)

LABELS = {
    AGENT: _("Agent"),
    SPECIALIST: _("Specialist"),
    SUPERVISOR: _("Floor 2 supervisor"),
    HEAD_OF_RISK: _("Head of Risk"),
    LEGAL: _("Legal"),
    EXECUTIVE: _("Executive"),
    MANAGER: _("Manager"),
    POLICY_OWNER: _("Policy owner"),
    ADMIN: _("Administrator"),
}
