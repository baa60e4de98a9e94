"""Spelling: what staff meant when a word is short, misspelt or typed without its marks.

A repair is made only where nothing else can be meant, and is always said; anything less is offered as "did you mean".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from pipeline.syllables import is_syllable, legal_syllables
from pipeline.text import fold

_NEAR = 72
"""rapidfuzz score (0–100) above which a label is offered as "did you mean"."""
_LONGEST = 40
"""Characters; what is longer is a sentence, not a misspelt label."""
_SHORTEST_WORD, _LONG_WORD = 4, 7
"""Letters of a word that may have one letter wrong, and of one that may have two."""
_SHORT = {"khg": "không", "kg": "không", "ko": "không", "k": "không", "kh": "không", "hok": "không", "c": "có", "dc": "được", "đc": "được",
          "vl": "việc làm", "ld": "lao động", "lđ": "lao động", "td": "tự do", "od": "ổn định", "ôđ": "ổn định", "cn": "công nhân",
          "xd": "xây dựng", "nn": "nông nghiệp", "kd": "kinh doanh", "bb": "buôn bán", "đk": "điều kiện"}
"""Short for: as staff write it, one word at a time."""
_UNKNOWN = frozenset({"khong ro", "chua ro", "khong biet", "chua biet", "khong xac dinh", "chua xac dinh", "chua thong ke", "kxd"})
"""Folded words that say that nobody knows."""

_FAR = 9
_REPEATED = re.compile(r"(.)\1+")


def has_marks(text: str) -> bool:
    """Tell whether text is typed with diacritics."""
    return any(letter in "đĐ" or unicodedata.combining(letter) for letter in unicodedata.normalize("NFD", text))


def write_out(text: str) -> str:
    """Return tone-neutral text with its short words written out."""
    return " ".join([_SHORT.get(word, word) for word in text.replace(".", " ").split()])


def says_unknown(text: str) -> bool:
    """Tell whether text says that something is not known."""
    folded = f" {fold(text)} "
    return any(f" {words} " in folded for words in _UNKNOWN)


def nearest(text: str, labels: Iterable[str]) -> str:
    """Return the label most like `text`; empty when none is near."""
    from rapidfuzz import fuzz, process  # only misspelt cells pay for it

    # A short label inside a long text ("Diện" in "Số điện thoại") is no misspelling of it.
    likely = [label for label in labels if 2 * len(fold(label)) >= len(fold(text))]
    found = process.extractOne(fold(text), likely, scorer=fuzz.WRatio, processor=fold, score_cutoff=_NEAR)
    return str(found[0]) if found else ""


def repair(text: str, names: Mapping[str, int]) -> int | None:
    """Return the position that a misspelt text can only mean, else nothing.

    `names` are tone-neutral names without punctuation, and their positions. One word may be wrong, by one letter (two in a long
    word), where it is no Vietnamese syllable: "thợ điện" is not "thợ tiện". A syllable with other marks may be meant only among
    three words or more: "thợ may" is not "thợ máy". No name of another position may be as near or nearly so.
    """
    words = text.split()
    if not words or len(text) > _LONGEST or says_unknown(text):
        return None
    marked = has_marks(text)
    best: dict[int, int] = {}
    for name, position in names.items():
        wrong = _wrong_letters(words, name.split(), marked)
        if wrong is not None and wrong < best.get(position, _FAR):
            best[position] = wrong
    ranked = sorted((wrong, position) for position, wrong in best.items())
    alone = len(ranked) == 1 or (len(ranked) > 1 and ranked[1][0] - ranked[0][0] > 1)
    return ranked[0][1] if alone else None


def _wrong_letters(typed: Sequence[str], meant: Sequence[str], marked: bool) -> int | None:
    """Return how many letters of one word are wrong; nothing when more is wrong than that."""
    if len(typed) != len(meant):
        return None
    total = 0
    for one, other in zip(typed, meant, strict=True):
        wrong = 0 if one == other else _wrong_in_word(one, other, marked, len(meant) > 2)
        if wrong is None or (wrong and total):
            return None
        total += wrong
    return total


def _wrong_in_word(typed: str, meant: str, marked: bool, among_many: bool) -> int | None:
    bare, other = fold(typed), fold(meant)
    if bare == other:
        if not is_syllable(typed) or not (marked or has_marks(typed)):
            return 0  # only the marks are missing, or they make no syllable
        return (1 if has_marks(typed) else 0) if among_many else None
    if bare in _bare_syllables() or other not in _bare_syllables():
        return None
    if _REPEATED.sub(r"\1", bare) == other:
        return 1
    allowed = 2 if len(other) >= _LONG_WORD else 1
    if len(other) < _SHORTEST_WORD or abs(len(bare) - len(other)) > allowed:
        return None
    from rapidfuzz.distance import OSA

    distance = OSA.distance(bare, other, score_cutoff=allowed)
    return distance if distance <= allowed else None


@lru_cache(maxsize=1)
def _bare_syllables() -> frozenset[str]:
    return frozenset(map(fold, legal_syllables()))
