"""Addresses of the scorecard and of the forms that feed it; names live in the `desk` namespace."""

from django.urls import path

from helpdesk.desk import metric, pulse, qa, scorecard

urlpatterns = [
    path("scorecard/", scorecard.show, name="scorecard"),
    path("scorecard/file.csv", scorecard.csv_file, name="scorecard_csv"),
    path("scorecard/file.xlsx", scorecard.xlsx_file, name="scorecard_xlsx"),
    path("scorecard/notes/", scorecard.add_note, name="scorecard_note"),
    path("scorecard/editions/", scorecard.correct, name="scorecard_correct"),
    path("scorecard/figures/<slug:key>/", metric.show, name="metric"),
    path("scorecard/figures/<slug:key>/target/", metric.set_target, name="target"),
    path("pulse/", pulse.show, name="pulse"),
    path("qa/", qa.show, name="qa"),
]
