"""Code lists: labels, codes and aliases are all accepted; what can only mean one of them is repaired and said."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from pipeline.form import Code
from pipeline.text import as_text, fold, tone_neutral
from pipeline.tidy.marks import says_nothing
from pipeline.tidy.spelling import has_marks, nearest, repair, says_unknown, write_out

__all__ = ["NO_CODE", "CodeBook", "ParsedCode", "nearest", "understood"]

NO_CODE = -1
_NOT_WORD = re.compile(r"[\W_]+")
_ONE_WORD = re.compile(r"[^\W\d_]{1,12}\Z")


class ParsedCode(NamedTuple):
    """A drop-down cell understood as a position in its list, or why not."""

    position: int = NO_CODE
    code: str = ""
    """The finding's code: what could not be understood, or was understood although it is no name of the list."""


class CodeBook:
    """One code list, asked by any of its names: as written, tone-neutral, folded where typed without marks, written out, repaired."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self.codes = tuple(codes)
        self._by_name: dict[str, int] = {}
        self._by_words: dict[str, int] = {}
        folded: dict[str, set[int]] = {}
        for position, code in enumerate(self.codes):
            for name in (code.code, code.label, *code.aliases):
                self._by_name.setdefault(tone_neutral(name), position)
                if words := _only_words(tone_neutral(name)):
                    self._by_words.setdefault(words, position)
                folded.setdefault(fold(name), set()).add(position)
        self._by_folded = {name: min(found) for name, found in folded.items() if len(found) == 1}

    def parse(self, value: object) -> ParsedCode:
        """Understand one cell; unknown text is a finding and no code."""
        text = as_text(value)
        if says_nothing(text):
            return ParsedCode()
        name = tone_neutral(text)
        position = self._by_name.get(name)
        if position is None:
            position = self._by_words.get(_only_words(name))
        if position is not None:
            return ParsedCode(position)
        position = self._repair(name)
        return ParsedCode(code="code_unknown") if position is None else ParsedCode(position, "value_understood")

    def _repair(self, name: str) -> int | None:
        words = _only_words(name)
        if not has_marks(name) and (position := self._by_folded.get(words)) is not None:
            return position
        position = self._by_words.get(written := write_out(words))
        if position is None and not has_marks(name):
            position = self._by_folded.get(fold(written))
        return repair(written, self._by_words) if position is None else position

    def suggest(self, value: object) -> str:
        """Return the nearest label, or nothing when none is near."""
        text = as_text(value)
        return "" if says_unknown(text) else nearest(text, self._labels)

    @cached_property
    def _labels(self) -> tuple[str, ...]:
        return tuple(code.label for code in self.codes)


def understood(cell: object, meant: str) -> str:
    """Return how a finding says that a cell was understood as `meant`.

    Only a single word is quoted: it is near to a name of ours, and no person is called by one word; anything longer might be
    somebody's name somewhere.
    """
    text = as_text(cell)
    return f"“{text}” là “{meant}”" if _ONE_WORD.match(text) else f"cách viết gần giống là “{meant}”"


def _only_words(text: str) -> str:
    """Return text with a space for whatever is no letter or digit; nothing for digits alone: "3" is not "3+"."""
    words = _NOT_WORD.sub(" ", text).strip()
    return "" if words.replace(" ", "").isdecimal() else words
