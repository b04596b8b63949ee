"""Trying out whether letters leave the house."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from helpdesk import mailing
from tickets import house


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a test letter to whoever asks, and say what became of it; a refusal in the words of the mail server."""
    house.require_admin(request.user)
    went, words = mailing.try_out(request.user.email)
    (messages.success if went else messages.error)(request, words)
    return redirect("desk:names", "channels")
