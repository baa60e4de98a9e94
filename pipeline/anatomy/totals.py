"""What a sheet itself says its total is, against the rows counted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.anatomy.grid import Grid
from pipeline.anatomy.values import RECORD_KINDS, Kind, Total
from pipeline.text import as_text, tone_neutral

_PEOPLE = re.compile(r"(\d{1,3}(?:[.,]\d{3})+|\d+)\s*(?:\([^)]*\)\s*)?(?:người|đối tượng|trường hợp|công dân|nhân khẩu|khẩu|đ/c)\b")
_LONE = re.compile(r"\D*?(\d{1,3}(?:[.,]\d{3})+|\d+)\s*[.)/;]*\Z")
_FIXED = re.compile(r"ấn định|danh sách (?:này |trên )?(?:có|gồm)")


def read_totals(grid: Grid, kinds: Mapping[int, Kind], name: int | None) -> tuple[Total, ...]:
    """Return what the total rows state, and the sentence that closes a list ("Ấn định danh sách có 02 người"), in row order."""
    records = [row for row, kind in kinds.items() if kind in RECORD_KINDS]
    breaks = sorted(row for row, kind in kinds.items() if kind in (Kind.TOTAL, Kind.SECTION))
    found = []
    for row in sorted(kinds):
        closing = kinds[row] is Kind.FOOTER and _closing_sentence(grid, row)
        if kinds[row] is Kind.TOTAL or closing:
            found.append(_compare(grid, row, name, len(records), None if closing else _group(row, records, breaks)))
    return tuple(found)


def _closing_sentence(grid: Grid, row: int) -> bool:
    return any(isinstance(one.cell, str) and _FIXED.match(tone_neutral(one.cell)) and _PEOPLE.search(tone_neutral(one.cell))
               for one in grid.filled(row))


def _group(row: int, records: list[int], breaks: list[int]) -> int:
    """Count the records of a total's group: those between it and the break before it; below it when it stands on top."""
    before = max((b for b in breaks if b < row), default=-1)
    above = sum(before < record < row for record in records)
    after = min((b for b in breaks if b > row), default=None)
    return above or sum(row < record and (after is None or record < after) for record in records)


def _compare(grid: Grid, row: int, name: int | None, whole: int, group: int | None) -> Total:
    possible = {whole} if group is None else {whole, group}
    stated = _stated(grid, row, name)
    if stated is not None:
        counted = group if group is not None and stated == group else whole
        return Total(row + 1, stated, counted, stated in possible)
    numbers = {int(one.cell) for one in grid.filled(row) if isinstance(one.cell, float | int) and one.cell == int(one.cell)}
    same = sorted(numbers & possible, reverse=True)
    return Total(row + 1, same[0] if same and same[0] else None, same[0] if same else whole, True if same and same[0] else None)


def _stated(grid: Grid, row: int, name: int | None) -> int | None:
    """Return the count that a row states as such: "… 12 người", "Tổng cộng: 12", or a number in the column of names."""
    text = tone_neutral(" ".join(as_text(one.cell) for one in grid.filled(row) if isinstance(one.cell, str)))
    said = _PEOPLE.search(text) or (None if "+" in text else _LONE.match(text))
    if said:
        return int(re.sub(r"\D", "", said.group(1)))
    cell = grid.rows[row][name] if name is not None else None
    return int(cell) if isinstance(cell, float | int) and cell == int(cell) else None
