"""How the standard workbook looks: formats, print set-up, heights, and values written as typed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.form import FORM_VERSION, Column

FONT = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
CREATED = datetime(2026, 1, 1)
"""In place of the clock: the same form gives the same bytes."""
STARRED = '@" *"'
LINE = "#C8C8C8"
REQUIRED, SOMETIMES, OPTIONAL = "#FFD966", "#FFF2CC", "#DDEBF7"
LEGEND = "Tiêu đề vàng đậm (*): bắt buộc; vàng nhạt: bắt buộc trong một số trường hợp; xanh: ghi khi có."
TEXT_TYPES = frozenset({"record_id", "citizen_id", "unit_id", "birth", "period", "text", "personal", "name"})
"""Kept as typed. A birth cell too: as a date cell, Excel would show the year 1985 as 07/06/1905."""
NUMBER_FORMATS = {"date": "dd/mm/yyyy", "money": "#,##0", "count": "0", "serial": "0"}
WRAPPED = frozenset({"text", "personal", "name", "code"})
CENTRED = frozenset({"tick", "date", "birth", "serial", "period"})
UNLOCKED_ACTIONS = ("format_columns", "format_rows", "sort", "autofilter", "insert_rows", "delete_rows")


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Format] = {}

    def make(self, **properties: object) -> Format:
        """Return the format with these XlsxWriter properties, over the house font."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({**FONT, **properties})
        return self._made[key]

    def header(self, column: Column | None = None) -> Format:
        """Return the locked header format; its colour and shown star say whether the column is required.

        The star is a number format: the cell holds the header's text alone.
        """
        look = {"bold": True, "text_wrap": True, "align": "center", "border": 1, "border_color": LINE, "bg_color": OPTIONAL}
        if column and column.required:
            look |= {"bg_color": REQUIRED, "num_format": STARRED}
        elif column and column.required_if:
            look |= {"bg_color": SOMETIMES}
        return self.make(**look)

    def label(self, *, required: bool) -> Format:
        """Return the format of a line's label in Thông tin."""
        look = {"bg_color": REQUIRED, "num_format": STARRED} if required else {"bg_color": OPTIONAL}
        return self.cell(bold=True, **look)

    def cell(self, **properties: object) -> Format:
        """Return the format of a framed text."""
        return self.make(text_wrap=True, indent=1, border=1, border_color=LINE, **properties)

    def field(self, shown_as: str, *, locked: bool = False) -> Format:
        """Return the format of a value in Thông tin; grey when it is not to be changed."""
        look = {"bg_color": "#F2F2F2"} if locked else {}
        return self.cell(align="left", locked=locked, num_format=shown_as, **look)

    def entry(self, column: Column, *, border: bool = True) -> Format:
        """Return the format of a cell to type in."""
        look: dict[str, object] = {"locked": False, "num_format": number_format(column)}
        if border:
            look |= {"border": 1, "border_color": LINE}
        if column.type in CENTRED:
            look |= {"align": "center"}
        if column.type in WRAPPED:
            look |= {"text_wrap": True}
        if column.type == "money":
            look |= {"align": "right", "indent": 1}
        return self.make(**look)

    def frame(self) -> Format:
        """Return the conditional format that frames rows as they fill up."""
        return self._book.add_format({"border": 1, "border_color": LINE})


def number_format(column: Column) -> str:
    """Return the number format that keeps a column's values as typed."""
    return "@" if column.type in TEXT_TYPES else NUMBER_FORMATS.get(column.type, "General")


def new_book(target: object, title: str, subject: str) -> Workbook:
    """Return an empty workbook without author or clock.

    Held in memory: no copy of personal data passes through a temporary folder.
    """
    defaults = {key: FONT[key] for key in ("font_name", "font_size")}
    book = Workbook(target, {"in_memory": True, "default_format_properties": defaults})
    book.set_properties({"title": title, "subject": subject, "comments": f"Phiên bản mẫu {FORM_VERSION}", "created": CREATED})
    book.set_custom_property("template_version", FORM_VERSION, "text")
    book.define_name("template_version", f'="{FORM_VERSION}"')
    return book


def protect(sheet: Worksheet) -> None:
    """Lock headers against slips; there is no password, it is no secret."""
    sheet.protect("", dict.fromkeys(UNLOCKED_ACTIONS, True))


def set_print(sheet: Worksheet, header_row: int | None = None, *, heading: str = "", pages_wide: int = 1) -> None:
    """Set A4 landscape with the header row on each page, the sheet's name and the page number below."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.fit_to_pages(pages_wide, 0)
    sheet.set_footer('&L&"Times New Roman"&9&A&R&"Times New Roman"&9Trang &P/&N')
    if heading:
        sheet.set_header('&L&"Times New Roman"&9' + heading.replace("&", "&&")[:200])
    if header_row is not None:
        sheet.repeat_rows(header_row)


def put(sheet: Worksheet, row: int, col: int, value: object, style: Format, *, as_text: bool = False) -> None:
    """Write a value as if it had been typed into the cell; text never becomes a formula."""
    if value is None or value == "":
        sheet.write_blank(row, col, None, style)
    elif isinstance(value, date) and not as_text:
        sheet.write_datetime(row, col, value, style)
    elif isinstance(value, int | float) and not as_text:
        sheet.write_number(row, col, value, style)
    else:
        sheet.write_string(row, col, _typed(value), style)


def _typed(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def lines(text: str, width: float) -> int:
    """Return how many lines text takes in a cell `width` characters wide."""
    count, used = 1, 0
    for word in text.split():
        if used and used + 1 + len(word) > width:
            count, used = count + 1, 0
        used += len(word) + bool(used)
        count += math.ceil(used / width) - 1
        used = used % int(width) or used
    return count


def height(cells: Iterable[tuple[str, float]], line: float = 15.0) -> float:
    """Return the row height in points that shows each (text, width) whole."""
    return max(lines(text, width) for text, width in cells) * line + 4


def total_width(columns: Sequence[Column]) -> int:
    """Return the width of columns, in characters."""
    return sum(column.width for column in columns)


def unit_heading(info: Mapping[str, object]) -> str:
    """Return the unit's name for the head of printed pages."""
    return " - ".join(str(info[key]) for key in ("hamlet_name", "commune_name") if info.get(key))
