"""Directory: what a zip file says it holds, listed without opening anything of it."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.refusal import MIB, refuse

MAX_ENTRIES = 2_000
"""Parts of a workbook: the largest of 2,256 real ones has 340."""
MAX_DIRECTORY = MIB
"""Bytes of the directory itself: listing more than that takes longer than reading a workbook."""
_END, _LARGE, _ENTRY = b"PK\x05\x06", b"PK\x06\x07", b"PK\x01\x02"
_FIELDS = struct.Struct("<4s4x2H4x3I3H8xI")
_FULL = 0xFFFFFFFF
"""Stands for a number that did not fit: the file is said to be larger than 4 GB."""
_COMMON = re.compile(r"(?:\[content_types\]|sharedstrings|styles|workbook|core|app|custom|(?:theme|sheet|comments|drawing)[0-9]+)"
                     r"\.xml(?:\.rels)?|\.rels", re.IGNORECASE)
"""Parts' names that a message may hold; any other may be a text that a person typed."""


class Entry(NamedTuple):
    """One part as the directory has it; `header` is where its local header stands."""

    raw: bytes
    """The name as written."""
    number: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    header: int

    @property
    def name(self) -> str:
        """The name as text."""
        return self.raw.decode("utf-8" if self.flags & 0x800 else "cp437")

    @property
    def shown(self) -> str:
        """How messages call it: they hold nothing that a person typed, so only a usual name, else its number."""
        last = self.name.rsplit("/", 1)[-1]
        return last if _COMMON.fullmatch(last) else f"thứ {self.number}"


def list_entries(data: bytes) -> tuple[list[Entry], int]:
    """Return what the directory names, one more than MAX_ENTRIES at the most, and where it begins.

    Raises Refused: file_truncated without an end record, file_damaged, file_suspicious, file_too_large.
    """
    end = data.rfind(_END)
    if end < 0 or end + 22 > len(data):
        refuse("file_truncated")
    count, size, offset, comment = struct.unpack_from("<HIIH", data, end + 10)
    if end + 22 + comment > len(data):
        refuse("file_truncated")
    if MAX_DIRECTORY < size < _FULL:
        refuse("file_too_large", what="mục lục của tệp dài bất thường")
    start = end - size
    try:
        if data.startswith(_LARGE, max(end - 20, 0)) or _FULL in (size, offset) or count == 0xFFFF:
            listed, start = _list_large(data)
        else:
            listed = list(_entries(data, start, end, start - offset))
    except (ValueError, struct.error, OverflowError):
        refuse("file_damaged", what="mục lục của tệp hỏng")
    if data.count(_END, start) > 1:  # readers differ on which of two directories counts
        refuse("file_suspicious", what="tệp có hai mục lục")
    return listed, start


def _entries(data: bytes, at: int, end: int, shift: int) -> Iterator[Entry]:
    """Yield the directory's entries; `shift` bytes stand before the archive. Raises ValueError, struct.error."""
    if at < 0:
        raise ValueError
    for number in range(1, MAX_ENTRIES + 2):
        if at >= end:
            return
        sign, flags, method, crc, packed, size, name, extra, comment, header = _FIELDS.unpack_from(data, at)
        at += 46 + name + extra + comment
        if sign != _ENTRY or at > end or _FULL in (packed, size, header):
            raise ValueError
        raw = data[at - name - extra - comment:at - extra - comment]
        raw.decode("utf-8" if flags & 0x800 else "cp437")
        yield Entry(raw, number, flags, method, crc, packed, size, header + shift)


def _list_large(data: bytes) -> tuple[list[Entry], int]:
    """List a directory of the kind for more than 4 GB, which a few programs write for small files too. Raises ValueError."""
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [Entry(info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437"), number, info.flag_bits,
                          info.compress_type, info.CRC, info.compress_size, info.file_size, info.header_offset)
                    for number, info in enumerate(archive.infolist(), start=1)], archive.start_dir
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise ValueError from error
