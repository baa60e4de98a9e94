"""thong-ke.xlsx says what the figures say, and can be read back."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped, unused-ignore]
from write_samples import EDITION, FORM, alt_texts, commune_book, opened, row_of

from pipeline.statistics import CommuneBook
from pipeline.write.checksum import checksum_rows, seal_of
from pipeline.write.commune_book import write_commune_book
from pipeline.write.head import date_text, period_text
from pipeline.write.table import rate_of
from pipeline.write.tidy_table import TIDY_COLUMNS, tidy_rows

NOTES = {"program_version": "0.1.0", "confirmed.HD-03": "2024-04"}
SHEETS = ["Tổng hợp", "Theo thôn", "Việc làm", "Tổ chức giúp đỡ", "Hoạt động", "Đối chiếu", "Chất lượng", "Số liệu",
          "Thuyết minh"]


def written(book: CommuneBook) -> BytesIO:
    target = BytesIO()
    write_commune_book(target, FORM, book, NOTES, {"birth_unreadable": "Ngày sinh không đọc được"})
    return target


@pytest.fixture(scope="module")
def file() -> BytesIO:
    return written(commune_book())


@pytest.fixture(scope="module")
def formulas(file: BytesIO) -> Workbook:
    return opened(file)[0]


@pytest.fixture(scope="module")
def values(file: BytesIO) -> Workbook:
    return opened(file)[1]


def test_the_sheets_stand_in_their_order(values: Workbook) -> None:
    assert values.sheetnames == SHEETS


def test_the_same_figures_give_the_same_bytes(file: BytesIO) -> None:
    assert written(commune_book()).getvalue() == file.getvalue()


def test_the_form_prints_every_indicator_with_its_value(values: Workbook) -> None:
    sheet = values["Tổng hợp"]
    shown = {sheet.cell(row, 2).value: sheet.cell(row, 4).value for row in range(1, sheet.max_row + 1)}
    assert all(one.label in shown for one in FORM.indicators)
    assert (shown["Tổng số người đang quản lý"], shown["Có việc làm"], shown["Tỷ lệ có việc làm"]) == (16, 8, 50)
    assert "Chia ra theo diện:" in shown and "Trong đó:" in shown


def test_the_form_says_period_cutoff_and_policy(values: Workbook) -> None:
    text = "\n".join(str(cell.value) for row in values["Tổng hợp"].iter_rows(max_row=10) for cell in row if cell.value)
    for expected in ("Biểu số: 01/THNCĐ", "Kỳ báo cáo: Tháng 5 năm 2024", "(Số liệu chốt đến ngày 06/5/2024)",
                     "Đơn vị báo cáo: Xã Hợp Đức", "tính từ ngày hết thời gian thử thách"):
        assert expected in text


def test_incomplete_and_scheduled_figures_are_marked(values: Workbook) -> None:
    sheet = values["Tổng hợp"]
    assert sheet.cell(row_of(values, "Tổng hợp", "Tổng số người"), 5).value == "3/5 thôn"
    assert sheet.cell(row_of(values, "Tổng hợp", "Số buổi tuyên truyền"), 5).value == "4/6 đơn vị; 8 buổi theo lịch"


def test_what_nobody_reported_is_blank_and_never_0() -> None:
    book = commune_book()
    figures = {key: value for key, value in book.commune.values.items() if FORM.indicator[key].born != "commune"}
    commune = replace(book.commune, values=figures, reported={"hamlet": 3, "commune": 0, "both": 3})
    values = opened(written(replace(book, commune=commune, own=None)))[1]
    row = row_of(values, "Tổng hợp", "Tổng số mô hình")
    assert [values["Tổng hợp"].cell(row, column).value for column in (4, 5)] == [None, "Chưa báo cáo"]
    assert "Cấp xã" not in [cell.value for cell in values["Hoạt động"]["B"]]


def test_a_rate_of_nobody_is_a_dash() -> None:
    book = commune_book()
    nobody = {key: 0.0 for key in book.commune.values if key != "employed_rate"}
    values = opened(written(replace(book, commune=replace(book.commune, values=nobody))))[1]
    assert values["Tổng hợp"].cell(row_of(values, "Tổng hợp", "Tỷ lệ có việc làm"), 4).value == "-"


@pytest.mark.parametrize(("sheet", "name", "note"), [
    ("Theo thôn", "Thôn Số 2", "Chưa báo cáo"), ("Theo thôn", "Thôn Số 5", "Có lỗi, chưa tính được"),
    ("Hoạt động", "Thôn Số 2", "Chưa báo cáo")])
def test_a_hamlet_without_figures_is_blank_and_says_why(values: Workbook, sheet: str, name: str, note: str) -> None:
    cells = [cell.value for cell in values[sheet][row_of(values, sheet, name)]]
    assert cells[2:-1] == [None] * len(cells[2:-1])
    assert cells[-1] == note


def test_stale_and_nil_hamlets_are_counted_and_marked(values: Workbook) -> None:
    stale, nil = (list(values["Theo thôn"][row_of(values, "Theo thôn", name)]) for name in ("Thôn Số 3", "Thôn Số 4"))
    assert (stale[2].value, stale[-1].value) == (12, "Chưa cập nhật (kỳ 04/2024)")
    assert (nil[2].value, nil[-1].value) == (0, "Không phát sinh")


@pytest.mark.parametrize("sheet", ["Theo thôn", "Việc làm", "Tổ chức giúp đỡ", "Hoạt động"])
def test_totals_are_live_sums_with_the_right_cached_value(formulas: Workbook, values: Workbook, sheet: str) -> None:
    row = row_of(values, sheet, "Cộng (3/5 thôn)", column=1)
    first = row_of(values, sheet, "Thôn Số 1")
    sums = 0
    for cell in formulas[sheet][row]:
        if str(cell.value).startswith("=SUM("):
            above = [values[sheet].cell(line, cell.column).value or 0 for line in range(first, row)]
            assert cell.value == f"=SUM({cell.column_letter}{first}:{cell.column_letter}{row - 1})"
            assert values[sheet].cell(row, cell.column).value == pytest.approx(sum(above))
            sums += 1
    assert sums >= 10


def test_the_commune_itself_stands_in_the_activities(values: Workbook) -> None:
    row = row_of(values, "Hoạt động", "Cấp xã")
    header = {column.indicator: place for place, column in enumerate(FORM.tables["activities"], start=3)}
    assert values["Hoạt động"].cell(row, header["outreach_sessions"]).value == 8
    assert values["Hoạt động"].cell(row + 1, header["loan_amount"]).value == pytest.approx(200)


def test_every_row_read_is_accounted_for(formulas: Workbook, values: Workbook) -> None:
    row = row_of(values, "Đối chiếu", "Thôn Số 1")
    assert [values["Đối chiếu"].cell(row, column).value for column in range(5, 10)] == [7, 4, 1, 2, "Khớp"]
    assert formulas["Đối chiếu"].cell(row, 9).value == f'=IF(E{row}=F{row}+G{row}+H{row},"Khớp","Lệch")'
    total = row_of(values, "Đối chiếu", "Cộng", column=1)
    assert [values["Đối chiếu"].cell(total, column).value for column in range(5, 10)] == [20, 16, 1, 3, "Khớp"]


def test_every_law_is_checked_and_kept(formulas: Workbook, values: Workbook) -> None:
    verdicts = [cell.value for cell in values["Đối chiếu"]["H"] if cell.value in ("Đạt", "Không đạt")]
    assert len(verdicts) > 80 and set(verdicts) == {"Đạt"}
    row = row_of(values, "Đối chiếu", "Số đầu kỳ + tiếp nhận mới")
    assert "'Số liệu'!$H$" in formulas["Đối chiếu"].cell(row, 5).value
    assert [values["Đối chiếu"].cell(row, column).value for column in (5, 7)] == [16, 16]


def test_a_broken_law_is_seen() -> None:
    book = commune_book()
    commune = replace(book.commune, values={**book.commune.values, "female": 99.0})
    values = opened(written(replace(book, commune=commune)))[1]
    assert values["Đối chiếu"].cell(row_of(values, "Đối chiếu", "Nữ ≤"), 8).value == "Không đạt"


def test_findings_are_text_even_when_they_begin_like_a_formula(formulas: Workbook) -> None:
    sheet = formulas["Chất lượng"]
    row = row_of(formulas, "Chất lượng", "Cần xem", column=1)
    assert [cell.value for cell in sheet[row]] == ["Cần xem", "Số 1", "so-1.xlsx", "Danh sách", "D12", "Ngày, tháng, năm sinh",
                                                  "=không đọc được ngày", "Ghi lại ngày."]
    assert sheet.cell(row, 7).data_type == "s"
    assert row_of(formulas, "Chất lượng", "Ngày sinh không đọc được", column=1) < row


def test_the_tidy_rows_stand_under_their_columns(values: Workbook) -> None:
    sheet = values["Số liệu"]
    assert tuple(cell.value for cell in sheet[1]) == TIDY_COLUMNS
    assert [cell.value for cell in sheet["G"]][1:] == [one.key for one in FORM.indicators]
    assert [cell.value for cell in sheet[2]] == ["2024-05", "2024-05-06", "commune", "HD", "Xã Hợp Đức", "TY", "total", 16, 3, 5]
    assert "SoLieu" in sheet.tables and sheet.freeze_panes == "A2"


def test_the_machine_keys_are_hidden_and_can_be_read_back(values: Workbook) -> None:
    sheet = values["Thuyết minh"]
    assert sheet.column_dimensions["A"].hidden
    keys = {row[0].value: row[2].value for row in sheet.iter_rows() if row[0].value}
    expected = {"period": "2024-05", "cutoff": "2024-05-06", "previous_cutoff": "2024-04-06", "policy": "after_probation",
                "mass_orgs": "women,youth,veterans,elderly", "unit_id": "HD", "unit_name": "Xã Hợp Đức", "unit_type": "Xã",
                "level": "commune", "parent_id": "TY", "progress_missing": "1", "program_version": "0.1.0"}
    assert {key: keys[key] for key in expected} == expected
    rows = [tuple(cell.value for cell in row) for row in values["Số liệu"].iter_rows(min_row=2)]
    assert checksum_rows(rows, keys) == keys["checksum"]


def test_the_checksum_changes_with_any_figure_and_any_key() -> None:
    book = commune_book()
    rows, seal = tidy_rows(EDITION, book.commune, FORM), seal_of(EDITION, book.commune, "1")
    honest = checksum_rows(rows, seal)
    assert checksum_rows([[float(c) if isinstance(c, int) else c for c in row] for row in rows], seal) == honest
    for place, row in enumerate(rows):
        changed = row._replace(value=(row.value or 0) + 1)
        assert checksum_rows([*rows[:place], changed, *rows[place + 1:]], seal) != honest
    assert all(checksum_rows(rows, {**seal, key: "x"}) != honest for key in seal)


def test_charts_have_a_text_for_who_cannot_see_them(file: BytesIO) -> None:
    texts = alt_texts(file)
    assert len(texts) == 2 and all("Biểu đồ thanh" in text for text in texts)


def test_the_printed_sheets_fit_the_width_and_repeat_their_head(formulas: Workbook) -> None:
    for name in SHEETS[:5]:
        sheet = formulas[name]
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.print_title_rows and sheet.freeze_panes
        assert not sheet.sheet_view.showGridLines and "&P" in sheet.oddFooter.center.text


def test_dates_and_rates_are_written_as_in_documents() -> None:
    assert date_text(EDITION.cutoff) == "06/5/2024" and date_text(EDITION.cutoff.replace(month=2)) == "06/02/2024"
    assert (period_text("2024-05"), period_text("2024-02")) == ("Tháng 5 năm 2024", "Tháng 02 năm 2024")
    assert (rate_of(1, 16), rate_of(0, 3), rate_of(1, 0)) == (6.3, 0.0, None)


def test_a_commune_without_hamlets_or_register_can_be_written() -> None:
    book = commune_book()
    commune = replace(book.commune, expected={"hamlet": None, "commune": None, "both": None})
    bare = replace(book, commune=commune, hamlets=(), own=None, accounts=(), receipts=(), findings=(), scheduled_sessions=0)
    values = opened(written(bare))[1]
    assert values["Theo thôn"].cell(row_of(values, "Theo thôn", "Cộng", column=1), 1).value == "Cộng"
