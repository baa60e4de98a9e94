"""Collect: read and tidy every workbook, many to a task, in worker processes when there are many."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from typing import Any, ParamSpec, TypeVar

import numpy as np

from pipeline.find import Source
from pipeline.form import load_form
from pipeline.read import read_workbook
from pipeline.tidy.batch import Batch, Table, Workbook
from pipeline.tidy.columns import Tidier
from pipeline.tidy.workbooks import tidy_batch

TASK_SIZE = 50
"""Workbooks per task: below, starting tasks costs more than reading; far above, the last task is waited for."""
FEW = 40
"""Up to so many workbooks are read in this process: starting workers would take longer."""

Progress = Callable[[int], None]
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Collected:
    """Every workbook's facts and the typed rows of all of them, one table per sheet key."""

    workbooks: list[Workbook]
    tables: dict[str, Table]


class Workers:
    """A pool of worker processes that is only started when it is used."""

    def __init__(self, count: int = 0) -> None:
        self.count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `call` in a worker."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.count, _context(), initializer=gc.disable)
        return self._pool.submit(_work, call, *args, **kwargs)

    def close(self) -> None:
        """Let the workers go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _context() -> BaseContext:
    """Return how workers are started: where it can be, from a server that has imported what all of them need."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "pipeline.cli", "pipeline.collect", "python_calamine"])
    return context


def _work(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run one task without looking for circular garbage while it lasts: a seventh of writing's time goes into that."""
    try:
        return call(*args, **kwargs)
    finally:
        gc.collect(0)


def collect(sources: Sequence[Source], secret: bytes, workers: Workers, meanwhile: Callable[[], None] = lambda: None,
            progress: Progress = lambda done: None) -> Collected:
    """Read and tidy all sources; `meanwhile` runs here while worker processes read, `progress` hears of each task."""
    batches: list[Batch] = []
    for batch in _batches(sources, secret, workers, meanwhile):
        batches.append(batch)
        progress(len(batch.workbooks))
    return Collected([book for batch in batches for book in batch.workbooks], _join(batches))


def _batches(sources: Sequence[Source], secret: bytes, workers: Workers, meanwhile: Callable[[], None]) -> Iterator[Batch]:
    starts = range(0, len(sources), TASK_SIZE)
    if len(sources) <= FEW:
        meanwhile()
        yield from (collect_batch(sources[at:at + TASK_SIZE], at, secret) for at in starts)
        return
    futures = [workers.submit(collect_batch, sources[at:at + TASK_SIZE], at, secret) for at in starts]
    meanwhile()
    for future in futures:
        yield future.result()


_tidiers: dict[int, Tidier] = {}


def collect_batch(sources: Sequence[Source], first_number: int, secret: bytes) -> Batch:
    """Read and tidy one task's workbooks; called in a worker, which keeps what it has learned of distinct values."""
    form = load_form()
    tidier = _tidiers.setdefault(id(form), Tidier(form))
    return tidy_batch([read_workbook(source, form) for source in sources], first_number, form, tidier, secret)


def _join(batches: Sequence[Batch]) -> dict[str, Table]:
    """Join the batches' tables; `person` positions move with the people table's length."""
    tables: dict[str, Table] = {}
    for key in dict.fromkeys(key for batch in batches for key in batch.tables):
        parts = [_shift(batch.tables[key], before) for batch, before in zip(batches, _people_before(batches), strict=True)
                 if key in batch.tables]
        tables[key] = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    return tables


def _people_before(batches: Sequence[Batch]) -> list[int]:
    sizes = [len(batch.tables["people"]["source_row"]) if "people" in batch.tables else 0 for batch in batches]
    return [sum(sizes[:at]) for at in range(len(sizes))]


def _shift(table: Table, before: int) -> Table:
    if "person" not in table:
        return table
    return {**table, "person": np.where(table["person"] >= 0, table["person"] + before, table["person"])}
