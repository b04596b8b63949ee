from policies.models.calendar import Calendar
from policies.models.decision_rule import DecisionRule
from policies.models.draft import Draft, PolicyDraft
from policies.models.floor import FloorLimit
from policies.models.policy import Policy
from policies.models.reading import Look, Vote
from policies.models.response import ResponseTime
from policies.models.retention import Retention
from policies.models.review import PolicyReview
from policies.models.right import Right
from policies.models.script import Script, ScriptUse
from policies.models.seen import Seen
from policies.models.signing import ApprovalRule, Delegation
from policies.models.trigger import Trigger, TriggerDraft, TriggerFault
from policies.models.wording import Wording

__all__ = [
    "ApprovalRule",
    "Calendar",
    "DecisionRule",
    "Delegation",
    "Draft",
    "FloorLimit",
    "Look",
    "Policy",
    "PolicyDraft",
    "PolicyReview",
    "ResponseTime",
    "Retention",
    "Right",
    "Script",
    "ScriptUse",
    "Seen",
    "Trigger",
    "TriggerDraft",
    "TriggerFault",
    "Vote",
    "Wording",
]
