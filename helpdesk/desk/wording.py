"""The hint about wording under the composer while somebody writes (P5.3). It reads what was typed and keeps nothing."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from policies import tone
from policies.models import Wording


@require_POST
def hint(request: HttpRequest) -> HttpResponse:
    """Return what could be said better so far; what is still missing is told by the button only."""
    found = tone.check(request.POST.get("body", ""), otherwise=request.POST.get("language", ""))
    unfinished = (Wording.Kind.ACKNOWLEDGEMENT, Wording.Kind.NEXT_STEP)
    found = [finding for finding in found if finding.kind not in unfinished]
    return render(request, "desk/parts/wording.html", {"findings": found})
