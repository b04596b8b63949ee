from django.apps import AppConfig
from django.conf import settings

from helpdesk import languages


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    verbose_name = "Helpdesk"

    def ready(self) -> None:
        languages.read_english_once()
        if settings.DEMO_DAY:
            from helpdesk.demo import clock

            clock.install()
