"""Write one printed table: merged header groups, code row, a row for each unit, the total with live sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped, unused-ignore]

from pipeline.form import Form, TableColumn
from pipeline.statistics import Figures
from pipeline.write.style import BOLD, Book, Format, Worksheet, line_count, write_text
from pipeline.write.tidy_table import tidy_value

MILLION = 1_000_000
LEAD_COLUMNS = 2
"""STT and the unit's name stand before the figures."""


@dataclass(frozen=True)
class Line:
    """One unit's row. Without figures its cells stay blank and the note says why."""

    label: str
    figures: Figures | None
    note: str = ""
    numbered: bool = True
    alert: bool = False


@dataclass(frozen=True)
class Spot:
    """Where a table stands (0-based rows), so that charts and checks can point at it."""

    sheet: str
    header: int
    first: int
    last: int
    total: int
    columns: Mapping[str, int]
    """Column of each indicator."""

    def cell(self, key: str, row: int) -> str:
        """Return the address of an indicator's cell, with its sheet."""
        return f"'{self.sheet}'!${xl_col_to_name(self.columns[key])}${row + 1}"

    @property
    def below(self) -> int:
        """Return the row below the table."""
        return self.total + 1


def table_widths(columns: Sequence[TableColumn], label: float, note: float, room: float) -> list[float]:
    """Return the column widths of a table; figures share the room, wider where money or a long word stands."""
    figure = min(11.0, max(7.4, (room - label - note) / len(columns)))
    return [5, label, *(_figure_width(column, figure) for column in columns), note]


def _figure_width(column: TableColumn, figure: float) -> float:
    longest = max(len(word) for word in column.header[-1].split())
    return max(figure, longest * 1.15 + 1.5, 10 if column.unit == "million" else 0)


def write_header(book: Book, sheet: Worksheet, top: int, headers: Sequence[tuple[str, ...]], widths: Sequence[float]) -> int:
    """Write header groups merged over their columns, then the code row; return the first row below."""
    depth = max(len(header) for header in headers)
    for level in range(depth):
        place = 0
        for prefix, run in groupby(headers, key=lambda header: header[:level + 1]):
            count = len(list(run))
            if len(prefix) == level + 1:
                is_leaf = all(len(header) == level + 1 for header in headers[place:place + count])
                bottom = top + depth - 1 if is_leaf else top + level
                _write_head_cell(book, sheet, top + level, place, bottom, place + count - 1, prefix[-1])
            place += count
    _set_heights(sheet, top, headers, widths)
    _write_codes(book, sheet, top + depth, len(headers))
    return top + depth + 1


def _write_head_cell(book: Book, sheet: Worksheet, top: int, left: int, bottom: int, right: int, text: str) -> None:
    style = book.style("box bold small center wrap fill")
    if (bottom, right) != (top, left):
        sheet.merge_range(top, left, bottom, right, "", style)
    sheet.write_string(top, left, text, style)


def _set_heights(sheet: Worksheet, top: int, headers: Sequence[tuple[str, ...]], widths: Sequence[float]) -> None:
    depth = max(len(header) for header in headers)
    lines = [1] * depth
    for level in range(depth):
        place = 0
        for prefix, run in groupby(headers, key=lambda header: header[:level + 1]):
            end = place + len(list(run))
            if len(prefix) == level + 1 and (level == depth - 1 or len(headers[place]) > level + 1):
                lines[level] = max(lines[level], line_count(prefix[-1], sum(widths[place:end]) - 1, BOLD))
            place = end
    for header, width in zip(headers, widths, strict=False):
        # A header over several rows needs them together; what is missing goes to the lowest.
        lines[-1] = max(lines[-1], line_count(header[-1], width - 1, BOLD) - sum(lines[len(header) - 1:-1]))
    for level, count in enumerate(lines):
        sheet.set_row(top + level, 6 + 15 * count)


def _write_codes(book: Book, sheet: Worksheet, row: int, count: int) -> None:
    style = book.style("box small italic center")
    for column in range(count):
        text = "AB"[column] if column < LEAD_COLUMNS else str(column - LEAD_COLUMNS + 1)
        sheet.write_string(row, column, text, style)
    sheet.ignore_errors({"number_stored_as_text": f"A{row + 1}:{xl_col_to_name(count - 1)}{row + 1}"})


def write_table(book: Book, sheet: Worksheet, top: int, form: Form, columns: Sequence[TableColumn], lines: Sequence[Line],
                widths: Sequence[float], unit_header: str, total: Line | None) -> Spot:
    """Write header, lines and total from row `top` on; `total.figures` is not used: the total is live SUMs."""
    headers = [("STT",), (unit_header,), *(column.header for column in columns), ("Ghi chú",)]
    first = write_header(book, sheet, top, headers, widths)
    places = {column.indicator: LEAD_COLUMNS + offset for offset, column in enumerate(columns)}
    spot = Spot(sheet.get_name(), first - 2, first, first + len(lines) - 1, first + len(lines), places)
    sums: dict[str, list[float]] = {column.indicator: [] for column in columns}
    number = 0
    for row, line in enumerate(lines, start=first):
        number += line.numbered
        height = max(line_count(line.label, widths[1] - 1), line_count(line.note, widths[LEAD_COLUMNS + len(columns)] - 1))
        sheet.set_row(row, 2 + 16 * height)
        _write_lead(book, sheet, row, str(number) if line.numbered else "", line)
        _write_figures(book, sheet, row, form, columns, line, sums)
        write_text(sheet, row, LEAD_COLUMNS + len(columns), line.note, book.style(_traits("box wrap left small", line)))
    sheet.ignore_errors({"number_stored_as_text": f"A{first}:{xl_col_to_name(len(headers) - 1)}{first + len(lines)}"})
    if total is not None:
        _write_total(book, sheet, spot, form, columns, sums, total)
    return spot


def _traits(traits: str, line: Line) -> str:
    return f"{traits} alert" if line.alert else traits


def _write_lead(book: Book, sheet: Worksheet, row: int, number: str, line: Line) -> None:
    write_text(sheet, row, 0, number, book.style(_traits("box center", line)))
    sheet.write_string(row, 1, line.label, book.style(_traits("box wrap left", line)))


def _write_figures(book: Book, sheet: Worksheet, row: int, form: Form, columns: Sequence[TableColumn], line: Line,
                   sums: Mapping[str, list[float]]) -> None:
    for place, column in enumerate(columns, start=LEAD_COLUMNS):
        value = None if line.figures is None else tidy_value(line.figures, form.indicator[column.indicator])
        if value is None:
            idle = line.figures is not None and is_idle_rate(form, column.indicator, line.figures)
            write_text(sheet, row, place, "-" if idle else "", book.style(_traits("box center", line)))
            continue
        sums[column.indicator].append(value)
        shown = value / MILLION if column.unit == "million" else value
        sheet.write_number(row, place, shown, book.style(_traits(f"box {kind_of(form, column)}", line)))


def is_idle_rate(form: Form, key: str, figures: Figures) -> bool:
    """Tell whether a rate has no value because there is nobody to count, which prints as "-"."""
    return form.indicator[key].unit == "%" and tidy_value(figures, form.indicator["total"]) == 0


def kind_of(form: Form, column: TableColumn) -> str:
    """Return the trait that shows the column's numbers."""
    if column.unit == "million":
        return "million"
    return "rate" if form.indicator[column.indicator].unit == "%" else "count"


def rate_of(part: float, whole: float) -> float | None:
    """Return the percentage with one decimal, halves up as Excel's ROUND does; None of nobody."""
    return (int(part) * 2000 + int(whole)) // (int(whole) * 2) / 10 if whole else None


def _write_total(book: Book, sheet: Worksheet, spot: Spot, form: Form, columns: Sequence[TableColumn],
                 sums: Mapping[str, list[float]], total: Line) -> None:
    row = spot.total
    book.text(sheet, row, 0, 1, total.label, "box bold center band wrap")
    sheet.set_row(row, 20)
    for place, column in enumerate(columns, start=LEAD_COLUMNS):
        style = book.style(f"box bold band {kind_of(form, column)}")
        values = sums[column.indicator]
        letter = xl_col_to_name(place)
        if not form.indicator[column.indicator].additive:
            _write_rate(sheet, spot, place, style, sums)
        elif values:
            cached = sum(value / MILLION for value in values) if column.unit == "million" else sum(values)
            sheet.write_formula(row, place, f"=SUM({letter}{spot.first + 1}:{letter}{spot.last + 1})", style, cached)
        else:
            sheet.write_blank(row, place, None, style)
    write_text(sheet, row, LEAD_COLUMNS + len(columns), total.note, book.style("box band wrap left small"))


def _write_rate(sheet: Worksheet, spot: Spot, place: int, style: Format, sums: Mapping[str, list[float]]) -> None:
    # A rate is never summed or averaged: it is worked out again from the totals beside it.
    if not sums["total"]:
        sheet.write_blank(spot.total, place, None, style)
        return
    part, whole = (f"{xl_col_to_name(spot.columns[key])}{spot.total + 1}" for key in ("employed", "total"))
    cached = rate_of(sum(sums["employed"]), sum(sums["total"]))
    formula = f'=IF({whole}=0,"-",ROUND({part}/{whole}*100,1))'
    sheet.write_formula(spot.total, place, formula, style, "-" if cached is None else cached)
