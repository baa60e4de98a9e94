"""Archive: a workbook's zip directory judged before anything in it is opened, and its parts inflated within bounds.

Standard library only: worker processes that look at strange files stay small.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

MIB = 1 << 20
MAX_ENTRIES = 2_000
"""Parts of a workbook: the largest of 2,256 real ones has 340."""
MAX_DIRECTORY = MIB
"""Bytes of the directory itself: listing more than that takes longer than reading a workbook."""
MAX_PART = 128 * MIB
"""Declared bytes of one XML part: 54 MiB at the most in real workbooks; one part is held in memory at a time."""
MAX_TOTAL = 256 * MIB
"""Declared bytes of all XML parts: 57 MiB at the most in real workbooks."""
MAX_RATIO, RATIO_FROM = 500, 16 * MIB
"""How far a part may unfold once it is large: 121 times at the most in real workbooks."""
_BINARY = (".bin", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf", ".wdp", ".ico", ".svg", ".doc", ".docx",
           ".xls", ".xlsx", ".ppt", ".pptx", ".pdf", ".ttf", ".odttf", ".fntdata", ".mp3", ".mp4", ".wav", ".sigs")
"""Parts that reading never opens."""
_END, _LOCAL = b"PK\x05\x06", b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_COMMON = re.compile(r"(?:\[content_types\]|sharedstrings|styles|workbook|core|app|custom|(?:theme|sheet|comments|drawing)[0-9]+)"
                     r"\.xml(?:\.rels)?|\.rels", re.IGNORECASE)
"""Parts' names that a message may hold; any other may be a text that a person typed."""


@dataclass(frozen=True)
class Refusal:
    """Why a file is not read: a finding's code, and what fills its message."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


class Refused(Exception):
    """Ends an inspection with its refusal; never leaves guard.py."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refuse(code: str, **values: object) -> NoReturn:
    """End the inspection."""
    raise Refused(Refusal(code, tuple(values.items())))


class Entry(NamedTuple):
    """Where one part's packed bytes lie; `shown` is how messages call it."""

    shown: str
    start: int
    packed: int
    size: int
    crc: int
    method: int


class Archive:
    """A judged directory over the file's bytes. Parts go by their names in lower case with forward slashes."""

    def __init__(self, data: bytes, entries: dict[str, Entry]) -> None:
        self._data = data
        self.entries = entries

    @property
    def text_parts(self) -> list[str]:
        """Return the parts that are or may be XML, in the order of the directory."""
        return [name for name in self.entries if is_text(name)]

    def read(self, name: str) -> bytes:
        """Inflate one part to its end, its declared size and checksum proven.

        Raises Refused when it is longer than declared (a bomb), shorter, or its bytes have rotted.
        """
        entry = self.entries[name]
        packed = self._data[entry.start:entry.start + entry.packed]
        part = packed if entry.method == _STORED else _inflate(packed, entry)
        if len(part) > entry.size:
            refuse("file_suspicious", what=f"phần {entry.shown} lớn hơn kích thước đã khai")
        if len(part) < entry.size or zlib.crc32(part) != entry.crc:
            refuse("file_damaged", what=f"phần {entry.shown} sai mã kiểm tra")
        return part


def is_text(name: str) -> bool:
    """Tell whether a part is XML as far as its name says."""
    return not name.endswith((*_BINARY, "/"))


def open_archive(data: bytes) -> Archive:
    """Judge the directory of a zip file.

    Raises Refused: file_truncated without an end record, file_damaged, file_suspicious, file_protected, file_too_large.
    """
    infos, start_of_directory = _list(data)
    if len(infos) > MAX_ENTRIES:
        refuse("file_too_large", what=f"{len(infos)} phần trong tệp, nhiều hơn {MAX_ENTRIES}")
    entries: dict[str, Entry] = {}
    for number, info in enumerate(infos, start=1):
        name = info.orig_filename.replace("\\", "/").lower()
        shown = _shown(info.orig_filename, number)
        if name in entries:
            refuse("file_suspicious", what=f"phần {shown} có hai bản")
        entries[name] = _locate(data, info, name, shown)
    _check_overlap(infos, entries.values(), start_of_directory)
    _check_sizes(entries)
    return Archive(data, entries)


def _list(data: bytes) -> tuple[list[zipfile.ZipInfo], int]:
    end = data.rfind(_END)
    if end < 0 or end + 22 > len(data):
        refuse("file_truncated")
    size, _, comment = struct.unpack_from("<IIH", data, end + 12)
    if end + 22 + comment > len(data):
        refuse("file_truncated")
    if MAX_DIRECTORY < size < 0xFFFFFFFF:
        refuse("file_too_large", what="mục lục của tệp dài bất thường")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos, start = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, OSError):
        refuse("file_damaged", what="mục lục của tệp hỏng")
    if data.count(_END, start) > 1:  # readers differ on which of two directories counts
        refuse("file_suspicious", what="tệp có hai mục lục")
    return infos, start


def _locate(data: bytes, info: zipfile.ZipInfo, name: str, shown: str) -> Entry:
    """Find a part's bytes behind its local header, which must name the same part as the directory."""
    if info.flag_bits & 0x1:
        refuse("file_protected")
    if info.compress_type not in (_STORED, _DEFLATED):
        refuse("file_suspicious", what="cách nén lạ")
    if ".." in name.split("/") or name.startswith("/") or ":" in name or "\0" in name:
        refuse("file_suspicious", what="tên phần trỏ ra ngoài tệp")
    at = info.header_offset
    if data[at:at + 4] != _LOCAL or at + 30 > len(data):
        refuse("file_damaged", what=f"không thấy phần {shown}")
    name_size, extra_size = struct.unpack_from("<HH", data, at + 26)
    written = info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace")
    if data[at + 30:at + 30 + name_size] != written:
        refuse("file_suspicious", what=f"phần {shown} mang hai tên")
    return Entry(shown, at + 30 + name_size + extra_size, info.compress_size, info.file_size, info.CRC, info.compress_type)


def _check_overlap(infos: Iterable[zipfile.ZipInfo], entries: Iterable[Entry], end: int) -> None:
    """Refuse parts that share bytes, and bytes before the first part: two readers would see two workbooks."""
    spans = sorted((info.header_offset, entry.start + entry.packed) for info, entry in zip(infos, entries, strict=True))
    if spans and spans[0][0] != 0:
        refuse("file_suspicious", what="có dữ liệu lạ trước phần đầu tiên")
    for (_, stop), following in zip(spans, [start for start, _ in spans[1:]] + [end], strict=True):
        if stop > following:
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
    """Return at most one byte more than declared: a bomb never unfolds."""
    inflater = zlib.decompressobj(-15)
    try:
        part = inflater.decompress(packed, entry.size + 1)
        if len(part) == entry.size and not inflater.eof:  # the end mark may still lie ahead, and one byte too many
            part += inflater.decompress(inflater.unconsumed_tail, 1)
    except zlib.error:
        refuse("file_damaged", what=f"phần {entry.shown} hỏng")
    if not inflater.eof and len(part) <= entry.size:
        refuse("file_damaged", what=f"phần {entry.shown} không đủ")
    return part


def _shown(name: str, number: int) -> str:
    """Return a part's name fit for a message, which holds nothing that a person typed: only a usual name, else its number."""
    last = name.rsplit("/", 1)[-1]
    return last if _COMMON.fullmatch(last) else f"thứ {number}"
