"""Xml2003: the sheets of SpreadsheetML 2003, the XML that Excel 2002-2003 and many exports write under the name .xls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from pipeline.containers.markup import parse, whole
from pipeline.containers.sheet import (
    Grid,
    Look,
    Merge,
    Place,
    Styles,
    check_box,
    cut,
    from_serial,
    is_date_format,
    lay_out,
    shorten,
    within_bounds,
)
from pipeline.parts import MAX_SHEETS
from pipeline.raw import Cell
from pipeline.refusal import refuse
from pipeline.scan import MAX_COLUMN, MAX_MERGES, MAX_ROW

_HIDDEN = frozenset({"SheetHidden", "SheetVeryHidden"})
_MAX_STYLES = 70_000
_DEFAULT_FONT = "Arial"
"""What Excel takes where a style names no font, and therefore does not write."""


@dataclass
class _Style:
    font: str = _DEFAULT_FONT
    struck: bool = False
    date: bool = False


@dataclass
class _Sheet:
    name: str
    styles: Styles
    visible: bool = True
    row: int = 0
    after: int = 0
    """The last row that the current one speaks for."""
    row_style: str = ""
    column: int = 0
    columns: int = 0
    column_styles: dict[int, str] = field(default_factory=dict)
    """What cells that name no style have."""
    cells: dict[Place, Cell] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: set[Place] = field(default_factory=set)

    def grid(self, date1904: bool) -> Grid:
        rows = lay_out(self.cells)
        hidden = frozenset(row for row in self.hidden_rows if row <= len(rows))
        look = Look(hidden, frozenset(self.hidden_columns), self.styles.fonts(), self.styles.struck(), frozenset(self.errors), date1904)
        return Grid.of(self.name, self.visible, rows, self.merges, look)


class _Reader:
    """One file, while its elements go by."""

    def __init__(self) -> None:
        self.sheets: list[_Sheet] = []
        self.date1904 = False
        self._styles: dict[str, _Style] = {}
        self._numbers: dict[str, int] = {}
        self._fonts: dict[int, tuple[str, bool]] = {}
        self._inside: list[str] = []
        self._style = self._cell_style = self._type = ""
        self._place: Place = (1, 1)
        self._text: list[str] | None = None
        self._openers = {"Style": self._open_style, "Worksheet": self._open_sheet, "Column": self._open_column, "Row": self._open_row,
                         "Cell": self._open_cell, "Data": self._open_data, "Font": self._open_font, "NumberFormat": self._open_format}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow one opening tag."""
        opener = self._openers.get(tag)
        if opener:
            opener(attributes)
        elif tag in ("Visible", "Date1904"):
            self._text = []
        self._inside.append(tag)
        if len(self._inside) > 200:
            refuse("file_damaged", what="thẻ lồng nhau quá sâu")

    def text(self, text: str) -> None:
        """Keep what stands inside a value."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """Follow one closing tag."""
        self._inside.pop()
        if tag == "Row" and self.sheets:
            self.sheets[-1].column = 0
        if self._text is None or tag not in ("Data", "Visible", "Date1904"):
            return
        text, self._text = "".join(self._text), None
        if tag == "Data":
            self._put(text)
        elif tag == "Visible" and self.sheets and text.strip() in _HIDDEN:
            self.sheets[-1].visible = False
        elif tag == "Date1904":
            self.date1904 = text.strip() in ("", "1", "True")

    def _open_style(self, attributes: dict[str, str]) -> None:
        parent = self._styles.get(attributes.get("Parent", "Default"), _Style())
        self._style = attributes.get("ID", "")
        self._styles[self._style] = _Style(parent.font, parent.struck, parent.date)
        if len(self._styles) > _MAX_STYLES:
            refuse("file_too_large", what=f"hơn {_MAX_STYLES} kiểu ô")

    def _open_font(self, attributes: dict[str, str]) -> None:
        if self._inside[-1:] == ["Style"]:
            style = self._styles[self._style]
            style.font = attributes.get("FontName", _DEFAULT_FONT)
            style.struck = attributes.get("StrikeThrough", "0") == "1"

    def _open_format(self, attributes: dict[str, str]) -> None:
        if self._inside[-1:] == ["Style"]:
            self._styles[self._style].date = is_date_format(attributes.get("Format", ""))

    def _open_sheet(self, attributes: dict[str, str]) -> None:
        if not self.sheets:
            self._numbers = {name: number for number, name in enumerate(self._styles)}
            self._fonts = {number: (style.font, style.struck) for number, style in enumerate(self._styles.values())}
            self._fonts[-1] = _DEFAULT_FONT, False
        self.sheets.append(_Sheet(cut(attributes.get("Name", "")), Styles(self._fonts)))
        if len(self.sheets) > MAX_SHEETS:
            refuse("file_too_large", what=f"hơn {MAX_SHEETS} sheet")

    def _open_column(self, attributes: dict[str, str]) -> None:
        if not self.sheets:
            return
        sheet = self.sheets[-1]
        first = whole(attributes, "Index", sheet.columns + 1)
        if first <= sheet.columns:
            refuse("file_damaged", what="có cột ghi hai lần hoặc sai thứ tự")
        sheet.columns = first + whole(attributes, "Span")
        reach = range(first, min(sheet.columns, MAX_COLUMN) + 1)
        if attributes.get("Hidden") == "1":
            sheet.hidden_columns |= set(reach)
        if "StyleID" in attributes:
            sheet.column_styles |= dict.fromkeys(reach, attributes["StyleID"])

    def _open_row(self, attributes: dict[str, str]) -> None:
        if not self.sheets:
            return
        sheet = self.sheets[-1]
        first = whole(attributes, "Index", sheet.after + 1, 10 * MAX_ROW)
        if first <= sheet.after:
            refuse("file_damaged", what="có dòng ghi hai lần hoặc sai thứ tự")
        sheet.row, sheet.column, sheet.after = first, 0, first + whole(attributes, "Span")
        check_box(sheet.after, 1)
        sheet.row_style = attributes.get("StyleID", "")
        if attributes.get("Hidden") == "1":
            sheet.hidden_rows |= set(range(first, sheet.after + 1))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        if not self.sheets:
            return
        sheet = self.sheets[-1]
        column = whole(attributes, "Index", sheet.column + 1)
        if column <= sheet.column:
            refuse("file_damaged", what="ô ghi hai lần hoặc sai thứ tự")
        across, down = whole(attributes, "MergeAcross"), whole(attributes, "MergeDown", most=MAX_ROW)
        check_box(1, column + across)
        if across or down:
            sheet.merges.append((sheet.row, column, min(sheet.row + down, MAX_ROW), column + across))
            if len(sheet.merges) > MAX_MERGES:
                refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp")
        self._place = sheet.row, column
        self._cell_style = attributes.get("StyleID") or sheet.row_style or sheet.column_styles.get(column, "Default")
        sheet.column = column + across

    def _open_data(self, attributes: dict[str, str]) -> None:
        if self._inside[-1:] == ["Cell"]:  # comments have data too
            self._type = attributes.get("Type", "String")
            self._text = []

    def _put(self, text: str) -> None:
        """Take in the value of the cell that is open."""
        if not self.sheets:
            return
        sheet = self.sheets[-1]
        if self._type == "Error":
            sheet.errors.add(self._place)
            return
        cell = _typed(self._type, text, self._styles.get(self._cell_style, _Style()).date, self.date1904)
        if cell != "":
            sheet.cells[self._place] = cell
            sheet.styles.add(*self._place, self._numbers.get(self._cell_style, -1))


def read_xml2003(text: str) -> list[Grid]:
    """Return the sheets. Raises Refused."""
    reader = _Reader()
    parse("tệp XML", text.lstrip(), reader.start, reader.end, reader.text)
    if not reader.sheets:
        refuse("file_damaged", what="không có sheet nào")
    return within_bounds(sheet.grid(reader.date1904) for sheet in reader.sheets)


def _typed(kind: str, text: str, is_date: bool, date1904: bool) -> Cell:
    """Return a value as its type says; as text where it does not fit its type."""
    value = text.strip()
    try:
        if kind == "Number" and isfinite(float(value)):
            return from_serial(float(value), date1904) if is_date else float(value)
        if kind == "DateTime":
            return shorten(datetime.fromisoformat(value).replace(tzinfo=None))
    except ValueError:
        return cut(text)
    return value == "1" if kind == "Boolean" and value in ("0", "1") else cut(text)
