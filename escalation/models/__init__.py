from escalation.models.approval import Approval
from escalation.models.escalation import Escalation
from escalation.models.event import Action, AuditEvent
from escalation.models.heartbeat import SweepHeartbeat
from escalation.models.hold import Hold
from escalation.models.outbox import OutboxMessage
from escalation.models.risk import RiskFlag
from escalation.models.visit import FloorVisit, Pause

__all__ = [
    "Action",
    "Approval",
    "AuditEvent",
    "Escalation",
    "FloorVisit",
    "Hold",
    "OutboxMessage",
    "Pause",
    "RiskFlag",
    "SweepHeartbeat",
]
