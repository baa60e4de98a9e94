"""Spelling: names and identity numbers in the one form in which they are looked for, in texts and lists of a million characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pipeline.text import clean, fold

BREAK = "|"
"""Stands between texts that a reader does not read on from one to the next."""
_JOINER = re.compile(r"[\s\x00-\x1f\x7f_.\-\u2010-\u2015'’]+")
_NOT_LETTER = re.compile(r"(?:[^\w\u0300-\u036f ]|\d)+")
_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[\s.\-\u2010-\u2015]?[0-9]){8,}(?![0-9])")
_NEAR_DIGITS = re.compile(r"[0-9][0-9\s.\-\u2010-\u2015]{7,}[0-9]")
_HEX_LETTERS, _LONGEST_HASH = frozenset("abcdefABCDEF"), 300
_ONLY_WORDS = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)+")
_HEX = re.compile(r"\b[0-9a-f]{32,}\b", re.IGNORECASE)
_NUMBER_SIZES = (9, 10, 11, 12)
"""Digits of an identity number: 12 or (the old kind) 9; 10 and 11 are 12 that lost zeros in a number cell."""


def _spaced(text: str) -> str:
    return " " + " ".join(text.split()) + " "


def plain(text: str) -> str:
    """Return lower-case NFC words with a space around each; a break wherever something else than a joiner stands."""
    if any(map(_is_odd, set(text))):
        text = clean(text)
    return _spaced(_NOT_LETTER.sub(f" {BREAK} ", _JOINER.sub(" ", text.casefold())))


@lru_cache(maxsize=4096)
def _is_odd(letter: str) -> bool:
    """Tell whether this letter makes cleaning do more to a text than to space its words."""
    return unicodedata.combining(letter) > 0 or not (letter.isspace() or letter < " " or clean(letter) == letter)


def names_in_full(texts: Iterable[str]) -> set[str]:
    """Return " nguyễn văn a " for each name of two syllables or more; what stands in brackets or after a comma is none of it."""
    typed = [text.replace("\n", " ") for text in texts]
    together = "\n".join(typed)
    odd = any(map(_is_odd, set(together)))
    names = set()
    for text, lower in zip(typed, together.casefold().split("\n"), strict=False):  # without texts there is one line
        if not odd and _ONLY_WORDS.fullmatch(lower):
            if len(lower) > 2 * lower.count(" ") + 1:
                names.add(f" {lower} ")
            continue
        for syllables in map(str.split, plain(text).split(BREAK)):
            if len(syllables) >= 2 and max(map(len, syllables)) >= 2:
                names.add(f" {' '.join(syllables)} ")
                break
    return names


def without_marks(texts: Sequence[str]) -> list[str]:
    """Return plain texts folded, a break still a break."""
    bare = {word: fold(word) for word in {word for text in texts for word in text.split()}} | {BREAK: BREAK}
    return [f" {' '.join([bare[word] for word in text.split()])} " for text in texts]


def number_forms(numbers: Iterable[str]) -> set[str]:
    """Return the digits of identity numbers; none for what nobody's number can be: 000000000000, a round sum."""
    forms = set()
    for number in numbers:
        digits = number if number.isascii() and number.isdigit() else re.sub(r"[^0-9]", "", number)
        if len(digits) not in _NUMBER_SIZES or len(set(digits)) < 3 or digits.endswith("00000"):
            continue
        forms.add(digits)
        if digits[0] == "0" and len(bare := digits.lstrip("0")) >= 10:
            forms.add(bare)
        if len(digits) in (10, 11):
            forms.add(digits.zfill(12))
    return forms


def numbers_in(text: str) -> Iterator[str]:
    """Yield every run of 9 to 12 digits that is whole, or in groups parted by spaces, dots or dashes; none of a hash."""
    for rough in _NEAR_DIGITS.finditer(text):
        start, end = rough.span()
        digits = rough[0]
        if text[start - 1:start] in _HEX_LETTERS or text[end:end + 1] in _HEX_LETTERS:  # it may be a piece of a hash
            around = max(start - _LONGEST_HASH, 0)
            blanked = _HEX.sub(lambda match: BREAK * len(match[0]), text[around:end + _LONGEST_HASH])
            digits = blanked[start - around:end - around]
        for match in _DIGITS.finditer(digits):
            yield from _joined(re.findall(r"[0-9]+", match[0]))


def _joined(groups: Sequence[str]) -> Iterator[str]:
    """Yield 9 to 12 digits of one group or of several that follow each other."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > 12:
                break
            if len(digits) >= 9:
                yield digits
