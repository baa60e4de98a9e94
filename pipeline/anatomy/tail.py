"""The tail of a table: signatures and notes are known by what follows them, which is no data any more."""

from __future__ import annotations

from pipeline.anatomy.body import Body, Table, usual_fill
from pipeline.anatomy.grid import Filled
from pipeline.anatomy.values import Kind
from pipeline.anatomy.words import is_blank, is_figure, is_serial, looks_like_a_name

_MOST_BELOW = 18
"""Rows with something in them that may follow the first signature."""
_LEAST_FILLED = 4
_WEAK = frozenset({Kind.NAME_ONLY, Kind.CONTINUATION, Kind.NO_SERIAL, Kind.DATA, Kind.SECTION})
_IDLE = frozenset({Kind.BLANK, Kind.PREPARED, Kind.ZEROS, Kind.ASIDE})
_SAME = 3
"""Rows without a name that say the same this often were filled in beforehand."""


def cut_tail(table: Table, body: Body) -> None:
    """Decide what is no data by what follows: footers, text after the last total, titles of nothing."""
    rows = sorted(body.kinds)
    _mark_prefilled(table, body, rows)
    data = (row for row in reversed(rows) if body.kinds[row] in (Kind.DATA, Kind.NO_SERIAL))
    last = next((row for row in data if _is_strong(table, body, row)), -1)
    for row in sorted(row for row in body.footers if row in body.kinds):
        below = [r for r in rows if r >= row and body.kinds[r] not in _IDLE]
        if row > last and (len(below) <= _MOST_BELOW or body.kinds[below[-1]] is Kind.NAME_ONLY or len(body.footers) > 1):
            _close(body, below)
            break
    _cut_after_total(table, body, rows, last)
    _cut_titles_of_nothing(body, rows)
    body.sections = [section for section in body.sections if body.kinds.get(section.row - 1) is Kind.SECTION]


def _is_strong(table: Table, body: Body, row: int) -> bool:
    """Tell whether a row is data beyond doubt, whatever stands above it."""
    filled = table.grid.filled(row) if row in body.fills else []
    cells = table.grid.rows[row]
    if row in body.footers and not _is_full(body, filled):
        return False
    if table.serial is not None and not is_blank(cells[table.serial]) and is_serial(cells[table.serial]):
        return table.name is None or not is_blank(cells[table.name]) or _is_full(body, filled)
    return _is_full(body, filled)


def _is_full(body: Body, filled: list[Filled]) -> bool:
    """Tell whether a row is filled as the table's rows are, with a figure among it: signers' names have none."""
    return len(filled) >= min(max(_LEAST_FILLED, usual_fill(body) // 2), max(2, usual_fill(body))) and any(
        is_figure(one.cell) for one in filled)


def _close(body: Body, rows: list[int]) -> None:
    for row in rows:
        body.kinds[row] = Kind.FOOTER
        body.fills.pop(row, None)


def _cut_after_total(table: Table, body: Body, rows: list[int], last: int) -> None:
    """Take text after the last total for what it is: no data, unless it is filled like data."""
    totals = [row for row in rows if body.kinds[row] is Kind.TOTAL and row > last]
    if totals and (last >= 0 or table.name is not None):
        after = [row for row in rows if row > totals[0] and body.kinds[row] in _WEAK and not _names_a_person(table, row)]
        if last >= 0 or not any(body.kinds[row] in (Kind.DATA, Kind.NO_SERIAL, Kind.NAME_ONLY) for row in after):
            _close(body, after)


def _names_a_person(table: Table, row: int) -> bool:
    cell = table.grid.rows[row][table.name] if table.of_people and table.name is not None else ""
    return isinstance(cell, str) and looks_like_a_name(cell)


def _cut_titles_of_nothing(body: Body, rows: list[int]) -> None:
    """Call a section without a known title, after which no data comes, a note; so too loose text after a blank row at the end."""
    sections = {section.row - 1: section for section in body.sections}
    blank_since = False
    tail: list[int] = []
    for row in rows:
        kind = body.kinds[row]
        if kind in (Kind.DATA, Kind.NO_SERIAL, Kind.NAME_ONLY, Kind.PREPARED, Kind.ZEROS, Kind.TOTAL):
            tail, blank_since = [], False
        elif kind is Kind.BLANK:
            blank_since = True
        elif (kind is Kind.SECTION and sections[row].what == "other") or (kind is Kind.CONTINUATION and blank_since):
            tail.append(row)
    _close(body, tail)


def _mark_prefilled(table: Table, body: Body, rows: list[int]) -> None:
    """Take rows without a name that all say the same for prepared ones: a template fills in its hamlet, its formulas."""
    if table.name is None:
        return
    alike: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        if body.kinds[row] is Kind.DATA and is_blank(table.grid.rows[row][table.name]):
            filled = table.grid.filled(row)
            alike.setdefault(tuple((one.position, one.cell) for one in filled if one.position != table.serial), []).append(row)
    for said, where in alike.items():
        if len(where) >= _SAME and len(said) < _LEAST_FILLED:
            for row in where:
                body.kinds[row] = Kind.PREPARED
                body.fills.pop(row, None)
