"""The blank workbook and the unit register, read back as Excel would."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.form import FORM_VERSION, Form, Sheet, load_form
from pipeline.units import LEVEL_LABELS, REGISTER_COLUMNS, REGISTER_SHEET, Unit
from pipeline.write.register import write_register
from pipeline.write.template import workbook_name, write_workbook
from pipeline.write.template_formats import height, lines
from pipeline.write.template_guide import when_required

HAMLET = {"hamlet_id": "HD-01", "hamlet_name": "Thôn Đông", "commune_id": "HD", "commune_name": "Xã Hợp Đức",
          "period": "2024-05", "cutoff_date": date(2024, 5, 6)}
COMMUNE = {key: value for key, value in HAMLET.items() if not key.startswith("hamlet_")}
INFO = {"hamlet": HAMLET, "commune": COMMUNE}
PROFILES = ("hamlet", "commune")
FIRST, LAST = 5, 204


@pytest.fixture(scope="module")
def form() -> Form:
    return load_form()


@pytest.fixture(scope="module")
def books(form: Form) -> dict[str, Workbook]:
    """The blank workbook of each profile."""
    blank: dict[str, Workbook] = {}
    for profile in PROFILES:
        target = BytesIO()
        write_workbook(target, form, profile, INFO[profile])
        blank[profile] = load_workbook(target)
    return blank


def pages(form: Form, books: dict[str, Workbook]) -> list[tuple[Sheet, Worksheet]]:
    return [(sheet, books[profile][sheet.name]) for profile in PROFILES for sheet in form.data_sheets(profile)]


def row_of(page: Worksheet, row: int) -> list[object]:
    return [cell.value for cell in page[row]]


def rules_of(page: Worksheet) -> dict[str, DataValidation]:
    return {str(rule.sqref): rule for rule in page.data_validations.dataValidation}


def column_range(page: Worksheet, sheet: Sheet, key: str) -> str:
    letter = page.cell(1, [c.key for c in sheet.columns].index(key) + 1).coordinate[:-1]
    return f"{letter}{FIRST}:{letter}{LAST}"


def info_lines(page: Worksheet) -> dict[str, tuple[object, object]]:
    return {key: (label, value) for label, value, _, key in page.iter_rows(3, values_only=True, max_col=4)}


def with_person(tmp_path: Path, form: Form, **values: object) -> dict[str, object]:
    """Write one person and return what the cells of that row hold, by key."""
    target = tmp_path / "one.xlsx"
    write_workbook(target, form, "hamlet", HAMLET, {"people": [values]}, prepared_rows=3)
    page = load_workbook(target)["Danh sách"]
    return dict(zip((c.key for c in form.sheet["people"].columns), row_of(page, FIRST), strict=True))


def test_sheets_stand_in_the_order_of_the_form_and_the_lists_are_hidden(form: Form, books: dict[str, Workbook]) -> None:
    assert books["hamlet"].sheetnames == ["Hướng dẫn", "Thông tin", "Danh sách", "Hỗ trợ", "Vay vốn", "Tuyên truyền", "Danh mục"]
    assert books["commune"].sheetnames == ["Hướng dẫn", "Thông tin", "Mô hình", "Tuyên truyền", "Kinh phí", "Danh mục"]
    for book in books.values():
        assert [page.title for page in book if page.sheet_state != "visible"] == ["Danh mục"]


def test_row_three_is_hidden_and_holds_the_keys_and_row_four_the_exact_headers(form: Form, books: dict[str, Workbook]) -> None:
    for sheet, page in pages(form, books):
        assert page.row_dimensions[3].hidden
        assert row_of(page, 3) == [column.key for column in sheet.columns]
        assert row_of(page, 4) == [column.header for column in sheet.columns]
        assert page["A1"].value == sheet.title
        assert any(sheet.hint in str(value) for value in row_of(page, 2))


def test_required_headers_differ_by_colour_and_by_a_star_that_is_only_shown(form: Form, books: dict[str, Workbook]) -> None:
    for sheet, page in pages(form, books):
        plain = {c.fill.fgColor.rgb for c, column in zip(page[4], sheet.columns, strict=True) if not column.required}
        needed = [c for c, column in zip(page[4], sheet.columns, strict=True) if column.required]
        assert needed and all(c.fill.fgColor.rgb not in plain and c.number_format == '@" *"' for c in needed)


def test_headers_are_locked_and_entry_cells_unlocked_without_password(form: Form, books: dict[str, Workbook]) -> None:
    for _, page in pages(form, books):
        assert page.protection.sheet and page.protection.password is None
        assert all(cell.protection.locked for row in (1, 3, 4) for cell in page[row])
        assert not any(cell.protection.locked for row in page.iter_rows(FIRST, LAST) for cell in row)
        allowed = page.protection
        # In the file these say what is forbidden.
        assert not any((allowed.sort, allowed.autoFilter, allowed.insertRows, allowed.deleteRows, allowed.formatColumns))


def test_identity_numbers_are_text_and_dates_are_days_in_all_prepared_rows(form: Form, books: dict[str, Workbook]) -> None:
    shown = {"citizen_id": "@", "record_id": "@", "birth": "@", "date": "dd/mm/yyyy", "money": "#,##0", "count": "0"}
    for sheet, page in pages(form, books):
        for column, cells in zip(sheet.columns, page.iter_cols(min_row=FIRST, max_row=LAST), strict=True):
            if column.type in shown:
                assert {cell.number_format for cell in cells} == {shown[column.type]}, column.key
                assert len(cells) == 200


def test_every_prepared_cell_shows_its_help_when_chosen(form: Form, books: dict[str, Workbook]) -> None:
    for sheet, page in pages(form, books):
        rules = rules_of(page)
        for column in sheet.columns:
            rule = rules[column_range(page, sheet, column.key)]
            assert rule.prompt == column.help and rule.promptTitle and len(rule.promptTitle) <= 32
            assert rule.errorStyle == "warning" or rule.type is None


def test_drop_downs_use_a_defined_name_that_lists_exactly_the_labels(form: Form, books: dict[str, Workbook]) -> None:
    for profile, book in books.items():
        for sheet in form.data_sheets(profile):
            page = book[sheet.name]
            for column in (column for column in sheet.columns if column.list):
                rule = rules_of(page)[column_range(page, sheet, column.key)]
                assert (rule.type, rule.formula1) == ("list", f"dm_{column.list}")
                (name, cells), = book.defined_names[f"dm_{column.list}"].destinations
                labels = [cell.value for row in book[name][cells] for cell in row]
                assert labels == [code.label for code in form.lists[column.list]]


def test_ticks_offer_x_and_dates_are_checked_between_1930_and_2100(form: Form, books: dict[str, Workbook]) -> None:
    page = books["hamlet"]["Danh sách"]
    rules = rules_of(page)
    assert rules[column_range(page, form.sheet["people"], "org_women")].formula1 == '"x"'
    dates = rules[column_range(page, form.sheet["people"], "release_date")]
    assert (dates.type, dates.operator or "between", dates.formula1, dates.formula2) == ("date", "between", "10959", "73415")


def test_pages_print_on_a4_landscape_with_the_header_repeated(form: Form, books: dict[str, Workbook]) -> None:
    for sheet, page in pages(form, books):
        wide = 2 if sheet.key == "people" else 1
        assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (wide, 0)
        assert page.print_title_rows == "$4:$4"
        assert "&P" in page.oddFooter.right.text and page.oddFooter.left.text.endswith("&A")
    assert books["hamlet"]["Danh sách"].print_title_cols == "$A:$C"
    assert "Thôn Đông - Xã Hợp Đức" in books["hamlet"]["Hỗ trợ"].oddHeader.left.text


def test_header_and_name_stay_in_sight_and_rows_can_be_filtered(form: Form, books: dict[str, Workbook]) -> None:
    frozen = {"people": "D5", "support": "C5", "loans": "C5", "models": "C5", "outreach": "A5", "funds": "A5"}
    for sheet, page in pages(form, books):
        assert page.freeze_panes == frozen[sheet.key]
        assert page.auto_filter.ref == f"A4:{page.cell(LAST, len(sheet.columns)).coordinate}"


def test_the_version_is_in_a_defined_name_and_in_the_properties_and_nobody_is_named(books: dict[str, Workbook]) -> None:
    for book in books.values():
        assert book.defined_names["template_version"].value == f'"{FORM_VERSION}"'
        assert book.custom_doc_props["template_version"].value == FORM_VERSION
        assert FORM_VERSION in book.properties.description
        assert book.properties.title and book.properties.subject
        assert not book.properties.creator and not book.properties.lastModifiedBy


def test_the_information_sheet_is_filled_in_and_what_was_given_is_locked(books: dict[str, Workbook]) -> None:
    page = books["hamlet"]["Thông tin"]
    found = info_lines(page)
    assert {key: value for key, (_, value) in found.items() if value} == HAMLET | {"cutoff_date": datetime(2024, 5, 6)}
    assert found["period"][0] == "Kỳ báo cáo"
    locked = {page.cell(row, 4).value for row in range(3, page.max_row + 1) if page.cell(row, 2).protection.locked}
    assert locked == {"hamlet_id", "hamlet_name", "commune_id", "commune_name"}
    assert page.column_dimensions["D"].hidden
    formats = {page.cell(row, 4).value: page.cell(row, 2).number_format for row in range(3, page.max_row + 1)}
    assert (formats["period"], formats["cutoff_date"], formats["hamlet_id"]) == ("@", "dd/mm/yyyy", "@")


def test_the_commune_workbook_has_no_hamlet(books: dict[str, Workbook]) -> None:
    keys = info_lines(books["commune"]["Thông tin"])
    assert list(keys) == ["commune_id", "commune_name", "period", "cutoff_date", "prepared_by", "prepared_on",
                          "nil_models", "nil_outreach", "nil_funds"]


def test_a_unit_that_is_not_given_stays_open_to_type(tmp_path: Path, form: Form) -> None:
    write_workbook(tmp_path / "a.xlsx", form, "hamlet", {}, prepared_rows=1)
    page = load_workbook(tmp_path / "a.xlsx")["Thông tin"]
    assert not any(page.cell(row, 2).protection.locked for row in range(3, page.max_row + 1))


def test_a_nil_return_is_ticked(tmp_path: Path, form: Form) -> None:
    write_workbook(tmp_path / "a.xlsx", form, "hamlet", HAMLET, nil=["loans", "outreach"], prepared_rows=1)
    found = info_lines(load_workbook(tmp_path / "a.xlsx")["Thông tin"])
    ticks = {key: value for key, value in found.items() if str(key).startswith("nil_")}
    assert ticks == {"nil_people": ("Không phát sinh: Danh sách", None), "nil_support": ("Không phát sinh: Hỗ trợ", None),
                     "nil_loans": ("Không phát sinh: Vay vốn", "x"), "nil_outreach": ("Không phát sinh: Tuyên truyền", "x")}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, form: Form) -> None:
    written = []
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, form, "hamlet", HAMLET, {"people": [{"full_name": "Nguyễn Văn Mẫu"}]})
        write_register(tmp_path / f"r-{name}", [Unit("HD", "commune", "Xã", "Hợp Đức")])
        written.append((tmp_path / name).read_bytes() + (tmp_path / f"r-{name}").read_bytes())
    assert written[0] == written[1]


def test_text_like_a_formula_stays_text(tmp_path: Path, form: Form) -> None:
    evil = '=HYPERLINK("http://x.vn","a")'
    info = HAMLET | {"prepared_by": "=1+1", "hamlet_name": "http://x.vn"}
    rows = {"people": [{"full_name": evil, "note": "+84", "release_date": "=A1", "sex": "{=1}"}]}
    write_workbook(tmp_path / "a.xlsx", form, "hamlet", info, rows, prepared_rows=1)
    book = load_workbook(tmp_path / "a.xlsx")
    people = [cell for cell in book["Danh sách"][FIRST] if cell.value]
    assert [(cell.value, cell.data_type) for cell in people] == [(evil, "s"), ("{=1}", "s"), ("=A1", "s"), ("+84", "s")]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        cells = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
    assert "<f>" not in cells and "<hyperlink" not in cells


def test_values_land_as_if_typed(tmp_path: Path, form: Form) -> None:
    found = with_person(tmp_path, form, stt=1, full_name="Nguyễn Văn Mẫu", birth=date(1985, 10, 20), citizen_id="000085123456",
                        release_date=date(2023, 9, 2), return_date="khoảng 9/2023", org_women="x", note=None)
    assert {key: value for key, value in found.items() if value is not None} == {
        "stt": 1, "full_name": "Nguyễn Văn Mẫu", "birth": "20/10/1985", "citizen_id": "000085123456",
        "release_date": datetime(2023, 9, 2), "return_date": "khoảng 9/2023", "org_women": "x"}
    assert with_person(tmp_path, form, birth=1985)["birth"] == "1985"


def test_more_rows_than_prepared_are_all_written(tmp_path: Path, form: Form) -> None:
    write_workbook(tmp_path / "a.xlsx", form, "hamlet", HAMLET, {"people": [{"stt": at} for at in range(7)]}, prepared_rows=3)
    page = load_workbook(tmp_path / "a.xlsx")["Danh sách"]
    assert [page.cell(row, 1).value for row in range(FIRST, FIRST + 7)] == list(range(7))
    assert column_range(page, form.sheet["people"], "stt").replace(str(LAST), "11") in rules_of(page)


@pytest.mark.parametrize("wrong", [{"rows": {"people": [{"ful_name": "A"}]}}, {"rows": {"funds": []}}, {"nil": ["models"]},
                                   {"info": {"thon": "A"}}, {"profile": "district"}])
def test_a_sheet_or_column_that_is_not_there_is_refused(tmp_path: Path, form: Form, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the workbook has no"):
        write_workbook(tmp_path / "a.xlsx", form, **{"profile": "hamlet", "info": HAMLET} | wrong)  # type: ignore[arg-type]
    assert not (tmp_path / "a.xlsx").exists()


def test_the_guide_explains_every_column_and_every_list_in_use(form: Form, books: dict[str, Workbook]) -> None:
    for profile, book in books.items():
        cells = {str(cell) for row in book["Hướng dẫn"].iter_rows(values_only=True) for cell in row if cell}
        everything = "\n".join(cells)
        for sheet in form.data_sheets(profile):
            for column in sheet.columns:
                assert {column.header, column.help} <= cells
                assert not column.example or column.example in cells
                assert not column.list or all(code.label in everything for code in form.lists[column.list])
        assert "Không phát sinh" in everything and "_can-sua" in everything and "thư mục dùng chung" in everything


def test_the_guide_says_in_words_when_a_column_is_required(form: Form) -> None:
    said = {key: when_required(form, form.sheet[sheet], form.sheet[sheet].by_key[key])
            for sheet, key in (("people", "full_name"), ("people", "note"), ("people", "occupation"),
                               ("people", "probation_end_date"), ("people", "end_reason"), ("outreach", "per_week"))}
    assert said == {
        "full_name": "Bắt buộc", "note": "Không bắt buộc", "occupation": "Bắt buộc khi có việc làm",
        "probation_end_date": "Bắt buộc khi diện là Tha tù trước thời hạn có điều kiện",
        "end_reason": "Bắt buộc khi có ghi Ngày kết thúc quản lý", "per_week": "Bắt buộc khi có ghi Từ ngày"}


def test_the_file_name_tells_unit_and_period() -> None:
    assert workbook_name(Unit("HD-01", "hamlet", "Thôn", "Đông"), "2024-05") == "THNCD_HD-01_2024-05.xlsx"


def test_rows_are_as_tall_as_their_text() -> None:
    assert [lines(text, 10) for text in ("", "ngắn", "Ngày về địa phương", "a" * 25)] == [1, 1, 2, 3]
    assert height([("ngắn", 10), ("Ngày về địa phương", 10)]) == 34


def test_the_empty_register_has_its_header_in_row_one(tmp_path: Path) -> None:
    write_register(tmp_path / "don-vi.xlsx")
    book = load_workbook(tmp_path / "don-vi.xlsx")
    page = book[REGISTER_SHEET]
    assert book.sheetnames == [REGISTER_SHEET, "Hướng dẫn"]
    assert row_of(page, 1) == list(REGISTER_COLUMNS.values()) and page.max_row == 1
    assert page.freeze_panes == "A2"
    levels = next(rule for rule in page.data_validations.dataValidation if rule.formula1 and "thôn" in rule.formula1)
    assert levels.formula1 == f'"{",".join(LEVEL_LABELS.values())}"'
    assert all(rule.prompt for rule in page.data_validations.dataValidation)


def test_register_rows_keep_codes_as_text_and_say_the_level_in_vietnamese(tmp_path: Path) -> None:
    units = [Unit("01", "commune", "Xã", "Hợp Đức", gso_code="00123"),
             Unit("HD-01", "hamlet", "Thôn", "=Đông", "01", date(2025, 7, 1), date(2026, 6, 30))]
    write_register(tmp_path / "don-vi.xlsx", units)
    page = load_workbook(tmp_path / "don-vi.xlsx")[REGISTER_SHEET]
    assert row_of(page, 2) == ["01", "xã", "Xã", "Hợp Đức", None, None, None, "00123"]
    assert row_of(page, 3) == ["HD-01", "thôn", "Thôn", "=Đông", "01", datetime(2025, 7, 1), datetime(2026, 6, 30), None]
    assert page["D3"].data_type == "s"
    assert (page["A2"].number_format, page["H2"].number_format, page["F3"].number_format) == ("@", "@", "dd/mm/yyyy")
    assert re.match(r"A1:H\d+", page.auto_filter.ref)
