"""Addresses of the scorecard and of the forms that feed it; names live in the `desk` namespace."""

from django.urls import path

from helpdesk.desk import causes, foresight, metric, pulse, qa, scorecard, workflow

urlpatterns = [
    path("scorecard/", scorecard.show, name="scorecard"),
    path("scorecard/file.csv", scorecard.csv_file, name="scorecard_csv"),
    path("scorecard/file.xlsx", scorecard.xlsx_file, name="scorecard_xlsx"),
    path("scorecard/notes/", scorecard.add_note, name="scorecard_note"),
    path("scorecard/editions/", scorecard.correct, name="scorecard_correct"),
    path("scorecard/figures/<slug:key>/", metric.show, name="metric"),
    path("scorecard/figures/<slug:key>/target/", metric.set_target, name="target"),
    path("workflow/", workflow.show, name="workflow"),
    path("workflow/file.csv", workflow.csv_file, name="workflow_csv"),
    path("workflow/behind/<slug:what>/", workflow.behind, name="workflow_list"),
    path("foresight/", foresight.show, name="foresight"),
    path("pulse/", pulse.show, name="pulse"),
    path("causes/", causes.show, name="causes"),
    path("causes/<int:pk>/", causes.task, name="cause"),
    path("qa/", qa.show, name="qa"),
]
