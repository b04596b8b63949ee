"""Addresses of the staff pages."""

from django.urls import path

from helpdesk.desk import preferences

app_name = "desk"

urlpatterns = [
    path("preferences/", preferences.save, name="preferences"),
]
