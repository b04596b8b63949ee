from policies.models.calendar import Calendar
from policies.models.floor import FloorLimit
from policies.models.policy import Policy
from policies.models.response import ResponseTime
from policies.models.script import Script, ScriptUse
from policies.models.trigger import Trigger, TriggerDraft, TriggerFault

__all__ = [
    "Calendar",
    "FloorLimit",
    "Policy",
    "ResponseTime",
    "Script",
    "ScriptUse",
    "Trigger",
    "TriggerDraft",
    "TriggerFault",
]
