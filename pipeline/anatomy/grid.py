"""The grid of a sheet: cells by 0-based row and position, and the merges among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pipeline.anatomy.words import is_blank
from pipeline.raw import Cell

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column."""


class Filled(NamedTuple):
    """One cell that holds something."""

    position: int
    cell: Cell


class Grid:
    """A sheet's cells from row 1 and column A, cut to what is written on."""

    def __init__(self, rows: Sequence[list[Cell]], merges: Sequence[Merge] = (), first: int = 0) -> None:
        """Take rows as reading gives them and 1-based merges; `first`: the position that column 0 has in the sheet."""
        self.first = first
        width = _used_width(rows)
        self.rows = [row if len(row) == width else (row[:width] + [""] * (width - len(row))) for row in rows]
        while self.rows and self.is_empty(len(self.rows) - 1):
            self.rows.pop()
        self.height, self.width = len(self.rows), width
        self.merges = [(r0 - 1, c0 - 1, r1 - 1, c1 - 1) for r0, c0, r1, c1 in merges if r0 <= self.height and c0 <= width]
        self._wide: dict[int, list[Merge]] = {}
        for merge in self.merges:
            if merge[3] > merge[1]:
                self._wide.setdefault(merge[0], []).append(merge)

    def filled(self, row: int) -> list[Filled]:
        """Return the cells of a row that hold something."""
        return [Filled(at, cell) for at, cell in enumerate(self.rows[row]) if cell != "" and not is_blank(cell)]

    def is_empty(self, row: int) -> bool:
        """Tell whether a row holds nothing."""
        cells = self.rows[row]
        return cells.count("") == len(cells) or all(is_blank(cell) for cell in cells)

    def wide(self, row: int) -> list[Merge]:
        """Return the merges over several columns that begin in a row."""
        return self._wide.get(row, [])

    def wide_at(self, row: int, position: int) -> Merge | None:
        """Return the merge over several columns whose text stands in this cell."""
        return next((merge for merge in self.wide(row) if merge[1] == position), None)

    def crossing(self, row: int) -> list[Merge]:
        """Return the merges that hold a row together with the one above it, and have a text."""
        return [m for m in self.merges if m[0] < row <= m[2] and not is_blank(self.rows[m[0]][m[1]])]

    def band(self, left: int, right: int) -> Grid:
        """Return the columns from `left` to before `right` as a grid of its own."""
        merges = [(m[0] + 1, max(m[1], left) - left + 1, m[2] + 1, min(m[3], right - 1) - left + 1)
                  for m in self.merges if left <= m[1] < right]
        band = Grid([row[left:right] for row in self.rows], merges, self.first + left)
        band.rows += [[""] * band.width for _ in range(self.height - band.height)]
        band.height = self.height
        return band


def _used_width(rows: Sequence[list[Cell]]) -> int:
    """Return how many columns are written on: a sheet may claim thousands."""
    width = 0
    for row in rows:
        at = len(row)
        if row[width:].count("") == at - width:
            continue
        while at > width and (row[at - 1] == "" or is_blank(row[at - 1])):
            at -= 1
        width = max(width, at)
    return width
