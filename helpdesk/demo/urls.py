"""Addresses of a demo: those of the product, and its own. Nothing else includes this file."""

from django.urls import include, path

from helpdesk import urls
from helpdesk.demo import views

demo = [
    path("", views.show, name="tour"),
    path("clock/", views.clock_face, name="clock"),
    path("run/", views.run, name="run"),
    path("step/", views.step, name="step"),
    path("jump/", views.jump, name="jump"),
    path("again/", views.again, name="again"),
    path("be/", views.be, name="be"),
    path("outbox/", views.outbox, name="outbox"),
]

urlpatterns = [
    path("", views.start),
    path("demo/", include((demo, "demo"))),
    *urls.urlpatterns,
]

handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
