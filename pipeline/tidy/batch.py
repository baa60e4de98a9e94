"""What tidying gives: facts of workbooks and typed tables, without a name, a number or a note in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.raw import Trouble
from pipeline.tidy.columns import Array
from pipeline.tidy.dates import NO_DATE

Table = dict[str, Array]
"""Columns by key, all of one length; `source_number` and `source_row` say where each row came from."""


@dataclass
class Workbook:
    """What is known of one workbook besides its rows; no personal value."""

    number: int
    name: str
    sha256: str
    profile: str
    hamlet_id: str = ""
    hamlet_name: str = ""
    commune_id: str = ""
    commune_name: str = ""
    period: str = ""
    cutoff_days: int = NO_DATE
    nil: frozenset[str] = frozenset()
    template_version: str = ""
    sheet_names: dict[str, str] = field(default_factory=dict)
    letters: dict[str, dict[str, str]] = field(default_factory=dict)
    info_cells: dict[str, tuple[int, str]] = field(default_factory=dict)
    rows_read: dict[str, int] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    """Sheets whose rows are all set aside because they cannot be counted."""
    troubles: list[Trouble] = field(default_factory=list)


@dataclass
class Batch:
    """What one worker task gives back."""

    workbooks: list[Workbook]
    tables: dict[str, Table]
