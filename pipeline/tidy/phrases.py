"""Phrases: find names of ours in free text, word by word, however the text is typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from pipeline.text import fold, tone_neutral
from pipeline.tidy.spelling import has_marks

_NOT_WORD = re.compile(r"[\W_]+")
_LONGEST = 400
"""Characters of a text that are looked at."""
T = TypeVar("T")


class Found(NamedTuple, Generic[T]):
    """A phrase in a text: what it means, and from which word to which."""

    meaning: T
    start: int
    stop: int


class Phrases(Generic[T]):
    """Phrases and what they mean; of several that begin with one word the longest counts, and none begins inside another.

    A word typed with its marks must have the phrase's marks ("cả thôn" is no "CA"); a word typed without any may stand for it.
    """

    def __init__(self, meanings: Mapping[str, T]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for phrase, meaning in meanings.items():
            words = words_of(phrase)
            self._by_first.setdefault(fold(words[0]), []).append((words, meaning))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find(self, words: Sequence[str]) -> list[Found[T]]:
        """Return what stands in some words, from left to right."""
        found: list[Found[T]] = []
        at = 0
        while at < len(words):
            entry = next((one for one in self._by_first.get(fold(words[at]), ()) if _stands_at(one[0], words, at)), None)
            if entry:
                found.append(Found(entry[1], at, at + len(entry[0])))
            at = found[-1].stop if entry else at + 1
        return found


def words_of(text: str) -> tuple[str, ...]:
    """Return the tone-neutral words of a text, without what is no letter or digit."""
    return tuple(_NOT_WORD.sub(" ", tone_neutral(text[:_LONGEST])).split())


def unmatched(words: Sequence[str], found: Iterable[Found[T]]) -> list[str]:
    """Return the words that belong to no phrase."""
    taken = {at for one in found for at in range(one.start, one.stop)}
    return [word for at, word in enumerate(words) if at not in taken]


def _stands_at(phrase: Sequence[str], words: Sequence[str], at: int) -> bool:
    here = words[at:at + len(phrase)]
    return len(here) == len(phrase) and all(
        typed == meant or (not has_marks(typed) and typed == fold(meant)) for typed, meant in zip(here, phrase, strict=True))
