"""Parts: what must hold for every XML part of a workbook, and which parts are its sheets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.parsers import expat

from pipeline.archive import Archive
from pipeline.refusal import refuse

MAX_SHEETS = 250
"""30 in real workbooks."""
WORKBOOK, RELATIONS, STRINGS, STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/sharedstrings.xml", "xl/styles.xml"
PROPERTIES = "docprops/custom.xml"
FOR_READERS = frozenset({"[content_types].xml", "_rels/.rels", WORKBOOK, RELATIONS, STRINGS, STYLES})
"""What a reader opens besides the sheets."""

_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_USUAL = b'<?xml version="1.0" encoding="UTF-8"'
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)")
_SMALL = 1 << 15
_ROOT = re.compile(rb"<([A-Za-z_][\w:.-]*)")


class Sheet(NamedTuple):
    """One sheet: its name in the workbook, the part that holds it, and how messages call it: a name may be a person's."""

    name: str
    part: str
    shown: str


def check_part(name: str, part: bytes) -> None:
    """Refuse an XML part that is no UTF-8, or brings its own entities."""
    if part.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in part:
        refuse("file_suspicious", what=f"phần {name} không phải chữ UTF-8")
    encoding = None if part.startswith(_USUAL) else _ENCODING.match(part[:200].lstrip(b"\xef\xbb\xbf"))
    if encoding and encoding[1].lower() not in (b"utf-8", b"utf8", b"us-ascii", b"ascii"):
        refuse("file_suspicious", what=f"phần {name} không phải chữ UTF-8")
    if b"!" in part and _DTD.search(part):
        refuse("file_suspicious", what=f"phần {name} tự khai thực thể XML")


def list_sheets(workbook: bytes, relations: bytes, archive: Archive) -> Sequence[Sheet]:
    """Return the sheets in order, each with a part of its own that is there."""
    small = len(workbook) + len(relations) < _SMALL
    sheets = _list_sheets(workbook, relations) if small else _list_sheets.__wrapped__(workbook, relations)
    for sheet in sheets:
        if sheet.part not in archive.entries:
            refuse("file_damaged", what=f"thiếu nội dung của {sheet.shown}")
    return sheets


@lru_cache(maxsize=32)
def _list_sheets(workbook: bytes, relations: bytes) -> Sequence[Sheet]:
    """List the sheets: the same in all workbooks of one template."""
    targets = {at.get("Id", ""): at.get("Target", "") for at in _elements(relations, "Relationship")}
    sheets: list[Sheet] = []
    for at in _elements(workbook, "sheet"):
        target = next((targets.get(value, "") for key, value in at.items() if key.endswith(":id")), "")
        sheets.append(Sheet(at.get("name", ""), _resolve(target), f"sheet thứ {len(sheets) + 1}"))
    if not sheets:
        refuse("file_damaged", what="không có sheet nào")
    if len(sheets) > MAX_SHEETS:
        refuse("file_too_large", what=f"{len(sheets)} sheet")
    seen: dict[str, str] = {}
    for sheet in sheets:
        first = seen.get(sheet.part) or seen.get(sheet.name.casefold())
        if first:
            refuse("sheet_twice", name=f"{first} và {sheet.shown}")
        seen |= {sheet.name.casefold(): sheet.shown, sheet.part: sheet.shown}
    return sheets


def check_whole(name: str, part: bytes) -> None:
    """Refuse a part whose outermost element is not closed at its end."""
    root = _ROOT.search(part, 0, 4096)
    if root is None or not part.rstrip().endswith(b"</" + root[1] + b">"):
        _parse(expat.ParserCreate(), part, name)


def _elements(part: bytes, wanted: str) -> list[Mapping[str, str]]:
    """Return the attributes of every element of one name, whatever its prefix."""
    found: list[Mapping[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rsplit(":", 1)[-1] == wanted:
            found.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    _parse(parser, part, "workbook.xml")
    return found


def _parse(parser: expat.XMLParserType, part: bytes, name: str) -> None:
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError):
        refuse("file_damaged", what=f"phần {name} không trọn vẹn")


def _resolve(target: str) -> str:
    """Return the part a relation points at, in lower case. A target outside the file is never followed."""
    if ".." in target or ":" in target or "\\" in target or target.startswith("//"):
        refuse("file_suspicious", what="sheet trỏ ra ngoài tệp")
    path = target.lower().removeprefix("./").lstrip("/")
    return path if path.startswith("xl/") or target.startswith("/") else "xl/" + path
