"""Which of the languages that we write a text is in, guessed from its smallest words."""

import re
from collections.abc import Set

LANGUAGES = ("en", "it", "pt")

_SMALL_WORDS = {
    "en": "the and you your is are we to of have has for with that this it not will be was our was on at by",
    "it": "il lo la gli le di che non è per con un una sono abbiamo del della nel ha ho suo sua si ci ma alla questo",
    "pt": "o os as de que não é por com um uma são do da no na em seu sua se mas foi ao à isto está para nos lhe",
}
_MARKS = {word: [code for code, words in _SMALL_WORDS.items() if word in words.split()] for words in
          _SMALL_WORDS.values() for word in words.split()}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2_000
"""Characters that are looked at."""


def small_words() -> Set[str]:
    """Return words that say nothing of what a text is about."""
    return _MARKS.keys()


def guess(text: str, otherwise: str = "en") -> str:
    """Return the code of the language of TEXT; OTHERWISE when its words do not tell."""
    scores = dict.fromkeys(LANGUAGES, 0.0)
    for word in _WORD.findall(text[:_ENOUGH].lower()):
        codes = _MARKS.get(word, ())
        for code in codes:
            scores[code] += 1 / len(codes)
    short = otherwise.split("-")[0].lower()
    default = short if short in LANGUAGES else "en"
    best = max(scores, key=lambda code: (scores[code], code == default))
    return best if scores[best] >= scores[default] + 1 else default
