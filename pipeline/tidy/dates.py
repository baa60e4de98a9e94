"""Dates as Vietnamese staff write them (domain.md §3.5)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pipeline.text import clean, fold

NO_DATE = -(2**63)
"""The integer behind NaT: dates travel as days since 1970-01-01 in int64 columns."""
_EPOCH = date(1970, 1, 1)
_EXCEL_EPOCH = date(1899, 12, 30)
_DAY = re.compile(r"(\d{1,2})[\s/.\-–]+(\d{1,2})[\s/.\-–]+(\d{4}|\d{2})\Z")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?\Z")
_WORDS = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})\Z")
_RUN = re.compile(r"(\d{2})(\d{2})(\d{4})\Z")
_MONTH = re.compile(r"(?:thang )?(\d{1,2})(?:[\s/.\-–]+| nam )(\d{4})\Z")
_YEAR = re.compile(r"(?:nam |sn |sinh nam )?(\d{4})\Z")
_LUNAR = re.compile(r"\b(am lich|al)\b")


class ParsedDate(NamedTuple):
    """A date cell understood, or why not."""

    days: int = NO_DATE
    precision: str = "day"
    """day, month or year; a month or year stands for its last day."""
    code: str = ""
    """The finding's code; empty when all is well."""


def parse_date(value: object) -> ParsedDate:
    """Understand one date cell.

    A day, month or year of a date cell, a serial number, or text in day/month/year order.
    """
    if value is None or value == "":
        return ParsedDate()
    if isinstance(value, datetime):
        return _from_cell(value.date())
    if isinstance(value, date):
        return _from_cell(value)
    if isinstance(value, (int, float)):
        return _from_number(float(value))
    if isinstance(value, str):
        return _from_text(clean(value).lstrip("'").strip())
    return ParsedDate(code="date_unreadable")


def to_days(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - _EPOCH).days


def from_days(days: int) -> date:
    """Return the date that lies so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=days)


def _from_cell(day: date) -> ParsedDate:
    # "1985" typed into a cell formatted as a date is stored as serial 1985 = 07/6/1905.
    serial = (day - _EXCEL_EPOCH).days
    return _last_of_year(serial) if 1900 <= serial <= 2100 else ParsedDate(to_days(day))


def _from_number(number: float) -> ParsedDate:
    if number != number or number in (float("inf"), float("-inf")):
        return ParsedDate(code="date_unreadable")
    if number == int(number) and 1900 <= number <= 2100:
        return _last_of_year(int(number))
    if 7000 <= number <= 80000:
        return ParsedDate(to_days(_EXCEL_EPOCH + timedelta(days=int(number))))
    return _from_text(str(int(number)).zfill(8)) if number >= 1_011_900 else ParsedDate(code="date_unreadable")


def _from_text(text: str) -> ParsedDate:
    if not text:
        return ParsedDate()
    if match := _ISO.match(text):
        return _build(int(match[3]), int(match[2]), int(match[1]))
    if match := _DAY.match(text):
        year, short = _full_year(match[3])
        found = _build(int(match[1]), int(match[2]), year)
        return found._replace(code="date_short_year") if short and not found.code else found
    folded = fold(text)
    if _LUNAR.search(folded):
        return ParsedDate(code="date_lunar")
    if match := _WORDS.match(folded) or _RUN.match(folded):
        return _build(int(match[1]), int(match[2]), int(match[3]))
    if match := _MONTH.match(folded):
        return _last_of_month(int(match[1]), int(match[2]))
    if match := _YEAR.match(folded):
        return _last_of_year(int(match[1]))
    return ParsedDate(code="date_unreadable")


def _full_year(text: str) -> tuple[int, bool]:
    if len(text) == 4:
        return int(text), False
    return (2000 if int(text) <= 30 else 1900) + int(text), True


def _build(day: int, month: int, year: int) -> ParsedDate:
    try:
        return ParsedDate(to_days(date(year, month, day)))
    except ValueError:
        swapped = 12 < month <= 31 and 1 <= day <= 12
        return ParsedDate(code="date_month_first" if swapped else "date_unreadable")


def _last_of_month(month: int, year: int) -> ParsedDate:
    if not (1 <= month <= 12 and 1 <= year < 9999):
        return ParsedDate(code="date_unreadable")
    after = date(year + month // 12, month % 12 + 1, 1)
    return ParsedDate(to_days(after) - 1, "month", "date_incomplete")


def _last_of_year(year: int) -> ParsedDate:
    if not 1 <= year <= 9999:
        return ParsedDate(code="date_unreadable")
    return ParsedDate(to_days(date(year, 12, 31)), "year", "date_incomplete")
