"""Tell a Vietnamese syllable by its build: an onset, a rime and a tone, not by a list of words.

The onsets and rimes are data (pipeline/charset/*.csv); about 17,000 syllables come of them, the first time one is asked for.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

CHARSET = Path(__file__).parent / "charset"
TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Level, huyền, hỏi, ngã, sắc, nặng: the marks, in the order of the dictionary."""
_STOPS = ("p", "t", "c", "ch")
_STOPPED_TONES = ("\u0301", "\u0323")
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
# Other peoples' names as they are spelled in Vietnamese (Krông, Mnông, Đắk, Niêl): one more consonant before, another last one.
_LOAN_START = re.compile(r"[bcdghjklmnprstwz](?=[^aăâeêioôơuưy])|[fjwz](?=.)")
_LOAN_END = re.compile(r"[klrsh]\Z")
_ABBREVIATION = re.compile(r"[A-ZĐĂÂÊÔƠƯ]{1,7}|[bcdđghklmnpqrstvx]{1,7}")
_LONGEST = 7
"""Letters of the longest syllables: nghiêng, nghiệng."""
_RUN_TOGETHER = 4
"""Syllables that may be written as one word and still count as such."""


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Tell whether a word is one legal Vietnamese syllable, in any case, its tone where either school of spelling puts it.

    A syllable that ends in p, t, c or ch has a sharp or a heavy tone, so "cat" is none.
    """
    return unicodedata.normalize("NFC", word).lower() in legal_syllables()


@lru_cache(maxsize=65536)
def is_kin(word: str) -> bool:
    """Tell whether a word that is no legal syllable may stand in Vietnamese text all the same.

    An abbreviation (HĐND, lđ), another people's name (Krông, Đắk), syllables run together (Êđê), a misplaced tone (qúy).
    """
    word = unicodedata.normalize("NFC", word)
    low = word.lower()
    return bool(_ABBREVIATION.fullmatch(word)) or _parted(low) in _sounds() or any(_is_loan(low, at) for at in (0, 1)) or _is_run(low)


@lru_cache(maxsize=1)
def legal_syllables() -> frozenset[str]:
    """Return every legal syllable, in lower-case NFC."""
    return frozenset(_generate())


def _generate() -> Iterator[str]:
    onsets = [(row["onset"], frozenset(row["before"].split())) for row in read_charset("onsets.csv")]
    for row in read_charset("rimes.csv"):
        rime = row["rime"]
        tones = _STOPPED_TONES if rime.endswith(_STOPS) else TONES
        toned = {unicodedata.normalize("NFC", rime[:int(at)] + tone + rime[int(at):]) for at in row["toned"].split() for tone in tones}
        for onset, before in onsets:
            if rime[0] in before and _may_follow(row["after"], onset):
                yield from (onset + ending for ending in toned)


def _may_follow(after: str, onset: str) -> bool:
    """Tell whether a rime may follow an onset: anywhere, "+" after one, "-" without one, else after those that are named."""
    if after in ("", "+"):
        return not after or onset != ""
    return (onset or "-") in after.split()


def read_charset(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the data files in pipeline/charset."""
    with (CHARSET / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def _sounds() -> frozenset[tuple[str, str]]:
    return frozenset(map(_parted, legal_syllables()))


def _parted(word: str) -> tuple[str, str]:
    """Return a word without its tone, and its tone."""
    letters = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", _TONE.sub("", letters)), "".join(_TONE.findall(letters))


def _is_loan(word: str, dropped: int) -> bool:
    """Tell whether a word is legal once `dropped` first consonants and a last one that Vietnamese has not are set right."""
    if dropped and not _LOAN_START.match(word):
        return False
    rest = _LOAN_END.sub("n", word[dropped:])
    return rest in legal_syllables() or rest + "n" in legal_syllables()


def _is_run(word: str) -> bool:
    """Tell whether a word is a few legal syllables without spaces between them; only the first may be a single letter."""
    ends = {0}
    for _ in range(_RUN_TOGETHER):
        ends = {end for start in ends for end in range(start + (2 if start else 1), min(len(word), start + _LONGEST) + 1)
                if word[start:end] in legal_syllables()}
        if len(word) in ends:
            return True
    return False
