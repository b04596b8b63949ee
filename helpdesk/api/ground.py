"""The rules that hold at every address of the API, put around each view by the router, so that none can forget them."""

from datetime import UTC
from functools import partial

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, MethodNotAllowed, ValidationError
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from helpdesk.api import etag, idempotency

_PAGING = {"cursor", "page_size"}


class LengthRequired(APIException):
    """A body in pieces without a length would be read as no body at all (RFC 9110, 411)."""

    status_code = 411
    default_code = "length_required"
    default_detail = _("Send the body with a Content-Length.")


class GroundRules:
    """Refuse query parameters nobody reads, hand over `If-Match`, answer a repeated POST alike, save unchanged bodies.

    A view reads `request.expected_version` and declares `query_serializers` (action -> serializer); what they validated
    is in `self.query`. Its lists may be paged, and ordered by what `orderings` names.
    """

    http_method_names = ["get", "head", "post", "patch"]

    def dispatch(self, request, *args, **kwargs):
        # The API speaks UTC, whatever zone the reader's pages are in.
        with timezone.override(UTC):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)
        if request.method.lower() not in self.http_method_names or not hasattr(self, request.method.lower()):
            raise MethodNotAllowed(request.method)
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            raise LengthRequired
        self.query = self._read_query(request)
        request.expected_version = etag.expected_version(request)
        if request.method == "POST" and "Idempotency-Key" in request.headers:
            self.post = partial(self._once, self.post)

    def _once(self, handler, request, *args, **kwargs):
        return idempotency.once(self, request, partial(handler, request, *args, **kwargs))

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and etag.not_modified(request, response):
            response.status_code, response.data = 304, None
        return response

    def _read_query(self, request) -> dict:
        serializer_class = getattr(self, "query_serializers", {}).get(getattr(self, "action", None))
        allowed = set(serializer_class().fields) if serializer_class else set()
        if request.method in ("GET", "HEAD") and getattr(self, "paged", True) and not self._one_thing():
            allowed |= _PAGING
            if getattr(self, "orderings", None):
                allowed.add("ordering")
        for name, values in request.query_params.lists():
            if name not in allowed:
                raise ValidationError({name[:80]: _("Unknown query parameter.")}, code="unknown")
            if len(values) > 1:
                raise ValidationError({name: _("Give this parameter once.")}, code="repeated")
        if not serializer_class:
            return {}
        given = {k: v for k, v in request.query_params.items() if k in serializer_class().fields}
        serializer = serializer_class(data=given, context={"request": request})
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def _one_thing(self) -> bool:
        return getattr(self, "detail", False) and getattr(self, "action", "") == "retrieve"


class GroundRouter(SimpleRouter):
    """A router that puts the ground rules around whatever is registered with it."""

    include_format_suffixes = False

    def register(self, prefix: str, viewset: type, basename: str | None = None) -> None:
        body = {"__doc__": viewset.__doc__, "__module__": viewset.__module__}
        super().register(prefix, type(viewset.__name__, (GroundRules, viewset), body), basename)
