"""The addresses of the REST API v1. Everything is registered with one router, which puts the ground rules around it."""

from django.urls import path, re_path

from escalation.api.approvals import ApprovalView
from escalation.api.bulk import BulkView
from escalation.api.case_file import DecisionTextView, DecisionView, EvidenceView, ExportView, NotificationView
from escalation.api.contact import ContactStepView
from escalation.api.links import LinkView
from escalation.api.macros import MacroView
from escalation.api.me import MeView
from escalation.api.parts import AttachmentView, EventView, MessageView, VisitView
from escalation.api.privacy import CustomerView, LegalHoldView, TicketLegalHoldView
from escalation.api.search import SearchView
from escalation.api.tickets import TicketView
from escalation.api.verdict import VerdictView
from helpdesk.api.ground import GroundRouter
from helpdesk.api.nowhere import nowhere
from helpdesk.notifications.api import OwnNotificationView
from helpdesk.webhooks.api import WebhookView
from metrics.api import KEY, WEEK, FigureTicketsView, ScorecardView
from metrics.archive_api import ArchiveView
from metrics.audit_api import AuditView
from metrics.effect_api import EffectView
from metrics.gap_api import GapView, UseView
from metrics.target_api import TargetView
from metrics.text_gap_api import TextGapView
from metrics.workflow_api import WorkflowView
from policies.api import CalendarView, FloorLimitView, FloorView, ScriptView
from policies.book_api import BookView
from policies.draft_api import PolicyDraftView
from policies.knowledge_api import ArticleView
from policies.matrix_api import DecisionRuleView, ResponseTimeView, RightView
from policies.review_api import ReviewView
from policies.signing_api import ApprovalRuleView, DelegationView
from policies.tone_api import ToneCheckView, WordingView
from policies.trigger_api import TriggerView
from tickets.api import CategoryView, ChannelView, TagView, TeamView

_OF_TICKET = "tickets/(?P<number>[0-9]{1,18})/"

router = GroundRouter()
router.register("tickets/bulk", BulkView, basename="api-bulk")
router.register("tickets", TicketView, basename="api-ticket")
router.register(f"{_OF_TICKET}messages", MessageView, basename="api-message")
router.register(f"{_OF_TICKET}attachments", AttachmentView, basename="api-attachment")
router.register(f"{_OF_TICKET}links", LinkView, basename="api-link")
router.register(f"{_OF_TICKET}legal-hold", TicketLegalHoldView, basename="api-ticket-legal-hold")
router.register("customers", CustomerView, basename="api-customer")
router.register("legal-holds", LegalHoldView, basename="api-legal-hold")
router.register(f"{_OF_TICKET}events", EventView, basename="api-event")
router.register(f"{_OF_TICKET}visits", VisitView, basename="api-visit")
router.register(f"{_OF_TICKET}evidence", EvidenceView, basename="api-evidence")
router.register(f"{_OF_TICKET}decision-texts", DecisionTextView, basename="api-decision-text")
router.register(f"{_OF_TICKET}decisions", DecisionView, basename="api-decision")
router.register(f"{_OF_TICKET}verdict", VerdictView, basename="api-verdict")
router.register(f"{_OF_TICKET}external-notifications", NotificationView, basename="api-notification")
router.register(f"{_OF_TICKET}export", ExportView, basename="api-export")
router.register("webhooks", WebhookView, basename="api-webhook")
router.register("search", SearchView, basename="api-search")
router.register("approvals", ApprovalView, basename="api-approval")
router.register("approval-rules", ApprovalRuleView, basename="api-approval-rule")
router.register("decision-matrix", DecisionRuleView, basename="api-decision-rule")
router.register("decisions", ArchiveView, basename="api-precedent")
router.register("decision-gaps", GapView, basename="api-gap")
router.register("text-gaps", TextGapView, basename="api-text-gap")
router.register("script-use", UseView, basename="api-script-use")
router.register("policies/reviews", ReviewView, basename="api-policy-review")
router.register("policies/effects", EffectView, basename="api-policy-effect")
router.register("policies", BookView, basename="api-policy")
router.register("policy-drafts", PolicyDraftView, basename="api-policy-draft")
router.register("audits", AuditView, basename="api-audit")
router.register("rights", RightView, basename="api-right")
router.register("response-times", ResponseTimeView, basename="api-response-time")
router.register("delegations", DelegationView, basename="api-delegation")
router.register("floors", FloorView, basename="api-floor")
router.register("floor-limits", FloorLimitView, basename="api-floor-limit")
router.register("calendars", CalendarView, basename="api-calendar")
router.register("triggers", TriggerView, basename="api-trigger")
router.register("scripts", ScriptView, basename="api-script")
router.register("tone-check", ToneCheckView, basename="api-tone-check")
router.register("wording", WordingView, basename="api-wording")
router.register("contact-steps", ContactStepView, basename="api-contact-step")
router.register("articles", ArticleView, basename="api-article")
router.register("channels", ChannelView, basename="api-channel")
router.register("teams", TeamView, basename="api-team")
router.register("categories", CategoryView, basename="api-category")
router.register("tags", TagView, basename="api-tag")
router.register("macros", MacroView, basename="api-macro")
router.register("scorecards", ScorecardView, basename="api-scorecard")
router.register(
    f"scorecards/(?P<week>{WEEK})/metrics/(?P<key>{KEY})/tickets", FigureTicketsView, basename="api-figure-tickets"
)
router.register("targets", TargetView, basename="api-target")
router.register("workflow", WorkflowView, basename="api-workflow")
router.register("notifications", OwnNotificationView, basename="api-own-notification")
router.register("me", MeView, basename="api-me")

urlpatterns = [*router.urls, path("", nowhere), re_path(r".*", nowhere)]
