"""Marks as Vietnamese staff make them (domain.md §3.7), and what x means in a column (wild.md §4.4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pipeline.text import as_text, fold

_YES = frozenset({"x", "×", "✓", "✔", "√", "☑", "v", "+", "có", "1", "rồi", "đã", "true", "\uf0fc", "\uf0fe"})
"""The last two are Wingdings' marks as Word's symbols keep them."""
_NO = frozenset({"", "không", "ko", "k", "0", "chưa", "false", "☐", "\uf0fb"})
_SHORT_YES = frozenset({"c", "co", "co roi", "da co", "roi", "da", "r", "y", "yes", "ok", "dung"})
_SHORT_NO = frozenset({"khong", "khong co", "khg", "kg", "kh", "ko co", "k co", "hok", "chua", "chua co", "no"})
"""Folded; understood, and said."""
_FONT_MARKS = {"wingdings": {"ü": True, "þ": True, "û": False, "ý": False, "o": False, "¨": False},
               "wingdings 2": {"p": True, "r": True, "o": False, "q": False}}
"""What letters show in fonts of signs."""
_EMPTY = frozenset("-–—−_.…·*,;:/\\| ")
_CROSSES = frozenset({"x", "×"})

YES, NONE, ASK = "yes", "none", "ask"


class ParsedTick(NamedTuple):
    """A tick cell understood; anything unexpected is a yes that somebody must look at."""

    value: bool = False
    code: str = ""
    word: str = ""
    """The short word that was understood, where that is to be said."""


def says_nothing(text: str) -> bool:
    """Tell whether text is blank, a dash or the dots of a form."""
    return _EMPTY.issuperset(text)


def parse_tick(value: object, font: str = "") -> ParsedTick:
    """Understand one tick: x or empty, and what people write for them; `font` is the cell's, where it is known."""
    if value is None:
        return ParsedTick()
    text = as_text(value).lower()
    drawn = _FONT_MARKS.get(font.strip().lower(), {}).get(text)
    if drawn is not None:
        return ParsedTick(drawn)
    if text in _YES:
        return ParsedTick(True)
    if text in _NO or says_nothing(text):
        return ParsedTick()
    bare = fold(text)
    if bare == "x":
        return ParsedTick(True)
    if bare in _SHORT_YES or bare in _SHORT_NO:
        return ParsedTick(bare in _SHORT_YES, "value_understood", text)
    return ParsedTick(True, "tick_unclear")


def says_no(cell: object) -> bool:
    """Tell whether a cell plainly says no, none or not yet."""
    text = as_text(cell).lower()
    return text in _NO or fold(text) in _SHORT_NO


def is_cross(cell: object) -> bool:
    """Tell whether a cell is an x and nothing else."""
    return isinstance(cell, str) and as_text(cell).lower() in _CROSSES


def meaning_of_x(cells: Iterable[object]) -> str:
    """Return what x means in a column of somebody else's form: YES, NONE, or ASK where only people know.

    Beside codes or words x says "none". Alone, or beside nothing but a yes or no or one odd cell, it may say either: the share
    of x proves nothing. A column without any x has nothing to ask.
    """
    crosses = words = 0
    for cell in cells:
        if is_cross(cell):
            crosses += 1
        elif parse_tick(cell).code == "tick_unclear":
            words += 1
    if not crosses:
        return NONE
    return NONE if words > 1 else ASK
