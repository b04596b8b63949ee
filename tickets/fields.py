"""How money, durations and times look in JSON, for every face of the API."""

from datetime import timedelta
from decimal import Decimal

from django.utils.dateparse import parse_duration
from django.utils.duration import duration_iso_string
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


@extend_schema_field({"type": "string", "format": "duration", "example": "PT15M"})
class Duration(serializers.Field):
    """A length of time in ISO 8601: `PT15M`."""

    default_error_messages = {"invalid": _("Use an ISO 8601 duration such as PT15M.")}

    def to_internal_value(self, data) -> timedelta:
        value = parse_duration(data) if isinstance(data, str) and data.upper().lstrip("-+").startswith("P") else None
        if value is None:
            self.fail("invalid")
        return value

    def to_representation(self, value: timedelta) -> str:
        return shortest(value)


def shortest(value: timedelta) -> str:
    """Return VALUE in ISO 8601 without empty parts: `PT15M` rather than `P0DT00H15M00S`."""
    if value < timedelta(0):
        return duration_iso_string(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    time = "".join(f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number) + (
        f"{seconds}{fraction}S" if seconds or fraction else ""
    )
    text = (f"{value.days}D" if value.days else "") + (f"T{time}" if time else "")
    return "P" + (text or "T0S")


class Instant(serializers.DateTimeField):
    """A point in time in RFC 3339, which includes its offset from UTC: `2026-11-21T09:30:00Z`."""

    default_error_messages = {"no_offset": _("Give the offset from UTC, or Z: 2026-11-21T09:30:00Z.")}

    def enforce_timezone(self, value):
        if value.tzinfo is None:
            self.fail("no_offset")
        return super().enforce_timezone(value)

    def to_representation(self, value):
        return super().to_representation(value) if value else None


class StrictSerializer(serializers.Serializer):
    """A serializer that names what it does not know, or does not let the caller write, instead of ignoring it."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            refused = {}
            for name in data:
                field = self.fields.get(name)
                if field is None:
                    refused[name[:80]] = [serializers.ErrorDetail(_("There is no such field."), code="unknown")]
                elif field.read_only:
                    refused[name] = [serializers.ErrorDetail(_("This field cannot be written."), code="read_only")]
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)


class Money(StrictSerializer):
    """An amount and its currency (ISO 4217): `{"amount": "80.00", "currency": "EUR"}`."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=Decimal(0))
    currency = serializers.RegexField(r"^[A-Z]{3}$", help_text=_("ISO 4217, three capital letters"))
