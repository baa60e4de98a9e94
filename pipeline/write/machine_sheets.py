"""Write the two sheets that are read back: Số liệu (tidy figures) and Thuyết minh (keys and explanations)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.form import FORM_VERSION, Form
from pipeline.settings import POLICY_LABELS
from pipeline.statistics import STATUS_LABELS, STATUSES, Edition, Figures
from pipeline.write.checksum import checksum_rows, seal_of
from pipeline.write.head import date_text, period_text
from pipeline.write.style import Book, Worksheet, line_count, write_text
from pipeline.write.tidy_table import TIDY_COLUMNS, TidyRow

DATA_SHEET, EXPLANATION_SHEET = "Số liệu", "Thuyết minh"
INDICATOR_LETTER, VALUE_LETTER = (chr(65 + TIDY_COLUMNS.index(name)) for name in ("indicator", "value"))
_DATA_WIDTHS = (10, 12, 10, 14, 26, 14, 24, 14, 10, 10)
_LABELS = {
    "period": "Kỳ báo cáo", "cutoff": "Ngày chốt số liệu", "previous_cutoff": "Ngày chốt kỳ trước",
    "policy": "Cách tính người được tha tù trước thời hạn có điều kiện", "mass_orgs": "Tổ chức tính là đoàn thể giúp đỡ",
    "form_version": "Phiên bản biểu mẫu", "unit_id": "Mã đơn vị", "unit_name": "Tên đơn vị", "level": "Cấp",
    "status": "Tình trạng nộp sổ", "unit_type": "Loại đơn vị", "parent_id": "Mã đơn vị cấp trên", "checksum": "Mã niêm số liệu (SHA-256)",
    "program_version": "Phiên bản chương trình", "parent_name": "Đơn vị nhận báo cáo",
    **{f"progress_{status}": f"Số thôn: {STATUS_LABELS[status].lower()}" for status in STATUSES},
}


def _label(key: str) -> str:
    if key.startswith("confirmed."):
        return f"Kỳ xác nhận gần nhất của {key.removeprefix('confirmed.')}"
    if key.startswith("received."):
        return f"Ngày nhận bản đang dùng của {key.removeprefix('received.')}"
    return _LABELS.get(key, key)


def write_data(out: Book, rows: Sequence[TidyRow]) -> None:
    """Write Số liệu: one figure a row, header in row 1, as an Excel table."""
    sheet = out.sheet(DATA_SHEET, _DATA_WIDTHS)
    style = out.style("small")
    sheet.set_column(0, len(TIDY_COLUMNS) - 1, None, style)
    for column, width in enumerate(_DATA_WIDTHS):
        sheet.set_column(column, column, width, style)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row[:7]):
            sheet.write_string(number, column, str(text))
        for column, value in enumerate(row[7:], start=7):
            if isinstance(value, (int, float)):
                sheet.write_number(number, column, value)
            elif value is not None:
                sheet.write_string(number, column, value)
    sheet.add_table(0, 0, max(len(rows), 1), len(TIDY_COLUMNS) - 1,
                    {"name": "SoLieu", "style": "Table Style Light 9",
                     "columns": [{"header": name, "header_format": out.style("small bold")} for name in TIDY_COLUMNS]})
    sheet.ignore_errors({"number_stored_as_text": f"A1:G{len(rows) + 1}"})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)


def write_explanations(out: Book, form: Form, edition: Edition, figures: Figures, rows: Sequence[TidyRow],
                       hashes: Sequence[tuple[str, str]], notes: Mapping[str, str]) -> None:
    """Write Thuyết minh; the hidden column A holds the machine keys, every value is text."""
    sheet = out.sheet(EXPLANATION_SHEET, (20, 46, 84), landscape=False)
    sheet.set_column(0, 0, 20, None, {"hidden": True})
    sheet.write_string(0, 1, "THUYẾT MINH SỐ LIỆU", out.style("bold large"))
    seal = seal_of(edition, figures, FORM_VERSION)
    keys = {**seal, "unit_name": figures.unit.full_name, "unit_type": figures.unit.type, "checksum": checksum_rows(rows, seal)}
    ordered = [key for key in _LABELS if key in keys] + [key for key in keys if key not in _LABELS]
    row = _write_pairs(out, sheet, 2, "1. Thông tin để tổng hợp lên cấp trên (không sửa)",
                       [(key, _LABELS.get(key, key), keys[key]) for key in ordered])
    row = _write_pairs(out, sheet, row + 1, "2. Diễn giải", _readings(form, edition))
    if notes:
        row = _write_pairs(out, sheet, row + 1, "3. Thông tin thêm",
                           [(key, _label(key), value) for key, value in notes.items() if key not in keys])
    row = _write_pairs(out, sheet, row + 1, "4. Định nghĩa chỉ tiêu",
                       [(f"definition.{one.key}", one.label, one.definition) for one in form.indicators])
    _write_pairs(out, sheet, row + 1, "5. Tệp đã dùng và mã SHA-256 của tệp",
                 [(f"sha256.{number}", file, sha256) for number, (file, sha256) in enumerate(hashes, start=1)])
    sheet.ignore_errors({"number_stored_as_text": f"A1:C{row + len(hashes) + 3}"})
    sheet.freeze_panes(1, 0)


def _readings(form: Form, edition: Edition) -> list[tuple[str, str, str]]:
    orgs = ", ".join(form.indicator[f"org_{org}"].label.removesuffix(" giúp đỡ") for org in edition.mass_orgs)
    return [("reading.period", "Kỳ báo cáo", period_text(edition.period)),
            ("reading.cutoff", "Số liệu tính đến hết ngày", date_text(edition.cutoff)),
            ("reading.flows", "Số phát sinh trong kỳ",
             f"sau ngày {date_text(edition.previous_cutoff)} đến hết ngày {date_text(edition.cutoff)}"),
            ("reading.policy", "Người được tha tù trước thời hạn có điều kiện",
             POLICY_LABELS.get(edition.policy, edition.policy)),
            ("reading.mass_orgs", "Tổ chức tính là đoàn thể giúp đỡ", orgs),
            ("reading.blank", "Ô để trống", "chưa có báo cáo; số 0 là có báo cáo và không phát sinh"),
            ("reading.seal", "Mã niêm số liệu", "số liệu bị sửa tay thì mã không còn đúng và khi tổng hợp sẽ bị phát hiện")]


def _write_pairs(out: Book, sheet: Worksheet, top: int, title: str, pairs: Sequence[tuple[str, str, str]]) -> int:
    """Write a heading and rows of key, label and value; return the next free row."""
    sheet.write_string(top, 1, title, out.style("bold"))
    key_style, style = out.style("small grey"), out.style("box small wrap left top")
    for row, (key, label, value) in enumerate(pairs, start=top + 1):
        sheet.write_string(row, 0, key, key_style)
        sheet.write_string(row, 1, label, style)
        write_text(sheet, row, 2, value, style)
        lines = max(line_count(label, 48), line_count(value, 88))
        if lines > 1:
            sheet.set_row(row, 15 * lines + 2)
    return top + 1 + len(pairs)
