"""Text as typed, text as compared: NFC once at the door, folded only as a matching key."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_ZERO_WIDTH = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
_LOOK_ALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ"})
_BARE = {**dict.fromkeys(range(0x300, 0x370)), **str.maketrans("đĐÐðƉ", "ddddd")}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_ALNUM = re.compile(r"[\W_]+")
# Old-style placement (hòa, thủy) is the key form: domain.md §3.3.
_NEW_STYLE = re.compile(r"\b(\w*?)(?:(?<!q)(u)(y)|(o)([ae]))([\u0300\u0301\u0303\u0309\u0323])(?![\w\u0300-\u036f])")
# Old keyboards put the tone before the hat or horn, which NFC cannot compose: domain.md §3.1.
_TONE_FIRST = re.compile(r"([\u0300\u0301\u0303\u0309\u0323]+)([\u0302\u0306\u031b]+)")
_LOOSE_MARK = re.compile(r"[\u0300-\u036f]")


def clean(text: str) -> str:
    """Return text in NFC, without invisible characters, with single spaces."""
    text = unicodedata.normalize("NFC", text.translate(_ZERO_WIDTH).translate(_LOOK_ALIKES))
    if _LOOSE_MARK.search(text):
        text = unicodedata.normalize("NFC", _TONE_FIRST.sub(r"\2\1", unicodedata.normalize("NFD", text)))
    return " ".join(_CONTROL.sub(" ", text).split())


def as_text(cell: object) -> str:
    """Return a cell as clean text, a whole number without its ".0"; nothing for a blank."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(str(cell)) if cell is not None else ""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Return the matching key: lower case, no diacritics, single spaces.

    Only for headers, code lists and unit names; "Đông" and "Động" become equal.
    """
    letters = unicodedata.normalize("NFD", text).translate(_BARE)
    return _NOT_ALNUM.sub(" ", letters.lower()).strip()


def tone_neutral(text: str) -> str:
    """Return lower-case NFC text whose tone marks sit where state documents put them."""
    parted = unicodedata.normalize("NFD", clean(text).lower())
    moved = _NEW_STYLE.sub(_move_tone_back, parted)
    return unicodedata.normalize("NFC", moved)


def _move_tone_back(match: re.Match[str]) -> str:
    head, u, y, o, ae, tone = match.groups()
    return f"{head}{u or o}{tone}{y or ae}"


def slug(text: str) -> str:
    """Return a file-name part: "Hợp Đức" becomes "hop-duc"."""
    return fold(text).replace(" ", "-")
