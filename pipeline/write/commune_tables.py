"""Write the tables of a commune by hamlet: Theo thôn, Việc làm, Tổ chức giúp đỡ, Hoạt động."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pipeline.form import Form
from pipeline.settings import ORGANISATIONS
from pipeline.statistics import STATUS_LABELS, CommuneBook, Edition, Figures
from pipeline.write.charts import insert_row_chart, insert_unit_chart
from pipeline.write.head import edition_lines, policy_line, write_unit_of_measure
from pipeline.write.style import Book, Worksheet, line_count, write_title
from pipeline.write.table import Line, Spot, table_widths, write_table

NOT_REPORTED = "Chưa báo cáo"
_LABEL_WIDTH, _NOTE_WIDTH, _ROOM = 24.0, 23.0, 143.0
_ONE_PAGE = 18
"""More hamlets than this run over a landscape page."""


def hamlet_note(hamlet: Figures, confirmed: str = "", received: str = "") -> str:
    """Return what stands in Ghi chú beside a hamlet: nothing when it simply reported.

    confirmed: the period (YYYY-MM) that a stale hamlet confirmed last; received: the day (YYYY-MM-DD) that the version
    which is counted was received, where the newest one cannot be counted.
    """
    if received:
        return f"Số liệu bản nhận ngày {date.fromisoformat(received):%d/%m/%Y}"
    if hamlet.status == "reported":
        return ""
    if hamlet.status == "missing" or not hamlet.status:
        return "" if is_counted(hamlet) else NOT_REPORTED
    label = STATUS_LABELS.get(hamlet.status, hamlet.status)
    return f"{label} (kỳ {confirmed[5:7]}/{confirmed[:4]})" if hamlet.status == "stale" and confirmed else label


def missing_names(units: Iterable[Figures]) -> str:
    """Return the names of the units that did not report, for the line under a table."""
    return ", ".join(figures.unit.full_name for figures in units if not is_counted(figures))


def is_counted(figures: Figures) -> bool:
    """Tell whether anything that the unit handed in is in the figures."""
    return figures.status not in ("missing", "blocked") and any(figures.reported.values())


def hamlet_lines(book: CommuneBook, notes: Mapping[str, str]) -> list[Line]:
    """Return a row for each hamlet, in the given order; notes may hold `confirmed.<unit_id>` and `received.<unit_id>`."""
    return [Line(hamlet.unit.full_name, hamlet if is_counted(hamlet) else None,
                 hamlet_note(hamlet, *(notes.get(f"{what}.{hamlet.unit.unit_id}", "") for what in ("confirmed", "received"))),
                 alert=not is_counted(hamlet)) for hamlet in book.hamlets]


def total_line(book: CommuneBook) -> Line:
    """Return the label of the total: how many hamlets of how many are in it."""
    reported, expected = book.commune.reported.get("hamlet", 0), book.commune.expected.get("hamlet")
    return Line("Cộng" if expected is None else f"Cộng ({reported}/{expected} thôn)", None)


def _open(out: Book, form: Form, name: str, title: str, tables: Sequence[str],
          edition: Edition, landscape: bool = True) -> tuple[Worksheet, list[float], int]:
    """Add a sheet wide enough for its tables and write its title; return sheet, widths and next row."""
    wanted = [table_widths(form.tables[table], _LABEL_WIDTH, _NOTE_WIDTH, _ROOM) for table in tables]
    widths = [0.0] * max(len(other) for other in wanted)
    for other in wanted:
        # The shorter table's note column falls on a figure column of the longer one: it must be read there too.
        for place, width in enumerate(other):
            widths[place] = max(widths[place], width if place < len(other) - 1 or len(other) == len(widths) else 13.0)
    sheet = out.sheet(name, widths, landscape=landscape)
    lines = (title, " ".join(edition_lines(edition)), policy_line(edition))
    return sheet, widths, write_title(out, sheet, len(widths) - 1, lines)


def _write_one(out: Book, sheet: Worksheet, row: int, form: Form, table: str, lines: Sequence[Line], widths: Sequence[float],
               total: Line | None, measure: str = "Người") -> Spot:
    columns = form.tables[table]
    row = write_unit_of_measure(out, sheet, row, len(columns) + 2, measure)
    return write_table(out, sheet, row, form, columns, lines, widths, "Đơn vị" if total is None else "Thôn", total)


def _repeat(sheet: Worksheet, spot: Spot, first: int, *, alone: bool) -> None:
    """Freeze and repeat the header; of a table that shares its sheet only when it runs over the page."""
    # One table's header above the other table's columns, or above a chart, would mislead.
    sheet.freeze_panes(spot.first if alone else 1, 2)
    if spot.total - spot.first > _ONE_PAGE or alone:
        sheet.repeat_rows(first, spot.first - 1)
    else:
        sheet.repeat_rows(0)


def write_by_hamlet(out: Book, form: Form, book: CommuneBook, lines: Sequence[Line]) -> Spot:
    """Write Theo thôn: people and movements, hamlet by hamlet."""
    title = f"SỐ NGƯỜI ĐANG QUẢN LÝ VÀ BIẾN ĐỘNG THEO THÔN – {book.commune.unit.full_name.upper()}"
    sheet, widths, row = _open(out, form, "Theo thôn", title, ["by_hamlet"], book.edition)
    spot = _write_one(out, sheet, row, form, "by_hamlet", lines, widths, total_line(book))
    _repeat(sheet, spot, row + 1, alone=True)
    return spot


def write_employment(out: Book, form: Form, book: CommuneBook, lines: Sequence[Line]) -> tuple[Spot, Spot]:
    """Write Việc làm: employment and occupation by hamlet, and a chart of the first."""
    title = f"VIỆC LÀM, NGHỀ NGHIỆP THEO THÔN – {book.commune.unit.full_name.upper()}"
    sheet, widths, row = _open(out, form, "Việc làm", title, ["employment", "occupation"], book.edition,
                               landscape=len(book.hamlets) <= _ONE_PAGE)
    total = total_line(book)
    employment = _write_one(out, sheet, row, form, "employment", lines, widths, total)
    occupation = _write_one(out, sheet, employment.below + 1, form, "occupation", lines, widths, total)
    sheet.set_h_pagebreaks([employment.below + 1, occupation.below + 1])
    keys = ("employed", "unemployed", "unable", "studying", "employment_unknown")
    insert_unit_chart(out, sheet, occupation.below + 1, employment, [(form.indicator[key].label, key) for key in keys],
                      f"Tình trạng việc làm theo thôn ({book.commune.unit.full_name})", widths)
    sheet.freeze_panes(1, 2)
    sheet.repeat_rows(0)
    return employment, occupation


def write_organisations(out: Book, form: Form, book: CommuneBook, lines: Sequence[Line]) -> Spot:
    """Write Tổ chức giúp đỡ: people helped, by organisation and hamlet, and a chart of the total."""
    title = f"TỔ CHỨC, ĐOÀN THỂ GIÚP ĐỠ THEO THÔN – {book.commune.unit.full_name.upper()}"
    sheet, widths, row = _open(out, form, "Tổ chức giúp đỡ", title, ["organisations"], book.edition)
    spot = _write_one(out, sheet, row, form, "organisations", lines, widths, total_line(book))
    names = "; ".join(org_name(form, org) for org in book.edition.mass_orgs)
    text = (f"Cột “Được đoàn thể giúp đỡ” đếm mỗi người một lần khi có ít nhất một trong các tổ chức: {names}. "
            "Công an, UBND và người được phân công giúp đỡ không tính.")
    out.text(sheet, spot.below, 0, len(widths) - 1, text, "italic wrap left top")
    sheet.set_row(spot.below, 16 * line_count(text, sum(widths) * 0.95) + 2)
    keys = [f"org_{org}" for org in ORGANISATIONS]
    insert_row_chart(out, sheet, spot.below + 2, spot, keys,
                     f"Số người được từng tổ chức giúp đỡ ({book.commune.unit.full_name})", widths)
    sheet.set_h_pagebreaks([spot.below + 2])
    _repeat(sheet, spot, row + 1, alone=False)
    sheet.freeze_panes(spot.first, 2)
    return spot


def org_name(form: Form, org: str) -> str:
    """Return an organisation's name from its indicator ("Hội Cựu chiến binh giúp đỡ")."""
    return form.indicator[f"org_{org}"].label.removesuffix(" giúp đỡ")


def write_activities(out: Book, form: Form, book: CommuneBook, lines: Sequence[Line]) -> Spot:
    """Write Hoạt động: help, loans and outreach by hamlet, and what the commune itself does."""
    unit = book.commune.unit
    sheet, widths, row = _open(out, form, "Hoạt động", f"HOẠT ĐỘNG GIÚP ĐỠ TRONG KỲ – {unit.full_name.upper()}",
                               ["activities", "commune_activities"], book.edition)
    own_line = [] if book.own is None else [Line("Cấp xã", book.own, numbered=False)]
    spot = _write_one(out, sheet, row, form, "activities", [*lines, *own_line], widths, total_line(book), "ghi ở từng cột")
    below = spot.below
    if book.scheduled_sessions:
        text = f"Số buổi tuyên truyền gồm {book.scheduled_sessions} buổi tính theo lịch phát đều."
        out.text(sheet, below, 0, len(widths) - 1, text, "italic left")
        below += 1
    reported = bool(book.commune.reported.get("commune"))
    own = Line(unit.full_name, book.commune if reported else None, "" if reported else NOT_REPORTED, alert=not reported)
    _write_one(out, sheet, below + 1, form, "commune_activities", [own], widths, None, "ghi ở từng cột")
    _repeat(sheet, spot, row + 1, alone=False)
    return spot
