"""Reading JSON bodies strictly (RFC 8259, I-JSON of RFC 7493), so that nothing odd gets as far as a verb."""

import json
import math

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser

DEPTH_LIMIT = 32


class BodyTooLarge(APIException):
    """More bytes than this address takes (RFC 9110, 413)."""

    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """JSON in UTF-8: at most DEPTH_LIMIT levels, no NUL, no repeated names, no NaN, no numbers beyond a float."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge(_("The body is longer than %(limit)d bytes.") % {"limit": limit})
        try:
            value = json.loads(
                raw.decode("utf-8"),
                object_pairs_hook=_object,
                parse_constant=_constant,
                parse_float=_float,
            )
        except UnicodeDecodeError as error:
            raise ParseError(_("The body is not UTF-8.")) from error
        except RecursionError as error:
            raise ParseError(_too_deep()) from error
        except ValueError as error:
            raise ParseError(_("The body is not valid JSON: %(reason)s") % {"reason": error}) from error
        _inspect(value)
        return value


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {json.dumps(twice[:60])} occurs twice in one object")
    return found


def _constant(name: str):
    raise ValueError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _too_deep() -> str:
    return _("The body is nested more than %(limit)d levels deep.") % {"limit": DEPTH_LIMIT}


def _inspect(value) -> None:
    """Refuse what JSON allows and PostgreSQL does not: NUL, halves of surrogate pairs, endless depth and digits."""
    level = [value]
    for depth in range(DEPTH_LIMIT + 2):
        below: list = []
        for item in level:
            if isinstance(item, dict):
                below += item.keys()
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                _inspect_text(item)
            elif isinstance(item, int) and abs(item) > 2**63:
                raise ParseError(_("A number is too large."))
        if not below:
            return
        if depth == DEPTH_LIMIT:
            raise ParseError(_too_deep())
        level = below


def _inspect_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError(_("Texts must not contain the NUL character."))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ParseError(_("A text contains half of a surrogate pair.")) from error
