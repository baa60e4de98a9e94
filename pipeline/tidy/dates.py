"""Dates as Vietnamese staff write them (domain.md §3.5)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from pipeline.raw import Cell
from pipeline.text import clean, fold
from pipeline.tidy.marks import says_nothing

NO_DATE = -(2**63)
"""The integer behind NaT: dates travel as days since 1970-01-01 in int64 columns."""
_EPOCH = date(1970, 1, 1)
_EXCEL_EPOCH, _MAC_EPOCH = date(1899, 12, 30), date(1904, 1, 1)
_BETWEEN = _MAC_EPOCH - _EXCEL_EPOCH
_YEARS = range(1900, 2101)
"""A number of this size is a year, whatever the cell's format."""
_SERIALS = range(7000, 80001)
_DAY = re.compile(r"(\d{1,2})[\s/.\-–\\]+(\d{1,2})[\s/.\-–\\]+(\d{4}|\d{2})\Z")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")
# "12-15/8/2024", "12-15/2024": a hyphen before another separator joins two days of one month.
_RANGE = re.compile(r"\d\s*[-–]\s*\d{1,2}\s*[/.]|\d{4}\D+\d+\D+\d+\D+\d{4}|\d\D+\b(?:đến|den|tới)\b\D*\d", re.IGNORECASE)
_CLOCK = r"\d{1,2}(?:(?::\d{2}){1,2}(?:\.\d+)?|\s?(?:h|giờ)(?:\s?\d{1,2}(?:\s?(?:phút|p))?)?)(?:\s?(?:[ap]\.?m\.?|sa|ch|z))?"
_TIME_AFTER = re.compile(rf"(?<=\d)(?:\s*,?\s+|t){_CLOCK}\Z", re.IGNORECASE)
_TIME_BEFORE = re.compile(rf"\A(?:lúc\s+)?{_CLOCK}[\s,]+(?=\d|ngày)", re.IGNORECASE)
_LEAD = re.compile(r"\D+(?=\d)")
_DAY_LEADS = re.compile(r"(?:(?:thu (?:hai|ba|tu|nam|sau|bay)|chu nhat) ?)?(?:(?:tinh )?(?:den )?(?:het )?(?:tu )?ngay|ng|"
                        r"(?:ngay )?sinh(?: ngay)?|sn|ns|den|tu|)\Z")
_MONTH_LEADS = frozenset({"", "thang", "t", "sinh thang"})
_YEAR_LEADS = frozenset({"", "nam", "sn", "ns", "sinh", "sinh nam", "nam sinh"})
_WORDS = re.compile(r"(\d{1,2}) (?:thang )?(\d{1,2}) (?:nam )?(\d{4}|\d{2})\Z")
_MONTH = re.compile(r"(\d{1,2}) (?:nam )?(\d{4})\Z")
_YEAR_MONTH = re.compile(r"(\d{4}) (\d{1,2})\Z")
_LUNAR = re.compile(r"\b(am lich|al|gieng|chap|nhuan)\b")
_RUN = re.compile(r"\d{8}\Z")
_LONGEST = 60
"""Characters; longer text is no date."""


class ParsedDate(NamedTuple):
    """A date cell understood, or why not."""

    days: int = NO_DATE
    precision: str = "day"
    """day, month or year; a month or year stands for its last day."""
    code: str = ""
    """The finding's code; empty when all is well."""
    repair: str = ""
    """Code of the finding that says how a cell was understood that does not look like a date."""
    hint: str = ""
    """What more the finding says."""


_UNREADABLE = ParsedDate(code="date_unreadable")
_MONTH_FIRST = ParsedDate(code="date_month_first")
_IS_RANGE = ParsedDate(code="date_unreadable", hint=" Ô có vẻ ghi một khoảng ngày; mỗi ô chỉ ghi một ngày.")


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
        return _from_text(clean(value).lstrip("'’`").strip())
    return _UNREADABLE


def count_from_1900(cell: Cell) -> Cell:
    """Return a date cell of a workbook that counts its days from 1904 as one that counts from 1900 would hold it.

    Its true dates come as the days that they show; only a year typed into one (1985 shows as 08/6/1909) is a day count in disguise.
    """
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        return day - _BETWEEN if (day - _MAC_EPOCH).days in _YEARS else cell
    if isinstance(cell, (int, float)) and is_serial(cell):
        return cell + _BETWEEN.days
    return cell


def to_days(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - _EPOCH).days


def from_days(days: int) -> date:
    """Return the date that lies so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=days)


def day_first(text: str) -> int:
    """Return the first number of text that is written d/m/y; 0 for any other text."""
    match = _DAY.match(text.strip(" '’`\u00a0"))
    return int(match[1]) if match else 0


def is_serial(number: float) -> bool:
    """Tell whether a number is a day count as programs keep dates."""
    return _SERIALS.start <= number < _SERIALS.stop


def _from_cell(day: date) -> ParsedDate:
    # "1985" typed into a cell formatted as a date is stored as serial 1985 = 07/6/1905.
    serial = (day - _EXCEL_EPOCH).days
    return _last_of_year(serial)._replace(repair="date_year_in_cell") if serial in _YEARS else ParsedDate(to_days(day))


def _from_number(number: float) -> ParsedDate:
    if not number < 1e9:  # NaN too
        return _UNREADABLE
    if number.is_integer() and int(number) in _YEARS:
        return _last_of_year(int(number))
    if is_serial(number):
        return ParsedDate(to_days(_EXCEL_EPOCH + timedelta(days=int(number))), repair="date_from_number")
    found = _from_run(f"{int(number):08d}") if number >= 1_011_900 and number.is_integer() else _UNREADABLE
    return found if found.code else found._replace(repair="date_from_number")


def _from_text(text: str) -> ParsedDate:
    if match := _DAY.match(text):
        return _IS_RANGE if _RANGE.match(text, max(match.end(1) - 1, 0)) else _from_parts(match[1], match[2], match[3])
    if match := _ISO.match(text):
        return _build(int(match[3]), int(match[2]), int(match[1]))
    if len(text) > _LONGEST:
        return _UNREADABLE
    if says_nothing(text):
        return ParsedDate()
    if not text.isascii() or ":" in text or "h" in text:
        text = _TIME_AFTER.sub("", _TIME_BEFORE.sub("", text))
    folded = fold(text)
    if _LUNAR.search(folded):
        return ParsedDate(code="date_lunar")
    lead = _LEAD.match(text)
    return _from_words(fold(lead[0]) if lead else "", text[lead.end() if lead else 0:].rstrip(" .,;"))


def _from_words(lead: str, text: str) -> ParsedDate:
    """Understand text that begins with a digit, after the folded words before it."""
    if match := _ISO.match(text):
        return _build(int(match[3]), int(match[2]), int(match[1])) if _DAY_LEADS.match(lead) else _UNREADABLE
    if _RANGE.search(text):
        return _IS_RANGE
    if ":" in text or "," in text:
        return _UNREADABLE
    folded = fold(text)
    if match := _WORDS.match(folded):
        return _from_parts(match[1], match[2], match[3]) if _DAY_LEADS.match(lead) else _UNREADABLE
    if _RUN.match(folded):
        return _from_run(folded) if _DAY_LEADS.match(lead) else _UNREADABLE
    if match := _MONTH.match(folded):
        return _last_of_month(int(match[1]), int(match[2])) if lead in _MONTH_LEADS else _UNREADABLE
    if match := _YEAR_MONTH.match(folded):
        return _last_of_month(int(match[2]), int(match[1])) if lead in _MONTH_LEADS else _UNREADABLE
    return _last_of_year(int(folded)) if len(folded) == 4 and folded.isdecimal() and lead in _YEAR_LEADS else _UNREADABLE


def _from_parts(day: str, month: str, year: str) -> ParsedDate:
    found = _build(int(day), int(month), _full_year(year))
    if len(year) == 4 or found.days == NO_DATE:
        return found
    return found._replace(repair="date_short_year") if found.code else found._replace(code="date_short_year")


def _full_year(text: str) -> int:
    return int(text) if len(text) == 4 else (2000 if int(text) <= 30 else 1900) + int(text)


def _from_run(digits: str) -> ParsedDate:
    """Understand ddmmyyyy, or yyyymmdd: whichever has a year that can be one."""
    if int(digits[4:]) in _YEARS or int(digits[:4]) not in _YEARS:
        return _build(int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    return _build(int(digits[6:]), int(digits[4:6]), int(digits[:4]))


def _build(day: int, month: int, year: int) -> ParsedDate:
    try:
        return ParsedDate(to_days(date(year, month, day)))
    except ValueError:
        pass
    if day == 0 and year:  # 00/00/1985, 00/5/1985: software's way of saying that the day is not known
        return _last_of_month(month, year) if month else _last_of_year(year)
    try:
        date(year, day, month)
    except ValueError:
        return _UNREADABLE
    return _MONTH_FIRST


def _last_of_month(month: int, year: int) -> ParsedDate:
    if not (1 <= month <= 12 and 1 <= year < 9999):
        return _UNREADABLE
    after = date(year + month // 12, month % 12 + 1, 1)
    return ParsedDate(to_days(after) - 1, "month", "date_incomplete")


def _last_of_year(year: int) -> ParsedDate:
    if not 1 <= year <= 9999:
        return _UNREADABLE
    return ParsedDate(to_days(date(year, 12, 31)), "year", "date_incomplete")
