"""Literal phrases as policies write them, made into one regular expression that stays linear on any text.

`*` after a word stands for any ending, before it for any beginning, ` ... ` for up to three words between; a leading
`!` excepts a wording, and a leading `~` is read by `policies.tone`.
"""

import re
from collections.abc import Iterable

from policies.folding import fold

SIGNS = "!~"

_BETWEEN = r"\s++(?:[\w'-]++\s++){0,3}?"


def expression(phrase: str) -> str:
    """Return PHRASE as a regular expression for folded text; everything in it but the signs is literal."""
    folded = fold(phrase.lstrip(SIGNS)).strip()
    beginning, ending = (r"\w*" if has else "" for has in (folded.startswith("*"), folded.endswith("*")))
    parts = [r"\s++".join(re.escape(word) for word in part.split()) for part in folded.strip("*").split(" ... ")]
    return beginning + _BETWEEN.join(part for part in parts if part) + ending


def alternatives(phrases: Iterable[str]) -> str:
    """Return PHRASES as one alternation, longest first so that the longest wording is the one shown."""
    distinct = {fold(phrase.lstrip(SIGNS)).strip(): phrase for phrase in phrases}
    longest = sorted((text for text in distinct if text), key=len, reverse=True)
    return "|".join(expression(distinct[text]) for text in longest)
