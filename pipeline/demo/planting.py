"""Plant mistakes in a commune's books: one for a row at the most, each place told."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pipeline.demo.cases import Row
from pipeline.demo.communes import Book
from pipeline.demo.mistakes import DUPLICATE, MISTAKES, Mistake, shifted
from pipeline.form import load_form

FIRST_ROW = 5
"""The Excel row of a sheet's first row of data: title, hint, keys and headers stand above."""


class Planted(NamedTuple):
    """Where a mistake was planted: file, sheet and header as findings name them. Holds no value from a row."""

    kind: str
    file: str
    sheet: str
    row: int
    column: str


class Spot(NamedTuple):
    """One row of one book."""

    book: Book
    sheet: str
    at: int

    @property
    def row(self) -> Row:
        """Return the row itself."""
        return self.book.rows[self.sheet][self.at]


class Planter:
    """Plants mistakes in one commune after another, taking the kinds in turn; a row gets one at the most."""

    def __init__(self, rng: random.Random, cutoff: date) -> None:
        self._rng = rng
        self._cutoff = cutoff
        self._turn = deque(MISTAKES)

    def plant(self, books: Sequence[Book], count: int) -> list[Planted]:
        """Change up to `count` rows of a commune's books, in place, and tell where; fewer when no row is left."""
        taken: set[tuple[str, str, int]] = set()
        helped = {book.file: _helped(book) for book in books}
        planted: list[Planted] = []
        while len(planted) < count:
            found = self._next(books, taken, helped)
            if not found:
                break
            mistake, spot = found
            taken.add((spot.book.file, spot.sheet, spot.at))
            if mistake.kind == DUPLICATE:
                spot = self._copy_elsewhere(books, spot)
                taken.add((spot.book.file, spot.sheet, spot.at))
            planted.append(_place(mistake.kind, spot, mistake.spoil(spot.row, self._cutoff)))
        return planted

    def _next(self, books: Sequence[Book], taken: set[tuple[str, str, int]],
              helped: dict[str, frozenset[object]]) -> tuple[Mistake, Spot] | None:
        for mistake in tuple(self._turn):
            spots = [spot for spot in _spots(books, mistake, helped) if (spot.book.file, spot.sheet, spot.at) not in taken]
            if spots and (mistake.kind != DUPLICATE or len(_hamlet_books(books)) > 1):
                self._turn.remove(mistake)
                self._turn.append(mistake)
                return mistake, self._rng.choice(spots)
        return None

    def _copy_elsewhere(self, books: Sequence[Book], spot: Spot) -> Spot:
        target = self._rng.choice([book for book in _hamlet_books(books) if book.file != spot.book.file])
        rows = target.rows["people"]
        # Of two rows the one with the later return is counted: the copy is to be the other one.
        earlier = {key: shifted(spot.row, key, -30) for key in ("release_date", "return_date")}
        rows.append({**spot.row, **earlier, "stt": len(rows) + 1, "record_id": None})
        return Spot(target, "people", len(rows) - 1)


def _hamlet_books(books: Iterable[Book]) -> list[Book]:
    return [book for book in books if book.profile == "hamlet"]


def _spots(books: Iterable[Book], mistake: Mistake, helped: dict[str, frozenset[object]]) -> Iterator[Spot]:
    for book in books:
        for at, row in enumerate(book.rows.get(mistake.sheet, ())):
            if mistake.fits(row) and not (mistake.quiet and row["full_name"] in helped[book.file]):
                yield Spot(book, mistake.sheet, at)


def _helped(book: Book) -> frozenset[object]:
    """Return the names in the book's events."""
    return frozenset(row["person"] for key in ("support", "loans") for row in book.rows.get(key, ()))


def _place(kind: str, spot: Spot, column: str) -> Planted:
    sheet = load_form().sheet[spot.sheet]
    return Planted(kind, spot.book.file, sheet.name, FIRST_ROW + spot.at, sheet.by_key[column].header)
