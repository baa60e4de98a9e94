"""Collect: read and tidy every workbook, many to a task, in workers that may die of one without harm to the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pipeline.admit import refuse
from pipeline.find import Source
from pipeline.form import load_form
from pipeline.read import read_workbook
from pipeline.readers import Failure, Readers
from pipeline.secrets_file import append_secrets
from pipeline.tables import join_tables
from pipeline.tidy.batch import Batch, Table, Workbook
from pipeline.tidy.columns import Tidier
from pipeline.tidy.workbooks import tidy_batch

TASK_SIZE = 50
"""Workbooks per task: below, starting tasks costs more than reading; far above, the last task is waited for."""
NAMES = "ten"
"""Folder, in the night's private one, of the names and numbers that were seen."""
UNSETTLED = frozenset({"file_changing", "file_truncated"})
"""Troubles of a file that is still being copied: it may be whole in a few seconds."""

K = TypeVar("K")
T = TypeVar("T")
V = TypeVar("V")
Progress = Callable[[int], None]


class Job(NamedTuple):
    """A source to read, and the number it goes by tonight."""

    number: int
    source: Source


class Collected(NamedTuple):
    """Every workbook's facts and the typed rows of all of them, one table per sheet key."""

    workbooks: list[Workbook]
    tables: dict[str, Table]


def collect(jobs: Sequence[Job], secret: bytes, readers: Readers, private: Path, meanwhile: Callable[[], None] = lambda: None,
            progress: Progress = lambda done: None, patience: float = 0) -> list[Batch]:
    """Read and tidy all jobs' sources.

    `private` is a folder for copies and for the night's names; `meanwhile` runs here while workers read; `progress` hears of
    each task. After `patience` seconds, if any, what was still being copied is tried once more.
    """
    batches: list[Batch] = []
    for task, found in readers.spread(collect_batch, cut(jobs), secret, private, meanwhile=meanwhile):
        batches.append(_failed(task, found) if isinstance(found, Failure) else found)
        progress(len(task))
    return _again(jobs, batches, secret, readers, private, patience) if patience else batches


def gather(batches: Sequence[Batch]) -> Collected:
    """Join batches, workbooks and rows in the order of their numbers."""
    return Collected(sorted((book for batch in batches for book in batch.workbooks), key=lambda book: book.number), join_tables(batches))


def collect_batch(jobs: Sequence[Job], secret: bytes, private: Path) -> Batch:
    """Read and tidy one task's workbooks; called in a worker, which keeps what it has learned of distinct values."""
    form = load_form()
    tidier = _tidiers.setdefault(id(form), Tidier(form))
    raws = [read_workbook(job.source, form, _own(private / "so")) for job in jobs]
    tables = [table for raw in raws for table in raw.tables.values()]
    append_secrets(_own(private / NAMES) / "ten",
                   (cell for table in tables for key in ("full_name", "person") for cell in table.cells.get(key, ())),
                   (cell for table in tables for cell in table.cells.get("citizen_id", ())))
    return _share(tidy_batch(raws, [job.number for job in jobs], form, tidier, secret))


def _share(batch: Batch) -> Batch:
    """Let workbooks of one layout hold one and the same description of it: it is sent once, and 90,000 fit into memory."""
    for book in batch.workbooks:
        book.letters = {key: _same(letters) for key, letters in book.letters.items()}
        book.sheet_names, book.info_cells = _same(book.sheet_names), _same(book.info_cells)
    return batch


def _same(facts: dict[K, V]) -> dict[K, V]:
    """Return the first dictionary seen that says the same."""
    if len(_layouts) > 1000:
        _layouts.clear()
    known: dict[K, V] = _layouts.setdefault(tuple(facts.items()), facts)
    return known


_layouts: dict[Any, Any] = {}


def _own(folder: Path) -> Path:
    """Return this process's own folder in a shared one."""
    place = folder / str(os.getpid())
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


_tidiers: dict[int, Tidier] = {}


def cut(jobs: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut a long list into tasks."""
    return (jobs[at:at + TASK_SIZE] for at in range(0, len(jobs), TASK_SIZE))


def _failed(task: Sequence[Job], failure: Failure) -> Batch:
    """Return what is known of workbooks whose reader came to grief."""
    troubles = [(job, refuse(job.source, "reader_failed", why=failure.why).troubles) for job in task]
    return Batch([Workbook(job.number, job.source.name, "", "", troubles=list(found)) for job, found in troubles], {})


def _again(jobs: Sequence[Job], batches: list[Batch], secret: bytes, readers: Readers, private: Path, patience: float) -> list[Batch]:
    """Try once more, a little later, what was still being copied."""
    late = {book.number for batch in batches for book in batch.workbooks if any(t.code in UNSETTLED for t in book.troubles)}
    if not late:
        return batches
    time.sleep(patience)
    for batch in batches:  # a workbook that could not be read has no rows
        batch.workbooks = [book for book in batch.workbooks if book.number not in late]
    return batches + collect([job for job in jobs if job.number in late], secret, readers, private)
