"""Tables one below the other: which rows above a further header are its titles."""

from __future__ import annotations

from pipeline.anatomy.body import Body, Table
from pipeline.anatomy.values import DATA_KINDS, Kind
from pipeline.anatomy.words import is_blank, is_serial, looks_like_a_name, says_title
from pipeline.text import as_text

_MOST_CELLS = 4
"""Filled cells of a title row."""


def titles_above(table: Table, body: Body, top: int, *, repeated: bool = False) -> int:
    """Return the row at which the table with a header at `top` begins: `top` itself when no title stands above it.

    Below signatures only the last rows that stand together are titles; else all text up to the last row of the table.
    Above a `repeated` header nothing but a known unit or release type is a section's title: the table goes on below.
    """
    known = {section.row - 1 for section in body.sections if section.what != "other"}
    first, row, gap, telling = top, top - 1, False, False
    while row > table.header.bottom and body.kinds.get(row) is not None:
        if body.kinds[row] is Kind.BLANK:
            gap = gap or first < top
            row -= 1
            continue
        if row in body.footers or not _is_title(table, body, row, gap):
            break
        telling = telling or row not in known
        first = row
        row -= 1
    return first if telling or not repeated else top


def _is_title(table: Table, body: Body, row: int, gap: bool) -> bool:
    """Tell whether a row of the body, as it was read, may be a title: a few texts, no person, no number.

    What reads like data, or stands on its own between signatures and the title, must be worded like a title.
    """
    kind, cells = body.kinds[row], table.grid.rows[row]
    if kind not in (Kind.SECTION, Kind.FOOTER) and kind not in DATA_KINDS:
        return False
    if table.serial is not None and not is_blank(cells[table.serial]) and is_serial(cells[table.serial]):
        return False
    filled = table.grid.filled(row)
    texts = [as_text(one.cell) for one in filled if isinstance(one.cell, str)]
    if not len(filled) == len(texts) <= _MOST_CELLS or any(looks_like_a_name(text) for text in texts):
        return False
    if kind in (Kind.DATA, Kind.NO_SERIAL) and len(filled) > 2:
        return False
    attached = kind is Kind.CONTINUATION and row - 1 in body.fills
    doubtful = attached or kind in (Kind.DATA, Kind.NO_SERIAL) or (gap and bool(body.footers))
    return not doubtful or any(says_title(text) for text in texts)
