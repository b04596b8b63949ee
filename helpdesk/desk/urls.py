"""Addresses of the staff pages."""

from django.urls import include, path

from helpdesk.desk import (
    actions,
    approvals,
    case_file,
    clocks,
    composer,
    deadline,
    deputies,
    details,
    log,
    me,
    preferences,
    queue,
    ticket,
)

app_name = "desk"

urlpatterns = [
    path("", queue.show, name="queue"),
    path("next/", queue.take_next, name="take_next"),
    path("assign/", queue.assign, name="assign"),
    path("tickets/new/", details.new, name="new"),
    path("tickets/<int:number>/", ticket.show, name="ticket"),
    path("tickets/<int:number>/stand/", ticket.stand, name="stand"),
    path("tickets/<int:number>/said/", ticket.said, name="said"),
    path("tickets/<int:number>/acts/", ticket.acts, name="acts"),
    path("tickets/<int:number>/write/", composer.write, name="write"),
    path("tickets/<int:number>/do/<slug:slug>/", actions.act, name="act"),
    path("tickets/<int:number>/edit/", details.edit, name="edit"),
    path("tickets/<int:number>/log/", log.show, name="log"),
    path("tickets/<int:number>/log.csv", log.save, name="log_csv"),
    path("tickets/<int:number>/deadline/", deadline.show, name="deadline"),
    path("tickets/<int:number>/case/", case_file.show, name="case_file"),
    path("tickets/<int:number>/case/export/", case_file.export, name="case_export"),
    path("tickets/<int:number>/case/evidence/<int:pk>/", case_file.file, name="evidence_file"),
    path("tickets/<int:number>/case/<slug:slug>/", case_file.add, name="case_add"),
    path("tickets/<int:number>/files/<int:pk>/", ticket.file, name="file"),
    path("clocks/", clocks.show, name="clocks"),
    path("clocks/<int:pk>/withdraw/", clocks.withdraw, name="clock_withdraw"),
    path("calendars/new/", clocks.calendar, name="calendar_new"),
    path("calendars/<slug:slug>/", clocks.calendar, name="calendar"),
    path("deputies/", deputies.show, name="deputies"),
    path("deputies/<int:pk>/end/", deputies.end, name="deputy_end"),
    path("approvals/", approvals.inbox, name="approvals"),
    path("approvals/<int:pk>/", approvals.show, name="approval"),
    path("approvals/<int:pk>/decide/", approvals.decide, name="decide"),
    path("me/", me.work, name="work"),
    path("preferences/", preferences.save, name="preferences"),
    path("", include("helpdesk.desk.rule_urls")),
    path("", include("helpdesk.desk.scorecard_urls")),
]
