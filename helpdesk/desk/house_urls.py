"""Addresses of the pages on which administrators keep the house."""

from django.urls import path

from helpdesk.desk import (
    house,
    house_health,
    house_hooks,
    house_mail,
    house_names,
    house_people,
    house_record,
    house_start,
)

urlpatterns = [
    path("", house_people.show, name="house"),
    path("people/new/", house_people.invite, name="person_new"),
    path("people/<int:pk>/", house_people.person, name="person"),
    path("people/<int:pk>/do/", house_people.act, name="person_act"),
    path("tokens/", house.show_tokens, name="house_tokens"),
    path("tokens/<int:pk>/withdraw/", house.withdraw, name="house_token_withdraw"),
    path("webhooks/", house_hooks.show, name="hooks"),
    path("webhooks/new/", house_hooks.new, name="hook_new"),
    path("webhooks/<int:pk>/", house_hooks.one, name="hook"),
    path("webhooks/<int:pk>/do/", house_hooks.act, name="hook_act"),
    path("record/", house_record.show, name="house_record"),
    path("start/", house_start.show, name="house_start"),
    path("health/", house_health.show, name="house_health"),
    path("mail/", house_mail.send, name="house_mail"),
    path("<slug:kind>/", house_names.show, name="names"),
    path("<slug:kind>/<slug:slug>/", house_names.one, name="name"),
]
