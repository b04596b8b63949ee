"""The piece of a text in which the words were found, in parts that a page can mark."""

import re

from policies.folding import fold

LENGTH = 180
"""Characters of an excerpt, about two lines."""

_READ = 20_000
"""Characters of a text that are searched for the words; further on the beginning is shown instead."""

_WORD = re.compile(r"\w+")

Parts = list[tuple[str, bool]]
"""Pieces of text, each with whether it is one of the words looked for."""


def cut(text: str, lexemes: frozenset[str]) -> Parts:
    """Return about LENGTH characters of TEXT around the first of LEXEMES, with the words marked."""
    text = " ".join(text[:_READ].split())
    spots = _spots(text, lexemes)
    begin = 0
    if spots and spots[0][0] > LENGTH // 2:
        begin = text.rfind(" ", 0, spots[0][0] - LENGTH // 3) + 1
    end = begin + LENGTH
    if end < len(text):
        end = max(text.rfind(" ", begin, end), begin) or end
        end = end if end > begin else begin + LENGTH
    parts = _mark(text, begin, min(end, len(text)), spots)
    if begin:
        parts.insert(0, ("… ", False))
    if end < len(text):
        parts.append((" …", False))
    return parts


def whole(text: str, lexemes: frozenset[str]) -> Parts:
    """Return all of TEXT, a line, with the words marked."""
    return _mark(text, 0, len(text), _spots(text, lexemes))


def _spots(text: str, lexemes: frozenset[str]) -> list[tuple[int, int]]:
    # A stem is nearly always the beginning of its word; of short ones that would mark too much.
    exact = {lexeme for lexeme in lexemes if len(lexeme) < 4}
    stems = tuple(lexeme for lexeme in lexemes if len(lexeme) >= 4)
    folds = str.lower if text.isascii() else fold
    found = []
    for word in _WORD.finditer(text):
        folded = folds(word[0])
        if folded in exact or (stems and folded.startswith(stems)):
            found.append(word.span())
    return found


def _mark(text: str, begin: int, end: int, spots: list[tuple[int, int]]) -> Parts:
    parts, place = [], begin
    for first, last in spots:
        if first < place or last > end:
            continue
        if first > place:
            parts.append((text[place:first], False))
        parts.append((text[first:last], True))
        place = last
    if place < end:
        parts.append((text[place:end], False))
    return parts
