"""Write the standard workbook of a hamlet or a commune, blank or with rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name, xl_range, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from pipeline.form import Column, Form, Sheet
from pipeline.units import Unit
from pipeline.write.template_checks import validation
from pipeline.write.template_formats import (
    LEGEND,
    TEXT_TYPES,
    WRAPPED,
    Styles,
    height,
    new_book,
    protect,
    put,
    set_print,
    total_width,
    unit_heading,
)
from pipeline.write.template_guide import write_guide
from pipeline.write.template_info import info_for, write_info

TITLE_ROW, HINT_ROW, KEY_ROW, HEADER_ROW, FIRST_ROW = range(5)
"""Rows of a data sheet, from 0."""
TAB_COLOURS = {"guide": "#A6A6A6", "info": "#70AD47"}
DATA_TAB = "#2F75B5"
SCREEN = 150
"""Characters that one screen shows: titles and hints are wrapped within."""
PAGE = 230
"""Characters that A4 landscape still prints legibly (about 7 points)."""
RULED_ROWS = 25
"""A blank sheet prints as one page to write on; later rows print once they hold something."""

Rows = Mapping[str, Sequence[Mapping[str, object]]]


def workbook_name(unit: Unit, period: str) -> str:
    """Return the file name of a unit's workbook for a period (yyyy-mm)."""
    return f"THNCD_{unit.unit_id}_{period}.xlsx"


def write_workbook(
    target: Path | BinaryIO,
    form: Form,
    profile: str,
    info: Mapping[str, object],
    rows: Rows | None = None,
    nil: Iterable[str] = (),
    prepared_rows: int = 200,
) -> None:
    """Write the workbook of a profile ("hamlet" or "commune"); the same arguments give the same bytes.

    `info` holds values by key of Thông tin; `rows` holds, by sheet key, {column key: value}, which land as if typed;
    `nil` names the sheets ticked Không phát sinh. Raises ValueError for a sheet or column the profile has not.
    """
    rows, nil = rows or {}, frozenset(nil)
    data = form.data_sheets(profile)
    info_sheet = info_for(form.sheet["info"], profile)
    _refuse_strangers(data, info_sheet, info, rows, nil)
    unit = "thôn" if profile == "hamlet" else "xã"
    with new_book(target, f"Sổ tái hòa nhập cộng đồng của {unit}", "Theo dõi người chấp hành xong án phạt tù") as book:
        styles = Styles(book)
        for sheet in form.sheets:
            if profile not in sheet.profiles:
                continue
            page = book.add_worksheet(sheet.name)
            page.set_tab_color(TAB_COLOURS.get(sheet.key, DATA_TAB))
            if sheet.key == "guide":
                write_guide(page, styles, form, profile)
            elif sheet.key == "lists":
                _write_lists(book, page, styles, form)
            elif sheet.key == "info":
                write_info(page, styles, info_sheet, data, info, nil)
            else:
                _write_data(page, styles, sheet, rows.get(sheet.key, ()), prepared_rows, unit_heading(info))


def _refuse_strangers(
    data: Sequence[Sheet], info_sheet: Sheet, info: Mapping[str, object], rows: Rows, nil: frozenset[str]
) -> None:
    sheets = {sheet.key: sheet.by_key.keys() for sheet in data}
    unknown = (rows.keys() | nil) - sheets.keys() | info.keys() - info_sheet.by_key.keys()
    for key in rows.keys() & sheets.keys():
        unknown |= {f"{key}.{name}" for row in rows[key] for name in row.keys() - sheets[key]}
    if unknown or not sheets:
        raise ValueError(f"the workbook has no {', '.join(sorted(unknown)) or 'such profile'}")


def _write_data(
    page: Worksheet, styles: Styles, sheet: Sheet, rows: Sequence[Mapping[str, object]], prepared: int, heading: str
) -> None:
    last_row = FIRST_ROW + max(prepared, len(rows), 1) - 1
    last_col = len(sheet.columns) - 1
    named, wide = _name_column(sheet), total_width(sheet.columns) > PAGE
    _write_head(page, styles, sheet, named if wide else 0)
    _set_rows(page, styles, sheet, rows, last_row)
    for col, column in enumerate(sheet.columns):
        _write_column(page, styles, col, column, rows, last_row)
    entry = xl_range(FIRST_ROW, 0, last_row, last_col)
    filled = f"=COUNTA($A{FIRST_ROW + 1}:${xl_col_to_name(last_col)}{FIRST_ROW + 1})>0"
    page.conditional_format(entry, {"type": "formula", "criteria": filled, "format": styles.frame()})
    page.ignore_errors({"number_stored_as_text": entry, "two_digit_text_year": entry})
    page.autofilter(HEADER_ROW, 0, last_row, last_col)
    page.freeze_panes(FIRST_ROW, named)
    set_print(page, HEADER_ROW, heading=heading, pages_wide=2 if wide else 1)
    if wide:
        page.repeat_columns(0, named - 1)
    protect(page)


def _write_head(page: Worksheet, styles: Styles, sheet: Sheet, repeated: int) -> None:
    """Write title, hint, hidden keys and headers.

    On a sheet printed two pages wide the title keeps to the columns repeated on the second page, the hint to the first.
    """
    last, hint = _last_on_screen(sheet), f"{sheet.hint} {LEGEND}"
    locked, title_style = styles.make(), styles.make(bold=True, font_size=14, text_wrap=True)
    hint_height = height([(hint, total_width(sheet.columns[repeated:last + 1]) * 1.05)])
    page.set_row(TITLE_ROW, 24, locked)
    page.set_row(HINT_ROW, max(hint_height, 36 if repeated else 0), locked)
    if repeated:
        page.merge_range(TITLE_ROW, 0, HINT_ROW, repeated - 1, sheet.title, title_style)
    else:
        page.merge_range(TITLE_ROW, 0, TITLE_ROW, last, sheet.title, title_style)
    page.merge_range(HINT_ROW, repeated, HINT_ROW, last, hint, styles.make(italic=True, text_wrap=True))
    page.set_row(KEY_ROW, None, locked, {"hidden": True})
    # A little more than the text: the filter arrow covers the corner of a full cell.
    page.set_row(HEADER_ROW, height((f"{c.header} *", c.width - 1) for c in sheet.columns) + 10, locked)
    for col, column in enumerate(sheet.columns):
        page.write_string(KEY_ROW, col, column.key, locked)
        page.write_string(HEADER_ROW, col, column.header, styles.header(column))


def _set_rows(page: Worksheet, styles: Styles, sheet: Sheet, rows: Sequence[Mapping[str, object]], last_row: int) -> None:
    """Unlock whole rows, beyond the last column too: else Excel refuses to delete a row of a protected sheet."""
    unlocked = styles.make(locked=False)
    wrapped = [column for column in sheet.columns if column.type in WRAPPED]
    for at in range(FIRST_ROW, last_row + 1):
        row = rows[at - FIRST_ROW] if at < FIRST_ROW + len(rows) else {}
        long = [(str(row[c.key]), c.width) for c in wrapped if len(str(row.get(c.key) or "")) > c.width]
        page.set_row(at, height(long) if long else None, unlocked)


def _write_column(
    page: Worksheet, styles: Styles, col: int, column: Column, rows: Sequence[Mapping[str, object]], last_row: int
) -> None:
    ruled, plain = styles.entry(column), styles.entry(column, border=False)
    page.set_column(col, col, column.width, plain)
    as_text = column.type in TEXT_TYPES
    for at, row in enumerate(rows, start=FIRST_ROW):
        put(page, at, col, row.get(column.key), ruled, as_text=as_text)
    for at in range(FIRST_ROW + len(rows), last_row + 1):
        page.write_blank(at, col, None, ruled if at < FIRST_ROW + RULED_ROWS else plain)
    page.data_validation(FIRST_ROW, col, last_row, col, validation(column))


def _name_column(sheet: Sheet) -> int:
    """Return how many columns stay in sight: up to the name, if there is one."""
    return next((at for at, column in enumerate(sheet.columns, start=1) if column.type == "name" or column.key == "name"), 0)


def _last_on_screen(sheet: Sheet) -> int:
    return max(at for at in range(len(sheet.columns)) if at == 0 or total_width(sheet.columns[:at + 1]) <= SCREEN)


def _write_lists(book: Workbook, page: Worksheet, styles: Styles, form: Form) -> None:
    """Write a column of labels for each code list, and the name that the drop-downs use."""
    for col, (name, codes) in enumerate(form.lists.items()):
        page.set_column(col, col, 30)
        page.write_string(0, col, name, styles.header())
        for at, code in enumerate(codes, start=1):
            page.write_string(at, col, code.label, styles.make())
        book.define_name(f"dm_{name}", f"='{page.get_name()}'!{xl_range_abs(1, col, len(codes), col)}")
    page.hide()
    protect(page)
