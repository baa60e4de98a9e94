"""Numbers as Vietnamese staff write them (domain.md §3.7)."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import NamedTuple

from pipeline.text import clean, fold
from pipeline.tidy.marks import says_nothing

_NOUN = re.compile(r"\s*(?:đồng|dong|đ|vnđ|vnd|vn đồng|người|nguoi|lượt|luot|lượt người|luot nguoi|buổi|buoi)\.?\Z", re.IGNORECASE)
_FACTORS = {"tỷ": 10**9, "tỉ": 10**9, "ty": 10**9, "ti": 10**9, "triệu": 10**6, "trieu": 10**6, "tr": 10**6,
            "nghìn": 1000, "ngàn": 1000, "nghin": 1000, "ngan": 1000, "k": 1000}
_PART = re.compile(rf"\s*([\d.,\s]*\d)\s*({'|'.join(_FACTORS)})(?![^\W\d_])\.?((?:\d{{3}}|\d)\Z)?", re.IGNORECASE)
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*\Z")
_VIETNAMESE = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+\Z")
_AMERICAN = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+\Z")
_EITHER = re.compile(r"\d{1,3},\d{3}\Z")
_PLAIN = re.compile(r"(?:\d+(?:[.,]\d{1,2})?|0[.,]\d+)\Z")
_LONGEST = 60
"""Characters; longer text is no number."""
_UNIT_PLACE = re.compile(r"\(([^()]*)\)|\b(?:đvt|đơn vị tính|đơn vị|dvt|don vi tinh|don vi)\b\s*:?\s*([^()]*)", re.IGNORECASE)
_UNIT_END = re.compile(r"(?:triệu|trieu|nghìn|nghin|ngàn|ngan|tỷ|tỉ) đồng\Z", re.IGNORECASE)
_UNIT = re.compile(r"(?:dvt|don vi tinh|don vi)? ?(?P<digits>1(?: ?000)+)? ?(?P<factor>ty|ti|trieu|tr|nghin|ngan)? ?"
                   r"(?:dong|d|vnd|vn d|nguoi|luot|luot nguoi|buoi)?\Z")

MAX_NUMBER = 1e15
"""Excel keeps 15 digits: a longer number is not what was typed, and sums of it would not come out even."""


class ParsedNumber(NamedTuple):
    """A number cell understood, or why not."""

    value: float = math.nan
    code: str = ""


def parse_number(value: object, whole: bool, multiplier: float = 1) -> ParsedNumber:
    """Understand one count, rate or amount; `whole` refuses fractions.

    `multiplier` is what the column's header counts in ("triệu đồng": 1,000,000); a cell that names its own unit is not multiplied.
    """
    number = _read_number(value, multiplier)
    if number is None:
        return ParsedNumber()
    if not abs(number) < MAX_NUMBER:
        return ParsedNumber(code="number_unreadable")
    if number < 0:
        return ParsedNumber(code="number_negative")
    if whole and number != int(number):
        return ParsedNumber(code="number_not_whole")
    return ParsedNumber(number)


def multiplier_of(header: str) -> float:
    """Return what a column's numbers are to be multiplied by, as its header says: "Số tiền (triệu đồng)", "ĐVT: 1.000đ"; else 1."""
    text = clean(header)
    places = [found for groups in _UNIT_PLACE.findall(text) for found in groups if found]
    places += [found[0] for found in [_UNIT_END.search(text)] if found]
    for place in places:
        match = _UNIT.match(fold(place))
        if match and (match["digits"] or match["factor"]):
            digits = int(match["digits"].replace(" ", "")) if match["digits"] else 1
            return float(digits * _FACTORS.get(match["factor"] or "", 1))
    return 1.0


def _read_number(value: object, multiplier: float) -> float | None:
    """Return the number, None for a blank, NaN for what cannot be understood."""
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)):
        return float(value) if multiplier == 1 or not math.isfinite(value) else float(Decimal(repr(value)) * Decimal(multiplier))
    if not isinstance(value, str) or len(value) > _LONGEST:
        return math.nan
    text = clean(value).lstrip("'’`").strip()
    if says_nothing(text):
        return None
    sign = -1 if text.startswith("-") else 1
    found = _read_units(text.removeprefix("-").strip(), Decimal(multiplier))
    return math.nan if found is None else float(sign * found)


def _read_units(text: str, multiplier: Decimal) -> Decimal | None:
    """Understand digits with or without units: "50.000.000 đồng", "1,5 triệu", "2 triệu 500 nghìn", "2tr5"."""
    bare = _NOUN.sub("", text)
    if any(letter.isalpha() for letter in bare):
        return _add_parts(bare)
    if multiplier == 1 or bare != text:
        return _read_digits(bare.strip())
    number = _read_scaled(bare.strip())
    return None if number is None else number * multiplier


def _add_parts(text: str) -> Decimal | None:
    """Add numbers that each have a larger unit than the next; the last may have none."""
    total, smallest = Decimal(0), Decimal(10**12)
    while match := _PART.match(text):
        factor = Decimal(_FACTORS[match[2].lower()])
        number = _read_scaled(match[1].strip())
        if number is None or factor >= smallest:
            return None
        rest = Decimal(f"0.{match[3]}") if match[3] else Decimal(0)  # 2tr5 and 2tr500 are 2,5 triệu, 2tr50 is either 2,5 or 2,05
        total, smallest, text = total + (number + rest) * factor, factor, text[match.end():]
    return total if not text.strip() and smallest < 10**12 else None


def _read_scaled(text: str) -> Decimal | None:
    """Understand the digits of a number of thousands or millions: "1,500 triệu" may be 1,5 or 1.500 of them, so it is neither."""
    return None if _EITHER.match(text) else _read_digits(text)


def _read_digits(text: str) -> Decimal | None:
    if not text.isascii():
        return None
    if _GROUPED.match(text):
        return Decimal(re.sub(r"[., ]", "", text))
    if _VIETNAMESE.match(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _AMERICAN.match(text):
        return Decimal(text.replace(",", ""))
    return Decimal(text.replace(",", ".")) if _PLAIN.match(text) else None
