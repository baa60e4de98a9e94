"""Numbers and marks as Vietnamese staff write them."""

from __future__ import annotations

import math
from datetime import date

import pytest

from pipeline.tidy.numbers import parse_number, parse_tick


@pytest.mark.parametrize(("cell", "value"), [
    (6, 6), (6.0, 6), ("06", 6), ("0", 0), ("12 người", 12), ("3 buổi", 3), ("35 lượt", 35),
    ("1.000", 1000), ("1,000", 1000), ("1 000", 1000), ("1.234.567", 1_234_567), ("1,234,567", 1_234_567),
    ("50.000.000 đồng", 50_000_000), ("50.000.000đ", 50_000_000), ("50000000 VNĐ", 50_000_000), ("'500", 500),
    ("50 triệu", 50_000_000), ("50tr", 50_000_000), ("1,5 triệu đồng", 1_500_000), ("1.5 tỷ", 1_500_000_000),
    ("2 tỉ", 2_000_000_000), ("500k", 500_000), ("500 nghìn", 500_000), ("500 ngàn đồng", 500_000),
    ("1.500 triệu", 1_500_000_000),
    ("500\u00a0000", 500_000),
], ids=repr)
def test_a_number_is_understood_however_it_is_written(cell: object, value: float) -> None:
    assert parse_number(cell, whole=True) == (value, "")


@pytest.mark.parametrize(("cell", "value"), [("1,5", 1.5), ("1.5", 1.5), ("2,25", 2.25), ("1.234,5", 1234.5), ("1,234.5", 1234.5),
                                             (0.5, 0.5)])
def test_a_fraction_is_understood_where_it_may_stand(cell: object, value: float) -> None:
    assert parse_number(cell, whole=False) == (value, "")
    assert parse_number(cell, whole=True).code == "number_not_whole"


@pytest.mark.parametrize(("cell", "code"), [
    ("-5", "number_negative"), (-5.0, "number_negative"), ("-1.000", "number_negative"),
    ("ba trăm", "number_unreadable"), ("12a", "number_unreadable"), ("1.2.3", "number_unreadable"),
    ("1..000", "number_unreadable"),
    ("1.00.000", "number_unreadable"), ("5-6", "number_unreadable"), ("khoảng 10", "number_unreadable"),
    ("²", "number_unreadable"),
    ("=1+1", "number_unreadable"), (float("inf"), "number_unreadable"), (date(2024, 5, 6), "number_unreadable"),
], ids=repr)
def test_what_cannot_be_a_number_is_said_and_never_guessed(cell: object, code: str) -> None:
    parsed = parse_number(cell, whole=False)
    assert parsed.code == code
    assert math.isnan(parsed.value)


@pytest.mark.parametrize("cell", [None, ""])
def test_an_empty_cell_is_no_number_and_no_finding(cell: object) -> None:
    parsed = parse_number(cell, whole=True)
    assert parsed.code == ""
    assert math.isnan(parsed.value)


@pytest.mark.parametrize("cell", ["x", "X", " x ", "×", "✓", "✔", "√", "v", "V", "+", "có", "Có", "1", 1.0, 1, "rồi", "đã",
                                  "TRUE", "(x)", "x."], ids=repr)
def test_a_mark_is_a_yes(cell: object) -> None:
    assert parse_tick(cell) == (True, "")


@pytest.mark.parametrize("cell", [None, "", "  ", "không", "Không", "ko", "k", "0", 0.0, "-", "–", "—", "chưa",
                                  "FALSE"], ids=repr)
def test_nothing_and_no_are_a_no(cell: object) -> None:
    assert parse_tick(cell) == (False, "")


@pytest.mark.parametrize("cell", ["thỉnh thoảng", 2.0, 0.5, date(2024, 5, 6), "xx"], ids=repr)
def test_anything_else_is_a_yes_that_somebody_looks_at(cell: object) -> None:
    assert parse_tick(cell) == (True, "tick_unclear")
