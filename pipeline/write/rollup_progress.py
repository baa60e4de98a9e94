"""Write Tiến độ (who has handed in what) and Biểu đồ of a rollup."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.statistics import STATUS_LABELS, STATUSES, Figures, RollupBook
from pipeline.write.charts import chart_height, insert_unit_chart
from pipeline.write.commune_tables import is_counted
from pipeline.write.head import edition_lines
from pipeline.write.style import Book, Worksheet, line_count, write_text, write_title
from pipeline.write.table import Spot, rate_of, write_header

_WIDTHS = (6.0, 32.0, 12.0, 10.0, 12.0, 12.0, 12.0, 10.0, 12.0, 12.0, 22.0)
_HEADERS = (("STT",), ("Đơn vị",), ("Tổng số thôn",), *(("Số thôn", STATUS_LABELS[status]) for status in STATUSES),
            ("Đã có số liệu",), ("Tỷ lệ có số liệu (%)",), ("Tình trạng của đơn vị",))


def write_progress(out: Book, book: RollupBook) -> None:
    """Write Tiến độ: for each unit, how many of its hamlets stand where."""
    sheet = out.sheet("Tiến độ", _WIDTHS)
    title = f"TIẾN ĐỘ NỘP SỐ LIỆU – {book.parent.unit.full_name.upper()}"
    top = write_title(out, sheet, len(_WIDTHS) - 1, (title, " ".join(edition_lines(book.edition)))) + 1
    first = write_header(out, sheet, top, _HEADERS, _WIDTHS)
    counts = [_progress_counts(child) for child in book.children]
    for offset, (child, numbers) in enumerate(zip(book.children, counts, strict=True)):
        _write_unit(out, sheet, first + offset, offset + 1, child, numbers)
    _write_total(out, sheet, first, first + len(counts), [numbers for numbers in counts if numbers])
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(top, first - 1)


def _progress_counts(child: Figures) -> list[int]:
    """Return the hamlets in all and of each status; nothing when they are not known."""
    by_status = [child.progress.get(status, 0) for status in STATUSES]
    expected = child.expected.get("hamlet")
    if not child.progress and expected is None:
        return []
    if not child.progress:
        # A unit that handed in nothing: none of its hamlets is known to have reported.
        by_status[-1] = expected or 0
    return [sum(by_status) if expected is None else expected, *by_status]


def _write_unit(out: Book, sheet: Worksheet, row: int, number: int, child: Figures, counts: Sequence[int]) -> None:
    alert = "" if is_counted(child) else " alert"
    sheet.write_number(row, 0, number, out.style(f"box center{alert}"))
    sheet.write_string(row, 1, child.unit.full_name, out.style(f"box wrap left{alert}"))
    for column in range(2, 8):
        if counts:
            sheet.write_number(row, column, counts[column - 2], out.style(f"box count{alert}"))
        else:
            sheet.write_blank(row, column, None, out.style(f"box count{alert}"))
    _write_share(out, sheet, row, counts, f"box{alert}")
    status = STATUS_LABELS.get(child.status, child.status) if is_counted(child) or child.status else "Chưa báo cáo"
    write_text(sheet, row, 10, status, out.style(f"box wrap left small{alert}"))
    lines = max(line_count(child.unit.full_name, _WIDTHS[1] - 1), line_count(status, _WIDTHS[10] - 1))
    sheet.set_row(row, 2 + 16 * lines)


def _write_share(out: Book, sheet: Worksheet, row: int, counts: Sequence[int], traits: str) -> None:
    if not counts:
        for column in (8, 9):
            sheet.write_blank(row, column, None, out.style(f"{traits} count"))
        return
    having, place = sum(counts[1:4]), row + 1
    share = rate_of(having, counts[0])
    sheet.write_formula(row, 8, f"=SUM(D{place}:F{place})", out.style(f"{traits} count"), having)
    sheet.write_formula(row, 9, f'=IF(C{place}=0,"-",ROUND(I{place}/C{place}*100,1))', out.style(f"{traits} rate"),
                        "-" if share is None else share)


def _write_total(out: Book, sheet: Worksheet, first: int, row: int, counts: Sequence[Sequence[int]]) -> None:
    out.text(sheet, row, 0, 1, "Tổng cộng", "box bold center band")
    sums = [sum(numbers[place] for numbers in counts) for place in range(6)]
    for column, value in enumerate(sums, start=2):
        letter = chr(65 + column)
        formula = f"=SUM({letter}{first + 1}:{letter}{row})" if row > first else "=0"
        sheet.write_formula(row, column, formula, out.style("box bold band count"), value)
    _write_share(out, sheet, row, sums, "box bold band")
    sheet.write_blank(row, 10, None, out.style("box band"))


def write_rollup_chart(out: Book, book: RollupBook, spot: Spot) -> None:
    """Write Biểu đồ: people with work and the others, unit by unit, from the cells of Tổng hợp."""
    widths = (34.0, 12.0, 14.0, 28.0, 30.0)
    sheet = out.sheet("Biểu đồ", widths, landscape=False)
    title = f"VIỆC LÀM THEO ĐƠN VỊ – {book.parent.unit.full_name.upper()}"
    top = write_title(out, sheet, len(widths) - 1, (title, " ".join(edition_lines(book.edition)))) + 1
    count = len(book.children)
    chart_rows = chart_height(count) // 20 + 2
    first = top + chart_rows + 1
    for column, header in enumerate(("Đơn vị", "Tổng số", "Có việc làm", "Chưa có hoặc không rõ việc làm")):
        sheet.write_string(first - 1, column, header, out.style("box bold small center wrap fill"))
    for offset, child in enumerate(book.children):
        _write_chart_row(out, sheet, first + offset, spot, spot.first + offset, child)
    source = Spot("Biểu đồ", first - 1, first, first + count - 1, first + count, {"employed": 2, "rest": 3})
    insert_unit_chart(out, sheet, top, source, [("Có việc làm", "employed"), ("Chưa có hoặc không rõ việc làm", "rest")],
                      f"Việc làm theo đơn vị ({book.parent.unit.full_name})", widths, label_column=0)
    sheet.freeze_panes(2, 0)


def _write_chart_row(out: Book, sheet: Worksheet, row: int, spot: Spot, source: int, child: Figures) -> None:
    sheet.write_string(row, 0, child.unit.full_name, out.style("box wrap left"))
    style = out.style("box count")
    total, employed = child.values.get("total"), child.values.get("employed")
    if not is_counted(child) or total is None or employed is None:
        for column in (1, 2, 3):
            sheet.write_blank(row, column, None, style)
        return
    sheet.write_formula(row, 1, f"={spot.cell('total', source)}", style, int(total))
    sheet.write_formula(row, 2, f"={spot.cell('employed', source)}", style, int(employed))
    sheet.write_formula(row, 3, f"=B{row + 1}-C{row + 1}", style, int(total - employed))
