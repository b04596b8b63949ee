"""How text from outside is cleaned before it is stored, in one place for every door."""

import unicodedata

from django.utils.translation import gettext as _

from tickets.refusals import Invalid

MESSAGE_LIMIT = 100_000
"""Longest message in characters; the longest complaint in public data sets is a third of it."""

_KEPT_CONTROLS = {"\n", "\t"}


def clean_line(value: str, *, field: str, limit: int, required: bool = False) -> str:
    """Return VALUE as one trimmed line without control characters, or refuse it.

    Line breaks and other controls become spaces, so that a subject can never become a mail header of its own.
    """
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in value)
    text = " ".join("".join(c for c in text if unicodedata.category(c) != "Cs").split())
    _check(text, field=field, limit=limit, required=required)
    return text


def clean_text(value: str, *, field: str, limit: int = MESSAGE_LIMIT, required: bool = False) -> str:
    """Return VALUE with line breaks made uniform and control characters (NUL among them) taken out, or refuse it."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    _check(text, field=field, limit=limit, required=required)
    return text


def _check(text: str, *, field: str, limit: int, required: bool) -> None:
    if required and not text:
        raise Invalid(_("This field is required and must not be empty."), code="required", field=field)
    if len(text) > limit:
        words = _("This is too long: %(length)s characters, at most %(limit)s.")
        raise Invalid(words % {"length": len(text), "limit": limit}, code="too_long", field=field)
