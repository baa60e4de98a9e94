"""Biff: one look through the records of an .xls, before a reader opens it: is it encrypted, what would fill the memory,
and how its sheets look.

Only headers of records are understood here; what stands in the cells is the reader's business. A record that runs past the
end ends the look, not the reading: the reader then says what it thinks of it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.containers.sheet import Look, Place, Styles
from pipeline.parts import MAX_SHEETS
from pipeline.refusal import refuse
from pipeline.scan import MAX_CELLS

_EOF, _DATE_MODE, _FILE_PASS, _FONT = 0x0A, 0x22, 0x2F, 0x31
_BOUND_SHEET, _XF, _BOF, _ROW, _COLUMNS, _DIMENSIONS, _MERGES = 0x85, 0xE0, 0x809, 0x208, 0x7D, 0x200, 0xE5
_FORMULA, _NUMBERS, _BOOL_OR_ERROR = 0x06, 0xBD, 0x205
_CELLS = frozenset({_FORMULA, 0x203, 0x204, _BOOL_OR_ERROR, 0xD6, 0xFD, 0x27E})
"""Formula, number, label, truth value or error, rich label, shared label, short number: row, column, format, then the value."""
MAX_COLUMN = 256
_HEAD, _PLACE = struct.Struct("<2H"), struct.Struct("<3H")


class Record(NamedTuple):
    """One record: its kind, where its content begins, and the content."""

    kind: int
    at: int
    content: bytes


@dataclass
class Book:
    """What the look found: the stream as a reader may have it, and each sheet's looks in their order."""

    stream: bytes
    looks: list[Look] = field(default_factory=list)


def is_encrypted(stream: bytes) -> bool:
    """Tell whether a workbook's stream needs a password, in whichever of the three ways there were."""
    return any(record.kind == _FILE_PASS for record in _head(stream))


def look_through(stream: bytes) -> Book:
    """Look through a workbook's stream.

    The size that a sheet declares is a hint, and wrong in one of twenty; readers reserve memory for it, so the stream comes
    back without. Raises Refused: file_protected, file_too_large, file_damaged.
    """
    if is_encrypted(stream):
        refuse("file_protected")
    starts: list[int] = []
    fonts: list[tuple[str, bool]] = []
    formats: list[int] = []
    date1904 = wide = False
    for kind, _, content in _head(stream):
        if kind == _BOF:
            wide = content[:2] == b"\0\x06"
        elif kind == _BOUND_SHEET and len(content) >= 6:
            starts.append(int.from_bytes(content[:4], "little"))
        elif kind == _FONT:
            fonts.append(_font(content, wide))
            if len(fonts) == 4:
                fonts.append(fonts[0])  # number 4 is never used
        elif kind == _XF and len(content) >= 4:
            formats.append(int.from_bytes(content[:2], "little"))
        elif kind == _DATE_MODE:
            date1904 = content[:2] == b"\1\0"
    _check_starts(starts, stream)
    styles = {number: fonts[font] for number, font in enumerate(formats) if font < len(fonts)}
    patched = bytearray(stream)
    sheets = [_Sheet(styles) for _ in starts]
    for sheet, start in zip(sheets, starts, strict=True):
        sheet.read(stream, start, patched)
    if any(sheet.width > MAX_COLUMN for sheet in sheets):
        refuse("file_damaged", what="địa chỉ ô không thể có")
    if sum(sheet.height * sheet.width for sheet in sheets) > MAX_CELLS:
        largest = max(sheets, key=lambda sheet: sheet.height * sheet.width)
        refuse("file_too_large", what=f"một sheet trải trên {largest.height} dòng, {largest.width} cột")
    return Book(bytes(patched), [sheet.look(date1904) for sheet in sheets])


def _records(stream: bytes, at: int = 0) -> Iterator[Record]:
    """Yield records as long as they are whole."""
    while at + 4 <= len(stream):
        kind, size = _HEAD.unpack_from(stream, at)
        at += 4
        if at + size > len(stream):
            return
        yield Record(kind, at, stream[at:at + size])
        at += size


def _head(stream: bytes) -> Iterator[Record]:
    """Yield the records before the first sheet's."""
    for record in _records(stream):
        if record.kind == _EOF:
            return
        yield record


def _check_starts(starts: list[int], stream: bytes) -> None:
    if not starts:
        refuse("file_damaged", what="không có sheet nào")
    if len(starts) > MAX_SHEETS:
        refuse("file_too_large", what=f"{len(starts)} sheet")
    if len(set(starts)) < len(starts) or max(starts) >= len(stream):
        refuse("file_damaged", what="sheet trỏ ra ngoài tệp")


def _font(content: bytes, wide: bool) -> tuple[str, bool]:
    """Return a font's name and whether it strikes through."""
    struck = len(content) > 2 and bool(content[2] & 8)
    length = content[14] if len(content) > 14 else 0
    if not wide:
        return content[15:15 + length].decode("cp1252", "replace"), struck
    if content[15:16] and content[15] & 1:
        return content[16:16 + 2 * length].decode("utf-16-le", "replace"), struck
    return content[16:16 + length].decode("latin-1"), struck


class _Sheet:
    """One sheet's looks, while its records go by."""

    def __init__(self, styles: dict[int, tuple[str, bool]]) -> None:
        self.height = self.width = 0
        self._styles = Styles(styles)
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._errors: set[Place] = set()

    def read(self, stream: bytes, start: int, patched: bytearray) -> None:
        """Go through the sheet that starts here. Charts inside it have records of their own, which are passed over."""
        depth = 0
        for kind, at, content in _records(stream, start):
            if kind == _BOF:
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth > 1:
                continue
            elif kind == _DIMENSIONS:
                patched[at:at + len(content)] = bytes(len(content))
            elif kind in _CELLS or kind == _NUMBERS:
                self._cell(kind, content)
            elif kind == _ROW and len(content) >= 14 and content[12] & 0x20:
                self._hidden_rows.add(int.from_bytes(content[:2], "little") + 1)
            elif kind == _COLUMNS and len(content) >= 10 and content[8] & 1:
                first, last = _HEAD.unpack_from(content)
                self._hidden_columns |= set(range(first + 1, min(last, 255) + 2))
            elif kind == _MERGES and len(content) < 2 + 8 * int.from_bytes(content[:2], "little"):
                refuse("file_damaged", what="ô gộp không trọn vẹn")

    def look(self, date1904: bool) -> Look:
        """Return what was seen."""
        return Look(frozenset(self._hidden_rows), frozenset(self._hidden_columns), self._styles.fonts(), self._styles.struck(),
                    frozenset(self._errors), date1904)

    def _cell(self, kind: int, content: bytes) -> None:
        if len(content) < 6:
            return
        row, column, style = _PLACE.unpack_from(content)
        self.height, self.width = max(self.height, row + 1), max(self.width, column + 1)
        if kind == _NUMBERS:
            for number, at in enumerate(range(4, len(content) - 7, 6)):
                self.width = max(self.width, column + number + 1)
                self._styles.add(row + 1, column + number + 1, int.from_bytes(content[at:at + 2], "little"))
            return
        self._styles.add(row + 1, column + 1, style)
        is_error = content[7:8] == b"\1" if kind == _BOOL_OR_ERROR else content[6:7] == b"\2" and content[12:14] == b"\xff\xff"
        if kind in (_BOOL_OR_ERROR, _FORMULA) and is_error:
            self._errors.add((row + 1, column + 1))
