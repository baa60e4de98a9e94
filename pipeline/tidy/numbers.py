"""Numbers and marks as Vietnamese staff write them (domain.md §3.7)."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from pipeline.text import as_text, clean, fold

_UNITS = re.compile(r"\s*(đồng|đ|vnđ|vnd|người|lượt|buổi|nguoi|luot|buoi|dong)\.?\Z", re.IGNORECASE)
_TIMES = ((re.compile(r"\s*(triệu|trieu|tr)\Z", re.IGNORECASE), 1_000_000.0),
          (re.compile(r"\s*(tỷ|tỉ|ty)\Z", re.IGNORECASE), 1_000_000_000.0),
          (re.compile(r"\s*(nghìn|ngàn|nghin|ngan|k)\Z", re.IGNORECASE), 1_000.0))
_GROUPED = re.compile(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*\Z")
_VIETNAMESE = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+\Z")
_AMERICAN = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+\Z")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?\Z")

MAX_NUMBER = 1e15
"""Excel keeps 15 digits: a longer number is not what was typed, and sums of it would not come out even."""
_YES = frozenset({"x", "×", "✓", "✔", "√", "v", "+", "có", "co", "1", "rồi", "đã", "true"})
_NO = frozenset({"", "không", "khong", "ko", "k", "0", "-", "–", "—", "chưa", "chua", "false"})


class ParsedNumber(NamedTuple):
    """A number cell understood, or why not."""

    value: float = math.nan
    code: str = ""


class ParsedTick(NamedTuple):
    """A tick cell understood; anything unexpected is a yes that somebody must look at."""

    value: bool = False
    code: str = ""


def parse_number(value: object, whole: bool) -> ParsedNumber:
    """Understand one count, rate or amount; `whole` refuses fractions."""
    number = _read_number(value)
    if number is None:
        return ParsedNumber()
    if not abs(number) < MAX_NUMBER:
        return ParsedNumber(code="number_unreadable")
    if number < 0:
        return ParsedNumber(code="number_negative")
    if whole and number != int(number):
        return ParsedNumber(code="number_not_whole")
    return ParsedNumber(number)


def _read_number(value: object) -> float | None:
    """Return the number, None for a blank, NaN for what cannot be understood."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if not isinstance(value, str):
        return math.nan
    text = _UNITS.sub("", clean(value).lstrip("'").strip())
    times = 1.0
    for pattern, factor in _TIMES:
        text, found = pattern.subn("", text)
        times = factor if found else times
    return _read_digits(text.strip()) * times


def _read_digits(text: str) -> float:
    sign = -1.0 if text.startswith("-") and len(text) > 1 else 1.0
    text = text.removeprefix("-") if sign < 0 else text
    if _GROUPED.match(text):
        return sign * float(re.sub(r"[., ]", "", text))
    if _VIETNAMESE.match(text):
        return sign * float(text.replace(".", "").replace(",", "."))
    if _AMERICAN.match(text):
        return sign * float(text.replace(",", ""))
    if _PLAIN.match(text) and text.isascii():
        return sign * float(text.replace(",", "."))
    return math.nan


def parse_tick(value: object) -> ParsedTick:
    """Understand one tick: x or empty, and what people write for them."""
    if value is None:
        return ParsedTick()
    text = as_text(value).lower()
    if text in _YES or fold(text) == "x":
        return ParsedTick(True)
    return ParsedTick() if text in _NO else ParsedTick(True, "tick_unclear")
