"""Write the sheet Đối chiếu of a rollup: the units below add up to the parent, and the laws hold."""

from __future__ import annotations

from pipeline.form import Form
from pipeline.statistics import RollupBook
from pipeline.write.checks_table import Check, law_checks, write_checks_table
from pipeline.write.findings_sheet import SEVERITY_LABELS
from pipeline.write.head import edition_lines
from pipeline.write.machine_sheets import DATA_SHEET, INDICATOR_LETTER, VALUE_LETTER
from pipeline.write.style import Book, Worksheet, line_count, write_text, write_title
from pipeline.write.tidy_table import tidy_value

_WIDTHS = (6.0, 70.0, 18.0, 7.0, 18.0, 14.0)
_SPANS = tuple((column, column) for column in range(len(_WIDTHS)))


def write_rollup_checks(out: Book, form: Form, book: RollupBook) -> None:
    """Write the sums, the laws, and what was found while consolidating."""
    sheet = out.sheet("Đối chiếu", _WIDTHS, landscape=False)
    title = f"ĐỐI CHIẾU SỐ LIỆU – {book.parent.unit.full_name.upper()}"
    row = write_title(out, sheet, len(_WIDTHS) - 1, (title, " ".join(edition_lines(book.edition)))) + 1
    # Số liệu lists the units below first, in the order of the form, and the parent last.
    above = 1 + len(book.children) * len(form.indicators)
    cells = {one.key: f"'{DATA_SHEET}'!${VALUE_LETTER}${above + place}" for place, one in enumerate(form.indicators, start=1)}
    values = {one.key: tidy_value(book.parent, one) for one in form.indicators}
    headers = ("STT", "Chỉ tiêu", "Cộng các đơn vị", "Dấu", "Đơn vị tổng hợp", "Kết quả")
    row = write_checks_table(out, sheet, row, _SPANS, "1. Cộng các đơn vị bằng số liệu tổng hợp", headers,
                             _sum_checks(form, book, values, cells, above))
    headers = ("STT", "Phép kiểm tra", "Vế trái", "Dấu", "Vế phải", "Kết quả")
    row = write_checks_table(out, sheet, row + 1, _SPANS, "2. Kiểm tra giữa các chỉ tiêu", headers,
                             law_checks(form, book.edition, values, cells.__getitem__))
    if book.findings:
        _write_findings(out, sheet, row + 1, book)
    sheet.freeze_panes(2, 0)


def _sum_checks(form: Form, book: RollupBook, values: dict[str, int | float | None], cells: dict[str, str],
                last: int) -> list[Check]:
    keys = f"'{DATA_SHEET}'!${INDICATOR_LETTER}$2:${INDICATOR_LETTER}${last}"
    figures = f"'{DATA_SHEET}'!${VALUE_LETTER}$2:${VALUE_LETTER}${last}"
    checks = []
    for one in form.indicators:
        if one.additive:
            parts = [value for child in book.children if (value := tidy_value(child, one)) is not None]
            checks.append(Check(one.label, f'SUMIF({keys},"{one.key}",{figures})', sum(parts) if parts else None, "=",
                                cells[one.key], values[one.key]))
    return checks


def _write_findings(out: Book, sheet: Worksheet, top: int, book: RollupBook) -> None:
    out.text(sheet, top, 0, 5, "3. Phát hiện khi tổng hợp", "bold left")
    for row, finding in enumerate(book.findings, start=top + 1):
        sheet.write_number(row, 0, row - top, out.style("box center top"))
        text = f"{finding.message} {finding.fix}".strip()
        sheet.write_string(row, 1, text, out.style("box wrap left top"))
        out.text(sheet, row, 2, 4, finding.file, "box wrap left top small")
        write_text(sheet, row, 5, SEVERITY_LABELS[finding.severity], out.style("box wrap center top small"))
        sheet.set_row(row, 2 + 16 * max(line_count(text, _WIDTHS[1] - 2), line_count(finding.file, 40)))
