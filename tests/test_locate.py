"""Where a sheet's table stands, and which column is which."""

from __future__ import annotations

import pytest

from pipeline.form import Sheet, load_form
from pipeline.locate import column_letter, count_rows, locate_table
from pipeline.raw import Cell, RawTable, Trouble

FORM = load_form()
SUPPORT = FORM.sheet["support"]
KEYS: list[Cell] = ["record_id", "person", "support_date", "support_type", "org", "amount", "note"]
HEADERS: list[Cell] = ["Mã hồ sơ", "Họ và tên", "Ngày hỗ trợ", "Hình thức hỗ trợ", "Đơn vị hỗ trợ", "Số tiền (đồng)", "Ghi chú"]
ROW: list[Cell] = ["", "A", "15/04/2024", "Khác", "Chi bộ", 5.0, ""]


def even(*rows: list[Cell]) -> list[list[Cell]]:
    """Make rows equally long, as reading gives them."""
    width = max(len(row) for row in rows)
    return [row + [""] * (width - len(row)) for row in rows]


def located(*rows: list[Cell], sheet: Sheet = SUPPORT) -> tuple[RawTable, list[Trouble]]:
    table, troubles = locate_table(even(*rows), sheet)
    assert table
    return table, troubles


def refused(*rows: list[Cell], sheet: Sheet = SUPPORT) -> list[Trouble]:
    table, troubles = locate_table(even(*rows), sheet)
    assert table is None
    return troubles


def test_a_table_below_its_key_row_is_found_with_its_own_row_numbers() -> None:
    table, troubles = located(["SỔ HỖ TRỢ"], ["Mỗi lần một dòng"], KEYS, HEADERS, [], ROW, [], [], ROW)
    assert troubles == []
    assert table.rows == [6, 9]
    assert table.cells["person"] == ["A", "A"]
    assert table.cells["amount"] == [5.0, 5.0]
    assert table.letters == dict(zip([str(key) for key in KEYS], "ABCDEFG", strict=True))


def test_the_key_row_goes_before_the_header() -> None:
    changed: list[Cell] = [*HEADERS[:2], "Hôm nào", *HEADERS[3:]]
    table, troubles = located(KEYS, changed, ROW)
    assert table.cells["support_date"] == ["15/04/2024"]
    assert troubles == [Trouble("header_differs", "support", 2, "support_date", "C")]


def test_a_header_emptied_below_its_key_is_no_trouble() -> None:
    _, troubles = located(KEYS, [*HEADERS[:6]], ROW)
    assert troubles == []


def test_headers_are_found_without_a_key_row() -> None:
    table, troubles = located(["UBND XÃ"], [], ["DANH SÁCH"], HEADERS, ROW)
    assert troubles == []
    assert table.rows == [5]


@pytest.mark.parametrize("header", ["HỌ VÀ TÊN", "ho ten", "Họ  tên", "Tên", "Người được hỗ trợ", "Họ và tên (*)"])
def test_a_header_is_matched_without_case_accents_and_marks_and_by_alias(header: str) -> None:
    table, troubles = located([HEADERS[0], header, *HEADERS[2:]], ROW)
    assert troubles == []
    assert table.letters["person"] == "B"


def test_columns_may_stand_in_any_order_and_place() -> None:
    shifted: list[Cell] = ["", "", *HEADERS[::-1]]
    table, troubles = located([], shifted, ["", "", *ROW[::-1]])
    assert troubles == []
    assert (table.letters["note"], table.letters["record_id"], table.cells["person"]) == ("C", "I", ["A"])


def test_the_row_with_most_headers_is_the_header() -> None:
    table, _ = located(["Họ và tên", "Ngày hỗ trợ"], HEADERS, ROW)
    assert table.rows == [3]


def test_an_unknown_header_is_said_with_what_is_near() -> None:
    _, troubles = located([*HEADERS, "Đơn vị hỗ trọ khác"], [*ROW, "x"])
    assert [(t.code, t.row, t.letter) for t in troubles] == [("column_unknown", 1, "H")]
    assert dict(troubles[0].values)["suggestion"] == " Có phải là “Đơn vị hỗ trợ” không?"


def test_a_column_with_data_and_no_header_is_said() -> None:
    _, troubles = located(HEADERS, [*ROW, "x"])
    assert [(t.code, t.letter, dict(t.values)["suggestion"]) for t in troubles] == [("column_unknown", "H", "")]


def test_an_empty_column_without_header_is_no_trouble() -> None:
    _, troubles = located([*HEADERS, "", " "], [*ROW, "", " "])
    assert troubles == []


def test_two_columns_of_one_meaning_refuse_the_sheet() -> None:
    assert refused([*HEADERS, "Ngày giúp đỡ"], ROW) == [Trouble("column_ambiguous", "support", 1, "support_date", "H")]


def test_a_column_that_counting_needs_refuses_the_sheet_when_missing() -> None:
    assert refused([HEADERS[0], *HEADERS[2:]], ROW) == [Trouble("column_missing_key", "support", column="person")]


def test_any_other_asked_for_column_is_only_said_to_be_missing() -> None:
    _, troubles = located(HEADERS[:4], ROW[:4])
    assert troubles == [Trouble("column_missing", "support", column="org")]


def test_a_list_without_both_start_dates_is_refused_and_with_one_is_not() -> None:
    people = FORM.sheet["people"]
    headers = [c.header for c in people.columns]
    both = [h for h in headers if h not in ("Ngày chấp hành xong/đặc xá/được tha", "Ngày về địa phương")]
    codes = [(t.code, t.column) for t in refused(list(both), sheet=people)]
    assert ("column_missing_key", "return_date") in codes
    _, troubles = located([h for h in headers if h != "Ngày về địa phương"], sheet=people)
    assert [(t.code, t.column) for t in troubles] == [("column_missing", "return_date")]


@pytest.mark.parametrize("sheet", [s for s in FORM.sheets if s.columns and s.key != "info"], ids=lambda sheet: sheet.key)
def test_the_headers_of_every_sheet_map_to_their_columns(sheet: Sheet) -> None:
    table, troubles = located([c.header for c in sheet.columns], sheet=sheet)
    assert troubles == []
    assert list(table.letters) == [c.key for c in sheet.columns]


def test_rows_with_a_serial_number_alone_are_prepared_not_filled() -> None:
    people = FORM.sheet["people"]
    table, _ = located([c.header for c in people.columns], [1.0, "", "A"], [2.0], [3.0], sheet=people)
    assert table.rows == [2]


def test_text_without_a_header_is_refused_and_nothing_at_all_is_an_empty_table() -> None:
    assert refused(["ghi chép"], ["khác"]) == [Trouble("header_not_found", "support")]
    for grid in ([], [[""]], [[None, " "]]):
        assert locate_table(grid, SUPPORT) == (RawTable("support", [], {}, {}), [])


def test_a_header_far_below_is_not_looked_for() -> None:
    assert refused(*[["-"]] * 30, HEADERS, ROW) == [Trouble("header_not_found", "support")]


def test_rows_of_a_refused_sheet_are_counted() -> None:
    assert count_rows(even(HEADERS, ROW, [], ROW), SUPPORT) == 2


def test_text_is_trimmed_and_a_truth_value_is_as_excel_shows_it() -> None:
    table, _ = located(HEADERS, [True, " A ", *ROW[2:]])
    assert (table.cells["record_id"], table.cells["person"]) == (["TRUE"], ["A"])


@pytest.mark.parametrize(("position", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"),
                                                    (701, "ZZ"), (702, "AAA")])
def test_columns_are_named_as_in_excel(position: int, letters: str) -> None:
    assert column_letter(position) == letters
