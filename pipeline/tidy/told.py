"""What tidying has to say, as troubles: a doubt cell by cell, a repair once for a column of a workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipeline.raw import Trouble

ONCE = frozenset({"value_understood", "date_short_year", "date_from_number", "date_year_in_cell", "dates_swapped", "amounts_small",
                  "citizen_id_padded"})
"""Codes told once for a column, with a count and the first cell."""
_SHOWN = 5
"""Ways of writing that one finding names."""


class Issue(NamedTuple):
    """What is to be said about every cell that holds one distinct value.

    A value `what` is this cell's part of a finding told once for the column.
    """

    code: str
    values: tuple[tuple[str, object], ...] = ()


def tell(sheet: str, column: str, rows: Sequence[int], issues: Sequence[tuple[int, Issue]]) -> Iterator[Trouble]:
    """Turn the issues of one workbook's column, by position in `rows`, into troubles that name sheet, row and column."""
    gathered: dict[str, list[tuple[int, Issue]]] = {}
    for at, issue in issues:
        if issue.code in ONCE:
            gathered.setdefault(issue.code, []).append((at, issue))
        else:
            yield Trouble(issue.code, sheet, rows[at], column, values=issue.values)
    for code, found in gathered.items():
        whats = Counter(str(value) for _, issue in sorted(found) for key, value in issue.values if key == "what")
        what = (("what", _name_ways(whats)),) if whats else ()
        yield Trouble(code, sheet, min(rows[at] for at, _ in found), column, values=(("count", len(found)), *what))


def _name_ways(whats: Counter[str]) -> str:
    """Name the most frequent ways of writing, each with its number of cells, and count the rest."""
    shown = [f"{what} ở {count} ô" for what, count in whats.most_common(_SHOWN)]
    rest = [count for _, count in whats.most_common()[_SHOWN:]]
    return ", ".join([*shown, *([f"{len(rest)} cách viết khác ở {sum(rest)} ô"] if rest else [])])
