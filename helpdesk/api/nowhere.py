"""Addresses below /api/v1/ at which there is nothing."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from helpdesk.api.problems import page


@csrf_exempt
@login_not_required
def nowhere(request: HttpRequest) -> JsonResponse:
    """Say that there is nothing here; when only the closing slash is missing, say that."""
    detail = _("There is nothing at this address.")
    if not request.path.endswith("/") and _leads_somewhere(f"{request.path_info}/"):
        detail = _("There is nothing at this address. It is missing the slash at its end.")
    return page(404, detail, code="not_found")


def _leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).func is not nowhere
    except Resolver404:
        return False
