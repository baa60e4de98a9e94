"""Html tables: the tables of a web page that calls itself a workbook, laid out as Excel lays them out.

Tables stand below each other, text outside them in column A, and each table is a sheet of its own whose rows have the
numbers that Excel shows. Cells are text unless the page says what they are.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from pipeline.containers.html_cells import BREAK, Attributes, PageStyles, cell_text
from pipeline.containers.html_table import Table
from pipeline.containers.sheet import Grid, within_bounds
from pipeline.refusal import refuse

MAX_DEPTH = 30
"""Tables inside tables."""
MAX_TABLES = 250
_MAX_STRAY = 10_000
_OPENING = re.compile(r"<(!--|!|\?|(style|script|xml)\b)", re.IGNORECASE)
_CLOSING = {"!--": re.compile("-->"), "!": re.compile(">"), "?": re.compile(">"), "style": re.compile(r"</style[^>]{0,20}>", re.IGNORECASE),
            "script": re.compile(r"</script[^>]{0,20}>", re.IGNORECASE), "xml": re.compile(r"</xml[^>]{0,20}>", re.IGNORECASE)}
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,200})</x:Name>", re.IGNORECASE)
_IS_1904 = re.compile(r"<x:Date1904\b", re.IGNORECASE)
_LINES = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "center", "ul", "ol", "dt", "dd", "hr", "blockquote"})
_SILENT = frozenset({"title", "noscript", "template", "select", "textarea"})
_STRIKES = frozenset({"s", "strike", "del"})
_GROUPS = frozenset({"thead", "tbody", "tfoot"})
"""Rows of one group; a cell never spans from one group into the next."""
_CELLS = frozenset({"td", "th"})
_PARTS = _CELLS | _GROUPS | {"tr", "col", "font"}


def read_html(page: str) -> list[Grid]:
    """Return the tables. Raises Refused."""
    rest, aside = _strip(page)
    if sum(">" not in piece for piece in rest.split("<")) > _MAX_STRAY:
        refuse("file_damaged", what="thẻ HTML không đóng")
    styles = PageStyles(aside, bool(_IS_1904.search(aside)))
    reader = _Reader(styles)
    try:
        reader.feed(rest)
        reader.close()
    except (AssertionError, ValueError, RecursionError):
        refuse("file_damaged", what="thẻ HTML hỏng")
    tables = reader.finish()
    if not reader.begun:
        refuse("file_unsupported", kind="trang web HTML không có bảng")
    if not tables:
        return [Grid("", True, [])]
    names = _SHEET_NAME.findall(aside)
    if len(names) != len(tables):
        names = [f"Bảng {number}" for number in range(1, len(tables) + 1)] if len(tables) > 1 else [*names, ""][:1]
    return within_bounds(table.grid(name, styles.date1904) for table, name in zip(tables, names, strict=True))


def _strip(page: str) -> tuple[str, str]:
    """Part a page into what is shown, and what stands aside: styles, what only Office sees. What is never closed hides nothing."""
    shown, aside, at = [], [], 0
    unclosed: set[str] = set()
    while found := _OPENING.search(page, at):
        shown.append(page[at:found.start()])
        kind = (found[2] or found[1]).lower()
        closing = None if kind in unclosed else _CLOSING[kind].search(page, found.end())
        if closing:
            at = closing.end()
            if kind != "script":
                aside.append(page[found.start():at])
            continue
        unclosed.add(kind)
        tag = page.find(">", found.end(), found.end() + 1000) if found[2] else -1
        at = tag + 1 if tag >= 0 else found.end()
    return "".join((*shown, page[at:])), "\n".join(aside)


class _Reader(HTMLParser):
    """One page, while its tags go by."""

    def __init__(self, styles: PageStyles) -> None:
        super().__init__(convert_charrefs=True)
        self._styles = styles
        self._stack: list[Table] = []
        self._done: list[Table] = []
        self.begun = 0
        """Tables begun so far."""
        self._row = 1
        """The next free row outside all tables."""
        self._line: list[str] = []
        self._lines: list[tuple[int, str]] = []
        """Lines of text outside all tables since the last one, with their rows."""
        self._silent = ""
        self._strikes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Follow one opening tag."""
        table = self._stack[-1] if self._stack else None
        if tag == "table":
            self._start_table()
        elif tag in _LINES:
            self._break(always=tag == "br")
        elif tag in _SILENT:
            self._silent = tag
        elif tag in _STRIKES:
            self._strikes += 1
        elif table and tag in _PARTS:
            self._start_part(table, tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        """Follow one closing tag."""
        if tag == self._silent:
            self._silent = ""
        elif tag == "table":
            self._end_table()
        elif tag in _STRIKES:
            self._strikes = max(self._strikes - 1, 0)
        elif tag in _LINES:
            self._break(always=False)
        elif self._stack and tag in _PARTS and tag not in ("col", "font"):
            self._end_cell(self._stack[-1])
            if tag in _GROUPS:
                self._stack[-1].start_group()
        elif tag == "caption":
            self._flush()

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        if self._silent:
            return
        data = data.replace(BREAK, " ")
        cell = self._stack[-1].open if self._stack else None
        if cell is None:
            self._line.append(data)
            return
        cell.parts.append(data)
        if not data.isspace():
            cell.struck, cell.plain = (cell.struck + 1, cell.plain) if self._strikes else (cell.struck, cell.plain + 1)

    def finish(self) -> list[Table]:
        """Close what is open and return the tables that hold something, in the order they begin."""
        while self._stack:
            self._end_table()
        self._flush()
        tables = sorted(self._done, key=lambda table: table.number)
        if tables:
            tables[-1].cells |= {(row, 1): text for row, text in self._lines}
        return tables

    def _start_part(self, table: Table, tag: str, attributes: Attributes) -> None:
        """Begin a row, a cell or a group of rows; what was open before it ends."""
        if tag == "font":
            if table.open and attributes.get("face"):
                table.open.font = attributes["face"].split(",")[0].strip()
            return
        if tag == "col":
            table.add_column(attributes)
            return
        self._silent, self._strikes = "", 0
        self._end_cell(table)
        self._flush()
        if tag == "tr":
            table.start_row(attributes)
        elif tag in _CELLS:
            table.start_cell(attributes, self._styles)
        else:
            table.start_group()

    def _start_table(self) -> None:
        self._silent = ""
        self._flush()
        if len(self._stack) >= MAX_DEPTH:
            refuse("file_damaged", what="bảng lồng nhau quá sâu")
        self.begun += 1
        if not self._stack:
            table = Table(self.begun, self._row, 1)
            table.lines, self._lines = self._lines, []
        else:
            table = Table(self.begun, *self._stack[-1].place_inside())
        self._stack.append(table)

    def _end_table(self) -> None:
        if not self._stack:
            return
        self._end_cell(self._stack[-1])
        self._flush()
        table = self._stack.pop()
        table.start_group()
        if not self._stack:
            self._row = table.bottom + 1
        elif not self._stack[-1].take_in(table):
            return
        if table.cells:
            table.cells |= {(row, 1): text for row, text in table.lines}
            self._done.append(table)
        else:
            self._lines = table.lines + self._lines
        if len(self._done) > MAX_TABLES:
            refuse("file_too_large", what=f"hơn {MAX_TABLES} bảng")

    def _end_cell(self, table: Table) -> None:
        table.end_cell(self._styles.date1904)

    def _break(self, always: bool) -> None:
        """End a line of text; an element that only parts lines ends none that is empty."""
        cell = self._stack[-1].open if self._stack else None
        if cell is None:
            self._flush()
        elif always or (cell.parts and cell.parts[-1] != BREAK):
            cell.parts.append(BREAK)

    def _flush(self) -> None:
        """Give the text outside of cells its rows."""
        if not self._line:
            return
        text, self._line = cell_text(self._line), []
        for line in text.splitlines():
            if self._stack:
                self._stack[-1].add_line(line)
            else:
                self._lines.append((self._row, line))
                self._row += 1
