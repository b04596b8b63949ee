"""The roles of P10, kept as Django groups of the same name."""

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
    AGENT: "Agent",
    SPECIALIST: "Specialist",
    SUPERVISOR: "Floor 2 supervisor",
    HEAD_OF_RISK: "Head of Risk",
    LEGAL: "Legal",
    EXECUTIVE: "Executive",
    MANAGER: "Manager",
    POLICY_OWNER: "Policy owner",
    ADMIN: "Administrator",
}
