"""Write Thông tin: whose workbook it is, for which period, and what did not happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from xlsxwriter.worksheet import Worksheet

from pipeline.form import Column, Sheet
from pipeline.write.template_checks import message, ticks, validation
from pipeline.write.template_formats import NUMBER_FORMATS, Styles, height, number_format, protect, put, set_print, unit_heading

WIDTHS = (34, 40, 92)
LABEL, VALUE, HELP, KEY = range(4)
PREFILLED = frozenset({"hamlet_id", "hamlet_name", "commune_id", "commune_name"})


def info_for(info: Sheet, profile: str) -> Sheet:
    """Return Thông tin as a profile has it: a commune's own workbook has no hamlet."""
    if profile == "hamlet":
        return info
    return replace(info, columns=tuple(column for column in info.columns if not column.key.startswith("hamlet_")))


def write_info(
    page: Worksheet, styles: Styles, sheet: Sheet, data: Sequence[Sheet], info: Mapping[str, object], nil: frozenset[str]
) -> None:
    """Write a line for each field and, below, a tick for each data sheet; machine keys in a hidden column."""
    for col, width in enumerate(WIDTHS):
        page.set_column(col, col, width)
    page.set_column(KEY, KEY, 12, None, {"hidden": True})
    page.set_row(0, 36)
    page.merge_range(0, LABEL, 0, VALUE, sheet.title, styles.make(bold=True, font_size=14))
    page.write_string(0, HELP, sheet.hint, styles.make(italic=True, text_wrap=True))
    page.set_row(1, 22)
    for col, text in enumerate(("Mục", "Nội dung", "Cách ghi")):
        page.write_string(1, col, text, styles.header())
    for at, column in enumerate(sheet.columns, start=2):
        _write_field(page, styles, at, column, info.get(column.key))
    for at, one in enumerate(data, start=2 + len(sheet.columns)):
        _write_nil(page, styles, at, one, one.key in nil)
    page.ignore_errors({"number_stored_as_text": f"B3:B{2 + len(sheet.columns)}"})
    page.freeze_panes(2, 0)
    set_print(page, 1, heading=unit_heading(info))
    protect(page)


def _write_field(page: Worksheet, styles: Styles, at: int, column: Column, value: object) -> None:
    style = styles.field(number_format(column), locked=column.key in PREFILLED and bool(value))
    put(page, at, VALUE, value, style, as_text=column.type not in NUMBER_FORMATS)
    _write_line(page, styles, at, column.header, column.help, column.key, required=column.required)
    page.data_validation(at, VALUE, at, VALUE, validation(column))


def _write_nil(page: Worksheet, styles: Styles, at: int, sheet: Sheet, ticked: bool) -> None:
    label = f"Không phát sinh: {sheet.name}"
    help_text = f"Đánh dấu x nếu kỳ này không có gì để ghi ở sheet {sheet.name}. Để trống thì coi như chưa báo."
    put(page, at, VALUE, "x" if ticked else None, styles.field("General"))
    _write_line(page, styles, at, label, help_text, f"nil_{sheet.key}")
    page.data_validation(at, VALUE, at, VALUE, {**ticks(), **message(label, help_text)})


def _write_line(
    page: Worksheet, styles: Styles, at: int, label: str, help_text: str, key: str, *, required: bool = False
) -> None:
    page.set_row(at, height([(label, WIDTHS[0]), (help_text, WIDTHS[2] * 1.1)]) + 4)
    page.write_string(at, LABEL, label, styles.label(required=required))
    page.write_string(at, HELP, help_text, styles.cell(italic=True, font_color="#404040"))
    page.write_string(at, KEY, key)
