"""The product around the four apps: settings, routes, pages, processes."""

from helpdesk.celery import app as celery_app

__all__ = ["celery_app"]
