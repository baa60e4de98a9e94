"""Write the unit register don-vi.xlsx, empty or with units."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.units import LEVEL_LABELS, REGISTER_COLUMNS, REGISTER_SHEET, Unit
from pipeline.write.template_checks import dated, listed, message
from pipeline.write.template_formats import LINE, OPTIONAL, REQUIRED, STARRED, Styles, height, new_book, put, set_print

CHECKED_ROWS = 2000
"""Rows with drop-downs; a province with its communes and hamlets fits."""
NEEDED = frozenset({"unit_id", "level", "name"})
WIDTHS = {"unit_id": 14, "level": 10, "type": 16, "name": 30, "parent_id": 16, "valid_from": 14, "valid_to": 14, "gso_code": 14}
TYPES = ("Thôn", "Tổ dân phố", "Xã", "Phường", "Đặc khu", "Huyện", "Quận", "Thị xã", "Thành phố", "Tỉnh", "Cụm")
HELP = {
    "unit_id": "Mã do cơ quan đặt, không dấu cách, ví dụ HD-01. Không bao giờ dùng lại mã cho đơn vị khác.",
    "level": "Chọn thôn, xã, huyện, tỉnh hoặc cụm. Tổ dân phố ghi cấp thôn; phường ghi cấp xã.",
    "type": "Tên loại đơn vị in trên báo cáo, ví dụ Thôn, Tổ dân phố, Xã, Phường. Có thể ghi loại khác.",
    "name": "Tên riêng của đơn vị, viết có dấu, không kèm loại, ví dụ Hợp Đức.",
    "parent_id": "Mã của đơn vị cấp trên trực tiếp. Đơn vị cao nhất trong sổ thì để trống.",
    "valid_from": "Ngày đơn vị bắt đầu có hiệu lực, ghi ngày/tháng/năm. Không rõ thì để trống.",
    "valid_to": "Ngày cuối cùng đơn vị còn hiệu lực. Đơn vị đang hoạt động thì để trống.",
    "gso_code": "Mã đơn vị hành chính theo danh mục của cơ quan thống kê, nếu có. Giữ cả số 0 ở đầu.",
}
EXAMPLE = (
    ("CUM-01", "cụm", "Cụm", "Cụm số 1", "", "01/07/2025", "", ""),
    ("HD", "xã", "Xã", "Hợp Đức", "CUM-01", "01/07/2025", "", ""),
    ("HD-01", "thôn", "Thôn", "Đông", "HD", "", "", ""),
    ("HD-02", "thôn", "Thôn", "Đoài", "HD", "", "31/12/2025", ""),
)
NOTES = (
    "Sổ này kể tên mọi đơn vị và đơn vị cấp trên của nó. Báo cáo cộng số liệu theo sổ này và cho biết thôn nào chưa nộp.",
    "Mỗi đơn vị một dòng trong sheet Đơn vị. Không xóa dòng của đơn vị đã sáp nhập hoặc giải thể: ghi Đến ngày.",
    "Khi đơn vị chuyển sang cấp trên khác: ghi Đến ngày ở dòng cũ, thêm một dòng cùng mã với cấp trên mới và Từ ngày là hôm sau.",
    "Lưu tệp với tên don-vi.xlsx trong thư mục số liệu vào (inputs).",
)


def write_register(target: Path | BinaryIO, units: Sequence[Unit] = ()) -> None:
    """Write the register with its instruction sheet; the same units give the same bytes."""
    with new_book(target, "Sổ đơn vị", "Thôn, xã và đơn vị cấp trên") as book:
        styles = Styles(book)
        _write_units(book.add_worksheet(REGISTER_SHEET), styles, units)
        _write_guide(book.add_worksheet("Hướng dẫn"), styles)


def _write_units(page: Worksheet, styles: Styles, units: Sequence[Unit]) -> None:
    last_row = max(CHECKED_ROWS, len(units))
    page.set_row(0, 30)
    for col, (key, header) in enumerate(REGISTER_COLUMNS.items()):
        style = _entry(styles, key)
        page.set_column(col, col, WIDTHS[key], style)
        page.write_string(0, col, header, _header(styles, key))
        page.data_validation(1, col, last_row, col, {**_accepted(key), **message(header, HELP[key])})
        for row, unit in enumerate(units, start=1):
            put(page, row, col, _value(unit, key), style)
    frame = {"type": "formula", "criteria": "=COUNTA($A2:$H2)>0", "format": styles.frame()}
    page.conditional_format(1, 0, last_row, len(REGISTER_COLUMNS) - 1, frame)
    page.autofilter(0, 0, last_row, len(REGISTER_COLUMNS) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:H{last_row + 1}"})
    page.freeze_panes(1, 0)
    set_print(page, 0)


def _value(unit: Unit, key: str) -> object:
    value: object = getattr(unit, key)
    return LEVEL_LABELS.get(unit.level, unit.level) if key == "level" else value


def _entry(styles: Styles, key: str) -> Format:
    if key in ("valid_from", "valid_to"):
        return styles.make(num_format="dd/mm/yyyy", align="center")
    return styles.make(num_format="@")


def _header(styles: Styles, key: str) -> Format:
    look = {"bg_color": REQUIRED, "num_format": STARRED} if key in NEEDED else {"bg_color": OPTIONAL}
    return styles.make(bold=True, align="center", text_wrap=True, border=1, border_color=LINE, **look)


def _accepted(key: str) -> dict[str, object]:
    if key == "level":
        return listed(list(LEVEL_LABELS.values()), "Chọn thôn, xã, huyện, tỉnh hoặc cụm.")
    if key == "type":
        return {**listed(list(TYPES)), "ignore_blank": True, "show_error": False}
    return dated() if key in ("valid_from", "valid_to") else {"validate": "any"}


def _write_guide(page: Worksheet, styles: Styles) -> None:
    """Write the rules, what each column means, and an example."""
    for col, key in enumerate(REGISTER_COLUMNS):
        page.set_column(col, col, WIDTHS[key])
    last, width = len(REGISTER_COLUMNS) - 1, sum(WIDTHS.values())
    lines: list[tuple[str, dict[str, object]]] = [("HƯỚNG DẪN GHI SỔ ĐƠN VỊ", {"bold": True, "font_size": 14})]
    lines += [(f"{at}. {text}", {}) for at, text in enumerate(NOTES, start=1)]
    lines += [(f"{header}{' (bắt buộc)' if key in NEEDED else ''}: {HELP[key]}", {}) for key, header in REGISTER_COLUMNS.items()]
    lines += [("Ví dụ", {"bold": True})]
    for row, (text, look) in enumerate(lines):
        page.set_row(row, height([(text, width * 1.1)]) + 5)
        page.merge_range(row, 0, row, last, text, styles.make(text_wrap=True, **look))
    for row, values in enumerate((tuple(REGISTER_COLUMNS.values()), *EXAMPLE), start=len(lines)):
        style = styles.header() if row == len(lines) else styles.cell()
        for col, value in enumerate(values):
            page.write_string(row, col, value, style)
    page.hide_gridlines(2)
    set_print(page)
