"""Archive: a workbook's zip directory judged before anything in it is opened, and its parts inflated within bounds.

Standard library only: worker processes that look at strange files stay small.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

from pipeline.directory import MAX_ENTRIES, Entry, list_entries
from pipeline.refusal import MIB, refuse

MAX_PART = 128 * MIB
"""Declared bytes of one XML part: 54 MiB at the most in real workbooks; of large parts one is held in memory at a time."""
MAX_TOTAL = 256 * MIB
"""Declared bytes of all XML parts: 57 MiB at the most in real workbooks."""
MAX_RATIO, RATIO_FROM = 500, 16 * MIB
"""How far a part may unfold once it is large: 121 times at the most in real workbooks."""
_BINARY = (".bin", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".wdp", ".ico", ".svg", ".doc", ".docx",
           ".xls", ".xlsx", ".ppt", ".pptx", ".pdf", ".ttf", ".odttf", ".fntdata", ".mp3", ".mp4", ".wav", ".sigs")
"""Parts that reading never opens."""
_NO_TEXT = (*_BINARY, "/")
_LOCAL, _FIELDS = b"PK\x03\x04", struct.Struct("<4s22x2H")
STORED, DEFLATED = 0, 8
KNOWN_SIZE, _KNOWN_PARTS = 1 << 15, 64
"""Bytes of a part that is remembered, and how many are."""
_SMALL = 1 << 16
"""Bytes that unfold into 64 MiB at the most."""


class Archive:
    """A judged directory over the file's bytes. Parts go by their names in lower case with forward slashes."""

    def __init__(self, data: bytes, entries: dict[str, Entry], starts: dict[str, int]) -> None:
        self._data = data
        self.entries = entries
        self._starts = starts

    @property
    def text_parts(self) -> list[str]:
        """Return the parts that are or may be XML, in the order of the directory."""
        return [name for name in self.entries if is_text(name)]

    def read(self, name: str) -> bytes:
        """Inflate one part to its end, its declared size and checksum proven.

        Raises Refused when it is longer than declared (a bomb), shorter, or its bytes have rotted.
        """
        entry, start = self.entries[name], self._starts[name]
        key = (entry.crc, entry.size, entry.packed, entry.method)
        known = _known.pop(key, None)
        if known is None or not self._data.startswith(known[0], start):
            packed = self._data[start:start + entry.packed]
            known = packed, self._unpack(entry, packed)
        if entry.size <= KNOWN_SIZE:
            if len(_known) >= _KNOWN_PARTS:
                del _known[next(iter(_known))]
            _known[key] = known
        return known[1]

    def _unpack(self, entry: Entry, packed: bytes) -> bytes:
        part = packed if entry.method == STORED else _inflate(packed, entry)
        if len(part) > entry.size:
            refuse("file_suspicious", what=f"phần {entry.shown} lớn hơn kích thước đã khai")
        if len(part) < entry.size or zlib.crc32(part) != entry.crc:
            refuse("file_damaged", what=f"phần {entry.shown} sai mã kiểm tra")
        return part


_known: dict[tuple[int, int, int, int], tuple[bytes, bytes]] = {}
"""Small parts packed and unpacked, those used last at the end: theme, styles and instructions are the same in every workbook."""


def is_text(name: str) -> bool:
    """Tell whether a part is XML as far as its name says."""
    return not name.endswith(_NO_TEXT)


def open_archive(data: bytes) -> Archive:
    """Judge the directory of a zip file.

    Raises Refused: file_truncated without an end record, file_damaged, file_suspicious, file_protected, file_too_large.
    """
    listed, start_of_directory = list_entries(data)
    if len(listed) > MAX_ENTRIES:
        refuse("file_too_large", what=f"hơn {MAX_ENTRIES} phần trong tệp")
    entries: dict[str, Entry] = {}
    starts: dict[str, int] = {}
    for entry in listed:
        name = entry.name.replace("\\", "/").lower()
        if name in entries:
            refuse("file_suspicious", what=f"phần {entry.shown} có hai bản")
        entries[name], starts[name] = entry, _locate(data, entry, name)
    _check_overlap(((entry.header, starts[name] + entry.packed) for name, entry in entries.items()), start_of_directory)
    _check_sizes(entries)
    return Archive(data, entries, starts)


def _locate(data: bytes, entry: Entry, name: str) -> int:
    """Find a part's bytes behind its local header, which must name the same part as the directory."""
    if entry.flags & 0x1:
        refuse("file_protected")
    if entry.method not in (STORED, DEFLATED):
        refuse("file_suspicious", what="cách nén lạ")
    if name.startswith("/") or ":" in name or "\0" in name or (".." in name and ".." in name.split("/")):
        refuse("file_suspicious", what="tên phần trỏ ra ngoài tệp")
    at = entry.header
    if at < 0 or at + 30 > len(data):
        refuse("file_damaged", what=f"không thấy phần {entry.shown}")
    sign, name_size, extra_size = _FIELDS.unpack_from(data, at)
    if sign != _LOCAL:
        refuse("file_damaged", what=f"không thấy phần {entry.shown}")
    if data[at + 30:at + 30 + name_size] != entry.raw:
        refuse("file_suspicious", what=f"phần {entry.shown} mang hai tên")
    return int(at + 30 + name_size + extra_size)


def _check_overlap(parts: Iterable[tuple[int, int]], end: int) -> None:
    """Refuse parts that share bytes, and bytes before the first part: two readers would see two workbooks."""
    spans = sorted(parts)
    if spans and spans[0][0] != 0:
        refuse("file_suspicious", what="có dữ liệu lạ trước phần đầu tiên")
    for at, (_, stop) in enumerate(spans, start=1):
        if stop > (spans[at][0] if at < len(spans) else end):
            refuse("file_suspicious", what="các phần chồng lên nhau")


def _check_sizes(entries: dict[str, Entry]) -> None:
    total = 0
    for name, entry in entries.items():
        if not is_text(name):
            continue
        total += entry.size
        if entry.size > MAX_PART:
            refuse("file_too_large", what=f"phần {entry.shown} mở ra {entry.size // MIB} MB")
        if entry.size > RATIO_FROM and entry.size > MAX_RATIO * max(entry.packed, 1):
            refuse("file_too_large", what=f"phần {entry.shown} nén {entry.size // max(entry.packed, 1)} lần")
    if total > MAX_TOTAL:
        refuse("file_too_large", what=f"mở ra {total // MIB} MB")


def _inflate(packed: bytes, entry: Entry) -> bytes:
    """Return at most one byte more than declared: a bomb never unfolds, but for one so small that it cannot unfold far."""
    inflater = zlib.decompressobj(-15)
    try:
        if entry.packed <= _SMALL:
            return zlib.decompress(packed, -15, entry.size + 1)
        part = inflater.decompress(packed, entry.size + 1)
        if len(part) == entry.size and not inflater.eof:  # the end mark may still lie ahead, and one byte too many
            part += inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error:
        refuse("file_damaged", what=f"phần {entry.shown} hỏng")
    if not inflater.eof and len(part) <= entry.size:
        refuse("file_damaged", what=f"phần {entry.shown} không đủ")
    return part
