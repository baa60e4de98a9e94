"""The header of a table: one to four rows around its anchor, climbed and descended through merges, and each column's path."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.anatomy.anchor import read_labels
from pipeline.anatomy.grid import Filled, Grid
from pipeline.anatomy.lexicon import Lexicon
from pipeline.anatomy.numbering import is_numbering
from pipeline.anatomy.values import HeaderColumn
from pipeline.anatomy.words import (
    is_blank,
    is_figure,
    is_hint,
    is_sample,
    is_serial_header,
    is_total,
    label_key,
    label_text,
    looks_like_a_name,
    says_title,
    starts_section,
    unit_named,
)
from pipeline.text import as_text

DEEPEST = 4
"""Rows of a header at the most."""
_LONGEST_PARENT = 60


@dataclass(frozen=True)
class Header:
    """Where a header stands, and its columns."""

    top: int
    bottom: int
    columns: tuple[HeaderColumn, ...]
    serials: tuple[int, ...]
    """Positions of columns headed "STT"; two or more of them are tables side by side."""
    hits: int
    """Different known words among the headers."""

    @property
    def headed(self) -> tuple[HeaderColumn, ...]:
        """Return the columns that have a header text."""
        return tuple(column for column in self.columns if column.path)


def read_header(grid: Grid, anchor: int, lexicon: Lexicon, start: int = 0) -> Header:
    """Return the header around an anchor row; rows before `start` belong to another table."""
    top = _climb(grid, anchor, lexicon, start)
    bottom = _descend(grid, top, anchor, lexicon)
    columns = _columns(grid, top, bottom)
    serials = tuple(column.position for column in columns if any(is_serial_header(text) for text in column.path))
    known = {label_key(text) for column in columns for text in column.path if lexicon.knows(text)}
    return Header(top, bottom, columns, serials, len(known))


def _climb(grid: Grid, anchor: int, lexicon: Lexicon, start: int) -> int:
    top = anchor
    while top > start and anchor - top < DEEPEST - 1:
        tied = [m for m in grid.crossing(top) if start <= m[0] and anchor - m[0] < DEEPEST and m[2] - m[0] < DEEPEST]
        if any(_may_be_parent(grid.rows[m[0]][m[1]], lexicon) for m in tied):
            top = min(m[0] for m in tied)
        elif _is_parent_row(grid, top - 1, top, anchor, lexicon):
            top -= 1
        else:
            break
    return top


def _is_parent_row(grid: Grid, above: int, top: int, anchor: int, lexicon: Lexicon) -> bool:
    """Tell whether the row above a header groups its columns, or holds the ones typed higher."""
    filled = grid.filled(above)
    if not filled or not all(isinstance(one.cell, str) for one in filled):
        return False
    own = [one.position for row in range(top, anchor + 1) for one in grid.filled(row)]
    has_serial = any(is_serial_header(as_text(grid.rows[row][at])) for row in range(top, anchor + 1) for at in own)
    if not has_serial and len(filled) > 1 and any(is_serial_header(str(one.cell)) for one in filled):
        return True
    if not all(_may_be_parent(one.cell, lexicon) for one in filled):
        return False
    beside = [one for one in filled if is_blank(grid.rows[top][one.position])]
    if len(beside) >= 2 and any(lexicon.knows(str(one.cell)) for one in beside):
        return True
    if not all(min(own) - 1 <= one.position <= max(own) + 1 for one in filled):
        return False
    spans = [merge for one in filled if (merge := grid.wide_at(above, one.position))]
    partial = [m for m in spans if m[3] - m[1] + 1 <= max(2, (max(own) - min(own) + 1) // 2)]
    covered = sum(not is_blank(grid.rows[top][at]) for m in partial for at in range(m[1], m[3] + 1))
    return bool(partial) and len(partial) == len(spans) and covered >= 2 and not any(
        str(one.cell).isupper() and len(str(one.cell)) > _LONGEST_PARENT // 2 for one in filled)


def _may_be_parent(cell: object, lexicon: Lexicon) -> bool:
    """Tell whether a text above a header may belong to it: no title, no "Đơn vị tính: …", no person."""
    text = as_text(cell)
    if lexicon.knows(text) or is_serial_header(text):
        return True
    return 0 < len(text) <= _LONGEST_PARENT and ":" not in text and not (is_total(text) or says_title(text) or looks_like_a_name(text))


def _descend(grid: Grid, top: int, anchor: int, lexicon: Lexicon) -> int:
    bottom, grown = anchor, True
    while grown:
        grown = False
        for m in grid.merges:
            if top <= m[0] <= bottom < m[2] < top + DEEPEST and not is_blank(grid.rows[m[0]][m[1]]) and m[2] < grid.height:
                bottom, grown = m[2], True
    while bottom - top < DEEPEST - 1 and bottom + 1 < grid.height and _is_sub_row(grid, top, bottom, lexicon):
        bottom += 1
    return bottom


def _is_sub_row(grid: Grid, top: int, bottom: int, lexicon: Lexicon) -> bool:
    """Tell whether the row below a header divides its grouped columns, and does nothing else."""
    filled = grid.filled(bottom + 1)
    texts = [str(one.cell) for one in filled]
    if not filled or any(_is_no_label(one, lexicon) for one in filled) or (len(filled) == 1 and is_total(texts[0])):
        return False
    if is_numbering(filled, 0) or all(is_hint(text) and not lexicon.knows(text) for text in texts) or is_sample(texts[0]):
        return False
    under = [_group_of(grid, top, bottom, one.position) for one in filled]
    if not all(under):
        return False
    known = sum(lexicon.knows(text) for text in texts)
    return 2 * known >= len(texts) or (len(texts) > 1 and bool({"merged", "implied"} & set(under)))


def _is_no_label(one: Filled, lexicon: Lexicon) -> bool:
    if not isinstance(one.cell, str) or len(one.cell) > _LONGEST_PARENT:
        return True
    text = one.cell.strip()
    if lexicon.knows(text):
        return False
    return text[:1].isdecimal() or starts_section(text) or unit_named(text) or looks_like_a_name(text)


def _group_of(grid: Grid, top: int, bottom: int, position: int) -> str:
    """Return how a cell below a header hangs under it: below a group, free of any header, or not at all."""
    for row in range(bottom, top - 1, -1):
        if any(m[1] <= position <= m[3] for m in grid.wide(row)):
            return "merged"
        if not is_blank(grid.rows[row][position]):
            right = position + 1
            opens = right < grid.width and all(is_blank(grid.rows[r][right]) for r in range(top, bottom + 1))
            return "opens" if opens else ""
    return "implied" if position and not is_blank(grid.rows[bottom + 1][position - 1]) else "free"


def _columns(grid: Grid, top: int, bottom: int) -> tuple[HeaderColumn, ...]:
    """Return all columns from the first to the last one with a header, those without one too."""
    owners = {(row, at): (m[0], m[1]) for m in grid.merges if m[0] <= bottom and m[2] >= top and m[0] >= top
              for row in range(m[0], min(m[2], bottom) + 1) for at in range(m[1], min(m[3], grid.width - 1) + 1)}
    texts = [[_text_at(grid, row, at, owners) for at in range(grid.width)] for row in range(top, bottom + 1)]
    for level in reversed(range(len(texts) - 1)):
        _spread(texts, level, {at for row, at in owners if row == top + level})
    paths = [_path([line[at] for line in texts]) for at in range(grid.width)]
    headed = [at for at, path in enumerate(paths) if path]
    if not headed:
        return ()
    return tuple(HeaderColumn(at, paths[at]) for at in range(headed[0], headed[-1] + 1))


def _text_at(grid: Grid, row: int, at: int, owners: dict[tuple[int, int], tuple[int, int]]) -> str:
    r, c = owners.get((row, at), (row, at))
    cell = grid.rows[r][c]
    return "" if is_blank(cell) else as_text(cell)


def _spread(texts: list[list[str]], level: int, merged: set[int]) -> None:
    """Let a group's text that was not merged reach over the blank cells right of it that have texts below."""
    line, below = texts[level], texts[level + 1]
    for at in range(1, len(line)):
        left = at - 1
        if not line[at] and line[left] and below[at] and below[left] and below[left] != line[left] and not {at, left} & merged:
            line[at] = line[left]


def _path(texts: list[str]) -> tuple[str, ...]:
    """Return the distinct texts of a column, top-down, cleaned."""
    path: list[str] = []
    for text in texts:
        shown = label_text(text)
        if shown and shown not in path:
            path.append(shown)
    return tuple(path)


def same_columns(one: Header, other: Header) -> bool:
    """Tell whether two headers are the same table's, the second repeated."""
    mine, theirs = ({c.position: c.path[-1] for c in header.headed} for header in (one, other))
    same = sum(theirs.get(position) == leaf for position, leaf in mine.items())
    return 5 * same >= 4 * max(len(mine), len(theirs))


def is_header_row(grid: Grid, row: int, lexicon: Lexicon, header: Header) -> bool:
    """Tell whether a row below a table is a header again: the same one, or another table's."""
    found = read_labels(grid, row, lexicon)
    if not found or len(found.labels) < 2 or any(is_figure(one.cell) and not isinstance(one.cell, str) for one in found.filled):
        return False
    leaves = {column.position: column.path for column in header.headed}
    same = sum(label_text(str(one.cell)) in leaves.get(one.position, ()) for one in found.labels)
    if same >= 2 and 2 * same >= len(found.filled):
        return True
    return bool(found.serials and found.hits >= 1 and len(found.labels) >= 3) or (found.hits >= 3 and 2 * found.hits >= len(found.labels))
