"""The words that go on the record with a step (P2.4)."""

from django.utils.translation import gettext as _

from tickets.refusals import Invalid
from tickets.texts import clean_text

JUSTIFICATION_MIN = 10
"""Shortest justification in characters: enough for a sentence, too much for 'ok'."""


def justified(text: str, *, field: str = "justification") -> str:
    """Return a justification fit for the record, or refuse an empty or very short one (P2.4)."""
    why = clean_text(text, field=field, limit=10_000, required=True)
    if len(why) < JUSTIFICATION_MIN:
        raise Invalid(
            _("Say why in at least %(least)s characters; it goes on the record.") % {"least": JUSTIFICATION_MIN},
            code="too_short",
            field=field,
        )
    return why
