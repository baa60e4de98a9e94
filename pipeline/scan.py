"""Scan: one look at each XML part for what a reader would choke on or misread, cheap enough for every workbook.

The patterns are those that writers of spreadsheets emit; a forger can get round them, and then meets the worker's limits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.archive import KNOWN_SIZE
from pipeline.blank import find_blank, learn_blank
from pipeline.parts import check_whole
from pipeline.refusal import MIB, refuse

MAX_CELLS = 20_000_000
"""Cells of the box from A1 to the last cell: a reader holds 47 bytes of each, also of empty ones. 353,000 in real workbooks."""
MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
MAX_MERGES = 50_000
MAX_STRINGS = 2_000_000
"""67,000 in real workbooks."""
MAX_FORMATS = 70_000
"""22,000 in real workbooks."""
MAX_PIECE, MAX_STRING_PIECE = MIB, 8 * MIB
"""One tag or text: Excel's longest cell holds 32,767 characters."""

_UNIQUE = re.compile(rb"uniqueCount\s*=\s*[\"']\s*([0-9]+)")
_ROW = re.compile(rb"<row r=\"([0-9]+)\"")
_ANY = re.compile(rb"<row(?: r=\"([0-9]+)\")?")
_ANY_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr\s*=\s*[\"']([0-9]+)")
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"'][^>/]*>(?!</)")
_LOST = re.compile(rb"<(?:row[ >]|c[ >]|/?sheetData)")
_COMPUTED = re.compile(rb"<v>[^<]*&#")
_LIST = re.compile(rb">\s*(dm_[a-z_]+)\s*<")
_CONTROLS = [bytes([c]) for c in range(1, 32) if c not in (9, 10, 13)]
_FORMULA, _ERROR = re.compile(rb"<(?:\w+:)?f[\s/>]"), re.compile(rb"e[\"'](?<=[\"']e[\"'])")
_KEPT = {**dict.fromkeys(range(48, 58), 48), **dict.fromkeys(range(65, 91), 65), **dict.fromkeys((9, 10, 13, 32), 32), 62: 62, 118: 118,
         **{ord(control): 1 for control in _CONTROLS}}
_SHAPE, _DROPPED = bytes(_KEPT.get(c, c) for c in range(256)), bytes(c for c in range(256) if c not in _KEPT)
"""A table reduced to its shape (digits 0, capitals A, blanks, > and v; all else gone) is searched in a third of the time."""


class Scan(NamedTuple):
    """What a look at a sheet found."""

    odd: bool
    """Its cells need the detailed look."""
    blank: int
    """Where its prepared rows that nobody has filled begin;"""
    end: int
    """and where its table ends."""


class _Look(NamedTuple):
    control: bool
    far: bool
    coded: bool
    odd: bool


_PLAIN = _Look(False, False, False, False)


def check_strings(part: bytes) -> None:
    """Refuse shared strings whose declared count a reader would reserve memory for, and torn ones."""
    check_whole("sharedStrings.xml", part)
    check_pieces("sharedStrings.xml", part, MAX_STRING_PIECE)
    declared = _UNIQUE.search(part, 0, 4096)
    if declared and int(declared[1][:20]) > len(part):
        refuse("file_suspicious", what="khai khống số chuỗi chữ")
    if len(part) > 8 * MAX_STRINGS and part.count(b"</si>") > MAX_STRINGS:
        refuse("file_too_large", what=f"hơn {MAX_STRINGS} chuỗi chữ")
    if any(control in part for control in _CONTROLS):
        refuse("file_damaged", what="có ký tự điều khiển trong chữ")


def check_styles(part: bytes) -> None:
    """Refuse more cell formats than Excel itself allows."""
    if part.count(b"<xf ") > MAX_FORMATS:
        refuse("file_too_large", what=f"hơn {MAX_FORMATS} kiểu ô")


def scan_sheet(name: str, part: bytes) -> Scan:
    """Refuse a sheet that would be misread, calling it `name`; tell whether its cells need the detailed look (errors, formulas)."""
    return _scan_known(name, part) if len(part) <= KNOWN_SIZE else _scan(name, part)


@lru_cache(maxsize=64)
def _scan_known(name: str, part: bytes) -> Scan:
    return _scan(name, part)


def _scan(name: str, part: bytes) -> Scan:
    check_whole(name, part)
    check_pieces(name, part, MAX_PIECE)
    if len(part) > MIB and part.count(b"<mergeCell ") > MAX_MERGES:
        refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp ở {name}")
    end = part.rfind(b"</sheetData>")
    known, number = find_blank(part, end) if end > 0 else (end, 0)
    if known < end and _is_plain(part[:known], number) and not _LOST.search(part, end + 1):
        return Scan(False, learn_blank(part, known, end), end)
    odd = _scan_all(name, part, part.find(b"<sheetData"), end)
    return Scan(odd, end if odd or end < 0 else learn_blank(part, end, end), end)


def _is_plain(head: bytes, number: int) -> bool:
    """Tell whether there is nothing to say of a sheet up to its blank rows, the first of which has this number."""
    start = head.find(b"<sheetData")
    rows = _ANY.findall(head)
    if start < 0 or head.find(b"sheetData", start + 10) >= 0 or b"" in rows:
        return False
    return _rise([0, *map(int, rows), number]) and _look(head[start:]) == _PLAIN


def _scan_all(name: str, part: bytes, start: int, end: int) -> bool:
    _check_rows(name, part)
    table = part[start:end] if 0 <= start < end else part
    look = _look(table)
    if look.control:
        refuse("file_damaged", what=f"có ký tự điều khiển trong {name}")
    if look.far:
        _check_box(name, table)
    if look.coded:  # readers lose digits that are written as character numbers
        refuse("file_damaged", what=f"ô ghi số bằng mã ký tự ở {name}")
    return look.odd


def _look(table: bytes) -> _Look:
    """Look at a table's cells, wherever they stand. One letter is sought many times faster than two."""
    shape = table.translate(_SHAPE, _DROPPED)
    far = b"A0000" in shape or b"AAAA0" in shape  # otherwise at most 999 rows by 18,278 columns
    odd = ((b"f" in table and _FORMULA.search(table) is not None) or _ERROR.search(table) is not None
           or b"v>A" in shape or b"v>v" in shape or (b"!" in table and b"<!" in table))
    return _Look(b"\x01" in shape, far, b"#" in table and _COMPUTED.search(table) is not None, odd)


def uses_strings(part: bytes) -> bool:
    """Tell whether a sheet's cells point at shared strings."""
    return re.search(rb"t\s*=\s*[\"']s[\"']", part) is not None


def lists_used(rest: bytes) -> frozenset[str]:
    """Return the names of our code lists that a sheet's drop-downs refer to, from what stands behind its table."""
    return frozenset(found.decode() for found in _LIST.findall(rest))


def check_pieces(name: str, part: bytes, longest: int) -> None:
    """Refuse a part in which one tag or one text is longer than any program writes."""
    for start in range(0, len(part) - longest, longest):
        if part.find(b"<", start, start + longest) < 0 or part.find(b">", start, start + longest) < 0:
            refuse("file_too_large", what=f"một ô hoặc thẻ dài hơn {longest // MIB} MB ở {name}")


def _check_rows(name: str, part: bytes) -> None:
    """Refuse rows stored twice or out of order, and rows that a reader would pass over."""
    end = part.find(b"</sheetData>")
    if end >= 0 and _LOST.search(part, end + 1):
        refuse("file_damaged", what=f"{name} có dòng nằm ngoài bảng")
    if end < 0 and b"<row" in part:
        refuse("file_damaged", what=f"{name} bị đứt đoạn")
    rows = [int(row) for row in (_ROW.findall(part) or _ANY_ROW.findall(part))]
    if rows and (max(rows) > MAX_ROW or rows[0] < 1):
        refuse("file_suspicious", what=f"số dòng không thể có ở {name}")
    if not _rise(rows):
        refuse("file_damaged", what=f"{name} có dòng ghi hai lần hoặc sai thứ tự")


def _rise(numbers: list[int]) -> bool:
    return numbers == sorted(set(numbers))


def _check_box(name: str, part: bytes) -> None:
    """Refuse a sheet whose filled cells span too large a box, and name the cells that stretch it."""
    cells = _CELL.findall(part)
    if not cells:
        return
    columns = {letters: column_number(letters) for letters in {letters for letters, _ in cells}}
    places = [(int(digits[:12]), columns[letters]) for letters, digits in cells]
    row, column = max(row for row, _ in places), max(columns.values())
    if row > MAX_ROW or column > MAX_COLUMN:
        refuse("file_suspicious", what=f"địa chỉ ô không thể có ở {name}")
    if row * column > MAX_CELLS:
        strays = " và ".join(f"{column_letters(at[1])}{at[0]}" for at in _strays(places, row, column))
        refuse("file_too_large", what=f"{name} có ô lạc ở rất xa: {strays}")


def _strays(places: list[tuple[int, int]], row: int, column: int) -> list[tuple[int, int]]:
    """Return the cell without which the box would be small enough; two when none alone stretches it."""
    widest = next(at for at in places if at[1] == column)
    lowest = next(at for at in places if at[0] == row)
    if row * max((at[1] for at in places if at[1] != column), default=0) <= MAX_CELLS:
        return [widest]
    if column * max((at[0] for at in places if at[0] != row), default=0) <= MAX_CELLS:
        return [lowest]
    return [lowest, widest]


def column_number(letters: bytes) -> int:
    """Return 1 for A, 27 for AA; letters that no column has give a number beyond every limit."""
    number = 0
    for letter in letters.upper()[:8]:
        number = number * 26 + letter - 64
    return number


def column_letters(column: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
