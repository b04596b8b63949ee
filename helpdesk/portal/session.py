"""A customer's own session, apart from that of staff: a random word in a cookie, its hash in a row."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone, translation

from tickets import sign_in
from tickets.models import Customer

ASKED_COOKIE = "asked"
"""What the browser remembers between asking for a link and following it."""


class CustomerMiddleware:
    """Know on every page for customers who is signed in (`request.customer`, else None), and speak their language."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.customer = None
        word = request.COOKIES.get(settings.CUSTOMER_COOKIE_NAME)
        if word and request.path.startswith(settings.PORTAL_PATH):
            request.customer = sign_in.who(word, now=timezone.now())
            if request.customer and (language := known(request.customer.language)):
                translation.activate(language)
                request.LANGUAGE_CODE = language
        return self.get_response(request)


def known(language: str) -> str:
    """Return the language of ours that the code LANGUAGE means, or ''."""
    try:
        return translation.get_supported_language_variant(language.strip().lower())
    except LookupError:
        return ""


def begin(request: HttpRequest, response: HttpResponse, customer: Customer, word: str) -> None:
    """Sign CUSTOMER in in this browser; whatever it was signed in as before ends."""
    end(request, response)
    remember(response, settings.CUSTOMER_COOKIE_NAME, word, int(sign_in.SIGNED_IN_FOR.total_seconds()))
    response.delete_cookie(ASKED_COOKIE)
    rotate_token(request)


def end(request: HttpRequest, response: HttpResponse) -> None:
    """Sign the customer out, here and in the database."""
    if word := request.COOKIES.get(settings.CUSTOMER_COOKIE_NAME):
        sign_in.leave(word)
        response.delete_cookie(settings.CUSTOMER_COOKIE_NAME)


def remember(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    """Set a cookie that scripts cannot read and other sites do not send along with forms."""
    response.set_cookie(name, value, max_age=seconds, httponly=True, secure=settings.HTTPS, samesite="Lax")
