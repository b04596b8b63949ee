"""WSGI entry point, served by gunicorn."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
application = get_wsgi_application()

# What is loaded by now is never garbage: walking it again would stop some page for a tenth of a second now and then.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
