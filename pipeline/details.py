"""Details: name the cells of one sheet that hold an error value or a formula; only for sheets where a scan saw some."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.parsers import expat

from pipeline.parts import Sheet
from pipeline.refusal import refuse
from pipeline.scan import column_letters, column_number

MAX_FLAGS = 200
"""Cells named in one sheet; all of them are counted."""
KINDS = ("error", "uncached", "formula")
"""A cell is of the first kind that fits."""
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,8})\$?([0-9]{1,10})\Z")
_NUMBER = re.compile(r"\s*[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\s*\Z")
_DDE = re.compile(r"\s*'?[A-Za-z][\w .]*\|")


class CellFlag(NamedTuple):
    """One cell to look at; its value is not kept."""

    sheet: str
    cell: str
    kind: str


class FlagCount(NamedTuple):
    """How many cells of a sheet are of one kind, named or not."""

    sheet: str
    kind: str
    number: int


class Details:
    """What the detailed look at one sheet found."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.flags: dict[str, list[CellFlag]] = {kind: [] for kind in KINDS}
        self.counts = dict.fromkeys(KINDS, 0)
        self.dde = False
        self._row, self._column = 0, 0
        self._type, self._has_formula, self._has_value = "", False, False
        self._inside, self._text = "", ""

    def listed(self) -> list[CellFlag]:
        """Return the flags, the worst kind first, at most MAX_FLAGS."""
        return [flag for kind in KINDS for flag in self.flags[kind]][:MAX_FLAGS]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow one opening tag."""
        tag = tag.rsplit(":", 1)[-1]
        if tag == "row":
            self._row, self._column = int(attributes["r"]) if attributes.get("r", "").isdecimal() else self._row + 1, 0
        elif tag == "c":
            self._place(attributes.get("r"))
            self._type, self._has_formula, self._has_value = attributes.get("t", "n"), False, False
        elif tag in ("v", "f"):
            if tag == "v" and self._has_value:
                self._refuse("ô có hai giá trị")
            self._inside, self._text = tag, ""
            self._has_value |= tag == "v"
            self._has_formula |= tag == "f"

    def text(self, text: str) -> None:
        """Keep what stands inside a value or formula."""
        if self._inside:
            self._text += text

    def comment(self, _: str) -> None:
        """Refuse a comment inside a value: a reader takes only what stands before it."""
        if self._inside == "v":
            self._refuse("ô có ghi chú ẩn trong giá trị")

    def end(self, tag: str) -> None:
        """Follow one closing tag."""
        tag = tag.rsplit(":", 1)[-1]
        if tag == "f":
            self.dde |= bool(_DDE.match(self._text))
        elif tag == "v":
            self._judge_value()
        elif tag == "c":
            self._judge_cell()
        if tag in ("v", "f"):
            self._inside = ""

    def _place(self, address: str | None) -> None:
        """Move to the cell; the same cell twice would silently count as its last copy."""
        found = _ADDRESS.match(address or "")
        if address is not None and not found:
            self._refuse("địa chỉ ô không đọc được")
        row, column = (int(found[2]), column_number(found[1].encode())) if found else (self._row, self._column + 1)
        if row == self._row and column <= self._column:
            self._refuse("ô ghi hai lần hoặc sai thứ tự")
        self._row, self._column = row, column

    def _judge_value(self) -> None:
        text = self._text
        if self._type == "s" and not text.strip().isdecimal():
            self._refuse("ô trỏ tới chuỗi chữ không có")
        if self._type == "str" or text:
            if self._type == "n" and not _NUMBER.match(text):  # NaN, INF: no number to any program
                self._type = "e"
        elif self._has_formula:
            self._has_value = False

    def _judge_cell(self) -> None:
        if self._type == "e" and self._has_value:
            kind = "error"
        elif self._has_formula:
            kind = "formula" if self._has_value else "uncached"
        else:
            return
        self.counts[kind] += 1
        if self.counts[kind] <= MAX_FLAGS:
            self.flags[kind].append(CellFlag(self.sheet.name, f"{column_letters(self._column)}{self._row}", kind))

    def _refuse(self, what: str) -> None:
        refuse("file_damaged", what=f"{what}, {self.sheet.shown}")


def look_closely(sheet: Sheet, part: bytes) -> Details:
    """Parse a whole sheet. Raises Refused for cells that a reader would misread, and for torn XML."""
    details = Details(sheet)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = details.start, details.end
    parser.CharacterDataHandler, parser.CommentHandler = details.text, details.comment
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError):
        refuse("file_damaged", what=f"{sheet.shown} không trọn vẹn")
    return details

