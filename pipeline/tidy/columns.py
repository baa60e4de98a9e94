"""Clean each distinct value of a column once, then map: the engine of tidying."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.form import Column, Form
from pipeline.raw import Cell, Trouble
from pipeline.tidy.codes import CodeBook
from pipeline.tidy.dates import parse_date
from pipeline.tidy.numbers import parse_number, parse_tick

Array = NDArray[Any]
PRECISIONS = ("day", "month", "year")
_MEMO_LIMIT = 100_000
"""Distinct values remembered per kind of column before starting over."""


class Issue(NamedTuple):
    """What is to be said about every cell that holds one distinct value."""

    code: str
    values: tuple[tuple[str, object], ...] = ()


class Tidier:
    """Remembers what each distinct value of each kind of column means.

    One per worker process; it holds typed values only as long as the process lives.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._codebooks = {name: CodeBook(codes) for name, codes in form.lists.items()}
        self._memos: dict[tuple[str, str], _Memo] = {}

    def tidy(self, column: Column, cells: Sequence[Cell]) -> tuple[Array, list[tuple[int, Issue]]]:
        """Return a column's typed values and the issues by position.

        date, birth: int64 days since 1970 (NO_DATE for none) · code: int8 position in its list (-1) ·
        tick: bool · count, rate, money: float64 (NaN) · any text: bool, whether something is written.
        """
        dtype = _DTYPES.get(column.type)
        if dtype is None:
            return np.array([cell is not None and cell != "" for cell in cells], dtype=bool), []
        memo = self._memo(column)
        values = np.array([memo[cell] for cell in cells], dtype=dtype)
        return values, [(at, memo.issues[cell]) for at, cell in enumerate(cells) if cell in memo.issues] if memo.issues else []

    def precision(self, cells: Sequence[Cell]) -> Array:
        """Return the precision of each date cell as a position in PRECISIONS."""
        known: dict[Cell, int] = {}
        for cell in set(cells):
            known[cell] = PRECISIONS.index(parse_date(cell).precision)
        return np.array([known[cell] for cell in cells], dtype=np.int8)

    def _memo(self, column: Column) -> _Memo:
        key = (column.type, column.list)
        memo = self._memos.get(key)
        if memo is None or len(memo) > _MEMO_LIMIT:
            memo = self._memos[key] = _Memo(self._parser(column))
        return memo

    def _parser(self, column: Column) -> Callable[[Cell], tuple[Any, Issue | None]]:
        if column.type == "code":
            return _code_parser(self._codebooks[column.list])
        if column.type in ("date", "birth"):
            return _birth if column.type == "birth" else _date
        if column.type == "tick":
            return _tick
        return lambda cell: _number(cell, column.type == "count")


class _Memo(dict[Cell, Any]):
    """Distinct cell -> typed value, parsed on first sight; `issues` keeps what must be said."""

    def __init__(self, parse: Callable[[Cell], tuple[Any, Issue | None]]) -> None:
        super().__init__()
        self.parse = parse
        self.issues: dict[Cell, Issue] = {}

    def __missing__(self, cell: Cell) -> Any:
        value, issue = self.parse(cell)
        self[cell] = value
        if issue:
            self.issues[cell] = issue
        return value


_DTYPES: dict[str, np.dtype[Any]] = {
    "tick": np.dtype(bool), "date": np.dtype(np.int64), "birth": np.dtype(np.int64), "code": np.dtype(np.int8),
    "count": np.dtype(np.float64), "money": np.dtype(np.float64), "rate": np.dtype(np.float64),
}
_PRECISION_WORDS = {"month": "tháng", "year": "năm"}


def _date(cell: Cell) -> tuple[int, Issue | None]:
    parsed = parse_date(cell)
    values = (("precision", _PRECISION_WORDS[parsed.precision]),) if parsed.precision != "day" else ()
    return parsed.days, Issue(parsed.code, values) if parsed.code else None


def _birth(cell: Cell) -> tuple[int, Issue | None]:
    parsed = parse_date(cell)
    # A year alone is a complete answer for a birth (DESIGN §3).
    allowed = parsed.code in ("", "date_incomplete")
    return parsed.days, None if allowed else Issue(parsed.code)


def _tick(cell: Cell) -> tuple[bool, Issue | None]:
    parsed = parse_tick(cell)
    return parsed.value, Issue(parsed.code) if parsed.code else None


def _number(cell: Cell, whole: bool) -> tuple[float, Issue | None]:
    parsed = parse_number(cell, whole)
    return parsed.value, Issue(parsed.code) if parsed.code else None


def _code_parser(book: CodeBook) -> Callable[[Cell], tuple[int, Issue | None]]:
    def parse(cell: Cell) -> tuple[int, Issue | None]:
        parsed = book.parse(cell)
        if not parsed.code:
            return parsed.position, None
        near = book.suggest(cell)
        return parsed.position, Issue(parsed.code, (("suggestion", f" Có phải là “{near}” không?" if near else ""),))
    return parse


def troubles_of(sheet: str, column: str, rows: Sequence[int], issues: Sequence[tuple[int, Issue]]) -> Iterator[Trouble]:
    """Turn a column's issues into troubles that name sheet, row and column."""
    for at, issue in issues:
        yield Trouble(issue.code, sheet, rows[at], column, values=issue.values)
