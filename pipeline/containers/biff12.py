"""Biff12: one look through the records of an .xlsb, before a reader opens it: what would fill the memory, how its sheets
look, which cells are merged, and which cells the reader would get wrong: whole numbers that are dates, and rich text.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.archive import MAX_PART, MAX_RATIO, MAX_TOTAL, RATIO_FROM, Archive
from pipeline.containers.markup import parse
from pipeline.containers.sheet import Look, Merge, Place, Styles, cut, from_serial, is_date_format
from pipeline.parts import MAX_SHEETS
from pipeline.raw import Cell
from pipeline.refusal import MIB, refuse
from pipeline.scan import MAX_CELLS, MAX_COLUMN, MAX_MERGES, MAX_ROW

WORKBOOK = "xl/workbook.bin"
_RELATIONS, _STYLES, _STRINGS = "xl/_rels/workbook.bin.rels", "xl/styles.bin", "xl/sharedstrings.bin"
_ROW, _SHORT_NUMBER, _ERROR, _LAST_CELL, _FORMULA_ERROR, _RICH = 0, 2, 3, 11, 11, 62
_COLUMNS, _MERGE, _SHEET, _BOOK_PROPERTIES = 60, 176, 156, 153
_FONT, _FORMAT, _STYLE, _STYLES_BEGIN, _STYLES_END, _STRING = 43, 44, 47, 617, 618, 19
_LEAST = {_ROW: 12, 1: 8, 2: 12, 3: 9, 4: 9, 5: 16, 6: 12, 7: 12, 8: 12, 9: 16, 10: 9, 11: 9, _RICH: 13}
"""Bytes of the records that place and fill cells: from a shorter one the reader would take the rest of an earlier one."""
_TEXTS = {6: 8, 8: 8, _RICH: 9}
"""Where the text of a cell begins."""
_DATES = frozenset((*range(14, 23), 45, 47))
"""Numbers of the built-in formats that show dates and times."""


@dataclass
class Sheet12:
    """What the look found of one sheet."""

    look: Look
    merges: list[Merge] = field(default_factory=list)
    cells: dict[Place, Cell] = field(default_factory=dict)
    """Cells as they are, where the reader gets them wrong."""


@dataclass
class _Looks:
    fonts: dict[int, tuple[str, bool]] = field(default_factory=dict)
    dates: set[int] = field(default_factory=set)
    date1904: bool = False


def look_through(archive: Archive) -> list[Sheet12]:
    """Look through the sheets of a workbook, in its order. Raises Refused."""
    _check_sizes(archive)
    looks = _Looks()
    targets: dict[str, str] = {}
    parse("workbook.bin.rels", _part(archive, _RELATIONS), lambda _, at: targets.update({at.get("Id", ""): at.get("Target", "")}))
    parts = []
    for kind, content in _records(archive.read(WORKBOOK)):
        if kind == _BOOK_PROPERTIES:
            looks.date1904 = bool(content[:1] and content[0] & 1)
        elif kind == _SHEET:
            relation, _ = _wide(content, 8)
            parts.append("xl/" + targets.get(relation, "").lower())
    if not 0 < len(parts) <= MAX_SHEETS or len(set(parts)) < len(parts):
        refuse("file_damaged", what="danh sách sheet hỏng")
    if _STYLES in archive.entries:
        _read_styles(archive.read(_STYLES), looks)
    if _STRINGS in archive.entries:
        for kind, content in _records(archive.read(_STRINGS)):
            if kind == _STRING and _wide(content, 1)[1] > len(content):
                refuse("file_damaged", what="phần nhị phân bị đứt đoạn")
    sheets = [_Sheet(looks) for _ in parts]
    for sheet, name in zip(sheets, parts, strict=True):
        sheet.read(_part(archive, name))
    return [sheet.found() for sheet in sheets]


def _check_sizes(archive: Archive) -> None:
    """Hold the binary parts that will be read to the same bounds as parts of XML."""
    entries = [entry for name, entry in archive.entries.items() if name.startswith("xl/") and name.endswith(".bin")]
    for entry in entries:
        if entry.size > MAX_PART or (entry.size > RATIO_FROM and entry.size > MAX_RATIO * max(entry.packed, 1)):
            refuse("file_too_large", what=f"phần {entry.shown} mở ra {entry.size // MIB} MB")
    if sum(entry.size for entry in entries) > MAX_TOTAL:
        refuse("file_too_large", what=f"mở ra {sum(entry.size for entry in entries) // MIB} MB")


def _part(archive: Archive, name: str) -> bytes:
    if name not in archive.entries:
        refuse("file_damaged", what="thiếu một phần của sổ")
    return archive.read(name)


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield kind and content of each record. Raises Refused where one runs past the end."""
    at, end = 0, len(part)
    while at < end:
        kind = part[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = (kind & 0x7F) | (part[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= end:
                refuse("file_damaged", what="phần nhị phân bị đứt đoạn")
            byte = part[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        if at + size > end:
            refuse("file_damaged", what="phần nhị phân bị đứt đoạn")
        yield kind, part[at:at + size]
        at += size


def _wide(content: bytes, at: int) -> tuple[str, int]:
    """Return a text and where it ends."""
    length = int.from_bytes(content[at:at + 4], "little")
    stop = at + 4 + (0 if length == 0xFFFFFFFF else 2 * length)
    return content[at + 4:stop].decode("utf-16-le", "replace"), stop


def _read_styles(part: bytes, looks: _Looks) -> None:
    fonts: list[tuple[str, bool]] = []
    formats: dict[int, bool] = {}
    inside, number = False, 0
    for kind, content in _records(part):
        if kind == _FONT:
            fonts.append((_wide(content, 21)[0], bool(content[2:3] and content[2] & 8)))
        elif kind == _FORMAT:
            formats[int.from_bytes(content[:2], "little")] = is_date_format(_wide(content, 2)[0])
        elif kind in (_STYLES_BEGIN, _STYLES_END):
            inside = kind == _STYLES_BEGIN
        elif kind == _STYLE and inside and len(content) >= 6:
            _, shown, font = struct.unpack_from("<3H", content)
            if font < len(fonts):
                looks.fonts[number] = fonts[font]
            if formats.get(shown, shown in _DATES):
                looks.dates.add(number)
            number += 1


class _Sheet:
    """One sheet, while its records go by."""

    def __init__(self, looks: _Looks) -> None:
        self._looks = looks
        self._styles = Styles(looks.fonts)
        self._row = self._height = self._width = 0
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._errors: set[Place] = set()
        self._merges: list[Merge] = []
        self._cells: dict[Place, Cell] = {}

    def read(self, part: bytes) -> None:
        """Go through the sheet."""
        for kind, content in _records(part):
            if len(content) < _LEAST.get(kind, 0) or (kind in _TEXTS and _wide(content, _TEXTS[kind])[1] > len(content)):
                refuse("file_damaged", what="phần nhị phân bị đứt đoạn")
            if kind == _ROW:
                self._row = int.from_bytes(content[:4], "little") + 1
                if content[11] & 0x10:
                    self._hidden_rows.add(self._row)
            elif 1 < kind <= _LAST_CELL or kind == _RICH:
                self._cell(kind, content)
            elif kind == _COLUMNS and len(content) >= 17 and content[16] & 1:
                first, last = struct.unpack_from("<2I", content)
                self._hidden_columns |= set(range(first + 1, min(last + 1, MAX_COLUMN) + 1))
            elif kind == _MERGE and len(content) >= 16:
                top, bottom, left, right = struct.unpack_from("<4I", content)
                self._merges.append((top + 1, left + 1, bottom + 1, right + 1))
        if len(self._merges) > MAX_MERGES:
            refuse("file_too_large", what=f"hơn {MAX_MERGES} ô gộp")

    def found(self) -> Sheet12:
        """Return what was seen."""
        look = Look(frozenset(self._hidden_rows), frozenset(self._hidden_columns), self._styles.fonts(), self._styles.struck(),
                    frozenset(self._errors), self._looks.date1904)
        return Sheet12(look, self._merges, self._cells)

    def _cell(self, kind: int, content: bytes) -> None:
        column = int.from_bytes(content[:4], "little") + 1
        style = int.from_bytes(content[4:7], "little")
        self._height, self._width = max(self._height, self._row), max(self._width, column)
        if self._height > MAX_ROW or self._width > MAX_COLUMN or self._height * self._width > MAX_CELLS:
            refuse("file_too_large", what=f"một sheet trải trên {self._height} dòng, {self._width} cột")
        self._styles.add(self._row, column, style)
        if kind in (_ERROR, _FORMULA_ERROR):
            self._errors.add((self._row, column))
        elif kind == _RICH:
            self._cells[self._row, column] = cut(_wide(content, 9)[0])
        elif kind == _SHORT_NUMBER and style in self._looks.dates and content[8] & 3 == 2:
            self._cells[self._row, column] = from_serial(int.from_bytes(content[8:12], "little", signed=True) >> 2, self._looks.date1904)
