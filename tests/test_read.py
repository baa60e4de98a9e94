"""Workbooks as read: sheets, cells and rows where they stand, troubles instead of exceptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from intake import FORM, PERIOD, Book, act, commune_book, hamlet_book, person, replace_part, take_in, write_units
from openpyxl import Workbook, load_workbook

from pipeline.fault import Fault
from pipeline.find import as_source, find_workbooks
from pipeline.raw import RawWorkbook
from pipeline.read import read_rows, read_workbook
from pipeline.units import Unit

COMMUNE = Unit("KT", "commune", "Xã", "Kiểm Tra")
HAMLET = Unit("KT-01", "hamlet", "Thôn", "Số 1", "KT")


def read(path: Path) -> RawWorkbook:
    return read_workbook(as_source(path), FORM)


def read_edited(tmp_path: Path, edit: Callable[[Workbook], None], book: Book | None = None) -> RawWorkbook:
    book = book or hamlet_book(HAMLET, COMMUNE, 1)
    book.edit = edit
    book.write(tmp_path / "so.xlsx")
    return read(tmp_path / "so.xlsx")


def test_a_hamlets_workbook_is_read_as_typed(tmp_path: Path) -> None:
    book = hamlet_book(HAMLET, COMMUNE, 1)
    book.rows["support"] = [act(book.first(), amount=500_000)]
    book.write(tmp_path / "so.xlsx")
    raw = read(tmp_path / "so.xlsx")
    assert (raw.profile, raw.template_version, raw.troubles) == ("hamlet", "2026.1", ())
    wanted = {"hamlet_id": "KT-01", "commune_id": "KT", "period": PERIOD, "cutoff_date": date(2024, 5, 6), "nil_loans": "x",
              "nil_support": ""}
    assert {key: raw.info[key] for key in wanted} == wanted
    assert raw.info_cells["hamlet_id"] == (3, "B")
    people = raw.tables["people"]
    assert people.rows == [5]
    assert people.cells["full_name"] == [book.first()["full_name"]]
    assert people.cells["return_date"] == [date(2023, 9, 5)]
    assert people.cells["birth"] == ["17/03/1985"]
    assert raw.tables["support"].cells["amount"] == [500_000.0]
    assert raw.tables["loans"].rows == []


def test_a_communes_workbook_is_told_by_its_sheets(tmp_path: Path) -> None:
    commune_book(COMMUNE).write(tmp_path / "so.xlsx")
    raw = read(tmp_path / "so.xlsx")
    assert (raw.profile, raw.troubles) == ("commune", ())
    assert list(raw.tables) == ["models", "outreach", "funds"]


def test_sheets_are_matched_without_case_accents_and_spaces(tmp_path: Path) -> None:
    def rename(book: Workbook) -> None:
        for old, new in (("Thông tin", "THONG TIN"), ("Danh sách", "danh  sách"), ("Hỗ trợ", "HỖTRỢ"), ("Vay vốn", " Vay von")):
            book[old].title = new
    raw = read_edited(tmp_path, rename)
    assert raw.troubles == ()
    assert raw.tables["people"].rows == [5]
    assert raw.sheet_names["people"] == "danh  sách"


def test_findings_name_a_sheet_as_the_workbook_does(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    write_units(inputs, [COMMUNE, HAMLET])
    book = hamlet_book(HAMLET, COMMUNE, 1)
    book.first()["sex"] = None
    book.edit = lambda workbook: setattr(workbook["Danh sách"], "title", "DANH SACH")
    book.write(inputs / "so.xlsx")
    assert [(f.code, f.sheet, f.cell) for f in take_in(inputs).findings] == [("sex_missing", "DANH SACH", "E5")]


def test_hidden_and_filtered_rows_are_read(tmp_path: Path) -> None:
    def hide(book: Workbook) -> None:
        page = book["Danh sách"]
        for at, row in enumerate((6, 8)):
            for column, cell in enumerate(person(at + 2).values(), start=3):
                page.cell(row, column, cell)
            page.row_dimensions[row].hidden = True
        page.column_dimensions["C"].hidden = True
    assert read_edited(tmp_path, hide).tables["people"].rows == [5, 6, 8]


def test_blank_rows_and_columns_before_a_table_do_not_shift_it(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.title = "Danh sách"
    for column, header in enumerate(("Họ và tên", "Năm sinh", "Ngày về", "Ngày tha"), start=4):
        page.cell(7, column, header)
        page.cell(11, column, "x")
    book.save(tmp_path / "so.xlsx")
    table = read(tmp_path / "so.xlsx").tables["people"]
    assert table.rows == [11]
    assert table.letters == {"full_name": "D", "birth": "E", "return_date": "F", "release_date": "G"}


def test_lines_of_thong_tin_may_stand_anywhere(tmp_path: Path) -> None:
    def move(book: Workbook) -> None:
        book["Thông tin"].insert_rows(1, 4)
        book["Thông tin"].insert_cols(1, 2)
    raw = read_edited(tmp_path, move)
    assert (raw.info["hamlet_id"], raw.info_cells["hamlet_id"]) == ("KT-01", (7, "D"))


def test_a_formula_is_never_evaluated(tmp_path: Path) -> None:
    raw = read_edited(tmp_path, lambda book: book["Danh sách"].__setitem__("B5", '=HYPERLINK("http://x","y")'))
    assert raw.tables["people"].cells["record_id"] == [""]


@pytest.mark.parametrize(("content", "code"), [
    (b"x", "file_unsupported"), (b"PK\x03\x04", "file_truncated"), (b"PK\x05\x06" + bytes(18), "file_unsupported"),
    (b"<html></html>", "file_unsupported"), (bytes(4096), "file_truncated")], ids=["text", "start", "empty archive", "page", "zeros"])
def test_a_file_that_is_no_workbook_is_a_trouble(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "so.xlsx").write_bytes(content)
    raw = read(tmp_path / "so.xlsx")
    assert [trouble.code for trouble in raw.troubles] == [code]
    assert (raw.profile, dict(raw.tables)) == ("", {})
    assert len(raw.sha256) == 64


def test_a_workbook_cut_short_is_a_trouble(tmp_path: Path) -> None:
    hamlet_book(HAMLET, COMMUNE, 1).write(tmp_path / "so.xlsx")
    whole = (tmp_path / "so.xlsx").read_bytes()
    (tmp_path / "so.xlsx").write_bytes(whole[:len(whole) // 2])
    assert [trouble.code for trouble in read(tmp_path / "so.xlsx").troubles] == ["file_truncated"]


def test_a_workbook_with_a_broken_sheet_is_a_trouble(tmp_path: Path) -> None:
    hamlet_book(HAMLET, COMMUNE, 1).write(tmp_path / "so.xlsx")
    replace_part(tmp_path / "so.xlsx", "xl/worksheets/sheet3.xml", b"<sheetData>", b"<sheetData")
    assert [trouble.code for trouble in read(tmp_path / "so.xlsx").troubles] == ["file_unreadable"]


def test_a_file_that_is_gone_is_a_trouble(tmp_path: Path) -> None:
    raw = read(tmp_path / "so.xlsx")
    assert ([trouble.code for trouble in raw.troubles], raw.sha256) == (["file_unreadable"], "")


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".csv", ".XLS"])
def test_another_kind_of_file_is_said_to_be_unsupported(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"so{suffix}").write_bytes(b"x")
    raw = read(tmp_path / f"so{suffix}")
    assert [(t.code, dict(t.values)) for t in raw.troubles] == [("file_unsupported", {"kind": suffix.lower()})]


def test_a_workbook_without_our_sheets_is_not_ours(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "so.xlsx")
    assert [trouble.code for trouble in read(tmp_path / "so.xlsx").troubles] == ["file_not_ours"]


def test_files_are_found_at_any_depth_and_lock_files_returned_copies_and_the_register_are_not(tmp_path: Path) -> None:
    for name in ("b/so.xlsx", "a.xlsx", "b/c/SO.XLSM", "b/cu.xls", "~$a.xlsx", ".an.xlsx", "b/_can-sua/so.xlsx", "don-vi.xlsx",
                 "b/don-vi.xlsx", "ghi-chu.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert [(source.name, source.supported) for source in find_workbooks(tmp_path)] == [
        ("a.xlsx", True), ("b/c/SO.XLSM", True), ("b/cu.xls", False), ("b/don-vi.xlsx", True), ("b/so.xlsx", True)]


def test_no_inputs_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="Không thấy thư mục inputs"):
        find_workbooks(tmp_path / "inputs")


def test_a_sheets_rows_come_from_row_one_or_not_at_all(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "Đơn vị"
    book.active["B3"] = "x"
    book.save(tmp_path / "so.xlsx")
    assert read_rows(tmp_path / "so.xlsx", "don vi") == [["", ""], ["", ""], ["", "x"]]
    assert read_rows(tmp_path / "so.xlsx", "khác") is None
    (tmp_path / "so.xlsx").write_bytes(b"")
    with pytest.raises(OSError, match=r"CalamineError|ZipError|XlsxError"):
        read_rows(tmp_path / "so.xlsx", "don vi")


def test_a_workbook_saved_again_by_another_program_is_read_the_same(tmp_path: Path) -> None:
    hamlet_book(HAMLET, COMMUNE, 1).write(tmp_path / "so.xlsx")
    first = read(tmp_path / "so.xlsx")
    load_workbook(tmp_path / "so.xlsx").save(tmp_path / "so.xlsx")
    again = read(tmp_path / "so.xlsx")
    assert (again.tables, again.info, again.template_version) == (first.tables, first.info, first.template_version)


def test_one_unsafe_code_does_not_stop_a_run_without_a_register(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    hamlet_book(HAMLET, COMMUNE, 1).write(inputs / "a.xlsx")
    hamlet_book(Unit("../KT 02", "hamlet", "Thôn", "Số 2", "KT"), COMMUNE, 2).write(inputs / "b.xlsx")
    nameless = hamlet_book(Unit("KT-03", "hamlet", "Thôn", "Số 3", "KT"), COMMUNE, 3)
    nameless.info["commune_id"] = None
    nameless.write(inputs / "c.xlsx")
    taken = take_in(inputs)
    assert [one.unit.unit_id for one in taken.intake.placed] == ["KT-01"]
    assert [(f.file, f.code, f.column, f.cell) for f in taken.findings] == [
        ("b.xlsx", "unit_unknown", "Mã thôn", "B3"), ("c.xlsx", "unit_missing", "Mã xã", "B5")]


def test_two_sheets_of_thong_tin_keep_a_workbook_from_being_counted(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    write_units(inputs, [COMMUNE, HAMLET])
    book = hamlet_book(HAMLET, COMMUNE, 1)
    book.edit = lambda workbook: workbook.create_sheet("THONG TIN")
    book.write(inputs / "so.xlsx")
    taken = take_in(inputs)
    assert [finding.code for finding in taken.findings] == ["sheet_ambiguous"]
    assert [one.blocked for one in taken.intake.placed] == [True]
