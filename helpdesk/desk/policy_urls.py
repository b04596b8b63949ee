"""Addresses of the policy book and of the archive of decisions; names live in the `desk` namespace."""

from django.urls import path

from helpdesk.desk import audits, decisions, effects, gaps, policies

urlpatterns = [
    path("decisions/", decisions.archive, name="decisions"),
    path("decisions/gaps/", gaps.show, name="gaps"),
    path("decisions/gaps/<int:pk>/", gaps.answer, name="gap_answer"),
    path("audits/", audits.index, name="audits"),
    path("audits/<int:pk>/", audits.show, name="audit"),
    path("audits/<int:pk>/tickets/<int:number>/", audits.answer, name="audit_answer"),
    path("audits/<int:pk>/actions/", audits.act, name="audit_act"),
    path("audits/<int:pk>/actions/<int:action>/drop/", audits.drop, name="audit_drop"),
    path("audits/<int:pk>/close/", audits.close, name="audit_close"),
    path("audits/<int:pk>/figures/<slug:key>/", audits.behind, name="audit_figure"),
    path("audits/actions/<int:action>/done/", audits.done, name="audit_done"),
    path("policies/", policies.index, name="policies"),
    path("policies/drafts/<int:pk>/", policies.draft, name="policy_draft"),
    path("policies/drafts/<int:pk>/publish/", policies.publish, name="policy_publish"),
    path("policies/drafts/<int:pk>/discard/", policies.discard, name="policy_discard"),
    path("policies/<slug:slug>/", policies.listing, name="policy_kind"),
    path("policies/<slug:slug>/new/", policies.new, name="policy_new"),
    path("policies/<slug:slug>/<int:pk>/", policies.version, name="policy_version"),
    path("policies/<slug:slug>/<int:pk>/reviewed/", policies.reviewed, name="policy_reviewed"),
    path("policies/<slug:slug>/<int:pk>/effect/", effects.show, name="policy_effect"),
    path("policies/<slug:slug>/<int:pk>/end/", policies.end, name="policy_end"),
]
