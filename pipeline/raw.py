"""What reading gives: cells as typed, and where they stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from pipeline.find import Source

Cell = str | float | date | datetime | time | timedelta | None


class Trouble(NamedTuple):
    """A finding in the making: it names the place by keys, and never holds a cell's value."""

    code: str
    sheet: str = ""
    """Sheet key, or empty for the whole file."""
    row: int = 0
    column: str = ""
    """Column key."""
    letter: str = ""
    """Excel column letters, where the column has no key."""
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class RawTable:
    """One sheet's rows: cells as typed, by column key; `rows` are Excel row numbers."""

    sheet: str
    rows: list[int]
    cells: dict[str, list[Cell]]
    letters: dict[str, str]

    def column(self, key: str) -> list[Cell]:
        """Return a column's cells; blanks when the sheet has no such column."""
        return self.cells.get(key) or [None] * len(self.rows)


@dataclass(frozen=True)
class RawWorkbook:
    """One workbook as read."""

    source: Source
    sha256: str = ""
    profile: str = ""
    """hamlet or commune; empty when the workbook cannot be counted."""
    info: Mapping[str, Cell] = field(default_factory=dict)
    info_cells: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Where each line of Thông tin stands: row and column letter of its value."""
    tables: Mapping[str, RawTable] = field(default_factory=dict)
    sheet_names: Mapping[str, str] = field(default_factory=dict)
    """Sheet key -> the name it has in this file."""
    troubles: tuple[Trouble, ...] = ()
    template_version: str = ""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Sheet key -> filled rows of a sheet that cannot be counted; a trouble says why."""
