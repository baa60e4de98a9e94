"""Tables one below the other: which rows above a further header are its titles."""

from __future__ import annotations

from pipeline.anatomy.body import Body, Table
from pipeline.anatomy.values import DATA_KINDS, Kind
from pipeline.anatomy.words import is_blank, is_serial, looks_like_a_name
from pipeline.text import as_text

_MOST_CELLS = 4
"""Filled cells of a title row."""


def titles_above(table: Table, body: Body, top: int) -> int:
    """Return the row at which the table with a header at `top` begins: `top` itself when no title stands above it.

    Below signatures only the last rows that stand together are titles; else all text up to the last row of the table.
    A section's title with a known unit or release type is no title: the table goes on below the repeated header.
    """
    known = {section.row - 1 for section in body.sections if section.what != "other"}
    signed, first, row, gap = bool(body.footers), top, top - 1, False
    while row > table.header.bottom and body.kinds.get(row) is not None:
        if body.kinds[row] is Kind.BLANK:
            gap = gap or first < top
            row -= 1
            continue
        if row in known or row in body.footers or not _is_title(table, body, row) or (signed and gap):
            break
        first = row
        row -= 1
    return first


def _is_title(table: Table, body: Body, row: int) -> bool:
    """Tell whether a row of the body, as it was read, may be a title: a few texts, no person, no number."""
    kind, cells = body.kinds[row], table.grid.rows[row]
    if kind is Kind.CONTINUATION and body.kinds.get(row - 1) in DATA_KINDS and row - 1 in body.fills:
        return False
    if kind not in (Kind.SECTION, Kind.FOOTER) and kind not in DATA_KINDS:
        return False
    if table.serial is not None and not is_blank(cells[table.serial]) and is_serial(cells[table.serial]):
        return False
    filled = table.grid.filled(row)
    texts = [as_text(one.cell) for one in filled if isinstance(one.cell, str)]
    return len(filled) == len(texts) <= _MOST_CELLS and not any(looks_like_a_name(text) for text in texts)
