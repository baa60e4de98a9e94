"""Write the sheet Đối chiếu of a commune: every row accounted for, every law checked."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.form import Form
from pipeline.statistics import Account, CommuneBook
from pipeline.write.checks_table import Check, law_checks, write_checks_table
from pipeline.write.head import edition_lines
from pipeline.write.machine_sheets import DATA_SHEET, VALUE_LETTER
from pipeline.write.style import Book, Worksheet, line_count, write_text, write_title
from pipeline.write.table import Spot
from pipeline.write.tidy_table import tidy_value

MATCHES, DIFFERS = "Khớp", "Lệch"
_WIDTHS = (6.0, 24.0, 40.0, 16.0, 12.0, 9.0, 12.0, 12.0, 14.0)
_HEADERS = ("STT", "Đơn vị", "Tệp", "Sheet", "Số dòng đã đọc", "Đã tính", "Để riêng (có lỗi)", "Ngoài phạm vi ngày", "Kết quả")
_SPANS = ((0, 0), (1, 3), (4, 4), (5, 5), (6, 6), (7, 7))


def write_checks(out: Book, form: Form, book: CommuneBook, spots: Sequence[Spot]) -> None:
    """Write the accounts, then the laws, then that the tables' totals are the commune's figures."""
    sheet = out.sheet("Đối chiếu", _WIDTHS)
    row = write_title(out, sheet, len(_WIDTHS) - 1, (f"ĐỐI CHIẾU SỐ LIỆU – {book.commune.unit.full_name.upper()}",
                                                     " ".join(edition_lines(book.edition))))
    row = _write_accounts(out, sheet, row + 1, book.accounts)
    values = {one.key: tidy_value(book.commune, one) for one in form.indicators}
    cells = {one.key: f"'{DATA_SHEET}'!${VALUE_LETTER}${place}" for place, one in enumerate(form.indicators, start=2)}
    headers = ("STT", "Phép kiểm tra", "Vế trái", "Dấu", "Vế phải", "Kết quả")
    row = write_checks_table(out, sheet, row + 1, _SPANS, "2. Kiểm tra giữa các chỉ tiêu của xã", headers,
                             law_checks(form, book.edition, values, cells.__getitem__))
    headers = ("STT", "Chỉ tiêu", "Cộng bảng", "Dấu", "Số liệu của xã", "Kết quả")
    write_checks_table(out, sheet, row + 1, _SPANS, "3. Cộng các thôn bằng số liệu của xã", headers,
                       _sum_checks(form, spots, values, cells, book))
    sheet.freeze_panes(2, 0)


def _write_accounts(out: Book, sheet: Worksheet, top: int, accounts: Sequence[Account]) -> int:
    title = "1. Mỗi dòng đã đọc đều có chỗ: đã đọc = đã tính + để riêng + ngoài phạm vi ngày"
    out.text(sheet, top, 0, len(_WIDTHS) - 1, title, "bold left")
    for column, header in enumerate(_HEADERS):
        sheet.write_string(top + 1, column, header, out.style("box bold small center wrap fill"))
    sheet.set_row(top + 1, 34)
    first = row = top + 2
    for number, account in enumerate(accounts, start=1):
        sheet.write_number(row, 0, number, out.style("box center"))
        for column, text in enumerate((account.unit_name, account.file, account.sheet), start=1):
            write_text(sheet, row, column, text, out.style("box wrap left"))
        counts = (account.read, account.counted, account.set_aside, account.outside)
        for column, count in enumerate(counts, start=4):
            sheet.write_number(row, column, count, out.style("box count"))
        _write_verdict(out, sheet, row, counts, "box center")
        sheet.set_row(row, 1 + 16 * max(line_count(account.unit_name, _WIDTHS[1] - 1), line_count(account.file, _WIDTHS[2] - 1)))
        row += 1
    _write_account_total(out, sheet, first, row, accounts)
    return row + 1


def _write_account_total(out: Book, sheet: Worksheet, first: int, row: int, accounts: Sequence[Account]) -> None:
    out.text(sheet, row, 0, 3, "Cộng", "box bold center band")
    counts = (sum(a.read for a in accounts), sum(a.counted for a in accounts), sum(a.set_aside for a in accounts),
              sum(a.outside for a in accounts))
    for column, count in enumerate(counts, start=4):
        letter = chr(65 + column)
        formula = f"=SUM({letter}{first + 1}:{letter}{row})" if accounts else "=0"
        sheet.write_formula(row, column, formula, out.style("box bold band count"), count)
    _write_verdict(out, sheet, row, counts, "box bold center band")


def _write_verdict(out: Book, sheet: Worksheet, row: int, counts: tuple[int, int, int, int], traits: str) -> None:
    matches = counts[0] == sum(counts[1:])
    sheet.write_formula(row, 8, f'=IF(E{row + 1}=F{row + 1}+G{row + 1}+H{row + 1},"{MATCHES}","{DIFFERS}")',
                        out.style(traits if matches else f"{traits} alert"), MATCHES if matches else DIFFERS)


def _sum_checks(form: Form, spots: Sequence[Spot], values: dict[str, int | float | None], cells: dict[str, str],
                book: CommuneBook) -> list[Check]:
    """Compare the total of each table's column with the commune's figure; money stands in millions in the tables."""
    units = [*book.hamlets, *([book.own] if book.own else [])]
    checks, seen = [], set()
    for spot in spots:
        for key in spot.columns:
            indicator = form.indicator[key]
            if key in seen or not indicator.additive:
                continue
            seen.add(key)
            parts = [value for unit in units if (value := tidy_value(unit, indicator)) is not None]
            cell = spot.cell(key, spot.total)
            total = f"ROUND({cell}*1000000,0)" if indicator.unit == "Đồng" else cell
            checks.append(Check(f"{indicator.label} (sheet {spot.sheet})", total, sum(parts) if parts else None, "=",
                                cells[key], values[key]))
    return checks
