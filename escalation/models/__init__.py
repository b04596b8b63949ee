from escalation.models.approval import Approval, Signature
from escalation.models.contact import ContactStep
from escalation.models.decision import Decision, DecisionText, ExternalNotification, Verdict
from escalation.models.escalation import Escalation
from escalation.models.event import Action, AuditEvent
from escalation.models.evidence import Evidence
from escalation.models.heartbeat import SweepHeartbeat
from escalation.models.hold import Blocked, Hold
from escalation.models.legal_hold import LegalHold
from escalation.models.macro import Macro
from escalation.models.outbox import OutboxMessage
from escalation.models.privacy import PrivacyRequest
from escalation.models.risk import RiskFlag
from escalation.models.suggestion import Unhelpful
from escalation.models.visit import FloorVisit, Pause
from escalation.models.watch import Snooze, Watch

__all__ = [
    "Action",
    "Approval",
    "AuditEvent",
    "Blocked",
    "ContactStep",
    "Decision",
    "DecisionText",
    "Escalation",
    "Evidence",
    "ExternalNotification",
    "FloorVisit",
    "Hold",
    "LegalHold",
    "Macro",
    "OutboxMessage",
    "PrivacyRequest",
    "Pause",
    "RiskFlag",
    "Signature",
    "Snooze",
    "SweepHeartbeat",
    "Unhelpful",
    "Verdict",
    "Watch",
]
