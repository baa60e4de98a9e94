"""Compound: the streams of an OLE2 compound file, the outer shell of .xls; every chain followed within bounds.

Half of the .xls files that offices send come from software that writes this shell a little wrong; Excel opens them. So
only what leads to the wanted stream is looked at.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import NamedTuple

from pipeline.refusal import refuse

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NO_SECTOR = 0xFFFFFFFA
"""Numbers from here on are no sectors but marks."""
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_MINI = 64
_NONE = 0xFFFFFFFF


class Stream(NamedTuple):
    """One entry of the directory."""

    name: str
    kind: int
    start: int
    size: int
    left: int
    right: int
    child: int


class Compound:
    """A compound file over its bytes. Raises Refused where it is torn."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(SIGNATURE):
            refuse("file_truncated")
        self._data = data
        shift = struct.unpack_from("<H", data, 30)[0]
        if shift not in (9, 12):
            refuse("file_damaged", what="phần đầu tệp hỏng")
        self._sector = 1 << shift
        self._directory, = struct.unpack_from("<I", data, 48)
        self._cutoff, self._mini_start = struct.unpack_from("<2I", data, 56)
        self._fat = self._read_fat()
        self.entries = self._read_entries()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the streams and storages of the outermost level; all there are where its tree is broken."""
        outer = self._outer()
        return tuple(entry.name for entry in outer or self.entries[1:] if entry.kind)

    def read(self, name: str) -> bytes:
        """Return a stream of the outermost level (names without case). Raises Refused when it is not there, or not whole."""
        named = (entry for entry in (*self._outer(), *self.entries[1:]) if entry.kind == 2 and entry.name.casefold() == name.casefold())
        entry = next(named, None)
        if entry is None:
            refuse("file_damaged", what=f"thiếu phần {name}")
        if entry.size < self._cutoff:
            part = self._chain(self._mini_stream, entry.start, entry.size, _MINI, self._mini_fat, 0)
        else:
            part = self._chain(self._data, entry.start, entry.size, self._sector, self._fat, self._sector)
        if len(part) < entry.size:
            refuse("file_truncated")
        return part

    def _read_fat(self) -> tuple[int, ...]:
        """Read the table of sectors: the first 109 of its own are named in the header, the rest in a chain."""
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        at, = struct.unpack_from("<I", self._data, 68)
        size, most = self._sector // 4, len(self._data) // self._sector + 1
        while at < _NO_SECTOR and len(numbers) <= most + 109:
            part = self._sector_at(at)
            if len(part) < self._sector:
                break
            *more, at = struct.unpack(f"<{size}I", part)
            numbers += more
        parts = [self._sector_at(number) for number in numbers if number < _NO_SECTOR][:most]
        table = b"".join(parts)
        return struct.unpack(f"<{len(table) // 4}I", table[:len(table) // 4 * 4])

    def _read_entries(self) -> list[Stream]:
        found = []
        part = self._chain(self._data, self._directory, len(self._data), self._sector, self._fat, self._sector)
        for at in range(0, len(part) - 127, 128):
            raw, length, kind, left, right, child, start, size = struct.unpack_from("<64sHBx3I36xII", part, at)
            name = raw[:max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace").split("\0")[0]
            found.append(Stream(name, kind, start, size, left, right, child))
        if not found:
            refuse("file_truncated")  # it stands at the end as a rule
        return found

    def _outer(self) -> list[Stream]:
        """Walk the tree of the outermost level; a workbook inside a workbook has streams of the same names further in."""
        found: list[Stream] = []
        seen: set[int] = set()
        ahead = [self.entries[0].child]
        while ahead:
            at = ahead.pop()
            if at == _NONE or at in seen or at >= len(self.entries):
                continue
            seen.add(at)
            entry = self.entries[at]
            found.append(entry)
            ahead += [entry.left, entry.right]
        return found

    @cached_property
    def _mini_stream(self) -> bytes:
        root = self.entries[0]
        return self._chain(self._data, root.start, root.size, self._sector, self._fat, self._sector)

    @cached_property
    def _mini_fat(self) -> tuple[int, ...]:
        part = self._chain(self._data, self._mini_start, len(self._data), self._sector, self._fat, self._sector)
        return struct.unpack(f"<{len(part) // 4}I", part[:len(part) // 4 * 4])

    def _sector_at(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start:start + self._sector]

    @staticmethod
    def _chain(data: bytes, start: int, size: int, step: int, table: tuple[int, ...], offset: int) -> bytes:
        """Join the sectors of a chain up to `size` bytes; it ends early where the file or the table does. A loop is refused."""
        parts: list[bytes] = []
        seen: set[int] = set()
        left = size
        while left > 0 and start < _NO_SECTOR:
            at = start * step + offset
            part = data[at:at + min(step, left)]
            if not part:
                break
            if start in seen:
                refuse("file_damaged", what="tệp lặp vòng")
            seen.add(start)
            parts.append(part)
            left -= len(part)
            start = table[start] if start < len(table) else _END
        return b"".join(parts)


def workbook_stream(data: bytes) -> bytes:
    """Return the records of an .xls: of two formats side by side, the newer one's. Raises Refused."""
    compound = Compound(data)
    return compound.read("Workbook" if "workbook" in {name.casefold() for name in compound.names} else "Book")


def wrap(name: str, stream: bytes) -> bytes:
    """Return the plainest compound file that holds one stream: a reader then meets nothing of the shell it came in."""
    step = 4096
    stream = stream.ljust(step, b"\0")
    count = -(-len(stream) // step)
    tables = -(-(count + 2) // (step // 4 - 1))
    table = [_FAT] * tables + [_END] + [tables + 2 + at for at in range(count - 1)] + [_END]
    table += [_FREE] * (tables * step // 4 - len(table))
    header = struct.pack("<8s16x5H6x9I", SIGNATURE, 0x3E, 4, 0xFFFE, 12, 6, 1, tables, tables, 0, step, _END, 0, _END, 0)
    numbers = [*range(tables), *[_FREE] * (109 - tables)]
    directory = _entry("Root Entry", 5, 1, 0, 0) + _entry(name, 2, _NONE, tables + 1, len(stream))
    return b"".join(((header + struct.pack("<109I", *numbers)).ljust(step, b"\0"), struct.pack(f"<{len(table)}I", *table),
                     directory.ljust(step, b"\0"), stream.ljust(count * step, b"\0")))


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sH2B3I36xIQ", raw, len(raw), kind, 1, _NONE, _NONE, child, start, size)
