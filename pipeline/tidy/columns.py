"""Clean each distinct value of a column once, then map: the engine of tidying."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pipeline.form import Column, Form
from pipeline.raw import Cell
from pipeline.tidy.codes import NO_CODE, CodeBook, understood
from pipeline.tidy.dates import NO_DATE, ParsedDate, day_first, from_days, is_serial, parse_date
from pipeline.tidy.marks import parse_tick, says_no
from pipeline.tidy.numbers import parse_number
from pipeline.tidy.orgs_text import parse_orgs
from pipeline.tidy.told import Issue
from pipeline.tidy.work_text import WorkReader

Array = NDArray[Any]
Issues = list[tuple[int, Issue]]
PRECISIONS = ("day", "month", "year")
OTHER, TRUE_EARLY, TRUE_LATE, TEXT_EARLY, TEXT_LATE = range(5)
"""Kinds of date cells: a true date, or text in day/month/year order, of a day up to the 12th or after it; or neither."""
_MEMO_LIMIT = 100_000
"""Distinct values remembered per kind of column before starting over."""


class Dates(NamedTuple):
    """A column of dates: int64 days since 1970 (NO_DATE for none), and what was seen of each cell."""

    days: Array
    precisions: Array
    """int8 positions in PRECISIONS."""
    kinds: Array
    short: Array
    """bool: the year had two digits."""
    issues: Issues


class Tidier:
    """Remembers what each distinct value of each kind of column means.

    One per worker process; it holds typed values only as long as the process lives.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._codebooks = {name: CodeBook(codes) for name, codes in form.lists.items()}
        self._memos: dict[tuple[str, str, bool, float], _Memo] = {}

    def tidy(self, column: Column, cells: Sequence[Cell], multiplier: float = 1) -> tuple[Array, Issues]:
        """Return a column's typed values and the issues by position; a cell may have several.

        date, birth: int64 days since 1970 (NO_DATE for none) · code: int8 position in its list (-1) ·
        tick: bool · count, rate, money: float64 (NaN), times `multiplier` · any text: bool, whether something is written.
        """
        if column.type in ("date", "birth"):
            dates = self.tidy_dates(column, cells)
            return dates.days, dates.issues
        dtype = _DTYPES.get(column.type)
        if dtype is None:
            return np.array([cell is not None and cell != "" for cell in cells], dtype=bool), []
        memo = self._memo(column, multiplier)
        values = np.array([memo[cell] for cell in cells], dtype=dtype)
        return values, memo.issues_of(cells)

    def tidy_dates(self, column: Column, cells: Sequence[Cell]) -> Dates:
        """Return a column of dates."""
        memo = self._memo(column)
        packed = np.array([memo[cell] for cell in cells], dtype=np.int64)
        days = packed >> 8
        days[days == _NO_DAY] = NO_DATE
        return Dates(days, (packed >> 4 & 3).astype(np.int8), packed & 7, packed & 8 > 0, memo.issues_of(cells))

    def _memo(self, column: Column, multiplier: float = 1) -> _Memo:
        key = (column.type, column.list, column.required and bool(column.list), multiplier)
        memo = self._memos.get(key)
        if memo is None or len(memo) > _MEMO_LIMIT:
            memo = self._memos[key] = _Memo(self._parser(column, multiplier))
        return memo

    def _parser(self, column: Column, multiplier: float) -> Parser:
        if column.type == "code":
            return _code_parser(self._codebooks[column.list], self._finder(column.list), not column.required)
        if column.type in ("date", "birth"):
            return _date_parser(column.type == "birth")
        if column.type == "tick":
            return _tick
        return lambda cell: _number(cell, column.type == "count", multiplier)

    def _finder(self, name: str) -> Callable[[Cell], int]:
        """Return what finds one code of a list inside a longer text."""
        if name == "occupation":
            return lambda cell: self._work.find_occupation(cell)
        if name == "org":
            codes = self.form.codes("org")
            return lambda cell: _only_org(cell, codes)
        return lambda cell: NO_CODE

    @cached_property
    def _work(self) -> WorkReader:
        return WorkReader(self.form)


Parser = Callable[[Cell], tuple[Any, tuple[Issue, ...]]]


class _Memo(dict[Cell, Any]):
    """Distinct cell -> typed value, parsed on first sight; `issues` keeps what must be said."""

    def __init__(self, parse: Parser) -> None:
        super().__init__()
        self.parse = parse
        self.issues: dict[Cell, tuple[Issue, ...]] = {}

    def __missing__(self, cell: Cell) -> Any:
        value, issues = self.parse(cell)
        self[cell] = value
        if issues:
            self.issues[cell] = issues
        return value

    def issues_of(self, cells: Sequence[Cell]) -> Issues:
        """Return the issues by position."""
        if not self.issues:
            return []
        return [(at, issue) for at, cell in enumerate(cells) if cell in self.issues for issue in self.issues[cell]]


_DTYPES: dict[str, np.dtype[Any]] = {
    "tick": np.dtype(bool), "code": np.dtype(np.int8),
    "count": np.dtype(np.float64), "money": np.dtype(np.float64), "rate": np.dtype(np.float64),
}
_PRECISION_WORDS = {"month": "tháng", "year": "năm"}
_NO_DAY = -(2**40)
"""Stands for NO_DATE where a date is packed with what was seen of its cell."""


def _date_parser(birth: bool) -> Parser:
    def parse(cell: Cell) -> tuple[int, tuple[Issue, ...]]:
        parsed = parse_date(cell)
        short = "date_short_year" in (parsed.code, parsed.repair)
        days = _NO_DAY if parsed.days == NO_DATE else parsed.days
        packed = days << 8 | PRECISIONS.index(parsed.precision) << 4 | short << 3 | _kind(cell, parsed)
        return packed, tuple(_date_issues(parsed, birth))
    return parse


def _date_issues(parsed: ParsedDate, birth: bool) -> Iterator[Issue]:
    if parsed.code == "date_incomplete":
        if not birth:  # a year alone is a complete answer for a birth (DESIGN §3)
            yield Issue("date_incomplete", (("precision", _PRECISION_WORDS[parsed.precision]),))
    elif parsed.code:
        yield Issue(parsed.code, (("suggestion", parsed.hint),) if parsed.hint else ())
    if parsed.repair:
        yield Issue(parsed.repair)


def _kind(cell: Cell, parsed: ParsedDate) -> int:
    """Return what a cell tells of the order in which a program took day and month."""
    if parsed.days == NO_DATE or parsed.precision != "day":
        return OTHER
    if isinstance(cell, str):
        first = day_first(cell)
        return (TEXT_LATE if first > 12 else TEXT_EARLY) if first else OTHER
    if isinstance(cell, date) or (isinstance(cell, (int, float)) and is_serial(cell)):
        return TRUE_LATE if from_days(parsed.days).day > 12 else TRUE_EARLY
    return OTHER


def _tick(cell: Cell) -> tuple[bool, tuple[Issue, ...]]:
    parsed = parse_tick(cell)
    if not parsed.word:
        return parsed.value, (Issue(parsed.code),) if parsed.code else ()
    return parsed.value, (Issue(parsed.code, (("what", understood(parsed.word, "có" if parsed.value else "không")),)),)


def _number(cell: Cell, whole: bool, multiplier: float) -> tuple[float, tuple[Issue, ...]]:
    parsed = parse_number(cell, whole, multiplier)
    return parsed.value, (Issue(parsed.code),) if parsed.code else ()


def _code_parser(book: CodeBook, find: Callable[[Cell], int], optional: bool) -> Parser:
    def parse(cell: Cell) -> tuple[int, tuple[Issue, ...]]:
        position, code = book.parse(cell)
        if not code or (position == NO_CODE and optional and says_no(cell)):
            return position, ()
        if position == NO_CODE:
            position = find(cell)
        if position == NO_CODE:
            near = book.suggest(cell)
            return position, (Issue("code_unknown", (("suggestion", f" Có phải là “{near}” không?" if near else ""),)),)
        return position, (Issue("value_understood", (("what", understood(cell, book.codes[position].label)),)),)
    return parse


def _only_org(cell: Cell, codes: Sequence[str]) -> int:
    parsed = parse_orgs(cell)
    return codes.index(next(iter(parsed.codes))) if len(parsed.codes) == 1 and not parsed.issues else NO_CODE
