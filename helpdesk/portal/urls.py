"""Addresses of the customers' pages. A ticket is reached by its personal link, or by its number when signed in."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path, register_converter

from helpdesk.portal import articles, entrance, follow, privacy, requests, rights, submit, times

app_name = "portal"


class TokenConverter:
    """The word of a personal link (see `tickets.links`) or, for a customer who is signed in, a number."""

    regex = r"[0-9]{1,18}|[0-9A-Za-z._-]{10,120}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "token")

urlpatterns = [
    path("", login_not_required(submit.submit), name="submit"),
    path("privacy/", login_not_required(privacy.show), name="privacy"),
    path("rights/", login_not_required(rights.show), name="rights"),
    path("response-times/", login_not_required(times.guide), name="times"),
    path("articles/", login_not_required(articles.index), name="articles"),
    path("articles/suggest/", login_not_required(articles.suggest), name="suggest"),
    path("articles/<slug:slug>/", login_not_required(articles.show), name="article"),
    path("articles/<slug:slug>/helpful/", login_not_required(articles.helpful), name="helpful"),
    path("sign-in/", login_not_required(entrance.ask), name="sign_in"),
    path("sign-in/sent/", login_not_required(entrance.sent), name="sign_in_sent"),
    path("sign-in/<token:secret>/", login_not_required(entrance.enter), name="enter"),
    path("sign-out/", login_not_required(entrance.leave), name="sign_out"),
    path("language/", login_not_required(entrance.language), name="language"),
    path("my/", login_not_required(requests.show), name="requests"),
    path("my/<token:token>/", login_not_required(follow.show), name="follow"),
    path("my/<token:token>/received/", login_not_required(submit.received), name="received"),
    path("my/<token:token>/reply/", login_not_required(follow.reply), name="reply"),
    path("my/<token:token>/solved/", login_not_required(follow.solved), name="solved"),
    path("my/<token:token>/rate/", login_not_required(follow.rate), name="rate"),
    path("my/<token:token>/files/<int:pk>/", login_not_required(follow.file), name="file"),
]
