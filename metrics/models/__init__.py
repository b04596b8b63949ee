from metrics.models.audit import AuditAction, AuditFigure, AuditFinding, PolicyAudit
from metrics.models.cause import Cause
from metrics.models.employment import Employment
from metrics.models.foresight import Forecast, ForesightModel
from metrics.models.gap import GapAnswer
from metrics.models.pulse import PulseAnswer, PulseTurn
from metrics.models.quality import QaReview
from metrics.models.rating import Rating
from metrics.models.scorecard import NEAR, Figure, Note, Scorecard
from metrics.models.target import Target
from metrics.models.text_answer import TextAnswer

__all__ = [
    "NEAR",
    "AuditAction",
    "AuditFigure",
    "AuditFinding",
    "Cause",
    "Employment",
    "Figure",
    "Forecast",
    "ForesightModel",
    "GapAnswer",
    "Note",
    "PolicyAudit",
    "PulseAnswer",
    "PulseTurn",
    "QaReview",
    "Rating",
    "Scorecard",
    "Target",
    "TextAnswer",
]
