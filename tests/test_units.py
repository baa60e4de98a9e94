"""The unit register: validity, parents at a date, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipeline.fault import SettingsFault
from pipeline.register import read_register
from pipeline.units import REGISTER_FILE, Register, Unit, build_register, is_safe_id
from pipeline.write.register import write_register

MERGER = date(2025, 7, 1)
BEFORE, AFTER = date(2025, 6, 30), MERGER
UNITS = (
    Unit("BG", "province", "Tỉnh", "Bắc Giang", "", None, BEFORE),
    Unit("BN", "province", "Tỉnh", "Bắc Ninh"),
    Unit("TY", "district", "Huyện", "Tân Yên", "BG", None, BEFORE),
    Unit("HD", "commune", "Xã", "Hợp Đức", "TY", None, BEFORE, "07330"),
    Unit("PH", "commune", "Xã", "Phúc Hòa", "TY", None, BEFORE),
    Unit("PH", "commune", "Xã", "Phúc Hòa", "BN", MERGER, None, "07330"),
    Unit("HD-01", "hamlet", "Thôn", "Đông", "HD", None, BEFORE),
    Unit("HD-01", "hamlet", "Thôn", "Đông", "PH", MERGER, None),
    Unit("PH-01", "hamlet", "Thôn", "Thôn Đoài", "PH"),
)


@pytest.fixture(scope="module")
def register() -> Register:
    return build_register(UNITS)


def test_a_unit_is_valid_on_both_of_its_days() -> None:
    unit = Unit("A", "hamlet", "Thôn", "A", "X", date(2024, 1, 1), date(2024, 12, 31))
    assert [unit.valid_at(day) for day in (date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1))] == [
        False, True, True, False]
    assert Unit("A", "hamlet", "", "A").valid_at(date.min)


def test_the_parent_is_the_one_of_the_day(register: Register) -> None:
    for day, commune, above in ((BEFORE, "HD", "TY"), (AFTER, "PH", "BN")):
        hamlet = register.find("HD-01", day)
        assert hamlet
        parent = register.parent(hamlet, day)
        assert parent
        assert parent.unit_id == commune
        grandparent = register.parent(parent, day)
        assert grandparent
        assert grandparent.unit_id == above


def test_a_parent_that_has_ended_is_passed_over() -> None:
    units = (Unit("BN", "province", "Tỉnh", "Bắc Ninh"), Unit("TY", "district", "Huyện", "Tân Yên", "BN", None, BEFORE),
             Unit("HD", "commune", "Xã", "Hợp Đức", "TY"))
    register = build_register(units)
    assert [(register.parent(units[2], day) or units[2]).unit_id for day in (BEFORE, AFTER)] == ["TY", "BN"]


def test_a_unit_whose_chain_has_wholly_ended_has_no_parent(register: Register) -> None:
    assert register.parent(Unit("X", "commune", "", "X", "TY"), AFTER) is None
    assert register.parent(Unit("X", "commune", "", "X", "GONE"), AFTER) is None


def test_a_unit_is_found_only_while_valid_but_stays_known(register: Register) -> None:
    assert register.find("HD", BEFORE)
    assert register.find("HD", AFTER) is None
    known = register.known("HD")
    assert known
    assert known.name == "Hợp Đức"
    assert register.known("QQ") is None
    assert "HD" in register.ids


def test_children_keep_the_order_of_the_register(register: Register) -> None:
    assert {parent: [unit.unit_id for unit in below] for parent, below in register.children(AFTER).items()} == {
        "BN": ["PH"], "PH": ["HD-01", "PH-01"]}
    assert [unit.unit_id for unit in register.at(AFTER)] == ["BN", "PH", "HD-01", "PH-01"]


@pytest.mark.parametrize(("type_", "name", "full"), [("Thôn", "Đông", "Thôn Đông"), ("Thôn", "Thôn Đông", "Thôn Đông"),
                                                    ("Thôn", "THÔN ĐÔNG", "THÔN ĐÔNG"), ("", "Đông", "Đông")])
def test_the_type_stands_once_in_the_full_name(type_: str, name: str, full: str) -> None:
    assert Unit("A", "hamlet", type_, name).full_name == full


def test_the_folder_is_plain_ascii() -> None:
    assert Unit("HD", "commune", "Xã", "Hợp Đức").folder == "HD-hop-duc"
    assert Unit("HD", "commune", "Xã", "???").folder == "HD-don-vi"


@pytest.mark.parametrize(("code", "safe"), [("HD-01", True), ("24.216_07330", True), ("", False), ("HD 01", False),
                                            ("../x", False),
                                            ("a/b", False), (".x", False), ("-x", False), ("a\\b", False), ("HD\n", False)])
def test_a_code_can_name_a_folder(code: str, safe: bool) -> None:
    assert is_safe_id(code) is safe


X = Unit("X", "commune", "Xã", "X", row=2)


@pytest.mark.parametrize(("units", "problem"), [
    ([Unit("", "commune", "", "A", row=3)], "dòng 3: Mã để trống"),
    ([Unit("H D", "commune", "", "A", row=3)], "dòng 3: Mã để trống hoặc có dấu cách"),
    ([Unit("A", "", "", "A", row=3)], "dòng 3: Cấp phải là"),
    ([Unit("A", "commune", "", "", row=3)], "dòng 3: chưa ghi Tên"),
    ([X, Unit("X", "commune", "", "X", row=3)], "dòng 3: mã X bị trùng"),
    ([Unit("A", "commune", "", "A", "B", row=3)], "dòng 3: Mã cấp trên B không có"),
    ([Unit("A", "hamlet", "", "A", row=3)], "dòng 3: thôn chưa ghi Mã cấp trên"),
    ([Unit("A", "commune", "", "A", "A", row=3)], "dòng 3: đơn vị A nằm dưới chính nó"),
    ([Unit("A", "commune", "", "A", "B", row=3), Unit("B", "commune", "", "B", "A", row=4)],
     "dòng 4: đơn vị B nằm dưới chính nó"),
])
def test_a_problem_of_the_register_is_a_fault_that_names_the_row(units: list[Unit], problem: str) -> None:
    with pytest.raises(SettingsFault) as caught:
        build_register(units)
    assert problem in str(caught.value)
    assert REGISTER_FILE in str(caught.value)


def test_many_problems_are_counted_after_the_fifth() -> None:
    with pytest.raises(SettingsFault, match="và 2 lỗi khác"):
        build_register([Unit(f"A{at}", "commune", "", "", row=at) for at in range(7)])


def test_a_written_register_is_read_back(tmp_path: Path) -> None:
    write_register(tmp_path / REGISTER_FILE, UNITS)
    register = read_register(tmp_path)
    assert register.given
    assert [(u.unit_id, u.level, u.type, u.name, u.parent_id, u.valid_from, u.valid_to, u.gso_code) for u in register.units] == [
        (u.unit_id, u.level, u.type, u.name, u.parent_id, u.valid_from, u.valid_to, u.gso_code) for u in UNITS]
    assert [unit.row for unit in register.units] == list(range(2, 2 + len(UNITS)))


def test_without_a_register_nothing_is_given(tmp_path: Path) -> None:
    register = read_register(tmp_path)
    assert not register.given
    assert register.units == ()


def typed_register(folder: Path, *rows: list[object], title: str = "Đơn vị") -> None:
    book = Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(row)
    book.save(folder / REGISTER_FILE)


HEADERS: list[object] = ["Mã", "CẤP", "Loại", "Tên", "Mã cấp trên", "Từ ngày", "den ngay", "Mã ĐVHC"]


def test_a_register_typed_by_hand_is_understood(tmp_path: Path) -> None:
    typed_register(tmp_path, ["SỔ ĐƠN VỊ"], [], HEADERS, [101, "xã", "Xã", " Hợp  Đức ", None, "01/07/2025", None, "07330"], [],
                   ["101-1", "Thôn", "Thôn", "Đông", 101, date(2025, 7, 1), "31/12/2026"], title="don vi")
    commune, hamlet = read_register(tmp_path).units
    assert (commune.unit_id, commune.name, commune.valid_from, commune.gso_code, commune.row) == (
        "101", "Hợp Đức", date(2025, 7, 1), "07330", 4)
    assert (hamlet.level, hamlet.parent_id, hamlet.valid_from, hamlet.valid_to, hamlet.row) == (
        "hamlet", "101", date(2025, 7, 1), date(2026, 12, 31), 6)


@pytest.mark.parametrize("written", ["mai", "2025", "07/2025", "31/02/2025"])
def test_a_day_of_the_register_that_is_no_full_date_is_a_fault(tmp_path: Path, written: str) -> None:
    typed_register(tmp_path, HEADERS, ["HD", "xã", "Xã", "Hợp Đức", None, written])
    with pytest.raises(SettingsFault, match="dòng 2, cột Từ ngày: không đọc được ngày"):
        read_register(tmp_path)


def test_a_register_without_its_headers_is_a_fault(tmp_path: Path) -> None:
    typed_register(tmp_path, ["Mã", "Tên"], ["HD", "Hợp Đức"])
    with pytest.raises(SettingsFault, match="không thấy dòng tiêu đề có các cột Mã, Cấp, Tên"):
        read_register(tmp_path)


def test_a_register_without_its_sheet_is_a_fault(tmp_path: Path) -> None:
    typed_register(tmp_path, HEADERS, title="Sheet1")
    with pytest.raises(SettingsFault, match="không có sheet Đơn vị"):
        read_register(tmp_path)


def test_a_register_that_is_no_workbook_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / REGISTER_FILE).write_bytes(b"")
    with pytest.raises(SettingsFault, match="Không mở được sổ đơn vị"):
        read_register(tmp_path)
