"""Addresses of the rules' pages; names live in the `desk` namespace."""

from django.urls import path

from helpdesk.desk import rules

urlpatterns = [
    path("rules/", rules.show, name="rules"),
    path("rules/new/", rules.new, name="rule_new"),
    path("rules/drafts/<int:pk>/", rules.draft, name="rule_draft"),
    path("rules/drafts/<int:pk>/try/", rules.attempt, name="rule_try"),
    path("rules/drafts/<int:pk>/publish/", rules.publish, name="rule_publish"),
    path("rules/drafts/<int:pk>/discard/", rules.discard, name="rule_discard"),
    path("rules/<slug:slug>/end/", rules.end, name="rule_end"),
]
