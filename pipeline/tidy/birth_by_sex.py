"""Birth and sex from a pair of columns Nam | Nữ: the one that is filled tells the sex (domain.md §3.5, wild.md §4.4)."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.raw import Cell
from pipeline.tidy.dates import NO_DATE, parse_date
from pipeline.tidy.marks import parse_tick
from pipeline.tidy.told import Issue


class BirthBySex(NamedTuple):
    """The cell that holds the birth, as typed, and the code of the sex; blank where nobody can tell."""

    birth: Cell = None
    sex: str = ""
    issues: tuple[Issue, ...] = ()


def birth_by_sex(man: Cell, woman: Cell) -> BirthBySex:
    """Understand one pair of cells, the one under Nam and the one under Nữ.

    A mark alone tells the sex and no birth; beside a birth, x, a dash or "không" says "not this one". Two births leave the sex
    open, and the birth too unless they are the same. Nothing in either column is no finding here: both are then missing.
    """
    filled = {sex: cell for sex, cell in (("M", man), ("F", woman)) if _is_birth(cell)}
    if len(filled) == 1:
        return BirthBySex(next(iter(filled.values())), next(iter(filled)))
    if filled:
        same = parse_date(man)[:2] == parse_date(woman)[:2] and parse_date(man).days != NO_DATE
        return BirthBySex(man if same else None, issues=(Issue("birth_both_columns"),))
    marked = [sex for sex, cell in (("M", man), ("F", woman)) if parse_tick(cell).value]
    if len(marked) == 2:
        return BirthBySex(issues=(Issue("birth_both_columns"),))
    return BirthBySex(sex=marked[0] if marked else "")


def _is_birth(cell: Cell) -> bool:
    """Tell whether a cell holds anything but a mark; what cannot be read as a date is said when it is read."""
    return parse_tick(cell).code == "tick_unclear"
