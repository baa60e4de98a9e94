"""Sort Vietnamese text as a dictionary does, and people by given name: domain.md §3.4.

Syllable by syllable: letters first, then the tone, then the next syllable; small letters before capitals.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from pipeline.syllables import TONES

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
Key = tuple[object, ...]
"""Compares with every other key of the same function."""
_RANKS = {letter: rank for rank, letter in enumerate(ALPHABET)}
_TONES = {tone: rank for rank, tone in enumerate(TONES)}
_SYLLABLE = re.compile(r"\d+|[^\W\d_]+")
_ONE_LETTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_Syllable = tuple[int, tuple[tuple[int, str], ...], int]


@lru_cache(maxsize=65536)
def dictionary_order(text: str) -> Key:
    """Return the key that sorts texts as a dictionary does: "Hoa Cúc" before "Hoà Bình", "Thôn 2" before "Thôn 10".

    Signs between words count only where nothing else tells two texts apart; the placement of a tone never does before that.
    """
    text = unicodedata.normalize("NFC", text)
    words = _SYLLABLE.findall(text)
    return tuple(map(_syllable, words)), tuple(word.swapcase() for word in words), text


@lru_cache(maxsize=65536)
def name_order(name: str) -> Key:
    """Return the key that sorts people by given name (the last word), then family name (the first), then what is between."""
    *family_and_middle, given = name.split() or [""]
    family, *middle = family_and_middle or [""]
    parts = [dictionary_order(part) for part in (given, family, " ".join(middle))]
    return tuple(part[0] for part in parts), tuple(part[1:] for part in parts), unicodedata.normalize("NFC", name)


@lru_cache(maxsize=65536)
def _syllable(word: str) -> _Syllable:
    """Return what a word's rank depends on: numbers before words, by value; letters; the tone."""
    if word.isdecimal():
        digits = word.lstrip("0")
        return 0, ((len(digits), digits),), 0
    letters = _ONE_LETTER.findall(unicodedata.normalize("NFD", word.lower()))
    tone = max((_TONES[mark] for letter in letters for mark in letter[1:] if mark in _TONES), default=0)
    return 1, tuple(map(_letter, letters)), tone


def _letter(letter: str) -> tuple[int, str]:
    """Return the rank of a letter without its tone; a stranger's (ö) follows the letter it looks like, others come last."""
    shape = unicodedata.normalize("NFC", "".join(mark for mark in letter if mark not in _TONES))
    if shape in _RANKS:
        return _RANKS[shape], ""
    return _RANKS.get(letter[0], len(ALPHABET)), shape
