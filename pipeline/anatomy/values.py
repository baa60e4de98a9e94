"""What a survey of a sheet gives, as frozen values.

Titles are kept as written because a unit and a cut-off are looked for in them; they may hold anything and are for no finding.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple


class Kind(StrEnum):
    """What a row is; each row of a sheet has one kind in each table that stands side by side in it."""

    TITLE = "title"
    KEYS = "keys"
    HEADER = "header"
    NUMBERING = "numbering"
    HINT = "hint"
    SAMPLE = "sample"
    DATA = "data"
    CONTINUATION = "continuation"
    NAME_ONLY = "name_only"
    NO_SERIAL = "no_serial"
    SECTION = "section"
    TOTAL = "total"
    REPEATED = "repeated_header"
    PREPARED = "prepared"
    ZEROS = "zeros"
    ASIDE = "aside"
    FOOTER = "footer"
    BLANK = "blank"
    UNREAD = "unread"


DATA_KINDS = frozenset({Kind.DATA, Kind.CONTINUATION, Kind.NAME_ONLY, Kind.NO_SERIAL})
RECORD_KINDS = frozenset({Kind.DATA, Kind.NAME_ONLY, Kind.NO_SERIAL})
"""The kinds that begin a record; a continuation belongs to the record above it."""


class HeaderColumn(NamedTuple):
    """One column of a table: its 0-based position and its header texts, top-down; no text when it has none."""

    position: int
    path: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the header path as one text."""
        return " > ".join(self.path)


class Section(NamedTuple):
    """A row that heads a group; `text` only where it names a unit or a release type, else empty."""

    row: int
    what: str
    """hamlet, release_type or other"""
    text: str = ""
    code: str = ""
    """The release type's code."""


class Total(NamedTuple):
    """A row or a text that states how many there are."""

    row: int
    stated: int | None
    """The number of people (or rows) stated; None when the row does not say which of its numbers that is."""
    counted: int
    """The records it speaks of: of its section where that agrees, else of the whole table."""
    agrees: bool | None


class Statement(NamedTuple):
    """A text above a header that names a unit: the unit's word as written, its name, and where."""

    row: int
    word: str
    name: str


@dataclass(frozen=True)
class Title:
    """What stands above a header."""

    texts: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    """(Excel row, text) as written: for no finding and no log."""
    cutoff: date | None = None
    cutoff_row: int = 0
    period: str = ""
    """yyyy-mm, where one and only one is stated."""
    period_row: int = 0
    units: tuple[Statement, ...] = field(default=(), repr=False)
    contradicts: bool = False
    """Two different cut-offs, or two different periods, are stated: none is taken."""


@dataclass(frozen=True)
class Survey:
    """One table of a sheet, and what each row from `first_row` to `last_row` is in it."""

    first_row: int
    last_row: int
    kinds: tuple[Kind, ...]
    """One for each row from `first_row` (Excel rows)."""
    columns: tuple[HeaderColumn, ...] = ()
    """As written; a finding takes them from `shown`."""
    header_rows: tuple[int, ...] = ()
    serial: int | None = None
    """Position of the column of serial numbers."""
    name: int | None = None
    """Position of the column that says what a row is about."""
    of_people: bool = False
    """That column holds names of people."""
    title: Title = Title()
    sections: tuple[Section, ...] = ()
    totals: tuple[Total, ...] = ()
    fill_down: tuple[tuple[int, int, int], ...] = ()
    """Cells merged downwards among the data: (first row, last row, position)."""
    hidden: tuple[int, ...] = ()
    """Data rows that are hidden: they count."""
    grade: str = "D"
    """A and B are processed; C and D are shown to a person."""
    why: tuple[str, ...] = ()
    """Short codes: why C or D, and what else is doubtful."""
    shown: tuple[tuple[int, str], ...] = ()
    """(position, header) fit for a finding: a text that may be a person's name is left out."""

    def rows_of(self, *kinds: Kind) -> list[int]:
        """Return the Excel rows of these kinds."""
        return [row for row, kind in enumerate(self.kinds, start=self.first_row) if kind in kinds]

    def data_rows(self) -> list[tuple[int, Kind]]:
        """Return the Excel rows that hold data, and how each is understood."""
        return [(row, kind) for row, kind in enumerate(self.kinds, start=self.first_row) if kind in DATA_KINDS]

    @cached_property
    def records(self) -> int:
        """Return how many records the table has."""
        return sum(kind in RECORD_KINDS for kind in self.kinds)

    def section_at(self, row: int) -> Section | None:
        """Return the section that an Excel row stands in."""
        return next((section for section in reversed(self.sections) if section.row < row), None)
