"""Who a row is about, without saying it: keyed HMACs, never a name or a number (DESIGN §6.2)."""

from __future__ import annotations

import hmac
import re
from typing import NamedTuple

from pipeline.text import clean, fold
from pipeline.tidy.marks import says_nothing

_NOT_DIGIT = re.compile(r"[\s.\-–'’`]")
_TWELVE = re.compile(r"[0-9]{12}\Z")
_NINE = re.compile(r"[0-9]{9}\Z")
_DIGITS = re.compile(r"[0-9]{1,40}\Z")
_KNOWN_PREFIXES = frozenset(
    ["000", *(f"{code:03d}" for code in (
        1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
        46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
        93, 94, 95, 96))])
"""The 63 provinces of birth registration (domain.md §3.6) and 000, the trial numbers of generated people."""
_NO_NUMBER = frozenset({"khong", "ko", "k", "khong co", "ko co", "chua", "chua co", "chua cap", "chua lam"})
"""Folded; says that somebody has no number."""
_POWER = re.compile(r"[0-9][0-9.,]*e[+-]?[0-9]+\Z", re.IGNORECASE)


class ParsedId(NamedTuple):
    """An identity-number cell understood, or why not."""

    digits: str = ""
    code: str = ""
    padded: bool = False
    """Zeros that a number cell had lost were put back."""
    hint: str = ""
    """What more the finding says."""


def parse_citizen_id(value: object) -> ParsedId:
    """Understand one identity number: 12 digits, or 9 of the old card; zeros lost by a number cell are put back and said."""
    if value is None or value == "":
        return ParsedId()
    if isinstance(value, (int, float)):
        return _from_number(float(value))
    if not isinstance(value, str):
        return ParsedId(code="citizen_id_unreadable")
    if _TWELVE.match(value):
        return ParsedId(value)
    text = clean(value)
    digits = _NOT_DIGIT.sub("", text)
    if _TWELVE.match(digits):
        return ParsedId(digits)
    if _NINE.match(digits):
        return ParsedId(digits, "citizen_id_old")
    if _DIGITS.match(digits):
        # A number cell that became text on the way: one that lost other digits would still begin with its zero.
        return _pad(digits) if digits[0] != "0" and len(digits) > 9 else _wrong(digits)
    if says_nothing(text) or fold(text) in _NO_NUMBER:
        return ParsedId()
    lost = " Excel đã đổi số sang dạng rút gọn nên mất chữ số." if _POWER.match(digits) else ""
    return ParsedId(code="citizen_id_unreadable", hint=lost)


def _from_number(number: float) -> ParsedId:
    if not number.is_integer() or not 0 <= number < 1e15:
        return ParsedId(code="citizen_id_unreadable")
    return _pad(str(int(number)))


def _pad(digits: str) -> ParsedId:
    """Put back the zeros that a number loses at its head: one or two of twelve, one of nine (domain.md §3.6)."""
    if len(digits) == 12:
        return ParsedId(digits)
    if len(digits) in (10, 11) and digits.zfill(12)[:3] in _KNOWN_PREFIXES:
        return ParsedId(digits.zfill(12), padded=True)
    if len(digits) in (8, 9):
        return ParsedId(digits.zfill(9), "citizen_id_old", padded=len(digits) == 8)
    return _wrong(digits)


def _wrong(digits: str) -> ParsedId:
    return ParsedId(code="citizen_id_unreadable", hint=f" Ô có {len(digits)} chữ số.")


def agrees(digits: str, birth_year: int | None, sex: int) -> int:
    """Compare an identity number with birth year and sex (0 man, 1 woman, -1 unknown).

    Returns 1 when they agree, 0 when they do not, -1 when there is nothing to compare.
    The fourth digit tells century and sex, the next two the birth year.
    """
    if len(digits) != 12:
        return -1
    century, woman = divmod(int(digits[3]), 2)
    if birth_year is not None and birth_year != 1900 + 100 * century + int(digits[4:6]):
        return 0
    if sex >= 0 and sex != woman:
        return 0
    return -1 if birth_year is None and sex < 0 else 1


def make_key(secret: bytes, kind: str, text: str) -> int:
    """Return the first eight bytes of the keyed HMAC-SHA256 of `kind|text` (never 0, which means nobody)."""
    digest = hmac.digest(secret, f"{kind}|{text}".encode(), "sha256")
    return int.from_bytes(digest[:8], "big") or 1


def id_key(secret: bytes, digits: str) -> int:
    """Return the key of an identity number; 0 when there is none."""
    return make_key(secret, "id", digits) if digits else 0


def name_key(secret: bytes, name: str, birth_days: int, sex: int) -> int:
    """Return the key of folded name, birth and sex; 0 without a name or a birth date."""
    return make_key(secret, "name", f"{fold(name)}|{birth_days}|{sex}") if name and birth_days > -(2**63) else 0
