"""Dates as Vietnamese staff write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from pipeline.tidy.dates import NO_DATE, parse_date, to_days

SIXTH_OF_MAY = [
    date(2024, 5, 6), datetime(2024, 5, 6, 14, 30), 45418, 45418.0, 45418.75, "06/05/2024", "6/5/2024", "06.05.2024", "6-5-2024",
    "6–5–2024", "06 05 2024", " 06/05/2024 ", "06 / 05 / 2024", "'06/05/2024", "\u200b06/05/2024\u00a0", "06052024", 6052024.0,
    "2024-05-06", "2024-05-06 00:00:00", "2024-05-06T00:00", "ngày 06 tháng 5 năm 2024", "Ngày 6 tháng 05 năm 2024",
    "6 tháng 5 năm 2024",
]
YEARS = [1985, 1985.0, "1985", "năm 1985", "Năm 1985", "sn 1985", "SN 1985", "sinh năm 1985", date(1905, 6, 7)]
MONTHS = ["5/2024", "05/2024", "05-2024", "05.2024", "tháng 5/2024", "Tháng 05 năm 2024", "5 năm 2024"]


@pytest.mark.parametrize("cell", SIXTH_OF_MAY, ids=repr)
def test_a_day_is_understood_however_it_is_written(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(2024, 5, 6)), "day", "")


@pytest.mark.parametrize("cell", YEARS, ids=repr)
def test_a_year_stands_for_its_last_day_and_says_so(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(1985, 12, 31)), "year", "date_incomplete")


@pytest.mark.parametrize("cell", MONTHS, ids=repr)
def test_a_month_stands_for_its_last_day_and_says_so(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(2024, 5, 31)), "month", "date_incomplete")


@pytest.mark.parametrize(("cell", "day"), [
    ("6/5/24", date(2024, 5, 6)), ("06-05-30", date(2030, 5, 6)), ("06/05/31", date(1931, 5, 6)),
    ("20.10.85", date(1985, 10, 20)),
])
def test_a_short_year_is_taken_from_1931_to_2030_and_said(cell: str, day: date) -> None:
    assert parse_date(cell) == (to_days(day), "day", "date_short_year")


def test_december_ends_on_its_last_day() -> None:
    assert parse_date("12/2023").days == to_days(date(2023, 12, 31))


@pytest.mark.parametrize("cell", [None, "", "  ", "'"], ids=repr)
def test_an_empty_cell_is_no_date_and_no_finding(cell: object) -> None:
    assert parse_date(cell) == (NO_DATE, "day", "")


@pytest.mark.parametrize(("cell", "code"), [
    ("31/02/2024", "date_unreadable"),
    ("32/13/2023", "date_unreadable"),
    ("05/13/2024", "date_month_first"),
    ("12/31/2024", "date_month_first"),
    ("05132024", "date_month_first"),
    ("13/2024", "date_unreadable"),
    ("15/8/1985 âm lịch", "date_lunar"),
    ("15/8/1985 (ÂL)", "date_lunar"),
    ("15/8 AL", "date_lunar"),
    ("hôm qua", "date_unreadable"),
    ("royal", "date_unreadable"),
    ("2/2024/15", "date_unreadable"),
    ("00/00/0000", "date_unreadable"),
    ("0000", "date_unreadable"),
    (12, "date_unreadable"),
    (-5.0, "date_unreadable"),
    (6999.0, "date_unreadable"),
    (80001.0, "date_unreadable"),
    (1e20, "date_unreadable"),
    (float("nan"), "date_unreadable"),
    (float("inf"), "date_unreadable"),
    (time(7, 30), "date_unreadable"),
    (timedelta(hours=7), "date_unreadable"),
], ids=repr)
def test_what_cannot_be_a_date_is_said_and_never_guessed(cell: object, code: str) -> None:
    assert parse_date(cell) == (NO_DATE, "day", code)


@pytest.mark.parametrize(("serial", "day"), [(7000, date(1919, 3, 1)), (80000, date(2119, 1, 11))])
def test_serial_numbers_count_from_the_end_of_1899(serial: int, day: date) -> None:
    assert parse_date(serial).days == to_days(day)
