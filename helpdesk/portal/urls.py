"""Addresses of the customers' pages. Nobody signs in here; a ticket is reached by its personal link."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter

from helpdesk.portal import follow, submit, times

app_name = "portal"


class TokenConverter:
    """The word of a personal link (see `tickets.links`)."""

    regex = r"[0-9A-Za-z._-]{10,120}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "token")

urlpatterns = [
    path("", login_not_required(submit.submit), name="submit"),
    path("response-times/", login_not_required(times.guide), name="times"),
    path("my/<token:token>/", login_not_required(follow.show), name="follow"),
    path("my/<token:token>/received/", login_not_required(submit.received), name="received"),
    path("my/<token:token>/reply/", login_not_required(follow.reply), name="reply"),
    path("my/<token:token>/solved/", login_not_required(follow.solved), name="solved"),
    path("my/<token:token>/rate/", login_not_required(follow.rate), name="rate"),
    path("my/<token:token>/files/<int:pk>/", login_not_required(follow.file), name="file"),
]
