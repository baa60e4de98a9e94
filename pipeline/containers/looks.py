"""Looks: what python-calamine does not tell of an .xlsx: hidden rows and columns, fonts, struck cells, errors, the date system.

One pass over the parts that say so. Only for workbooks that are not our own template: there nothing of this matters.
"""

from __future__ import annotations

import re

from pipeline.archive import Archive
from pipeline.containers.markup import parse, whole
from pipeline.containers.sheet import Look, Place, Styles
from pipeline.parts import RELATIONS, STRINGS, STYLES, WORKBOOK, list_sheets
from pipeline.refusal import refuse
from pipeline.scan import MAX_COLUMN, column_number

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\Z")
_ON = frozenset({"1", "true"})
_OFF = frozenset({"0", "false", "none"})


def is_ours(archive: Archive) -> bool:
    """Tell whether a workbook names the version of our template it was made from."""
    return WORKBOOK in archive.entries and b"template_version" in archive.read(WORKBOOK)


def look(archive: Archive) -> dict[str, Look]:
    """Return the looks of every sheet by its name. Raises Refused where a part is torn."""
    workbook = archive.read(WORKBOOK)
    date1904 = _is_1904(workbook)
    styles = _styles(archive.read(STYLES)) if STYLES in archive.entries else {}
    struck = _struck_strings(archive.read(STRINGS)) if STRINGS in archive.entries else frozenset()
    looks = {}
    for sheet in list_sheets(workbook, archive.read(RELATIONS), archive):
        page = _Page(styles, struck)
        parse(sheet.shown, archive.read(sheet.part), page.start, *((page.end, page.text) if struck else ()))
        looks[sheet.name] = page.look(date1904)
    return looks


def _is_1904(workbook: bytes) -> bool:
    found: list[bool] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "workbookPr":
            found.append(attributes.get("date1904") in _ON)
    parse("workbook.xml", workbook, start)
    return any(found)


def _styles(part: bytes) -> dict[int, tuple[str, bool]]:
    """Return each cell format's font, by the number that cells give."""
    fonts: list[list[object]] = []
    formats: list[int] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        within = inside[-1] if inside else ""
        inside.append(tag)
        if tag == "font" and within == "fonts":
            fonts.append(["", False])
        elif within == "font" and inside[-3:-2] == ["fonts"]:
            if tag == "name":
                fonts[-1][0] = attributes.get("val", "")
            elif tag == "strike":
                fonts[-1][1] = attributes.get("val", "1") not in _OFF
        elif tag == "xf" and within == "cellXfs":
            formats.append(whole(attributes, "fontId"))

    def end(_: str) -> None:
        inside.pop()
    parse("styles.xml", part, start, end)
    return {number: (str(fonts[font][0]), bool(fonts[font][1])) for number, font in enumerate(formats) if font < len(fonts)}


def _struck_strings(part: bytes) -> frozenset[int]:
    """Return the numbers of shared texts of which every run is struck through."""
    if b"strike" not in part:
        return frozenset()
    runs: list[list[bool]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            runs.append([])
        elif tag == "r" and runs:
            runs[-1].append(False)
        elif tag == "strike" and runs and runs[-1]:
            runs[-1][-1] = attributes.get("val", "1") not in _OFF
    parse("sharedStrings.xml", part, start)
    return frozenset(number for number, one in enumerate(runs) if one and all(one))


class _Page:
    """One sheet, while its elements go by."""

    def __init__(self, styles: dict[int, tuple[str, bool]], struck: frozenset[int]) -> None:
        self._struck_strings = struck
        self._styles = Styles(styles)
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._errors: set[Place] = set()
        self._row = self._column = self._style = 0
        self._type = ""
        self._value: list[str] | None = None
        self._runs: list[bool] = []
        """Whether each run of a text inside the cell is struck through."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Follow one opening tag."""
        if tag == "c":
            self._end_runs()
            self._place(attributes.get("r", ""))
            self._style = whole(attributes, "s", most=1 << 17)
            self._type = attributes.get("t", "")
        elif tag == "v":
            self._value = []
            self._styles.add(self._row, self._column, self._style)
            if self._type == "e":
                self._errors.add((self._row, self._column))
        elif tag == "row":
            self._row, self._column = whole(attributes, "r", self._row + 1), 0
            if attributes.get("hidden") in _ON or _is_nothing(attributes.get("ht")):
                self._hidden_rows.add(self._row)
        elif tag == "is":
            self._styles.add(self._row, self._column, self._style)
            self._runs = []
        elif tag == "r":
            self._runs.append(False)
        elif tag == "strike" and self._runs:
            self._runs[-1] = attributes.get("val", "1") not in _OFF
        elif tag == "col" and (attributes.get("hidden") in _ON or _is_nothing(attributes.get("width"))):
            first, last = whole(attributes, "min", 1, MAX_COLUMN), whole(attributes, "max", 0, MAX_COLUMN)
            self._hidden_columns |= set(range(first, last + 1))

    def text(self, text: str) -> None:
        """Keep what stands inside a value: which shared text, where some are struck through by themselves."""
        if self._value is not None:
            self._value.append(text)

    def end(self, tag: str) -> None:
        """Follow one closing tag."""
        if tag != "v" or self._value is None:
            return
        value, self._value = "".join(self._value).strip(), None
        if self._type == "s" and value.isdecimal() and len(value) < 10 and int(value) in self._struck_strings:
            self._styles.strike(self._row, self._column)

    def look(self, date1904: bool) -> Look:
        """Return what was seen."""
        self._end_runs()
        return Look(frozenset(self._hidden_rows), frozenset(self._hidden_columns), self._styles.fonts(), self._styles.struck(),
                    frozenset(self._errors), date1904)

    def _end_runs(self) -> None:
        if self._runs and all(self._runs):
            self._styles.strike(self._row, self._column)
        self._runs = []

    def _place(self, address: str) -> None:
        found = _ADDRESS.match(address)
        if found:
            self._row, self._column = int(found[2]), column_number(found[1].encode())
        elif address:
            refuse("file_damaged", what="địa chỉ ô không đọc được")
        else:
            self._column += 1


def _is_nothing(size: str | None) -> bool:
    """Tell whether a height or a width is zero: as good as hidden."""
    return size is not None and size.strip(" 0.") == "" and "0" in size
