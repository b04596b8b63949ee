"""The published response-time guide (P1.2), written from the policy in force."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies import responses


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """Show for each channel when we answer and when we aim to have it solved."""
    return render(request, "portal/times.html", {"guide": responses.guide(), "now": timezone.now()})
