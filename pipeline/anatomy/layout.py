"""The layout of a table: which column numbers its rows, which one names them, and where the table ends to the right."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pipeline.anatomy.body import Table
from pipeline.anatomy.grid import Grid
from pipeline.anatomy.header import Header
from pipeline.anatomy.lexicon import Lexicon
from pipeline.anatomy.words import has_marks, is_blank, is_figure
from pipeline.raw import Cell

_LOOKED_AT = 12
"""Filled cells of a column that are looked at."""
_LEAST_RISING = 3


def lay_out(grid: Grid, header: Header, units: frozenset[str], lexicon: Lexicon) -> Table:
    """Return what is known of a table from its header and a look at its first rows."""
    columns = {column.position: column.path for column in header.headed}
    people = [position for position, path in columns.items() if lexicon.heads_people(path)]
    serial = header.serials[0] if header.serials else _serial_without_header(grid, header, people)
    name = people[0] if people else _label_column(grid, header, serial)
    plain = not any(has_marks(text) for path in columns.values() for text in path)
    return Table(grid, header, serial, name, bool(people), plain, _beyond(grid, header, name, lexicon), units)


def _beyond(grid: Grid, header: Header, name: int | None, lexicon: Lexicon) -> int:
    """Return the position of an empty column beyond which at most one header is known: a list of codes stands there."""
    columns = {column.position: column.path for column in header.headed}
    known = sorted(at for at, path in columns.items() if any(map(lexicon.knows, path)))
    start = max(known[-2] if len(known) > 1 else 0, grid.width if name is None else name + 1)
    return next((at for at in range(start, max(columns)) if at not in columns and is_gap(grid, header, at)), grid.width)


def is_gap(grid: Grid, header: Header, position: int) -> bool:
    """Tell whether a column has neither a header nor anything below it."""
    return all(is_blank(grid.rows[row][position]) for row in range(header.top, grid.height))


def _first_cells(grid: Grid, header: Header, position: int) -> Sequence[Cell]:
    found: list[Cell] = []
    for row in range(header.bottom + 1, grid.height):
        cell = grid.rows[row][position]
        if not is_blank(cell):
            found.append(cell)
            if len(found) == _LOOKED_AT:
                break
    return found


def _label_column(grid: Grid, header: Header, serial: int | None) -> int | None:
    """Return the column after the serial numbers when it holds words; without serial numbers no column names the rows."""
    after = [column.position for column in header.headed if serial is not None and column.position > serial]
    if not after:
        return None
    cells = _first_cells(grid, header, after[0])
    words = sum(isinstance(cell, str) and not is_figure(cell) for cell in cells)
    return after[0] if 2 * words >= len(cells) else None


def _serial_without_header(grid: Grid, header: Header, people: list[int]) -> int | None:
    """Return a column left of the names, without a header, whose numbers rise by one."""
    headed = {column.position for column in header.headed}
    for position in range(people[0] if people else 0):
        numbers = [cell for cell in _first_cells(grid, header, position) if isinstance(cell, float | int)]
        rising = sum(later - earlier == 1 for earlier, later in pairwise(numbers))
        if position not in headed and rising >= _LEAST_RISING - 1 and rising >= len(numbers) // 2:
            return position
    return None
