"""Lists in pages that stay right while rows come and go: a cursor says after which row to go on."""

import base64
import json
from datetime import date, datetime
from urllib.parse import urlencode

from django.db.models import CharField, DateField, DateTimeField, Field, IntegerField, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

LARGEST = 200


class Cursor(BasePagination):
    """Pages by the last row seen: `{"next", "previous", "results"}`.

    A view names what its list can be ordered by in `orderings` (name in the URL -> path on the row) and the usual one
    in `default_ordering`; the primary key breaks ties. Rows without a value come last in either direction.
    """

    page_size = 50

    def paginate_queryset(self, queryset: QuerySet, request, view=None) -> list:
        self.request, self.model, self.annotations = request, queryset.model, queryset.query.annotations
        self.size = self._page_size(request)
        self.ordering = self._ordering(request, view)
        name = self.ordering.removeprefix("-")
        orderings = getattr(view, "orderings", {})
        self.path = orderings.get(name, "pk" if name == "id" else name)
        self.descending = self.ordering.startswith("-")
        backwards, value, pk = self._decode(request.query_params.get("cursor"))
        rows = self._fetch(queryset, backwards=backwards, value=value, pk=pk)
        more = len(rows) > self.size
        rows = rows[: self.size]
        if backwards:
            rows.reverse()
        here = pk is not None
        self.next = self._link(rows[-1], False) if rows and (more or backwards) else None
        self.previous = self._link(rows[0], True) if rows and (more if backwards else here) else None
        return rows

    def get_paginated_response(self, data) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def get_paginated_response_schema(self, schema: dict) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        orderings = [sign + name for name in getattr(view, "orderings", {}) for sign in ("", "-")]
        found = [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "from `next` or `previous`"},
            {
                "name": "page_size",
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": self.page_size},
            },
        ]
        if orderings:
            found.append({"name": "ordering", "in": "query", "schema": {"type": "string", "enum": orderings}})
        return found

    # --- the query ---

    def _fetch(self, queryset: QuerySet, *, backwards: bool, value, pk) -> list:
        """Return up to one row more than a page, in the direction of travel.

        Rows with a value and rows without are two queries, so that each is a plain range of an index.
        """
        down = self.descending != backwards
        stretches = [False, True] if self._optional() else [False]  # is the value missing?
        if backwards:
            stretches.reverse()
        if pk is not None:
            stretches = stretches[stretches.index(value is None) :]
        rows: list = []
        for missing in stretches:
            if len(rows) > self.size:
                break
            query, order = self._stretch(queryset, missing=missing, down=down, backwards=backwards)
            if pk is not None and missing == (value is None):
                query = query.filter(self._beyond(missing=missing, down=down, backwards=backwards, value=value, pk=pk))
            rows += list(query.order_by(*order)[: self.size + 1 - len(rows)])
        return rows

    def _stretch(self, queryset: QuerySet, *, missing: bool, down: bool, backwards: bool) -> tuple[QuerySet, list[str]]:
        if self.path == "pk":
            return queryset, ["-pk" if down else "pk"]
        tie = "-pk" if backwards else "pk"
        if missing:
            return queryset.filter(**{f"{self.path}__isnull": True}), [tie]
        if self._optional():
            queryset = queryset.filter(**{f"{self.path}__isnull": False})
        return queryset, [("-" if down else "") + self.path, tie]

    def _beyond(self, *, missing: bool, down: bool, backwards: bool, value, pk: int) -> Q:
        if self.path == "pk":
            return Q(**{"pk__lt" if down else "pk__gt": pk})
        tie = {"pk__lt" if backwards else "pk__gt": pk}
        if missing:
            return Q(**tie)
        beyond = "lt" if down else "gt"
        # The first condition says nothing new; it gives PostgreSQL a range to begin at.
        return Q(**{f"{self.path}__{beyond}e": value}) & (
            Q(**{f"{self.path}__{beyond}": value}) | Q(**{self.path: value}, **tie)
        )

    def _optional(self) -> bool:
        """Whether rows may lack a value to order by."""
        if self.path == "pk":
            return False
        if self.path in self.annotations:
            return True
        model = self.model
        *steps, last = self.path.split("__")
        for step in steps:
            relation = model._meta.get_field(step)
            if relation.null or relation.auto_created:
                return True
            model = relation.related_model
        return model._meta.get_field(last).null

    def _field(self) -> Field:
        """Return the model's field, or the annotation's, that rows are ordered by."""
        if self.path in self.annotations:
            return self.annotations[self.path].output_field
        field, model = self.model._meta.pk, self.model
        for step in self.path.split("__") if self.path != "pk" else []:
            field = model._meta.get_field(step)
            model = field.related_model
        return field

    # --- parameters and links ---

    def _page_size(self, request) -> int:
        text = request.query_params.get("page_size")
        if text is None:
            return self.page_size
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LARGEST):
            raise ValidationError({"page_size": _("A page has 1 to %(n)d rows.") % {"n": LARGEST}}, code="out_of_range")
        return int(text)

    def _ordering(self, request, view) -> str:
        allowed = getattr(view, "orderings", {})
        asked = request.query_params.get("ordering")
        if asked is None:
            return getattr(view, "default_ordering", "id")
        if asked.removeprefix("-") not in allowed:
            message = _("Cannot order by that. Use one of %(names)s, or one with '-' before it.")
            raise ValidationError({"ordering": message % {"names": ", ".join(allowed)}}, code="unorderable")
        return asked

    def _value(self, row):
        for step in self.path.split("__"):
            row = getattr(row, step, None)
        return row

    def _link(self, row, backwards: bool) -> str:
        value = self._value(row)
        packed = [self.ordering, backwards, value.isoformat() if isinstance(value, date) else value, row.pk]
        token = base64.urlsafe_b64encode(json.dumps(packed, separators=(",", ":")).encode()).decode().rstrip("=")
        query = [(k, v) for k, v in self.request.query_params.items() if k != "cursor"] + [("cursor", token)]
        return f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(query)}"

    def _decode(self, token: str | None) -> tuple:
        """Return direction, value and primary key of the row to go on from; a made-up cursor is refused."""
        if token is None:
            return False, None, None
        try:
            packed = json.loads(
                base64.b64decode((token + "=" * (-len(token) % 4)).encode("ascii"), b"-_", validate=True)
            )
            ordering, backwards, value, pk = packed
            if ordering != self.ordering or type(backwards) is not bool or type(pk) is not int or abs(pk) >= 2**63:
                raise ValueError
            if value is not None:
                value = _as_in(self._field(), value)
            elif not self._optional():
                raise ValueError
        except (ValueError, TypeError, RecursionError) as error:
            raise ValidationError({"cursor": _("This cursor does not belong to this list.")}, code="invalid") from error
        return backwards, value, pk


def _as_in(field: Field, value: object) -> object:
    """Return VALUE of a cursor as the field holds it; ValueError for what it cannot hold."""
    if isinstance(field, DateTimeField) and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return moment
    elif isinstance(field, DateField) and isinstance(value, str):
        return date.fromisoformat(value)
    elif isinstance(field, IntegerField) and type(value) is int and abs(value) < 2**31:
        return value
    elif isinstance(field, CharField) and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError
