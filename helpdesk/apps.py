from django.apps import AppConfig
from django.conf import settings


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    verbose_name = "Helpdesk"

    def ready(self) -> None:
        if settings.DEMO_DAY:
            from helpdesk.demo import clock

            clock.install()
