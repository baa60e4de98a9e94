"""The row that numbers the columns below a header, in all the forms that real sheets have."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.anatomy.grid import Filled
from pipeline.raw import Cell

HIGHEST = 99
_NUMBER = re.compile(r"[(\[]?\s*-?\s*(\d{1,2})[a-z]?\s*[)\].]?\Z")
_FORMULA = re.compile(r"[(\[]?\s*(\d{1,2})[a-z]?\s*[)\]]?\s*=[\s\d()\[\]+\-–x×*:/.,%]+\Z", re.IGNORECASE)
_LETTER = re.compile(r"[(\[]?\s*([A-ZĐa-zđ])\s*[)\]]?\Z")
_ENOUGH = 3
_MOST = 0.8
_LARGEST_STEP = 3
"""Columns deleted after the numbers were typed leave gaps."""


def is_numbering(filled: Sequence[Filled], headed: int, name: int | None = None) -> bool:
    """Tell whether a row numbers the columns: "1 2 3", "(1) (2)", which Excel reads as -1 -2, "A B 1 2", "3=1x2", "6a 6b".

    `headed`: how many columns have a header; a row that leaves most of them out numbers nothing. `name`: the position of the
    names of people; a row with another text there is a person's.
    """
    tokens = [token for one in filled if (token := _token(one.cell)) is not None]
    if len(tokens) < _ENOUGH or len(tokens) < _MOST * len(filled) or 2 * len(tokens) < headed:
        return False
    if any(one.position == name and _token(one.cell) is None for one in filled):
        return False
    numbers = [token for token in tokens if isinstance(token, int)]
    letters = [token for token in tokens if isinstance(token, str)]
    if any(later <= earlier for earlier, later in pairwise(letters)):
        return False  # "Cộng | X | X | X" and ticks
    return _rises(numbers, after_letters=bool(letters)) and (bool(numbers) or len(letters) >= _ENOUGH)


def _token(cell: Cell) -> int | str | None:
    """Return the number or the letter of a cell; None when it is neither."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return abs(int(cell)) if cell == int(cell) and abs(cell) <= HIGHEST else None
    if not isinstance(cell, str):
        return None
    text = cell.strip()
    found = _NUMBER.match(text) or _FORMULA.match(text)
    if found:
        return int(found.group(1))
    letter = _LETTER.match(text)
    return letter.group(1).upper().replace("Đ", "D~") if letter else None


def _rises(numbers: list[int], *, after_letters: bool) -> bool:
    if not numbers:
        return True
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    good = sum(0 <= step <= _LARGEST_STEP for step in steps)
    first = numbers[0] <= (HIGHEST if after_letters else _LARGEST_STEP)
    return first and 5 * good >= 3 * len(steps) and (len(steps) < _ENOUGH - 1 or len(set(numbers)) > 1)
