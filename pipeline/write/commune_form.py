"""Write the sheet Tổng hợp of a commune: the official form, one row for each indicator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from pipeline.form import Form, Indicator
from pipeline.statistics import CommuneBook
from pipeline.write.commune_tables import NOT_REPORTED, missing_names
from pipeline.write.head import date_text, write_official_head, write_signatures, write_unit_of_measure
from pipeline.write.style import Book, Worksheet, line_count, write_text
from pipeline.write.table import is_idle_rate, write_header
from pipeline.write.tidy_table import tidy_value

TITLE = "TỔNG HỢP SỐ LIỆU TÁI HÒA NHẬP CỘNG ĐỒNG"
_WIDTHS = (6.0, 50.0, 11.0, 15.0, 24.0)
_HEADERS = (("STT",), ("Chỉ tiêu",), ("Đơn vị tính",), ("Số liệu",), ("Ghi chú",))


class Row(NamedTuple):
    """A line of the form: a heading, a lead-in ("Chia ra", "Trong đó"), or an indicator."""

    kind: str
    text: str
    depth: int
    indicator: Indicator | None = None


def form_rows(form: Form) -> Iterator[Row]:
    """Yield the lines of the form.

    A section is a tree of indicators: it ends where a group begins whose parent stands elsewhere.
    """
    section: dict[str, int] = {}
    groups: set[str] = set()
    led: set[tuple[str, str, str]] = set()
    for one in _parents_first(form):
        if one.group not in groups and one.parent not in section:
            section, groups, led = {}, set(), set()
            yield Row("heading", one.group, 0)
        groups.add(one.group)
        here = one.parent in section
        leads = here or one.relation == "chia_ra"
        depth = section[one.parent] + 1 if here else int(leads)
        if leads and (one.parent, one.relation, one.group) not in led:
            led.add((one.parent, one.relation, one.group))
            yield Row("lead", _lead(form, one, here), depth)
        section[one.key] = depth
        yield Row("indicator", one.label, depth, one)


def _parents_first(form: Form) -> Iterator[Indicator]:
    done: set[str] = set()
    for one in form.indicators:
        parent = form.indicator.get(one.parent)
        if parent and parent.group == one.group and parent.key not in done:
            done.add(parent.key)
            yield parent
        if one.key not in done:
            done.add(one.key)
            yield one


def _lead(form: Form, one: Indicator, here: bool) -> str:
    parent = form.indicator[one.parent]
    what = "Trong đó" if one.relation == "trong_do" else "Chia ra"
    if one.relation == "chia_ra" and parent.group != one.group:
        what = f"Chia ra theo {one.group.lower()}"
    return f"{what}:" if here and parent.group in ("Tổng số", one.group) else f"{what} ({parent.label}):"


def write_form(out: Book, form: Form, book: CommuneBook, notes: Mapping[str, str]) -> None:
    """Write the printable form with head, table and signatures."""
    sheet = out.sheet("Tổng hợp", _WIDTHS, landscape=False)
    unit = book.commune.unit
    row = write_official_head(out, sheet, _WIDTHS, book.edition, TITLE, unit.full_name, notes.get("parent_name", ""))
    row = write_unit_of_measure(out, sheet, row, len(_WIDTHS) - 1, "ghi ở từng chỉ tiêu")
    top, first = row, write_header(out, sheet, row, _HEADERS, _WIDTHS)
    row = first
    headings = indicators = 0
    for line in form_rows(form):
        if line.indicator is None:
            headings += line.kind == "heading"
            _write_text_row(out, sheet, row, line, headings)
        else:
            indicators += 1
            _write_indicator_row(out, sheet, row, line, line.indicator, indicators, form, book)
        row += 1
    sheet.ignore_errors({"number_stored_as_text": f"A{first + 1}:D{row}"})
    for remark in _remarks(book, notes):
        out.text(sheet, row, 0, 4, remark, "italic left wrap top")
        sheet.set_row(row, 17 * (len(remark) // 105 + 1))
        row += 1
    write_signatures(out, sheet, row + 1, _WIDTHS)
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(top, first - 1)


def _remarks(book: CommuneBook, notes: Mapping[str, str]) -> Iterator[str]:
    """Yield what who signs must know of the hamlets: who did not report, of whom an earlier version is counted."""
    if missing := missing_names(book.hamlets):
        yield f"{NOT_REPORTED}: {missing}."
    days: dict[str, list[str]] = {}
    for hamlet in book.hamlets:
        if day := notes.get(f"received.{hamlet.unit.unit_id}"):
            days.setdefault(day, []).append(hamlet.unit.full_name)
    for day, names in sorted(days.items()):
        yield f"Số liệu bản nhận ngày {date_text(date.fromisoformat(day))} (bản mới hơn chưa tính được): {', '.join(names)}."


def _write_text_row(out: Book, sheet: Worksheet, row: int, line: Row, headings: int) -> None:
    heading = line.kind == "heading"
    traits = "box bold fill" if heading else "box italic"
    write_text(sheet, row, 0, _roman(headings) if heading else "", out.style(f"{traits} center"))
    indent = f"indent{2 * line.depth - 1}" if line.depth else "left"
    sheet.write_string(row, 1, line.text, out.style(f"{traits} wrap {indent}"))
    for column in range(2, len(_WIDTHS)):
        sheet.write_blank(row, column, None, out.style(traits))


def _write_indicator_row(out: Book, sheet: Worksheet, row: int, line: Row, indicator: Indicator, number: int, form: Form,
                         book: CommuneBook) -> None:
    sheet.write_string(row, 0, str(number), out.style("box center"))
    traits = "box wrap bold" if indicator.key in ("total", "employed", "org_any") else "box wrap"
    sheet.write_string(row, 1, line.text, out.style(f"{traits} {f'indent{2 * line.depth}' if line.depth else 'left'}"))
    sheet.write_string(row, 2, indicator.unit, out.style("box center"))
    value = tidy_value(book.commune, indicator)
    idle = value is None and is_idle_rate(form, indicator.key, book.commune)
    if value is None:
        write_text(sheet, row, 3, "-" if idle else "", out.style("box center"))
    else:
        sheet.write_number(row, 3, value, out.style("box rate" if indicator.unit == "%" else "box count"))
    note = NOT_REPORTED if value is None and not idle else _note(indicator, book)
    write_text(sheet, row, 4, note, out.style("box wrap left small"))
    lines = max(line_count(line.text, _WIDTHS[1] - 3 * line.depth - 1), line_count(note, _WIDTHS[4] - 1))
    if lines > 1:
        sheet.set_row(row, 16 * lines)


def _note(indicator: Indicator, book: CommuneBook) -> str:
    parts = []
    reported, expected = book.commune.reported.get(indicator.born, 0), book.commune.expected.get(indicator.born)
    if expected is not None and reported < expected:
        parts.append(f"{reported}/{expected} {'đơn vị' if indicator.born == 'both' else 'thôn'}")
    if indicator.key == "outreach_sessions" and book.scheduled_sessions:
        parts.append(f"{book.scheduled_sessions} buổi theo lịch")
    return "; ".join(parts)


def _roman(number: int) -> str:
    tens, ones = divmod(number, 10)
    return "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
