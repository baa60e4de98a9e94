"""The official head and foot of a statistical form, and the wording of dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

from pipeline.settings import POLICY_LABELS
from pipeline.statistics import Edition
from pipeline.write.style import Book, Worksheet

DOTS = "…………………………"
FORM_NUMBER = "01/THNCĐ"


def date_text(day: date) -> str:
    """Return a date as state documents write it: 06/5/2024, 06/02/2024."""
    return f"{day.day:02d}/{_month_text(day.month)}/{day.year}"


def period_text(period: str) -> str:
    """Return "Tháng 5 năm 2024" for "2024-05"."""
    year, month = period.split("-")
    return f"Tháng {_month_text(int(month))} năm {year}"


def _month_text(month: int) -> str:
    return f"{month:02d}" if month <= 2 else str(month)


def edition_lines(edition: Edition) -> tuple[str, str]:
    """Return the lines that say which period and which cut-off the figures stand for."""
    return (f"Kỳ báo cáo: {period_text(edition.period)}", f"(Số liệu chốt đến ngày {date_text(edition.cutoff)})")


def policy_line(edition: Edition) -> str:
    """Return the line that says how flows and conditional releases are counted."""
    policy = POLICY_LABELS.get(edition.policy, edition.policy)
    return (f"Số phát sinh trong kỳ: sau ngày {date_text(edition.previous_cutoff)} đến hết ngày {date_text(edition.cutoff)}. "
            f"Người được tha tù trước thời hạn có điều kiện: {policy}.")


def write_official_head(book: Book, sheet: Worksheet, widths: Sequence[float], edition: Edition, title: str,
                        reporter: str, receiver: str) -> int:
    """Write the head of the form over all columns; return the next free row.

    On a wide sheet the title stands between the two corners, on a narrow one below them.
    """
    last, wide = len(widths) - 1, sum(widths) > 130
    left_end = _column_at(widths, 0.25 if wide else 0.55)
    right_start = max(_column_at(widths, 0.74) if wide else left_end + 1, left_end + 1)
    corners = ((f"Biểu số: {FORM_NUMBER}", f"Đơn vị báo cáo: {reporter}"),
               (f"Ban hành theo: {DOTS}", f"Đơn vị nhận báo cáo: {receiver or DOTS}"),
               (f"Ngày nhận báo cáo: {DOTS}", ""))
    for row, (left, right) in enumerate(corners):
        book.text(sheet, row, 0, left_end, left, "left bold" if row == 0 else "left")
        book.text(sheet, row, right_start, last, right, "left wrap" if len(right) > 40 else "left")
        if len(right) > sum(widths[right_start:]):
            sheet.set_row(row, 32)
    top, first, end = (0, left_end + 1, right_start - 1) if wide else (len(corners), 0, last)
    for offset, line in enumerate((title, *edition_lines(edition))):
        book.text(sheet, top + offset, first, end, line, ("bold large center", "center", "italic center")[offset])
    if not wide:
        sheet.set_row(top, 28)
    row = top + len(corners)
    book.text(sheet, row, 0, last, policy_line(edition), "italic center wrap")
    if len(policy_line(edition)) > sum(widths):
        sheet.set_row(row, 32)
    return row + 1


def _column_at(widths: Sequence[float], share: float) -> int:
    """Return the column in which `share` of the whole width is reached."""
    whole = sum(widths)
    return sum(1 for reached in accumulate(widths) if reached < whole * share - 1)


def write_unit_of_measure(book: Book, sheet: Worksheet, row: int, last: int, text: str) -> int:
    """Write "Đơn vị tính" right above the table; return the next free row."""
    book.text(sheet, row, 0, last, f"Đơn vị tính: {text}", "italic right")
    return row + 1


def write_signatures(book: Book, sheet: Worksheet, row: int, widths: Sequence[float]) -> int:
    """Write the place for date and signatures below a form; return the next free row."""
    last, whole = len(widths) - 1, sum(widths)
    first_end = _column_at(widths, 0.3)
    second_end = max(column for column in range(first_end + 1, last) if sum(widths[column + 1:]) >= whole * 0.22)
    zones = ((0, first_end), (first_end + 1, second_end), (second_end + 1, last))
    date_start = zones[2][0] if sum(widths[zones[2][0]:]) > 32 else zones[1][0]
    book.text(sheet, row + 1, date_start, last, "………………, ngày …… tháng …… năm ………", "italic right")
    for (start, end), who in zip(zones, ("Người lập biểu", "Người kiểm tra biểu", "Thủ trưởng đơn vị"), strict=True):
        book.text(sheet, row + 2, start, end, who, "bold center")
        book.text(sheet, row + 3, start, end, "(Ký, ghi rõ họ tên)", "italic center")
    return row + 8
