"""Text as typed, text as compared: NFC once at the door, folded only as a matching key."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = "!-~ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
# Most cells are clean already, and one look tells: every letter whole, single spaces, nothing else.
_CLEAN = re.compile(rf"(?:[{_LETTERS}]++(?: [{_LETTERS}]++)*+)?")
# The soft hyphen is a letter (ư) in an old font; whoever calls has decided the encoding before (domain.md §3.1).
_INVISIBLE = "".join(map(chr, (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF)))
_REPAIRED = str.maketrans("ÐðƉɖ", "ĐđĐđ", _INVISIBLE)
_BARE = {**dict.fromkeys(range(0x300, 0x370)), **str.maketrans("đĐÐðƉɖ", "dddddd")}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_ALNUM = re.compile(r"[\W_]+")
# Old-style placement (hòa, thủy) is the key form: domain.md §3.3.
_NEW_STYLE = re.compile(r"(?:o[àảãáạèẻẽéẹ]|(?<!q)u[ỳỷỹýỵ])(?![\w\u0300-\u036f])")
_OLD_STYLE = {f"{glide}{toned}": f"{before}{bare}"
              for glide, bare, befores, toneds in (("o", "a", "òỏõóọ", "àảãáạ"), ("o", "e", "òỏõóọ", "èẻẽéẹ"), ("u", "y", "ùủũúụ", "ỳỷỹýỵ"))
              for before, toned in zip(befores, toneds, strict=True)}
# Old keyboards put the tone before the hat or horn, which NFC cannot compose: domain.md §3.1.
_MARKS = re.compile(r"[\u0300-\u036f]{2,}")
_LOOSE_MARK = re.compile(r"[\u0300-\u036f]")
_HATS_AND_HORNS = "\u0302\u0306\u031b"
_WORD = re.compile(r"[^\W\d_]+")


def clean(text: str) -> str:
    """Return text in NFC, without invisible characters, with single spaces.

    Text in an old font is to be converted before: some of its letters are invisible characters or look-alikes here.
    """
    if _CLEAN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", text.translate(_REPAIRED))
    if _LOOSE_MARK.search(text):
        text = unicodedata.normalize("NFC", _MARKS.sub(_hats_first, unicodedata.normalize("NFD", text)))
    return " ".join(_CONTROL.sub(" ", text).split())


def _hats_first(marks: re.Match[str]) -> str:
    return "".join(sorted(marks[0], key=lambda mark: mark not in _HATS_AND_HORNS))


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
    return _NEW_STYLE.sub(lambda found: _OLD_STYLE[found[0]], clean(text).lower())


def case_name(name: str) -> str:
    """Return a name written all in capitals with capital initials only, as after a hyphen or an apostrophe; any other name as it is.

    "NGUYỄN VĂN AN" becomes "Nguyễn Văn An", "H'MÔNG" becomes "H'Mông".
    """
    name = unicodedata.normalize("NFC", name)
    return _WORD.sub(lambda word: word[0][0] + word[0][1:].lower(), name) if name.isupper() else name


def slug(text: str) -> str:
    """Return a file-name part: "Hợp Đức" becomes "hop-duc"."""
    return fold(text).replace(" ", "-")
