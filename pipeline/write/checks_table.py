"""Write checks as rows: what, left value, sign, right value, verdict; all live, all with cached values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.form import Form
from pipeline.statistics import Edition
from pipeline.write.laws import laws
from pipeline.write.style import Book, Worksheet

KEPT, BROKEN = "Đạt", "Không đạt"
UNKNOWN = "Chưa báo cáo"


class Check(NamedTuple):
    """One row; a side without a value was not reported and is not judged."""

    text: str
    left_formula: str
    left: float | None
    sign: str
    right_formula: str
    right: float | None


def law_checks(form: Form, edition: Edition, values: Mapping[str, int | float | None], cell: Callable[[str], str]) -> list[Check]:
    """Return the laws of one unit over the cells that hold its figures."""
    checks = []
    for law in laws(form, edition.mass_orgs):
        cells = {key: cell(key) for key in law.keys}
        known = {key: value for key in law.keys if (value := values[key]) is not None}
        complete = len(known) == len(cells)
        left, right = (side.work_out(known) if complete else None for side in (law.left, law.right))
        formulas = [side.formula.format_map(cells) for side in (law.left, law.right)]
        checks.append(Check(law.text, formulas[0], left, law.sign, formulas[1], right))
    return checks


def write_checks_table(book: Book, sheet: Worksheet, top: int, spans: Sequence[tuple[int, int]], title: str,
                       headers: Sequence[str], checks: Iterable[Check]) -> int:
    """Write the checks; spans: the columns of number, text, left, sign, right and verdict. Return the next free row."""
    book.text(sheet, top, 0, spans[-1][1], title, "bold left")
    for (first, last), header in zip(spans, headers, strict=True):
        book.text(sheet, top + 1, first, last, header, "box bold small center wrap fill")
    row = top + 2
    for number, check in enumerate(checks, start=1):
        _write_check(book, sheet, row, spans, number, check)
        row += 1
    return row


def _write_check(book: Book, sheet: Worksheet, row: int, spans: Sequence[tuple[int, int]], number: int, check: Check) -> None:
    first = [span[0] for span in spans]
    sheet.write_number(row, first[0], number, book.style("box center"))
    book.across(sheet, row, *spans[1], check.text, "left")
    sheet.write_string(row, first[3], check.sign, book.style("box center"))
    if check.left is None or check.right is None:
        sheet.write_blank(row, first[2], None, book.style("box count"))
        sheet.write_blank(row, first[4], None, book.style("box count"))
        sheet.write_string(row, first[5], UNKNOWN, book.style("box center italic"))
        return
    sheet.write_formula(row, first[2], f"={check.left_formula}", book.style("box count"), check.left)
    sheet.write_formula(row, first[4], f"={check.right_formula}", book.style("box count"), check.right)
    kept = check.left == check.right if check.sign == "=" else check.left <= check.right
    sign = "=" if check.sign == "=" else "<="
    left, right = (f"{chr(65 + column)}{row + 1}" for column in (first[2], first[4]))
    sheet.write_formula(row, first[5], f'=IF({left}{sign}{right},"{KEPT}","{BROKEN}")',
                        book.style("box center" if kept else "box center bold alert"), KEPT if kept else BROKEN)
