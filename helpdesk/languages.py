"""Which of our languages to write to somebody in."""

from django.conf import settings
from django.utils import translation


def spoken(*wanted: str) -> str:
    """Return the first of the languages WANTED that we have, else the house's own."""
    for language in wanted:
        try:
            return translation.get_supported_language_variant(language.strip().lower())
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
