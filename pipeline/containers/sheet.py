"""Sheet: what every container gives, and the bounds that hold in all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from pipeline.raw import Cell
from pipeline.refusal import refuse
from pipeline.scan import MAX_CELLS, MAX_COLUMN, MAX_ROW

ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"})
"""What Excel takes for an error value where a file has only text."""
MAX_TEXT = 32_767
"""Characters that Excel keeps in a cell; what is longer is cut."""
_NAMED_DATES = frozenset({"general date", "long date", "medium date", "short date", "long time", "medium time", "short time"})
_NAMED_OTHERS = frozenset({"general", "standard", "general number", "currency", "euro currency", "fixed", "percent", "scientific",
                           "yes/no", "true/false", "on/off"})
_LAST_SERIAL = 2_958_466
"""The day after 9999-12-31."""

Place = tuple[int, int]
"""Row and column as Excel counts them, from 1."""
Merge = tuple[int, int, int, int]


class ContainerError(Exception):
    """A file whose sheets cannot be given: a finding's code, and what fills its message. Holds nothing of any cell."""

    def __init__(self, code: str, values: tuple[tuple[str, object], ...] = ()) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Look:
    """How a sheet looks, beside what stands in it; what a container cannot tell is empty."""

    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    fonts: Mapping[int, str] = field(default_factory=dict)
    struck: frozenset[Place] = frozenset()
    errors: frozenset[Place] = frozenset()
    date1904: bool = False


@dataclass(frozen=True)
class Grid:
    """One sheet: its cells from row 1 and column A, every row equally long, blanks as empty text. All numbers count from 1."""

    name: str
    """Empty where a container names no sheets."""
    visible: bool
    rows: list[list[Cell]]
    merges: tuple[Merge, ...] = ()
    """First row, first column, last row, last column."""
    hidden_rows: frozenset[int] = frozenset()
    """Also rows that a filter hides."""
    hidden_columns: frozenset[int] = frozenset()
    fonts: Mapping[int, str] = field(default_factory=dict)
    """Column -> the font that most of its filled cells have."""
    struck: frozenset[Place] = frozenset()
    """Cells struck through from end to end."""
    date1904: bool = False
    """Whether the workbook counts days from 1904; dates among the cells are right either way, bare serial numbers are not."""
    errors: frozenset[Place] = frozenset()
    """Cells that hold an error value (#N/A): blank in `rows`."""

    @classmethod
    def of(cls, name: str, visible: bool, rows: list[list[Cell]], merges: Iterable[Merge], look: Look) -> Grid:
        """Join cells and looks; merges that no sheet can have are dropped."""
        sound = tuple(one for one in merges if 1 <= one[0] <= one[2] <= MAX_ROW and 1 <= one[1] <= one[3] <= MAX_COLUMN)
        return cls(name, visible, rows, sound, look.hidden_rows, look.hidden_columns, look.fonts, look.struck, look.date1904,
                   look.errors)


class Styles:
    """Counts the fonts of filled cells by column, and collects the struck ones, while a sheet is gone through."""

    def __init__(self, fonts: Mapping[int, tuple[str, bool]]) -> None:
        self._fonts = fonts
        self._counts: Counter[tuple[int, int]] = Counter()
        self._struck: set[Place] = set()

    def add(self, row: int, column: int, style: int) -> None:
        """Take in one filled cell of a style: a number that stands for a font's name and whether it strikes through."""
        self._counts[column, style] += 1
        if self._fonts.get(style, ("", False))[1]:
            self._struck.add((row, column))

    def strike(self, row: int, column: int) -> None:
        """Take in a cell whose text is struck through though its style is not."""
        self._struck.add((row, column))

    def fonts(self) -> dict[int, str]:
        """Return the most frequent font of each column."""
        names: dict[int, Counter[str]] = {}
        for (column, style), count in self._counts.items():
            name = self._fonts.get(style, ("", False))[0]
            if name:
                names.setdefault(column, Counter())[name] += count
        return {column: count.most_common(1)[0][0] for column, count in sorted(names.items())}

    def struck(self) -> frozenset[Place]:
        """Return the cells struck through."""
        return frozenset(self._struck)


def cut(text: str) -> str:
    """Return a text no longer than Excel keeps."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT]


def lay_out(cells: Mapping[Place, Cell]) -> list[list[Cell]]:
    """Return rows from A1 to the last filled cell. Raises Refused when the box between is too large."""
    filled = {place: cell for place, cell in cells.items() if cell is not None and cell != ""}
    if not filled:
        return []
    height, width = max(row for row, _ in filled), max(column for _, column in filled)
    check_box(height, width)
    rows: list[list[Cell]] = [[""] * width for _ in range(height)]
    for (row, column), cell in filled.items():
        rows[row - 1][column - 1] = cell
    return rows


def level(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return rows made equally long, without the blank ones at the end. Raises Refused when the box is too large."""
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    check_box(len(rows), width)
    return [row + [""] * (width - len(row)) for row in rows]


def check_box(height: int, width: int) -> None:
    """Refuse a sheet that no program could hold, or that would fill the memory here."""
    if height > MAX_ROW or width > MAX_COLUMN or height * width > MAX_CELLS:
        refuse("file_too_large", what=f"một sheet trải trên {height} dòng, {width} cột")


def within_bounds(grids: Iterable[Grid]) -> list[Grid]:
    """Return the sheets of a file. Raises Refused as soon as there are too many cells in all of them together."""
    kept: list[Grid] = []
    cells = 0
    for grid in grids:
        cells += sum(map(len, grid.rows))
        if cells > MAX_CELLS:
            refuse("file_too_large", what=f"hơn {MAX_CELLS} ô trong cả sổ")
        kept.append(grid)
    return kept


def is_date_format(code: str) -> bool:
    """Tell whether a number format of Excel shows a date or a time: any d, m, y, h or s that stands for itself."""
    name = code.strip().lower()
    if name in _NAMED_DATES or name in _NAMED_OTHERS:
        return name in _NAMED_DATES
    plain, at = [], 0
    while at < len(name):
        letter = name[at]
        if letter in "\\_*":
            at += 1
        elif letter in "\"[":
            end = name.find("\"" if letter == "\"" else "]", at + 1)
            if letter == "[" and name[at + 1:at + 2] in ("h", "m", "s"):  # [h]:mm counts hours
                plain.append("h")
            at = end if end >= 0 else len(name)
        elif letter == ";":  # what follows is for negative numbers and text
            break
        else:
            plain.append(letter)
        at += 1
    return any(letter in "dmyhs" for letter in plain)


def from_serial(serial: float, date1904: bool = False) -> Cell:
    """Return what a serial number in a date format shows: a time below 1, a date without a fraction, else both."""
    if not 0 <= serial < _LAST_SERIAL - (1462 if date1904 else 0):
        return serial
    days = serial + 1462 if date1904 else serial
    if 1 <= days < 60:  # Excel's 1900 has a 29 February
        days += 1
    within = min(round((days - int(days)) * 86_400_000), 86_399_999)
    return shorten(datetime(1899, 12, 30) + timedelta(days=int(days), milliseconds=within))


def shorten(moment: datetime) -> Cell:
    """Return a moment without the part that a cell does not show: a midnight is a date, what is before 1900 a time of day."""
    clock = time(moment.hour, moment.minute, moment.second, moment.microsecond)
    if moment.year < 1900 and (moment.month, moment.day) >= (12, 30):
        return clock
    return moment.date() if clock == time(0) else moment
