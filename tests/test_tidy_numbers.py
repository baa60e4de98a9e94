"""Numbers as Vietnamese staff write them, and the units of columns."""

from __future__ import annotations

import math
from datetime import date

import pytest

from pipeline.tidy.numbers import multiplier_of, parse_number


@pytest.mark.parametrize(("cell", "value"), [
    (6, 6), (6.0, 6), ("06", 6), ("0", 0), ("12 người", 12), ("3 buổi", 3), ("35 lượt", 35),
    ("1.000", 1000), ("1,000", 1000), ("1 000", 1000), ("1.234.567", 1_234_567), ("1,234,567", 1_234_567),
    ("50.000.000 đồng", 50_000_000), ("50.000.000đ", 50_000_000), ("50000000 VNĐ", 50_000_000), ("'500", 500),
    ("50 triệu", 50_000_000), ("50tr", 50_000_000), ("1,5 triệu đồng", 1_500_000), ("1.5 tỷ", 1_500_000_000),
    ("2 tỉ", 2_000_000_000), ("500k", 500_000), ("500 nghìn", 500_000), ("500 ngàn đồng", 500_000),
    ("1.500 triệu", 1_500_000_000),
    ("500\u00a0000", 500_000), ("9 999 999", 9_999_999), ("9\u202f999\u202f999", 9_999_999), ("12 lượt người", 12), ("007", 7),
    ("2 triệu 500 nghìn", 2_500_000), ("1 tỷ 200 triệu đồng", 1_200_000_000), ("2tr5", 2_500_000), ("2tr500", 2_500_000),
    ("50trđ", 50_000_000), ("50 TRIỆU", 50_000_000), ("50 trieu dong", 50_000_000), ("0,5 triệu", 500_000), ("4,35 triệu", 4_350_000),
    ("2 triệu", 2_000_000), ("1.000.000.000", 1_000_000_000),
], ids=repr)
def test_a_number_is_understood_however_it_is_written(cell: object, value: float) -> None:
    assert parse_number(cell, whole=True) == (value, "")


@pytest.mark.parametrize(("cell", "value"), [("1,5", 1.5), ("1.5", 1.5), ("2,25", 2.25), ("1.234,5", 1234.5), ("1,234.5", 1234.5),
                                             ("0,125", 0.125), ("0.5", 0.5), (0.5, 0.5)])
def test_a_fraction_is_understood_where_it_may_stand(cell: object, value: float) -> None:
    assert parse_number(cell, whole=False) == (value, "")
    assert parse_number(cell, whole=True).code == "number_not_whole"


@pytest.mark.parametrize(("cell", "code"), [
    ("-5", "number_negative"), (-5.0, "number_negative"), ("-1.000", "number_negative"),
    ("ba trăm", "number_unreadable"), ("12a", "number_unreadable"), ("1.2.3", "number_unreadable"),
    ("1..000", "number_unreadable"),
    ("1.00.000", "number_unreadable"), ("5-6", "number_unreadable"), ("khoảng 10", "number_unreadable"),
    ("²", "number_unreadable"),
    ("=1+1", "number_unreadable"), ("368, 468, 568", "number_unreadable"), ("1234,567", "number_unreadable"),
    ("1E+06", "number_unreadable"), ("1e999", "number_unreadable"), ("500.000đ/tháng", "number_unreadable"), ("x", "number_unreadable"),
    ("?", "number_unreadable"), ("500 nghìn 2 triệu", "number_unreadable"), ("1,500 triệu", "number_unreadable"),
    ("2tr50", "number_unreadable"),
    ("2 triệu 2 triệu", "number_unreadable"),
    ("2 triệu 500", "number_unreadable"), ("triệu", "number_unreadable"), ("9" * 16, "number_unreadable"), (1e15, "number_unreadable"),
    (float("nan"), "number_unreadable"), ("1" * 100, "number_unreadable"), ("٣", "number_unreadable"),
    (float("inf"), "number_unreadable"), (date(2024, 5, 6), "number_unreadable"),
], ids=repr)
def test_what_cannot_be_a_number_is_said_and_never_guessed(cell: object, code: str) -> None:
    parsed = parse_number(cell, whole=False)
    assert parsed.code == code
    assert math.isnan(parsed.value)


@pytest.mark.parametrize("cell", [None, "", " ", "-", "–", "…", "......"])
def test_an_empty_cell_is_no_number_and_no_finding(cell: object) -> None:
    parsed = parse_number(cell, whole=True)
    assert parsed.code == ""
    assert math.isnan(parsed.value)


@pytest.mark.parametrize(("cell", "value"), [
    (50.0, 50_000_000), (4.35, 4_350_000), ("50", 50_000_000), ("1,5", 1_500_000), ("1.500", 1_500_000_000), ("06", 6_000_000),
    ("50 triệu", 50_000_000), ("50.000.000 đồng", 50_000_000), ("50.000.000đ", 50_000_000),
], ids=repr)
def test_a_columns_unit_multiplies_what_names_no_unit_of_its_own(cell: object, value: float) -> None:
    assert parse_number(cell, whole=False, multiplier=1_000_000) == (value, "")


def test_a_comma_before_three_digits_of_a_columns_unit_may_be_either_kind_of_comma() -> None:
    assert parse_number("1,500", whole=False, multiplier=1_000_000).code == "number_unreadable"
    assert parse_number("1,500", whole=False) == (1500, "")


@pytest.mark.parametrize(("header", "multiplier"), [
    ("Số tiền (triệu đồng)", 1_000_000), ("Số tiền vay (Triệu đồng)", 1_000_000), ("Số tiền (tr.đ)", 1_000_000),
    ("Số tiền (trđ)", 1_000_000), ("So tien (trieu dong)", 1_000_000), ("Số tiền\n(ĐVT: triệu đồng)", 1_000_000),
    ("Số tiền (ĐVT: 1.000đ)", 1_000), ("ĐVT: 1.000đ", 1_000), ("Kinh phí, đơn vị tính: nghìn đồng", 1_000), ("Kinh phí (1000 đồng)", 1_000),
    ("Kinh phí (nghìn đồng)", 1_000), ("Kinh phí (ngàn đồng)", 1_000), ("Kinh phí (1.000.000 đồng)", 1_000_000),
    ("Vốn (tỷ đồng)", 1_000_000_000), ("Số tiền vay triệu đồng", 1_000_000), ("Số người (nghìn người)", 1_000),
    ("Số tiền (đồng)", 1), ("Số tiền", 1), ("Số tiền (1)", 1), ("Số tiền (10)", 1), ("Đơn vị hỗ trợ", 1), ("", 1),
    ("Vay trên 50 triệu", 1), ("Số tiền (VNĐ)", 1), ("Công ty (nếu có)", 1),
], ids=repr)
def test_a_header_says_what_its_column_counts_in(header: str, multiplier: float) -> None:
    assert multiplier_of(header) == multiplier
