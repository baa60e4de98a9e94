"""Write tong-hop-….xlsx: the units below one parent, side by side, as Biểu 01/THNCĐ."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pipeline.form import Form
from pipeline.statistics import STATUS_LABELS, Figures, RollupBook
from pipeline.write.commune_tables import NOT_REPORTED, is_counted, missing_names
from pipeline.write.head import write_official_head, write_signatures, write_unit_of_measure
from pipeline.write.machine_sheets import write_data, write_explanations
from pipeline.write.rollup_checks import write_rollup_checks
from pipeline.write.rollup_progress import write_progress, write_rollup_chart
from pipeline.write.style import A3, Book, Worksheet
from pipeline.write.table import Line, Spot, table_widths, write_table
from pipeline.write.tidy_table import tidy_rows, tidy_value

TITLE = "TỔNG HỢP KẾT QUẢ CÔNG TÁC TÁI HÒA NHẬP CỘNG ĐỒNG"


def write_rollup_book(target: Path | BinaryIO, form: Form, book: RollupBook, notes: Mapping[str, str]) -> None:
    """Write the rollup's workbook: counts only, the same bytes for the same arguments.

    notes: further keys and values of Thuyết minh; `parent_name` also names the receiving unit.
    """
    out = Book(f"Tổng hợp {book.parent.unit.full_name}, kỳ {book.edition.period}", book.edition.cutoff)
    rows = [row for figures in (*book.children, book.parent) for row in tidy_rows(book.edition, figures, form)]
    spot = write_rollup_form(out, form, book, notes)
    write_progress(out, book)
    write_rollup_checks(out, form, book)
    write_data(out, rows)
    write_explanations(out, form, book.edition, book.parent, rows, book.hashes, notes)
    write_rollup_chart(out, book, spot)
    out.save(target)


def write_rollup_form(out: Book, form: Form, book: RollupBook, notes: Mapping[str, str]) -> Spot:
    """Write Tổng hợp: head, a row for each unit, live total, who has not reported, signatures."""
    columns = form.tables["rollup"]
    widths = table_widths(columns, label=25, note=26, room=250)
    sheet = out.sheet("Tổng hợp", widths, paper=A3)
    parent = book.parent.unit
    row = write_official_head(out, sheet, widths, book.edition, TITLE, parent.full_name, notes.get("parent_name", ""))
    row = write_unit_of_measure(out, sheet, row, len(widths) - 1, "Người, trừ các cột ghi riêng")
    lines = [Line(child.unit.full_name, child if is_counted(child) else None, child_note(form, child),
                  alert=not is_counted(child)) for child in book.children]
    counted = sum(is_counted(child) for child in book.children)
    total = Line(f"Tổng cộng ({counted}/{len(book.children)} đơn vị)", None, _unspecified(form, book.parent))
    spot = write_table(out, sheet, row, form, columns, lines, widths, "Đơn vị", total)
    row = _write_missing(out, sheet, spot.below, len(widths) - 1, book)
    write_signatures(out, sheet, row, widths)
    sheet.freeze_panes(spot.first, 2)
    sheet.repeat_rows(spot.first - 1 - max(len(column.header) for column in columns), spot.first - 1)
    return spot


def child_note(form: Form, child: Figures) -> str:
    """Return what stands in Ghi chú beside a unit."""
    if not is_counted(child):
        return STATUS_LABELS["blocked"] if child.status == "blocked" else NOT_REPORTED
    parts = [STATUS_LABELS[child.status]] if child.status in ("nil", "stale") else []
    reported, expected = child.reported.get("hamlet", 0), child.expected.get("hamlet")
    if expected is not None and reported < expected:
        parts.append(f"{reported}/{expected} thôn đã nộp")
    own, own_expected = child.reported.get("commune", 0), child.expected.get("commune") or 0
    if own < own_expected:
        parts.append("chưa có sổ của xã" if child.unit.level == "commune" else f"{own}/{own_expected} xã có sổ của xã")
    return "; ".join(part for part in (*parts, _unspecified(form, child)) if part)


def _unspecified(form: Form, figures: Figures) -> str:
    # Biểu 01 has no column for it, yet the columns by release type must be seen to add up.
    count = tidy_value(figures, form.indicator["total_unspecified"])
    return f"Không rõ diện: {count} người" if count else ""


def _write_missing(out: Book, sheet: Worksheet, row: int, last: int, book: RollupBook) -> int:
    missing = missing_names(book.children)
    if not missing:
        return row
    text = f"Đơn vị chưa báo cáo: {missing}. Ô để trống là chưa có báo cáo, không phải số 0."
    out.text(sheet, row, 0, last, text, "italic left wrap top")
    sheet.set_row(row, 18 * (len(text) // 220 + 1))
    return row + 1
