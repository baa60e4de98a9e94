"""Dates as Vietnamese staff write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from pipeline.tidy.dates import NO_DATE, ParsedDate, count_from_1900, day_first, parse_date, to_days

SIXTH_OF_MAY = [
    date(2024, 5, 6), datetime(2024, 5, 6, 14, 30), "06/05/2024", "6/5/2024", "06.05.2024", "6-5-2024", "6–5–2024", "06 05 2024",
    " 06/05/2024 ", "06 / 05 / 2024", "'06/05/2024", "’06/05/2024", "\u200b06/05/2024\u00a0", "06\\05\\2024", "06.05/2024", "06/05-2024",
    "06/05/2024.", "06052024", "20240506", "2024-05-06", "2024/05/06", "2024.5.6",
    "2024-05-06 00:00:00", "2024-05-06T00:00", "2024-05-06T14:30:00.000Z", "06/05/2024 14:30", "06/05/2024 14:30:59",
    "06/05/2024 2:30 PM", "06/05/2024, 14h30", "14:30 06/05/2024", "14h30 ngày 06/5/2024", "lúc 14 giờ 30 phút, ngày 06/5/2024",
    "ngày 06 tháng 5 năm 2024", "Ngày 6 tháng 05 năm 2024", "6 tháng 5 năm 2024", "NGÀY 06 THÁNG 5 NĂM 2024",
    "ngay 06 thang 5 nam 2024", "ngày 06/5/2024", "Ngày: 06/05/2024", "06 tháng 5/2024", "Thứ hai, ngày 06/5/2024",
    "tính đến ngày 06/5/2024", "từ ngày 06/5/2024", "sinh ngày 06/5/2024",
]
NUMBERS = [45418, 45418.0, 45418.75, 6052024.0, 20240506.0]
YEARS = [1985, 1985.0, "1985", "năm 1985", "Năm 1985", "sn 1985", "SN 1985", "SN: 1985", "ns 1985", "sinh năm 1985", "sinh 1985",
         "năm sinh 1985", "00/00/1985"]
MONTHS = ["5/2024", "05/2024", "05-2024", "05.2024", "5 / 2024", "tháng 5/2024", "Tháng 05 năm 2024", "5 năm 2024", "2024-05",
          "T5/2024", "00/05/2024"]
READ = ("day", "", "", "")


@pytest.mark.parametrize("cell", SIXTH_OF_MAY, ids=repr)
def test_a_day_is_understood_however_it_is_written(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(2024, 5, 6)), *READ)


@pytest.mark.parametrize("cell", NUMBERS, ids=repr)
def test_a_number_that_holds_a_day_is_understood_and_said(cell: object) -> None:
    assert parse_date(cell) == ParsedDate(to_days(date(2024, 5, 6)), repair="date_from_number")


@pytest.mark.parametrize("cell", YEARS, ids=repr)
def test_a_year_stands_for_its_last_day_and_says_so(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(1985, 12, 31)), "year", "date_incomplete", "", "")


def test_a_year_typed_into_a_date_cell_is_the_year_and_is_said() -> None:
    assert parse_date(date(1905, 6, 7)) == (to_days(date(1985, 12, 31)), "year", "date_incomplete", "date_year_in_cell", "")


@pytest.mark.parametrize("cell", MONTHS, ids=repr)
def test_a_month_stands_for_its_last_day_and_says_so(cell: object) -> None:
    assert parse_date(cell) == (to_days(date(2024, 5, 31)), "month", "date_incomplete", "", "")


@pytest.mark.parametrize(("cell", "day"), [
    ("6/5/24", date(2024, 5, 6)), ("06-05-30", date(2030, 5, 6)), ("06/05/31", date(1931, 5, 6)),
    ("20.10.85", date(1985, 10, 20)), ("ngày 6/5/24", date(2024, 5, 6)),
])
def test_a_short_year_is_taken_from_1931_to_2030_and_said(cell: str, day: date) -> None:
    assert parse_date(cell) == (to_days(day), "day", "date_short_year", "", "")


def test_a_short_year_alone_known_is_incomplete_and_said() -> None:
    assert parse_date("00/00/85") == (to_days(date(1985, 12, 31)), "year", "date_incomplete", "date_short_year", "")


def test_december_ends_on_its_last_day() -> None:
    assert parse_date("12/2023").days == to_days(date(2023, 12, 31))


@pytest.mark.parametrize("cell", [None, "", "  ", "'", "-", "…", "..../..../....", "…/…/…"], ids=repr)
def test_an_empty_cell_and_the_dots_of_a_form_are_no_date_and_no_finding(cell: object) -> None:
    assert parse_date(cell) == (NO_DATE, *READ)


@pytest.mark.parametrize(("cell", "code"), [
    ("31/02/2024", "date_unreadable"), ("1990-2-29", "date_unreadable"),
    ("32/13/2023", "date_unreadable"), ("02/30/2024", "date_unreadable"), ("30/02/2024", "date_unreadable"),
    ("05/13/2024", "date_month_first"), ("12/31/2024", "date_month_first"), ("05132024", "date_month_first"),
    ("10/20/1959", "date_month_first"), ("02/29/2024", "date_month_first"), ("02/29/2023", "date_unreadable"),
    ("13/2024", "date_unreadable"),
    ("15/8/1985 âm lịch", "date_lunar"), ("15/8/1985 (ÂL)", "date_lunar"), ("15/8 AL", "date_lunar"),
    ("tháng Giêng năm 1985", "date_lunar"), ("10 tháng Chạp 1985", "date_lunar"),
    ("hôm qua", "date_unreadable"), ("royal", "date_unreadable"), ("2/2024/15", "date_unreadable"), ("x", "date_unreadable"),
    ("?", "date_unreadable"), ("00/00/0000", "date_unreadable"), ("0000", "date_unreadable"),
    ("1/2/3", "date_unreadable"), ("6,5,2024", "date_unreadable"), ("14:05:24", "date_unreadable"), ("06:05:2024", "date_unreadable"),
    ("ngày 5 năm 2024", "date_unreadable"), ("quý I/2024", "date_unreadable"), ("khoảng năm 1985", "date_unreadable"),
    ("tháng 06/05/2024", "date_unreadable"), ("ngày 1985", "date_unreadable"), ("6/5/2024 " * 20, "date_unreadable"),
    (12, "date_unreadable"), (-5.0, "date_unreadable"), (6999.0, "date_unreadable"), (80001.0, "date_unreadable"),
    (1985.5, "date_unreadable"), (6052024.5, "date_unreadable"),
    (1e20, "date_unreadable"), (float("nan"), "date_unreadable"), (float("inf"), "date_unreadable"), (-float("inf"), "date_unreadable"),
    (time(7, 30), "date_unreadable"), (timedelta(hours=7), "date_unreadable"),
], ids=repr)
def test_what_cannot_be_a_date_is_said_and_never_guessed(cell: object, code: str) -> None:
    assert parse_date(cell)[:3] == (NO_DATE, "day", code)


@pytest.mark.parametrize("cell", ["06-08/5/2024", "06-05/2024", "12-15/8", "06/5-08/5/2024", "06/5/2024 - 08/5/2024",
                                  "từ 06/5/2024 đến 08/5/2024", "10-12/2023"], ids=repr)
def test_a_range_is_refused_and_called_one(cell: str) -> None:
    parsed = parse_date(cell)
    assert parsed[:3] == (NO_DATE, "day", "date_unreadable")
    assert "khoảng ngày" in parsed.hint


@pytest.mark.parametrize(("serial", "day"), [(7000, date(1919, 3, 1)), (80000, date(2119, 1, 11))])
def test_serial_numbers_count_from_the_end_of_1899(serial: int, day: date) -> None:
    assert parse_date(serial).days == to_days(day)


def test_a_workbook_that_counts_from_1904_means_other_days_by_its_numbers() -> None:
    assert parse_date(count_from_1900(45418.0)).days == to_days(date(2028, 5, 7))
    assert count_from_1900(1985.0) == 1985.0
    assert count_from_1900("06/05/2024") == "06/05/2024"
    assert count_from_1900(date(2024, 5, 6)) == date(2024, 5, 6)
    assert parse_date(count_from_1900(date(1909, 6, 8))) == parse_date(date(1905, 6, 7))
    assert parse_date(count_from_1900(datetime(1909, 6, 8))) == parse_date(date(1905, 6, 7))


@pytest.mark.parametrize(("cell", "first"), [("06/05/2024", 6), ("'20/10/1975", 20), (" 20.10.75 ", 20), ("2024-05-06", 0),
                                             ("ngày 20/10/1975", 0), ("1985", 0)])
def test_the_day_of_text_in_day_month_year_order_is_told(cell: str, first: int) -> None:
    assert day_first(cell) == first
