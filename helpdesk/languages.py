"""Which of our languages to write to somebody in."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import trans_real


def spoken(*wanted: str) -> str:
    """Return the first of the languages WANTED that we have, else the house's own."""
    for language in wanted:
        try:
            return translation.get_supported_language_variant(language.strip().lower())
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def read_english_once() -> None:
    """Let a sentence be looked for in one English catalogue instead of seven.

    Django looks for what is missing in `en-gb` in the `en` of each of its apps, and those are empty.
    """
    trans_real.translation(settings.LANGUAGE_CODE)._fallback = None
