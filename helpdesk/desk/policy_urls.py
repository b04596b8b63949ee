"""Addresses of the policy book and of the archive of decisions; names live in the `desk` namespace."""

from django.urls import path

from helpdesk.desk import decisions, gaps, policies

urlpatterns = [
    path("decisions/", decisions.archive, name="decisions"),
    path("decisions/gaps/", gaps.show, name="gaps"),
    path("decisions/gaps/<int:pk>/", gaps.answer, name="gap_answer"),
    path("policies/", policies.index, name="policies"),
    path("policies/drafts/<int:pk>/", policies.draft, name="policy_draft"),
    path("policies/drafts/<int:pk>/publish/", policies.publish, name="policy_publish"),
    path("policies/drafts/<int:pk>/discard/", policies.discard, name="policy_discard"),
    path("policies/<slug:slug>/", policies.listing, name="policy_kind"),
    path("policies/<slug:slug>/new/", policies.new, name="policy_new"),
    path("policies/<slug:slug>/<int:pk>/", policies.version, name="policy_version"),
    path("policies/<slug:slug>/<int:pk>/end/", policies.end, name="policy_end"),
]
