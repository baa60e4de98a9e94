"""Html table: one table of a page while its tags go by: which place each cell takes between those that reach into its row."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.containers.html_cells import BREAK, Attributes, PageStyles, Style, cell_of, cell_text, is_hidden, span_of
from pipeline.containers.sheet import ERRORS, Grid, Look, Merge, Place, Styles, check_box, lay_out
from pipeline.raw import Cell
from pipeline.refusal import refuse
from pipeline.scan import MAX_COLUMN, MAX_MERGES, MAX_ROW


@dataclass
class Open:
    """The cell that is open, and what of its text is struck through."""

    place: Place
    attributes: Attributes
    style: Style
    parts: list[str] = field(default_factory=list)
    struck: int = 0
    plain: int = 0
    font: str = ""
    bottom: int = 0
    """The last row that tables inside the cell reach."""


class Table:
    """One table. Its first cell stands at a given place of the page's one sheet."""

    def __init__(self, number: int, row: int, column: int) -> None:
        self.number = number
        """Which of the page's tables it is, in the order they begin."""
        self.cells: dict[Place, Cell] = {}
        self.lines: list[tuple[int, str]] = []
        """Lines of text above the table, with their rows."""
        self.open: Open | None = None
        self.row = self.bottom = row - 1
        """The current row, and the last that anything reaches."""
        self._left = self._column = column
        self._first_row = row
        self._widest = column
        self._columns = column
        self._reaching: list[tuple[int, int, int]] = []
        """First and last column and last row of cells from rows above, in the order of columns."""
        self._new: list[tuple[int, int, int]] = []
        self._at = 0
        self._merges: list[list[int]] = []
        self._unclipped: list[list[int]] = []
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._errors: set[Place] = set()
        self._faces: dict[tuple[str, bool], int] = {}
        self._shown: list[tuple[int, int, int]] = []

    def start_row(self, attributes: Attributes) -> None:
        """Begin the next row."""
        self.row = self.bottom = max(self.row, self.bottom) + 1
        check_box(self.row, 1)
        self._column, self._at = self._left, 0
        if self._new or any(until < self.row for _, _, until in self._reaching):
            self._reaching = sorted(span for span in (*self._reaching, *self._new) if span[2] >= self.row)
            self._new = []
        if is_hidden(attributes):
            self._hidden_rows.add(self.row)

    def start_cell(self, attributes: Attributes, styles: PageStyles) -> None:
        """Open the next cell of the row."""
        if self.row < self._first_row:
            self.start_row({})
        column = self._column
        while self._at < len(self._reaching) and self._reaching[self._at][0] <= column:
            column = max(column, self._reaching[self._at][1] + 1)
            self._at += 1
        check_box(1, column)
        across = span_of(attributes, "colspan", MAX_COLUMN - column + 1)
        down = span_of(attributes, "rowspan", min(65_534, MAX_ROW - self.row + 1))
        if across > 1 or down > 1:
            self._span(column, across, down)
        self._widest = max(self._widest, column)
        check_box(self.row, self._widest)
        self._column = column + across
        self.open = Open((self.row, column), attributes, styles.of(attributes))

    def end_cell(self, date1904: bool) -> None:
        """Close the open cell and keep its value."""
        cell, self.open = self.open, None
        if cell is None:
            return
        text = cell_text(cell.parts)
        if "x:err" in cell.attributes or (text[:1] == "#" and text in ERRORS):
            self._errors.add(cell.place)
            return
        value = cell_of(text, cell.attributes, cell.style, date1904)
        if value == "":
            return
        self.cells[cell.place] = value
        face = cell.font or cell.style.font, cell.style.struck or (cell.struck > 0 and not cell.plain)
        self._shown.append((*cell.place, self._faces.setdefault(face, len(self._faces))))

    def start_group(self) -> None:
        """Begin another group of rows: no cell reaches into it from above."""
        for merge in self._unclipped:
            merge[2] = max(min(merge[2], self.row), merge[0])
        self._unclipped, self._reaching, self._new = [], [], []

    def add_column(self, attributes: Attributes) -> None:
        """Take in what the page says of its columns."""
        span = span_of(attributes, "span", MAX_COLUMN)
        if is_hidden(attributes):
            self._hidden_columns |= set(range(self._columns, min(self._columns + span, MAX_COLUMN + 1)))
        self._columns = min(self._columns + span, MAX_COLUMN)

    def add_line(self, text: str) -> None:
        """Give a text that stands outside the cells a row of its own."""
        if text:
            self.start_row({})
            self.cells[self.row, self._left] = text

    def place_inside(self) -> Place:
        """Return where a table inside the open cell begins; one beside the cells begins below them."""
        if self.open is None:
            return self.bottom + 1, self._left
        row, column = self.open.place
        return max(row, self.open.bottom + 1), column

    def take_in(self, inner: Table) -> bool:
        """Make room for a table inside this one; tell whether it is a table: one of a single row or column is only text."""
        rows, columns = {row for row, _ in inner.cells}, {column for _, column in inner.cells}
        if self.open and min(len(rows), len(columns)) < 2:
            self.open.parts += [BREAK, *inner.as_text(), BREAK]
            self.open.plain += bool(inner.cells)
            return False
        self.bottom = max(self.bottom, inner.bottom)
        if self.open:
            self.open.bottom = inner.bottom
        return True

    def as_text(self) -> list[str]:
        """Return what stands in the cells, rows as lines."""
        parts: list[str] = []
        row = 0
        for place, cell in sorted(self.cells.items(), key=lambda item: item[0]):
            parts += [BREAK if parts and place[0] > row else " ", str(cell).replace("\n", BREAK)]
            row = place[0]
        return parts

    def grid(self, name: str, date1904: bool) -> Grid:
        """Return the table as a sheet. Raises Refused when it is too large."""
        styles = Styles({number: face for face, number in self._faces.items()})
        for row, column, face in self._shown:
            styles.add(row, column, face)
        merges: list[Merge] = []
        for top, left, bottom, right in self._merges:  # a page says colspan=100 and means all columns
            one = (top, left, max(min(bottom, self.row), top), max(min(right, self._widest), left))
            if one[:2] != one[2:]:
                merges.append(one)
        rows = lay_out(self.cells)
        hidden = frozenset(row for row in self._hidden_rows if row <= len(rows))
        look = Look(hidden, frozenset(self._hidden_columns), styles.fonts(), styles.struck(), frozenset(self._errors), date1904)
        return Grid.of(name, True, rows, merges, look)

    def _span(self, column: int, across: int, down: int) -> None:
        if len(self._merges) >= MAX_MERGES:
            refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp")
        merge = [self.row, column, self.row + down - 1, column + across - 1]
        self._merges.append(merge)
        if down > 1:
            self._unclipped.append(merge)
            self._new.append((column, column + across - 1, self.row + down - 1))
