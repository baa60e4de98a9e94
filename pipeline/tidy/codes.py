"""Code lists: labels, codes and aliases are all accepted; what is near is suggested, never taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.form import Code
from pipeline.text import as_text, fold, tone_neutral

NO_CODE = -1
_NEAR = 72
"""rapidfuzz score (0–100) above which a label is offered as "did you mean"."""


class ParsedCode(NamedTuple):
    """A drop-down cell understood as a position in its list, or why not."""

    position: int = NO_CODE
    code: str = ""


class CodeBook:
    """One code list, asked by any of its names: as written, then tone-neutral, then folded where that is unique."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self.codes = tuple(codes)
        self._by_name: dict[str, int] = {}
        folded: dict[str, set[int]] = {}
        for position, code in enumerate(self.codes):
            for name in (code.code, code.label, *code.aliases):
                self._by_name.setdefault(tone_neutral(name), position)
                folded.setdefault(fold(name), set()).add(position)
        self._by_folded = {name: min(found) for name, found in folded.items() if name and len(found) == 1}

    def parse(self, value: object) -> ParsedCode:
        """Understand one cell; unknown text is a finding and no code."""
        text = as_text(value)
        if not text or text in ("-", "–", "—"):
            return ParsedCode()
        position = self._by_name.get(tone_neutral(text))
        if position is None:
            position = self._by_folded.get(fold(text))
        return ParsedCode(code="code_unknown") if position is None else ParsedCode(position)

    def suggest(self, value: object) -> str:
        """Return the nearest label, or nothing when none is near."""
        return nearest(as_text(value), [code.label for code in self.codes])


def nearest(text: str, labels: Iterable[str]) -> str:
    """Return the label most like `text`; empty when none is near."""
    from rapidfuzz import fuzz, process  # only misspelt cells pay for it

    # A short label inside a long text ("Diện" in "Số điện thoại") is no misspelling of it.
    likely = [label for label in labels if 2 * len(fold(label)) >= len(fold(text))]
    found = process.extractOne(fold(text), likely, scorer=fuzz.WRatio, processor=fold, score_cutoff=_NEAR)
    return str(found[0]) if found else ""
