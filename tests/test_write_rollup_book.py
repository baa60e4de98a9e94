"""tong-hop-….xlsx puts the units side by side, adds them up, and says who is not in the total."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped, unused-ignore]
from write_samples import FORM, alt_texts, opened, rollup_book, row_of

from pipeline.statistics import RollupBook
from pipeline.units import Unit
from pipeline.write.checksum import checksum_rows
from pipeline.write.rollup_book import write_rollup_book

SHEETS = ["Tổng hợp", "Tiến độ", "Đối chiếu", "Số liệu", "Thuyết minh", "Biểu đồ"]


def written(book: RollupBook) -> BytesIO:
    target = BytesIO()
    write_rollup_book(target, FORM, book, {"program_version": "0.1.0", "parent_name": "Công an tỉnh"})
    return target


@pytest.fixture(scope="module")
def file() -> BytesIO:
    return written(rollup_book())


@pytest.fixture(scope="module")
def formulas(file: BytesIO) -> Workbook:
    return opened(file)[0]


@pytest.fixture(scope="module")
def values(file: BytesIO) -> Workbook:
    return opened(file)[1]


def test_the_sheets_stand_in_their_order(values: Workbook) -> None:
    assert values.sheetnames == SHEETS


def test_the_same_figures_give_the_same_bytes(file: BytesIO) -> None:
    assert written(rollup_book()).getvalue() == file.getvalue()


def test_the_form_has_28_numbered_columns(values: Workbook) -> None:
    row = row_of(values, "Tổng hợp", "A", column=1)
    assert [cell.value for cell in values["Tổng hợp"][row]] == ["A", "B", *(str(number) for number in range(1, 29))]


def test_a_unit_that_did_not_report_is_blank_and_listed(values: Workbook) -> None:
    cells = [cell.value for cell in values["Tổng hợp"][row_of(values, "Tổng hợp", "Xã Liên Chung")]]
    assert cells == ["3", "Xã Liên Chung", *[None] * 27, "Chưa báo cáo"]
    assert row_of(values, "Tổng hợp", "Đơn vị chưa báo cáo: Xã Liên Chung.", column=1)


def test_notes_say_what_is_incomplete_and_what_has_no_column(values: Workbook) -> None:
    row = row_of(values, "Tổng hợp", "Xã Hợp Đức")
    assert values["Tổng hợp"].cell(row, 30).value == "3/5 thôn đã nộp; Không rõ diện: 4 người"
    assert values["Tổng hợp"].cell(row + 1, 30).value == "Không rõ diện: 4 người"


def test_a_commune_without_its_own_workbook_is_noted() -> None:
    book = rollup_book()
    child = replace(book.children[0], reported={"hamlet": 5, "commune": 0, "both": 5})
    values = opened(written(replace(book, children=(child, *book.children[1:]))))[1]
    cells = [cell.value for cell in values["Tổng hợp"][row_of(values, "Tổng hợp", "Xã Hợp Đức")]]
    assert cells[21] is None and cells[29].startswith("chưa có sổ của xã")


def test_totals_are_live_sums_with_the_right_cached_value(formulas: Workbook, values: Workbook) -> None:
    row, first = row_of(values, "Tổng hợp", "Tổng cộng (2/3 đơn vị)", column=1), row_of(values, "Tổng hợp", "Xã Hợp Đức")
    for column in range(3, 30):
        cell = formulas["Tổng hợp"].cell(row, column)
        assert cell.value == f"=SUM({cell.column_letter}{first}:{cell.column_letter}{row - 1})"
        above = [values["Tổng hợp"].cell(line, column).value or 0 for line in range(first, row)]
        assert values["Tổng hợp"].cell(row, column).value == pytest.approx(sum(above))
    assert values["Tổng hợp"].cell(row, 3).value == 32


def test_progress_counts_the_hamlets(formulas: Workbook, values: Workbook) -> None:
    lines = {row[1].value: [cell.value for cell in row[2:]] for row in values["Tiến độ"].iter_rows(min_row=4)}
    assert lines["Xã Hợp Đức"] == [5, 1, 1, 1, 1, 1, 3, 60, "Nộp chưa đủ"]
    assert lines["Xã Liên Chung"] == [4, 0, 0, 0, 0, 4, 0, 0, "Chưa nộp"]
    row = row_of(values, "Tiến độ", "Tổng cộng", column=1)
    assert [values["Tiến độ"].cell(row, column).value for column in (3, 9, 10)] == [14, 8, 57.1]
    assert str(formulas["Tiến độ"].cell(row, 3).value).startswith("=SUM(")


def test_the_units_add_up_to_the_parent_for_every_additive_figure(formulas: Workbook, values: Workbook) -> None:
    verdicts = [cell.value for cell in values["Đối chiếu"]["F"] if cell.value in ("Đạt", "Không đạt")]
    assert len(verdicts) > sum(one.additive for one in FORM.indicators) and set(verdicts) == {"Đạt"}
    assert "SUMIF(" in formulas["Đối chiếu"].cell(row_of(values, "Đối chiếu", "Tổng số người"), 3).value


def test_a_sum_that_does_not_agree_is_seen() -> None:
    book = rollup_book()
    parent = replace(book.parent, values={**book.parent.values, "visit_times": 3.0})
    values = opened(written(replace(book, parent=parent)))[1]
    assert values["Đối chiếu"].cell(row_of(values, "Đối chiếu", "Số lượt thăm hỏi"), 6).value == "Không đạt"


def test_the_tidy_rows_are_those_of_the_children_then_the_parent(values: Workbook) -> None:
    units = [cell.value for cell in values["Số liệu"]["D"]][1:]
    count = len(FORM.indicators)
    assert units == ["HD"] * count + ["PH"] * count + ["LC"] * count + ["TY"] * count


def test_the_machine_keys_can_be_read_back(values: Workbook) -> None:
    sheet = values["Thuyết minh"]
    keys = {row[0].value: row[2].value for row in sheet.iter_rows() if row[0].value}
    assert (keys["unit_id"], keys["level"], keys["progress_missing"]) == ("TY", "district", "5")
    rows = [tuple(cell.value for cell in row) for row in values["Số liệu"].iter_rows(min_row=2)]
    assert sheet.column_dimensions["A"].hidden and checksum_rows(rows, keys) == keys["checksum"]


def test_the_chart_has_a_text_and_live_figures(file: BytesIO, formulas: Workbook, values: Workbook) -> None:
    assert ["Việc làm theo đơn vị" in text for text in alt_texts(file)] == [True]
    row = row_of(values, "Biểu đồ", "Xã Hợp Đức", column=1)
    assert [values["Biểu đồ"].cell(row, column).value for column in (2, 3, 4)] == [16, 8, 8]
    assert formulas["Biểu đồ"].cell(row, 2).value.startswith("='Tổng hợp'!")


def test_a_province_over_districts_is_written_the_same_way() -> None:
    book = rollup_book()
    district = replace(book.parent, unit=Unit("TY", "district", "Huyện", "Tân Yên", "BG"))
    province = replace(book.parent, unit=Unit("BG", "province", "Tỉnh", "Bắc Giang"), parent_id="")
    values = opened(written(RollupBook(book.edition, province, (district,), ())))[1]
    row = row_of(values, "Tổng hợp", "Huyện Tân Yên")
    assert values["Tổng hợp"].cell(row, 30).value == "8/14 thôn đã nộp; 2/3 xã có sổ của xã; Không rõ diện: 8 người"
