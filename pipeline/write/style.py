"""Dress a workbook: formats, page set-up, and the official head and foot of a statistical form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook  # type: ignore[import-untyped, unused-ignore]
from xlsxwriter.format import Format  # type: ignore[import-untyped, unused-ignore]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped, unused-ignore]

__all__ = ["A3", "A4", "BOLD", "Book", "Format", "Workbook", "Worksheet", "line_count", "write_text", "write_title"]

A3, A4 = 8, 9
BOLD = 1.0
"""The mean width of a bold letter, for line_count."""
_BASE = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
_TRAITS: dict[str, dict[str, Any]] = {
    "small": {"font_size": 11},
    "large": {"font_size": 14},
    "bold": {"bold": True},
    "italic": {"italic": True},
    "grey": {"font_color": "#595959"},
    "left": {"align": "left"},
    "center": {"align": "center"},
    "right": {"align": "right"},
    "top": {"valign": "top"},
    "wrap": {"text_wrap": True},
    "box": {"border": 1, "border_color": "#7F7F7F"},
    "open": {"top": 1, "bottom": 1, "top_color": "#7F7F7F", "bottom_color": "#7F7F7F"},
    "open-left": {"top": 1, "bottom": 1, "left": 1, "top_color": "#7F7F7F", "bottom_color": "#7F7F7F", "left_color": "#7F7F7F"},
    "open-right": {"top": 1, "bottom": 1, "right": 1, "top_color": "#7F7F7F", "bottom_color": "#7F7F7F", "right_color": "#7F7F7F"},
    "fill": {"bg_color": "#DDE6F0"},
    "band": {"bg_color": "#EEF2F7"},
    "alert": {"bg_color": "#FBE5E1"},
    "count": {"num_format": "#,##0_)", "align": "right"},
    "rate": {"num_format": "0.0_)", "align": "right"},
    "million": {"num_format": "#,##0.0##_)", "align": "right"},
    **{f"indent{depth}": {"indent": depth, "align": "left"} for depth in range(1, 7)},
}


class _Sheet(Worksheet):  # type: ignore[misc, unused-ignore]
    """A sheet whose formulas are all ours: SUM, MAX, IF and the like, which Excel has always had."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Strip the equals sign; looking for functions newer than 2010 is a fifth of a workbook's time."""
        return formula.removeprefix("=")


class Book:
    """A workbook being written. Formats are made once, when first asked for."""

    def __init__(self, title: str, created: date) -> None:
        """Start a workbook; `created` stands in its properties instead of the clock: same figures, same bytes."""
        self._bytes = BytesIO()
        self.workbook = Workbook(self._bytes, {"in_memory": True})
        self.workbook.set_properties({"title": title, "created": datetime(created.year, created.month, created.day)})
        self._styles: dict[str, Format] = {}

    def style(self, traits: str) -> Format:
        """Return the format that has all the traits ("box bold center")."""
        found = self._styles.get(traits)
        if found is None:
            properties = dict(_BASE)
            for trait in traits.split():
                properties.update(_TRAITS[trait])
            found = self._styles[traits] = self.workbook.add_format(properties)
        return found

    def sheet(self, name: str, widths: Sequence[float], *, landscape: bool = True, paper: int = A4) -> Worksheet:
        """Add a sheet that prints one page wide, numbered, without gridlines."""
        sheet = self.workbook.add_worksheet(name, worksheet_class=_Sheet)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        sheet.set_paper(paper)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
        sheet.set_footer('&C&"Times New Roman,Regular"&11Trang &P/&N', {"margin": 0.3})
        sheet.hide_gridlines(2)
        sheet.center_horizontally()
        return sheet

    def text(self, sheet: Worksheet, row: int, first: int, last: int, text: str, traits: str) -> None:
        """Write text over the columns first..last as text, whatever it begins with."""
        style = self.style(traits)
        if last > first:
            sheet.merge_range(row, first, row, last, "", style)
        sheet.write_string(row, first, text, style)

    def across(self, sheet: Worksheet, row: int, first: int, last: int, text: str, traits: str) -> None:
        """Write text that runs over the columns first..last without merging them, which costs six times as much."""
        sheet.write_string(row, first, text, self.style(f"{traits} {'open-left' if last > first else 'box wrap'}"))
        for column in range(first + 1, last + 1):
            sheet.write_blank(row, column, None, self.style(f"{traits} {'open-right' if column == last else 'open'}"))

    def save(self, target: Path | BinaryIO) -> None:
        """Close the workbook and write it; an error in writing is an OSError."""
        self.workbook.close()
        if isinstance(target, Path):
            target.write_bytes(self._bytes.getbuffer())
        else:
            target.write(self._bytes.getbuffer())


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: Format) -> None:
    """Write text as text, never as a formula; no text leaves the cell blank."""
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def line_count(text: str, width: float, letter: float = 0.88) -> int:
    """Estimate the lines that `text` takes in a column of `width` characters, broken between words.

    letter: the mean width of a letter, of the column's unit; bold needs more.
    """
    if len(text) * letter <= width:
        return 1
    lines, used = 1, 0.0
    for word in text.split():
        length = len(word) * letter
        if used and used + 1 + length > width:
            lines, used = lines + 1, length
        else:
            used += length + (1 if used else 0)
    return lines


def write_title(book: Book, sheet: Worksheet, last: int, lines: Sequence[str]) -> int:
    """Write a title and lines below it over columns 0..last; return the next free row."""
    for row, line in enumerate(lines):
        book.text(sheet, row, 0, last, line, "bold large center" if row == 0 else "italic center")
    return len(lines)
