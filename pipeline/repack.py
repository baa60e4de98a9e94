"""Repack: the copy of a judged workbook that a reader is given.

It holds the parts that a reader opens, unpacked, and not the prepared rows that are still blank. The reader sees what was judged and
nothing else, and is done in a quarter of the time.
"""

from __future__ import annotations

import struct
import zlib

from pipeline.directory import Entry
from pipeline.refusal import MIB

MAX_COPY = 16 * MIB
"""A larger workbook is copied as it is: unpacked it could outgrow what a worker may write."""
_LOCAL, _ENTRY, _END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
_VERSION, _NEW_YEAR_1980, _UTF_8 = 20, 33, 0x800


class Copy:
    """The parts of one workbook, in the order in which they are added."""

    def __init__(self) -> None:
        self._parts: list[tuple[Entry, bytes, int]] = []
        self._size = 0

    def add(self, entry: Entry, part: bytes, blank: int = 0, end: int = 0) -> None:
        """Take a part, without what stands from `blank` to `end`."""
        content, crc = part, entry.crc
        if blank < end:
            content = part[:blank] + part[end:]
            crc = zlib.crc32(content)
        self._size += len(content)
        if self._size > MAX_COPY:
            self._parts.clear()
        else:
            self._parts.append((entry, content, crc))

    def pack(self) -> bytes | None:
        """Return a zip file of the parts; None when they are too large for one."""
        if self._size > MAX_COPY:
            return None
        pieces: list[bytes] = []
        directory: list[bytes] = []
        at = 0
        for entry, content, crc in self._parts:
            flags, size, name = entry.flags & _UTF_8, len(content), entry.raw
            pieces += (_LOCAL.pack(b"PK\x03\x04", _VERSION, flags, 0, 0, _NEW_YEAR_1980, crc, size, size, len(name), 0), name, content)
            directory += (_ENTRY.pack(b"PK\x01\x02", _VERSION, _VERSION, flags, 0, 0, _NEW_YEAR_1980, crc, size, size, len(name),
                                      0, 0, 0, 0, 0, at), name)
            at += _LOCAL.size + len(name) + size
        listed = b"".join(directory)
        count = len(self._parts)
        return b"".join([*pieces, listed, _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), at, 0)])
