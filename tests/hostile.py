"""Bad input of every kind we know, made from a good workbook: small, quick and the same every time.

Each kind says what must become of it: a refusal's code; "flags:" or "note:" and what is reported about a file that is
read; "harmless" for what only looks bad and must be read right.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

Parts = dict[str, bytes]
Maker = Callable[[bytes], bytes]
KINDS: list[Kind] = []
PEOPLE = "xl/worksheets/sheet3.xml"
"""Danh sách in a hamlet's workbook."""
WORKBOOK, RELATIONS, STRINGS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"
DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Kind:
    """One kind of bad input."""

    name: str
    outcome: str
    make: Maker


def kind(outcome: str, name: str | None = None) -> Callable[[Maker], Maker]:
    """Register a function from a good workbook's bytes to bad ones."""
    def register(make: Maker) -> Maker:
        KINDS.append(Kind(name or make.__name__, outcome, make))
        return make
    return register


def add(outcome: str, name: str, make: Maker) -> None:
    """Register a kind that is one expression."""
    KINDS.append(Kind(name, outcome, make))


def corpus(good: bytes) -> Iterator[tuple[Kind, bytes]]:
    """Yield every kind with its bytes."""
    for one in KINDS:
        yield one, one.make(good)


def unpack(data: bytes) -> Parts:
    """Return a workbook's parts by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: Mapping[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"",
         level: int = 1) -> bytes:
    """Return a workbook of these parts; a list may name a part twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name given twice is meant
        for name, part in parts.items() if isinstance(parts, Mapping) else parts:
            info = zipfile.ZipInfo("placeholder", DATE)
            info.filename, info.compress_type = name, method  # as written: no backslash is repaired
            archive.writestr(info, part, compresslevel=level)
        archive.comment = comment
    return target.getvalue()


def changed(part: str, change: Callable[[bytes], bytes]) -> Maker:
    """Return a maker that changes one part and packs everything again, checksums right."""
    def make(good: bytes) -> bytes:
        parts = unpack(good)
        after = change(parts[part])
        assert after != parts[part], part
        parts[part] = after
        return pack(parts)
    return make


def replaced(part: str, old: bytes, new: bytes) -> Maker:
    """Return a maker that replaces bytes once in one part."""
    return changed(part, lambda content: content.replace(old, new, 1))


def substituted(part: str, pattern: bytes, new: bytes) -> Maker:
    """Return a maker that replaces every match of a pattern in one part."""
    return changed(part, lambda content: re.sub(pattern, lambda _: new, content))


def cell(content: bytes, attributes: bytes = b"") -> Maker:
    """Return a maker that puts a cell's inner XML into Z5 of Danh sách, the note of the first person."""
    new = b'<c r="Z5"' + (b" " + attributes if attributes else b"") + b">" + content + b"</c>"
    return changed(PEOPLE, lambda part: re.sub(rb'<c r="Z5"[^>]*?(?:/>|>.*?</c>)', lambda _: new, part, count=1))


def row(xml: bytes) -> Maker:
    """Return a maker that adds XML at the end of the rows of Danh sách."""
    return replaced(PEOPLE, b"</sheetData>", xml + b"</sheetData>")


def with_part(name: str, content: bytes) -> Maker:
    """Return a maker that adds a part."""
    return lambda good: pack({**unpack(good), name: content})


def without(name: str) -> Maker:
    """Return a maker that leaves a part out."""
    return lambda good: pack({part: content for part, content in unpack(good).items() if part != name})


def directory_entry(data: bytes, name: str) -> int:
    """Return where the directory's entry of a part begins."""
    at = data.index(b"PK\x01\x02")
    while data[at + 46:at + 46 + len(name)] != name.encode():
        at = data.index(b"PK\x01\x02", at + 4)
    return at


def patched(name: str, field: int, value: bytes, local_field: int | None = None) -> Maker:
    """Return a maker that forges a field of a part's directory entry, and of its local header where given."""
    def make(good: bytes) -> bytes:
        data = bytearray(pack(unpack(good)))
        entry = directory_entry(bytes(data), name)
        local = int.from_bytes(data[entry + 42:entry + 46], "little")
        data[entry + field:entry + field + len(value)] = value
        if local_field is not None:
            data[local + local_field:local + local_field + len(value)] = value
        return bytes(data)
    return make
