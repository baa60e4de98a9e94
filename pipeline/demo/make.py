"""Make a demo: a register and the workbooks of invented communes, the same for the same seed."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from pipeline.demo.communes import MERGER, Book, Month, make_commune, make_units
from pipeline.demo.people import People
from pipeline.demo.planting import Planted, Planter
from pipeline.demo.stays import make_window
from pipeline.fault import SettingsFault
from pipeline.form import load_form
from pipeline.units import REGISTER_FILE, Unit
from pipeline.write.register import write_register
from pipeline.write.template import write_workbook

BATCH = 24
"""Workbooks handed to a worker at once."""


@dataclass(frozen=True)
class DemoSummary:
    """How much was written, and where mistakes were planted; no personal values."""

    units: int
    workbooks: int
    people: int
    planted: tuple[Planted, ...]


def make_demo(folder: Path, *, communes: int = 1, hamlets: int = 10, people: int = 12, districts: int = 1, mistakes: int = 0,
              seed: int = 1, period: str = "2026-05", cutoff: date = date(2026, 5, 14), workers: int = 1) -> DemoSummary:
    """Write a register and every unit's workbook into `folder`; `people` is a hamlet's average.

    Without mistakes the data raise no finding; with them, as many rows are wrong as asked for.
    Raises SettingsFault for numbers that make no demo, and when there are too few rows for the mistakes.
    """
    _check(communes, hamlets, people, districts, mistakes)
    units = make_units(random.Random(seed), communes, hamlets, min(districts, communes), cutoff >= MERGER)
    folder.mkdir(parents=True, exist_ok=True)
    write_register(folder / REGISTER_FILE, units)
    maker = _Maker(units, Month(period, make_window(cutoff)), people, mistakes, seed)
    written = write_books(folder, maker.books(), workers)
    if len(maker.planted) < mistakes:
        raise SettingsFault(f"Chỉ có chỗ cho {len(maker.planted)} lỗi mẫu trong {mistakes} lỗi được yêu cầu. "
                            "Hãy tăng số xã, số thôn hoặc số người.")
    return DemoSummary(len(units), written, maker.people, tuple(maker.planted))


def _check(communes: int, hamlets: int, people: int, districts: int, mistakes: int) -> None:
    if min(communes, hamlets, districts) < 1 or min(people, mistakes) < 0 or hamlets > 99:
        raise SettingsFault("Dữ liệu mẫu cần ít nhất 1 xã, 1 đơn vị cấp trên và 1 đến 99 thôn mỗi xã; "
                            "số người và số lỗi không được âm.")


class _Maker:
    """Makes one commune's books after another, so that a whole province need not be held at once."""

    def __init__(self, units: tuple[Unit, ...], month: Month, size: int, mistakes: int, seed: int) -> None:
        self._communes = [unit for unit in units if unit.level == "commune"]
        self._hamlets: dict[str, list[Unit]] = {}
        for unit in units:
            if unit.level == "hamlet":
                self._hamlets.setdefault(unit.parent_id, []).append(unit)
        self._month, self._size, self._mistakes, self._seed = month, size, mistakes, seed
        self.people = 0
        self.planted: list[Planted] = []

    def books(self) -> Iterator[Book]:
        """Yield every book, its mistakes planted: those that find no place wait for the next commune."""
        # Mistakes have dice of their own: a demo with mistakes is the clean one, but for them.
        rng, planter = random.Random(self._seed), Planter(random.Random(f"mistakes {self._seed}"), self._month.window.cutoff)
        source = People(rng)
        for number, commune in enumerate(self._communes, start=1):
            books = make_commune(rng, source, commune, self._hamlets[commune.unit_id], self._size, self._month)
            due = self._mistakes * number // len(self._communes) - len(self.planted)
            self.planted += planter.plant(books, due)
            self.people += sum(len(book.rows.get("people", ())) for book in books)
            yield from books


def write_books(folder: Path, books: Iterable[Book], workers: int = 1) -> int:
    """Write books below `folder`, in several processes where asked, and return how many."""
    if workers <= 1:
        return sum(_write_batch(folder, [book]) for book in books)
    written, waiting, books = 0, deque[Future[int]](), iter(books)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        while batch := list(islice(books, BATCH)):
            waiting.append(pool.submit(_write_batch, folder, batch))
            if len(waiting) > 2 * workers:
                written += waiting.popleft().result()
        return written + sum(future.result() for future in waiting)


def _write_batch(folder: Path, books: list[Book]) -> int:
    for book in books:
        target = folder / book.file
        target.parent.mkdir(parents=True, exist_ok=True)
        write_workbook(target, load_form(), book.profile, book.info, book.rows, book.nil)
    return len(books)
