"""The body of a table: what each row below a header is, by its own cells and the rows before it.

What a row is by what follows it (a signature, a note after the last total) is decided in tail.py.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import date
from unicodedata import normalize

from pipeline.anatomy.grid import Filled, Grid
from pipeline.anatomy.header import Header, is_header_row
from pipeline.anatomy.lexicon import Lexicon
from pipeline.anatomy.numbering import is_numbering
from pipeline.anatomy.sections import read_section
from pipeline.anatomy.values import DATA_KINDS, RECORD_KINDS, Kind, Section
from pipeline.anatomy.words import is_blank, is_count, is_figure, is_footer, is_hint, is_marker, is_sample, is_serial, is_total, is_zero
from pipeline.raw import Cell
from pipeline.text import as_text

USUAL = 4
"""Filled cells from which on a row with a number and a name is data without a closer look; in a narrow table all its columns."""
_LEAST = 3
_FIRST_WORDS = """
tổng cộng tong cong người nguoi trưởng thủ kế chủ xác ký ghi lưu nơi tm. kt. stt tt họ thôn xóm ấp bản tổ tdp khu khối ngày ấn danh
ví vd cán lập phó đại trong nam nữ mẫu xã phường"""
SUSPECT = frozenset(_FIRST_WORDS.split())
"""First words of a name's cell that ask for a closer look."""


@dataclass
class Body:
    """The rows of one table below its header, as far as they have been read."""

    kinds: dict[int, Kind] = field(default_factory=dict)
    fills: dict[int, int] = field(default_factory=dict)
    """How many cells of a data row are filled."""
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=25))
    """The same of the last data rows."""
    sections: list[Section] = field(default_factory=list)
    footers: list[int] = field(default_factory=list)
    """Rows worded like signatures or notes."""
    stop: int = 0
    """The row at which reading ended: a header again, or the end of the sheet."""


@dataclass(frozen=True)
class Table:
    """What is known of a table before its rows are read."""

    grid: Grid
    header: Header
    serial: int | None
    name: int | None
    of_people: bool
    plain: bool
    """Its header is written without diacritics."""
    beyond: int
    """The first position that an empty column without a header sets apart."""
    units: frozenset[str]
    """Folded names of known units."""


def read_rows(table: Table, lexicon: Lexicon, body: Body, start: int) -> None:
    """Read rows from `start` until the sheet ends or a header comes again; `body` takes them."""
    grid, serial, name = table.grid, table.serial, table.name
    kinds, fills, recent, fresh = body.kinds, body.fills, body.recent, True
    usual = max(_LEAST, min(USUAL, len(table.header.headed)))
    for row in range(start, grid.height):
        cells = grid.rows[row]
        if name is not None and not fresh:
            text, number = cells[name], cells[serial] if serial is not None else ""
            # Most rows are a number, a name and more: they are told by three cells, without looking at the others.
            if type(text) is str and text[:1].isalpha() and (
                    type(number) in (float, int) or (number == "" and _has_figure(cells)) or (type(number) is str and number.isdecimal())):
                count = len(cells) - cells.count("") - cells.count(None)
                if count >= usual and normalize("NFC", text.split(None, 1)[0].casefold()) not in SUSPECT:
                    kinds[row] = Kind.DATA if serial is None or number != "" else Kind.NO_SERIAL
                    fills[row] = count
                    recent.append(count)
                    continue
        filled = grid.filled(row)
        if filled and _worth_a_look(filled, lexicon) and is_header_row(grid, row, lexicon, table.header):
            body.stop = row
            return
        kind = _first_kind(table, row, filled) if fresh else None
        kinds[row] = kind or _kind(table, body, row, filled, lexicon)
        fresh = fresh and kinds[row] in (Kind.NUMBERING, Kind.HINT, Kind.BLANK, Kind.KEYS)
        if kinds[row] in DATA_KINDS:
            fills[row] = len(filled)
            if kinds[row] in RECORD_KINDS:
                recent.append(len(filled))
    body.stop = grid.height


def _has_figure(cells: list[Cell]) -> bool:
    """Tell whether a row has a number or a date, as no header has."""
    return any(type(cell) is not str or cell[:1].isdecimal() for cell in cells)


def _worth_a_look(filled: list[Filled], lexicon: Lexicon) -> bool:
    """Tell whether a row may be a header again, by its first texts."""
    texts = [str(one.cell) for one in filled[:8] if isinstance(one.cell, str)]
    return len(texts) >= 2 and any(lexicon.knows(text) or text.strip().upper() in ("STT", "TT") for text in texts)


def _first_kind(table: Table, row: int, filled: list[Filled]) -> Kind | None:
    """Return what a row right below a header is when it is no row of the body yet."""
    if is_numbering(filled, len(table.header.headed), table.name if table.of_people else None):
        return Kind.NUMBERING
    return Kind.HINT if filled and all(is_hint(one.cell) for one in filled) else None


def _kind(table: Table, body: Body, row: int, filled: list[Filled], lexicon: Lexicon) -> Kind:
    """Return what a row is."""
    if not filled:
        dotted = sum(isinstance(cell, str) and bool(cell.strip()) for cell in table.grid.rows[row])
        return Kind.PREPARED if dotted >= 2 else Kind.BLANK
    parts = _Parts(table, row, filled)
    texts = [str(one.cell) for one in filled if isinstance(one.cell, str)]
    if filled[0].position >= table.beyond and not parts.closes():
        return Kind.ASIDE
    if texts and is_sample(texts[0]):
        return Kind.SAMPLE
    if not parts.name_text and parts.others and all(is_zero(one.cell) for one in parts.others):
        return Kind.ZEROS
    if parts.numbered and not parts.named and not parts.others:
        return Kind.PREPARED
    if texts and parts.totals(texts):
        return Kind.TOTAL
    if title := parts.title():
        section = read_section(title, row, table.units, lexicon.releases)
        if parts.heads or (section.what != "other" and (table.of_people or len(filled) == 1)):
            body.sections.append(section)
            return Kind.SECTION
    if parts.closes():
        body.footers.append(row)
    return _data_kind(table, body, row, parts)


class _Parts:
    """A row taken apart: its serial number, its name, and the rest."""

    def __init__(self, table: Table, row: int, filled: list[Filled]) -> None:
        cells = table.grid.rows[row]
        self.table, self.row, self.filled = table, row, filled
        self.serial = cells[table.serial] if table.serial is not None else ""
        self.numbered = not is_blank(self.serial) and is_serial(self.serial)
        name = cells[table.name] if table.name is not None else ""
        self.named = not is_blank(name) and not (is_zero(name) and not isinstance(name, str))
        self.name_text = as_text(name) if self.named and not is_zero(name) else ""
        self.others = [one for one in filled if one.position not in (table.serial, table.name)
                       or (one.position == table.name and not self.named)]
        self.heads = False

    def title(self) -> str:
        """Return the text of a row that may head a section, else nothing; `heads`: it can be nothing else."""
        texts = [one for one in self.filled if isinstance(one.cell, str) and not is_zero(one.cell) and not is_count(one.cell)]
        rest_figures = all(isinstance(one.cell, float | int) for one in self.filled if not isinstance(one.cell, str))
        if is_marker(self.filled[0].cell) and len(texts) <= 2 and rest_figures:
            self.heads = self.filled[0].position == self.table.serial
            return as_text(texts[-1].cell)
        if self.numbered or not rest_figures or len(texts) != 1:
            lone = self.numbered and self.table.of_people and self.named and len(self.filled) <= 3 and not self.others_with_text()
            return self.name_text if lone else ""
        only = texts[0]
        text = as_text(only.cell)
        span = self.table.grid.wide_at(self.row, only.position)
        wide = span is not None and span[3] - span[1] >= 2
        if self.table.name is not None and only.position > self.table.name and not wide:
            return ""
        in_front = self.table.serial is not None and only.position <= self.table.serial
        alone = len(self.filled) == 1
        self.heads = (alone and (in_front or text.endswith(":") or wide)) or (
            self.table.of_people and not alone and (text.endswith(":") or text[:1] in "-+–•" or text.casefold() in ("nam", "nữ")))
        return text

    def totals(self, texts: list[str]) -> bool:
        """Tell whether a row is a total: the word first, and beside it only numbers, crosses and counts ("12 người")."""
        first = next(one.position for one in self.filled if isinstance(one.cell, str))
        in_front = not self.numbered or first < (self.table.serial or 0)
        word = texts[0] if in_front else self.name_text if self.table.of_people else ""
        if not word or not is_total(word, self.table.plain) or any(isinstance(one.cell, date) for one in self.filled):
            return False
        return all(text == word or (is_figure(text) and "/" not in text) or text.strip(" -–").casefold() in ("x", "") for text in texts)

    def others_with_text(self) -> bool:
        """Tell whether a cell beside number and name holds a text or a date."""
        return any(not isinstance(one.cell, float | int) for one in self.others)

    def closes(self) -> bool:
        """Tell whether a row is worded like a signature; a person's row in which such a word stands further on is not."""
        if self.numbered or (self.name_text and not is_footer(self.name_text)):
            return False
        return any(isinstance(one.cell, str) and is_footer(one.cell.strip()) for one in self.filled)


def _data_kind(table: Table, body: Body, row: int, parts: _Parts) -> Kind:
    """Return which kind of data a row is that is nothing else."""
    wordy = all(isinstance(one.cell, str) and not as_text(one.cell)[:1].isdecimal() for one in parts.filled)
    if table.name is None:
        if len(parts.filled) == 1 and wordy:
            return Kind.CONTINUATION if body.fills else Kind.HINT
        return Kind.DATA if table.serial is None or not is_blank(parts.serial) else Kind.NO_SERIAL
    if parts.named:
        if parts.numbered or (table.serial is None and parts.others) or (not is_blank(parts.serial) and len(parts.others) > 1):
            return Kind.DATA
        return Kind.NO_SERIAL if parts.others else Kind.NAME_ONLY
    if parts.numbered or len(parts.filled) >= max(3, usual_fill(body) // 2):
        return Kind.DATA if parts.numbered or table.serial is None else Kind.NO_SERIAL
    if body.fills:
        return Kind.CONTINUATION
    return Kind.HINT if wordy else Kind.NO_SERIAL


def usual_fill(body: Body) -> int:
    """Return how many cells the last records of this table had filled (the median)."""
    counts = sorted(body.recent)
    return counts[len(counts) // 2] if counts else 0
