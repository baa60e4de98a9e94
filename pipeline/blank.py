"""Blank: where a sheet's prepared rows that nobody has filled begin.

A list has two hundred prepared rows and thirty people: most bytes of a workbook are styled cells without content. They are
the same bytes in every workbook of one template, so what has been looked at once need not be looked at again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_KNOWN, MAX_SIZE = 64, 1 << 20
"""Runs of rows remembered, and the bytes of one: a run of two hundred rows of our own has 130,000."""
_LAST_ROW = 1 << 14
"""Bytes of a row by which a run is known again."""
_ROWS = re.compile(rb"(?:<row r=\"[0-9]+\"[^<>/]*(?:/>|>(?:<c [^<>/]*/>)*</row>))*")
_ROW = re.compile(rb"<row r=\"([0-9]+)\"")


class Rows(NamedTuple):
    """A run of blank rows up to the end of a table: their bytes, where each begins, and their numbers."""

    data: bytes
    starts: list[int]
    numbers: list[int]


_known: dict[bytes, Rows] = {}
"""By the bytes of the last row."""


def find_blank(part: bytes, end: int) -> tuple[int, int]:
    """Return where the known blank rows that end at `end` begin, and the first one's number; `end` and 0 when there is none."""
    rows = _known.get(_last_row(part, end))
    if rows is None:
        return end, 0
    data = memoryview(rows.data)
    low, high = 0, len(rows.starts) - 1
    while low < high:
        middle = (low + high) // 2
        if part.endswith(data[rows.starts[middle]:], 0, end):
            high = middle
        else:
            low = middle + 1
    return end - len(data) + rows.starts[low], rows.numbers[low]


def learn_blank(part: bytes, known: int, end: int) -> int:
    """Return where the blank rows that end at `end` begin, and remember them; from `known` on they are blank for sure.

    Only for a part that was found to be in order: of rows that are remembered nothing is checked again.
    """
    filled = part.rfind(b"</c", 0, known)  # whatever a cell holds, its end is written out
    first = part.find(b"</row>", filled, known) + 6 if filled >= 0 else part.find(b"<row ")
    if not 6 <= first < known or not _ROWS.fullmatch(part, first, end):
        return known
    key = _last_row(part, end)
    if key and end - first <= MAX_SIZE:
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        rows = list(_ROW.finditer(part, first, end))
        _known[key] = Rows(part[first:end], [row.start() - first for row in rows], [int(row[1]) for row in rows])
    return first


def _last_row(part: bytes, end: int) -> bytes:
    at = part.rfind(b"<row ", max(end - _LAST_ROW, 0), end)
    return part[at:end] if at >= 0 else b""
