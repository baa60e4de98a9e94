"""Scan: one look at each XML part for what a reader would choke on or misread, cheap enough for every workbook.

The patterns are those that writers of spreadsheets emit; a forger can get round them, and then meets the worker's limits.
"""

from __future__ import annotations

import re

from pipeline.archive import MIB, refuse
from pipeline.parts import check_whole

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
_ANY_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\sr\s*=\s*[\"']([0-9]+)")
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]+)([0-9]+)[\"'][^>/]*>(?!</)")
_LOST = (b"<row ", b"<row>", b"<c ", b"<c>", b"<sheetData", b"</sheetData")
_COMPUTED = re.compile(rb"<v>[^<]*&#")
_LIST = re.compile(rb">\s*(dm_[a-z_]+)\s*<")
_CONTROLS = [bytes([c]) for c in range(1, 32) if c not in (9, 10, 13)]
_KEPT = b"<>=\"/fte"
_SHAPE = bytes(48 if 48 <= c < 58 else 65 if 65 <= c < 91 else 34 if c == 39 else 1 if c < 32 else c for c in range(256))
_DROPPED = bytes(c for c in range(256) if not (c < 9 or c in (11, 12) or 14 <= c < 32 or 48 <= c < 58 or 65 <= c < 91 or c == 39)
                 and c not in _KEPT)
"""A sheet reduced to its shape (digits 0, capitals A, quotes alike, most letters gone) is searched in a third of the time."""


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


def scan_sheet(name: str, part: bytes) -> bool:
    """Refuse a sheet that would be misread, calling it `name`; tell whether its cells need the detailed look (errors, formulas)."""
    check_whole(name, part)
    check_pieces(name, part, MAX_PIECE)
    _check_rows(name, part)
    start, end = part.find(b"<sheetData"), part.rfind(b"</sheetData>")
    table = part[start:end] if 0 <= start < end else part
    shape = table.translate(_SHAPE, _DROPPED)
    if b"\x01" in shape:
        refuse("file_damaged", what=f"có ký tự điều khiển trong {name}")
    if b"A0000" in shape or b"AAAA0" in shape:  # otherwise at most 999 rows by 18,278 columns
        _check_box(name, table)
    if len(part) > MIB and part.count(b"<mergeCell ") > MAX_MERGES:
        refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp ở {name}")
    if b"#" in table and _COMPUTED.search(table):  # readers lose digits that are written as character numbers
        refuse("file_damaged", what=f"ô ghi số bằng mã ký tự ở {name}")
    return (b"f" in shape and b"</f>" in shape) or b'="e"' in shape or b"<>A" in shape or (b"!" in table and b"<!" in table)


def uses_strings(part: bytes) -> bool:
    """Tell whether a sheet's cells point at shared strings."""
    return re.search(rb"t\s*=\s*[\"']s[\"']", part) is not None


def lists_used(part: bytes) -> set[str]:
    """Return the names of our code lists that the sheet's drop-downs refer to."""
    return {found.decode() for found in _LIST.findall(part, part.rfind(b"</sheetData>"))}


def check_pieces(name: str, part: bytes, longest: int) -> None:
    """Refuse a part in which one tag or one text is longer than any program writes."""
    for start in range(0, len(part) - longest, longest):
        if part.find(b"<", start, start + longest) < 0 or part.find(b">", start, start + longest) < 0:
            refuse("file_too_large", what=f"một ô hoặc thẻ dài hơn {longest // MIB} MB ở {name}")


def _check_rows(name: str, part: bytes) -> None:
    """Refuse rows stored twice or out of order, and rows that a reader would pass over."""
    end = part.find(b"</sheetData>")
    if end >= 0 and any(part.find(lost, end + 1) >= 0 for lost in _LOST):
        refuse("file_damaged", what=f"{name} có dòng nằm ngoài bảng")
    if end < 0 and b"<row" in part:
        refuse("file_damaged", what=f"{name} bị đứt đoạn")
    rows = [int(row) for row in (_ROW.findall(part) or _ANY_ROW.findall(part))]
    if rows and (max(rows) > MAX_ROW or rows[0] < 1):
        refuse("file_suspicious", what=f"số dòng không thể có ở {name}")
    if rows != sorted(set(rows)):
        refuse("file_damaged", what=f"{name} có dòng ghi hai lần hoặc sai thứ tự")


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
