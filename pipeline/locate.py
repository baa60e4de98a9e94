"""Locate: where a sheet's table stands and which column is which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pipeline.form import Sheet
from pipeline.raw import Cell, RawTable, Trouble
from pipeline.text import clean, fold
from pipeline.tidy.codes import nearest

HEADER_ROWS = 30
"""How far down a sheet the header row is looked for."""
KEY_COLUMNS = {"people": ("full_name",), "support": ("person", "support_date", "support_type"),
               "loans": ("person", "loan_date", "amount"), "models": ("model_type",), "outreach": (),
               "funds": ("date", "kind", "amount")}
"""Without these a sheet cannot be counted; any other missing column is only unknown."""


def locate_table(grid: list[list[Cell]], sheet: Sheet) -> tuple[RawTable | None, list[Trouble]]:
    """Find the header of one sheet and cut out its rows.

    No table comes back when the sheet cannot be counted; the troubles say why.
    """
    if not grid:
        return RawTable(sheet.key, [], {}, {}), []
    header, key_row = _find_header(grid, sheet)
    if header is None:
        written = any(filled(cell) for row in grid for cell in row)
        return (None, [Trouble("header_not_found", sheet.key)]) if written else (RawTable(sheet.key, [], {}, {}), [])
    positions, troubles = _map_columns(grid, header, key_row, sheet)
    key_columns = KEY_COLUMNS.get(sheet.key, ())
    missing = [c for c in sheet.columns if c.key not in positions and c.type not in ("serial", "record_id")]
    troubles += [Trouble("column_missing_key" if c.key in key_columns else "column_missing", sheet.key, column=c.key)
                 for c in missing if c.key in key_columns or c.required or c.required_if]
    if sheet.key == "people" and not {"release_date", "return_date"} & set(positions):
        troubles.append(Trouble("column_missing_key", sheet.key, column="return_date"))
    if any(t.code in ("column_missing_key", "column_ambiguous") for t in troubles):
        return None, troubles
    return _cut_table(grid, header, positions, sheet), troubles


def count_rows(grid: list[list[Cell]], sheet: Sheet) -> int:
    """Count the filled rows below the header of a sheet that cannot be counted; all filled rows when it has no header."""
    header, _ = _find_header(grid, sheet)
    below = grid if header is None else grid[header + 1:]
    return sum(1 for row in below if any(filled(cell) for cell in row))


def _find_header(grid: list[list[Cell]], sheet: Sheet) -> tuple[int | None, int | None]:
    """Return the 0-based header row and key row: the key row when there is one, else the row with most headers."""
    best, best_score = None, 1
    for number, row in enumerate(grid[:HEADER_ROWS]):
        texts = [cell for cell in row if isinstance(cell, str) and cell]
        if sum(cell in sheet.by_key for cell in texts) >= 2 and number + 1 < len(grid):
            return number + 1, number
        score = len({sheet.by_header.get(fold(cell)) for cell in texts} - {None})
        if score > best_score:
            best, best_score = number, score
    return best, None


def _map_columns(grid: list[list[Cell]], header: int, key_row: int | None, sheet: Sheet) -> tuple[dict[str, int], list[Trouble]]:
    positions: dict[str, int] = {}
    troubles: list[Trouble] = []
    keys = grid[key_row] if key_row is not None else []
    for position, cell in enumerate(grid[header]):
        text = _clean_header(cell) if isinstance(cell, str) else ""
        hidden = keys[position] if position < len(keys) else None
        by_header = sheet.by_header.get(fold(text)) if text else None
        key = hidden if isinstance(hidden, str) and hidden in sheet.by_key else by_header
        letter = column_letter(position)
        if key is None:
            if text or _has_data(grid, header, position):
                troubles.append(Trouble("column_unknown", sheet.key, header + 1, letter=letter, values=_suggest(text, sheet)))
            continue
        if key in positions:
            troubles.append(Trouble("column_ambiguous", sheet.key, header + 1, key, letter))
            continue
        if text and by_header != key:
            troubles.append(Trouble("header_differs", sheet.key, header + 1, key, letter))
        positions[key] = position
    return positions, troubles


@lru_cache(maxsize=4096)
def _clean_header(text: str) -> str:
    """Return a header cleaned; thousands of workbooks repeat the same ones."""
    return clean(text)


def _has_data(grid: list[list[Cell]], header: int, position: int) -> bool:
    return any(filled(row[position]) for row in grid[header + 1:])


def _suggest(text: str, sheet: Sheet) -> tuple[tuple[str, object], ...]:
    near = nearest(text, [column.header for column in sheet.columns]) if text else ""
    return (("suggestion", f" Có phải là “{near}” không?" if near else ""),)


def _cut_table(grid: list[list[Cell]], header: int, positions: Mapping[str, int], sheet: Sheet) -> RawTable:
    """Keep the rows in which something other than the serial number is filled."""
    judged = [position for key, position in positions.items() if sheet.by_key[key].type != "serial"]
    rows = [number for number in range(header + 1, len(grid)) if any(filled(grid[number][p]) for p in judged)]
    kept = [grid[number] for number in rows]
    # Most cells are text: asking for it here saves a call for each of millions of cells.
    cells = {key: [cell.strip() if type(cell) is str else plain(cell) for row in kept for cell in (row[position],)]
             for key, position in positions.items()}
    letters = {key: column_letter(position) for key, position in positions.items()}
    return RawTable(sheet.key, [number + 1 for number in rows], cells, letters)


def filled(cell: Cell) -> bool:
    """Tell whether a cell holds anything to see."""
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cell.strip())


def plain(cell: Any) -> Cell:
    """Return a cell without surrounding space; a truth value as the text Excel shows."""
    if isinstance(cell, str):
        return cell.strip()
    return ("TRUE" if cell else "FALSE") if isinstance(cell, bool) else cell


@lru_cache(maxsize=1024)
def column_letter(position: int) -> str:
    """Return the letters of a 0-based column position ("A", "AA")."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
