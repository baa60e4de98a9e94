"""Survey: find the tables of a sheet and say what each of its rows is.

Pure: a grid in, frozen values out. Rows are Excel's own; of a data cell nothing is in a result but where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.anatomy.anchor import find_anchor, is_key_row
from pipeline.anatomy.body import Body, Table, read_rows
from pipeline.anatomy.grade import grade_table, shown_headers
from pipeline.anatomy.grid import Grid, Merge
from pipeline.anatomy.header import Header, read_header, same_columns
from pipeline.anatomy.layout import is_gap, lay_out
from pipeline.anatomy.lexicon import Lexicon, default_lexicon
from pipeline.anatomy.stack import titles_above
from pipeline.anatomy.tail import cut_tail
from pipeline.anatomy.title import read_title
from pipeline.anatomy.totals import read_totals
from pipeline.anatomy.values import DATA_KINDS, HeaderColumn, Kind, Survey
from pipeline.anatomy.words import is_blank
from pipeline.raw import Cell
from pipeline.text import fold

_BEFORE_SERIAL = 6
"""Columns that may stand before the serial numbers of a table to the right of another one."""


def survey_sheet(
    rows: Sequence[list[Cell]], merges: Sequence[Merge] = (), hidden_rows: frozenset[int] = frozenset(),
    unit_names: Sequence[str] = (), lexicon: Lexicon | None = None,
) -> tuple[Survey, ...]:
    """Return the tables of a sheet, from the left and from the top; none for a sheet that is empty.

    `rows` begin in row 1 and column A; `merges` and `hidden_rows` count from 1; `unit_names` are the register's.
    Tables one below the other share out the rows; of tables side by side each tells what every row is in its own columns.
    """
    grid = Grid(rows, merges)
    if not grid.height:
        return ()
    lexicon = lexicon or default_lexicon()
    units = _folded(tuple(unit_names))
    header = _find_header(grid, lexicon, 0)
    edges = _edges(grid, header) if header else []
    if not edges:
        return _survey_band(grid, header, hidden_rows, units, lexicon)
    bands = [grid.band(left, right) for left, right in pairwise([0, *edges, grid.width])]
    return tuple(table for band in bands
                 for table in _survey_band(band, _find_header(band, lexicon, 0), hidden_rows, units, lexicon))


@lru_cache(maxsize=64)
def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, names))


def _find_header(grid: Grid, lexicon: Lexicon, start: int) -> Header | None:
    anchor = find_anchor(grid, lexicon, start)
    header = read_header(grid, anchor, lexicon, start) if anchor is not None else None
    return header if header and header.columns else None


def _edges(grid: Grid, header: Header) -> list[int]:
    """Return where tables to the right begin: at each further "STT" that heads columns of its own."""
    leaves = {column.position: column.path[-1] for column in header.headed}
    edges: list[int] = []
    for start, end in pairwise([*header.serials[1:], grid.width]):
        own = {leaf for at, leaf in leaves.items() if start <= at < end}
        first = {leaf for at, leaf in leaves.items() if at < header.serials[1]}
        gap = next((at for at in range(start - 1, max(start - 1 - _BEFORE_SERIAL, 0), -1) if is_gap(grid, header, at)), None)
        if len(own) >= 2 and (len(own & first) >= 2 or gap == start - 1):
            edges.append(start if gap is None else gap + 1)
    return edges


def _survey_band(
    grid: Grid, header: Header | None, hidden: frozenset[int], units: frozenset[str], lexicon: Lexicon
) -> tuple[Survey, ...]:
    """Return the tables of one band of columns, from the top."""
    found: list[Survey] = []
    start = 0
    while header is not None:
        table = lay_out(grid, header, units, lexicon)
        body, again = _read_body(table, lexicon)
        end = grid.height if again is None else titles_above(table, body, again.top)
        for row in [row for row in body.kinds if row >= end]:
            del body.kinds[row]
            body.fills.pop(row, None)
        cut_tail(table, body)
        found.append(_finish(table, body, start, end, hidden, lexicon))
        start, header = end, again
    if start < grid.height:
        found.append(_unread(grid, start))
    return tuple(found)


def _read_body(table: Table, lexicon: Lexicon) -> tuple[Body, Header | None]:
    """Read the rows of a table; also return the header of the table below it."""
    grid, body = table.grid, Body()
    read_rows(table, lexicon, body, table.header.bottom + 1)
    while body.stop < grid.height:
        again = read_header(grid, body.stop, lexicon, table.header.bottom + 1)
        if not same_columns(table.header, again) or titles_above(table, body, again.top, repeated=True) < again.top:
            return body, again
        for row in range(again.top, again.bottom + 1):
            body.kinds[row] = Kind.REPEATED
            body.fills.pop(row, None)
        read_rows(table, lexicon, body, again.bottom + 1)
    return body, None


def _unread(grid: Grid, start: int) -> Survey:
    """Return the survey of rows without any header: refused."""
    kinds = tuple(Kind.BLANK if grid.is_empty(row) else Kind.UNREAD for row in range(start, grid.height))
    return Survey(start + 1, grid.height, kinds, why=("no_header",))


def _finish(table: Table, body: Body, start: int, end: int, hidden: frozenset[int], lexicon: Lexicon) -> Survey:
    grid, header, first = table.grid, table.header, table.grid.first
    above = {row: Kind.KEYS if is_key_row(grid, row, lexicon) else Kind.TITLE for row in range(start, header.top) if grid.filled(row)}
    kinds = above | dict.fromkeys(range(header.top, header.bottom + 1), Kind.HEADER) | body.kinds
    data = [row for row in sorted(body.kinds) if body.kinds[row] in DATA_KINDS]
    grade, why = grade_table(table, body.kinds, start)
    down = [(m[0] + 1, m[2] + 1, first + m[1]) for m in grid.merges if m[2] > m[0] and kinds.get(m[0]) in DATA_KINDS]
    return Survey(
        start + 1, end, tuple(kinds.get(row, Kind.BLANK) for row in range(start, end)), _columns(table, data),
        tuple(row + 1 for row in range(header.top, header.bottom + 1)),
        None if table.serial is None else first + table.serial, None if table.name is None else first + table.name,
        table.of_people, read_title(grid, [row for row, kind in above.items() if kind is Kind.TITLE]), tuple(body.sections),
        read_totals(grid, body.kinds, table.name), tuple(down), tuple(row + 1 for row in data if row + 1 in hidden),
        grade, why, shown_headers(table, grade, lexicon))


def _columns(table: Table, data: list[int]) -> tuple[HeaderColumn, ...]:
    """Return the columns with a header, and those without one that have data."""
    paths = {column.position: column.path for column in table.header.headed}
    rows = table.grid.rows
    return tuple(HeaderColumn(table.grid.first + at, paths.get(at, ())) for at in range(table.grid.width)
                 if at in paths or any(not is_blank(rows[row][at]) for row in data))
