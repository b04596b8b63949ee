"""Text as rules compare it: without regard to case, accents and typographic apostrophes."""

import unicodedata


def fold(text: str) -> str:
    """Lower-case TEXT and take its accents away, with typographic apostrophes made plain."""
    text = text.replace("\u2019", "'")
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
