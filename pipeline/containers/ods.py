"""Ods: one look through the content of an OpenDocument spreadsheet, before a reader opens it: what its repeated rows and cells
would unfold into, which cells are merged, what is hidden, which cells hold errors.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.archive import Archive
from pipeline.containers.markup import parse, whole
from pipeline.containers.sheet import Look, Merge, Place
from pipeline.parts import MAX_SHEETS
from pipeline.refusal import refuse
from pipeline.scan import MAX_CELLS, MAX_COLUMN, MAX_MERGES, MAX_ROW

CONTENT, MANIFEST, MIMETYPE = "content.xml", "meta-inf/manifest.xml", "mimetype"
_HIDDEN = frozenset({"collapse", "filter"})


@dataclass
class Table:
    """One sheet, while its elements go by."""

    row: int = 0
    """Rows above the current one, then with it."""
    column: int = 0
    columns: int = 0
    height: int = 0
    width: int = 0
    unfolded: int = 0
    """Cells that a reader holds before it repeats rows."""
    repeat: int = 1
    last: int = 0
    """The last filled column of the current row."""
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    errors: set[Place] = field(default_factory=set)

    def look(self, date1904: bool) -> Look:
        """Return what was seen; rows below the last filled one do not matter."""
        rows = frozenset(row for first, count in self.hidden_rows for row in range(first, min(first + count, self.height + 1)))
        return Look(rows, frozenset(self.hidden_columns), errors=frozenset(self.errors), date1904=date1904)


class _Content:
    def __init__(self) -> None:
        self.tables: list[Table] = []
        self.date1904 = False
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow one opening tag."""
        if tag == "table":
            self._depth += 1
            self.tables.append(Table())
            if self._depth > 1:
                refuse("file_damaged", what="bảng lồng trong bảng")
        elif tag == "null-date":
            self.date1904 = attributes.get("date-value", "").startswith("1904")
        elif not self._depth:
            return
        elif tag == "table-row":
            self._row(self.tables[-1], attributes)
        elif tag in ("table-cell", "covered-table-cell"):
            self._cell(self.tables[-1], attributes)
        elif tag == "table-column":
            self._column(self.tables[-1], attributes)

    def end(self, tag: str) -> None:
        """Follow one closing tag."""
        if tag == "table":
            self._depth -= 1
        elif tag == "table-row" and self._depth:
            table = self.tables[-1]
            if table.last:
                table.height = table.row + table.repeat
                table.unfolded += table.last
            table.row += table.repeat
            if table.height > MAX_ROW or max(table.height * table.width, table.unfolded) > MAX_CELLS:
                refuse("file_too_large", what=f"một sheet trải trên {table.height} dòng, {table.width} cột")

    def _row(self, table: Table, attributes: dict[str, str]) -> None:
        table.repeat = whole(attributes, "number-rows-repeated", 1, MAX_ROW)
        table.column = table.last = 0
        if attributes.get("visibility") in _HIDDEN:
            table.hidden_rows.append((table.row + 1, table.repeat))

    def _column(self, table: Table, attributes: dict[str, str]) -> None:
        repeat = whole(attributes, "number-columns-repeated", 1, MAX_COLUMN)
        if attributes.get("visibility") in _HIDDEN:
            table.hidden_columns |= set(range(table.columns + 1, min(table.columns + repeat, MAX_COLUMN) + 1))
        table.columns += repeat

    def _cell(self, table: Table, attributes: dict[str, str]) -> None:
        repeat = whole(attributes, "number-columns-repeated", 1, MAX_COLUMN)
        row, column = table.row + 1, table.column + 1
        across, down = whole(attributes, "number-columns-spanned", 1, MAX_COLUMN), whole(attributes, "number-rows-spanned", 1, MAX_ROW)
        if across > 1 or down > 1:
            table.merges.append((row, column, row + down - 1, column + across - 1))
            if len(table.merges) > MAX_MERGES:
                refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp")
        if attributes.get("value-type") == "error":
            table.errors.add((row, column))
        table.column += repeat
        if "value-type" in attributes or "formula" in attributes:
            table.last = min(table.column, MAX_COLUMN)
            table.width = max(table.width, table.last)


def look_through(archive: Archive) -> list[tuple[Look, list[Merge]]]:
    """Return looks and merged cells of every sheet in order. Raises Refused."""
    content = _Content()
    parse(CONTENT, archive.read(CONTENT), content.start, content.end)
    if not content.tables:
        refuse("file_damaged", what="không có sheet nào")
    if len(content.tables) > MAX_SHEETS:
        refuse("file_too_large", what=f"{len(content.tables)} sheet")
    if sum(table.height * table.width for table in content.tables) > MAX_CELLS:
        refuse("file_too_large", what=f"hơn {MAX_CELLS} ô trong cả sổ")
    return [(table.look(content.date1904), table.merges) for table in content.tables]
