"""Readers: worker processes that may crash, hang or run out of memory; the only module that knows pebble.

What they do is limited in memory and time. A task that comes to grief is a Failure that says why, and no other task's loss.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from multiprocessing.context import BaseContext
from typing import Any, NamedTuple, TypeVar

from pipeline.limits import limit_worker

TIME_LIMIT = 20.0
"""Seconds of one task, from its start: the slowest real workbook takes 1.2."""
_CAUSES = {-6: "cần quá nhiều bộ nhớ", -9: "bị hệ điều hành dừng, có thể vì hết bộ nhớ", -11: "chương trình đọc gặp sự cố"}
R = TypeVar("R")
T = TypeVar("T")


class Failure(NamedTuple):
    """A task that gave no answer, and why, in Vietnamese."""

    why: str


class Readers:
    """A pool of limited worker processes, started when it is first used; `isolated=False` does the work in this process."""

    def __init__(self, count: int = 0, *, isolated: bool = True, time_limit: float = TIME_LIMIT) -> None:
        self.count = count or os.cpu_count() or 1
        self.isolated, self.time_limit = isolated, time_limit
        self._pool: Any = None

    def submit(self, call: Callable[..., T], *arguments: object) -> Future[T]:
        """Run `call` in a worker."""
        if not self.isolated:
            return _done(call, *arguments)
        if self._pool is None:
            from pebble import ProcessPool

            self._pool = ProcessPool(self.count, context=worker_context(), initializer=_prepare)
        future: Future[T] = self._pool.schedule(call, args=list(arguments), timeout=self.time_limit)
        return future

    def spread(self, call: Callable[..., R], tasks: Iterable[Sequence[T]], *more: object,
               meanwhile: Callable[[], None] = lambda: None) -> Iterator[tuple[Sequence[T], R | Failure]]:
        """Yield each task with its answer, `call(task, *more)`, in order; `meanwhile` runs here as the workers begin.

        When a worker comes to grief over a task of many, each of the many is a task of its own.
        """
        futures = [(task, self.submit(call, task, *more)) for task in tasks]
        meanwhile()
        for task, future in futures:
            found = answer(future)
            if isinstance(found, Failure) and len(task) > 1:
                yield from self.spread(call, [[one] for one in task], *more)
            else:
                yield task, found

    def close(self) -> None:
        """Let the workers go, whatever they are doing."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None


def answer(future: Future[T]) -> T | Failure:
    """Wait for a task's answer. Exceptions of ours pass; whatever befell the worker is a Failure."""
    from pebble import ProcessExpired

    try:
        return future.result()
    except TimeoutError:
        return Failure("đọc quá lâu")
    except ProcessExpired as error:
        return Failure(_CAUSES.get(error.exitcode or 0, f"dừng đột ngột, mã {error.exitcode}"))


def worker_context() -> BaseContext:
    """Return how workers are started: where it can be, from a server that has imported what all of them need."""
    os.environ["RUST_BACKTRACE"] = "0"  # with backtraces a reader out of memory hangs instead of dying
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no worker multiplies matrices; each thread would reserve memory
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "pipeline.cli", "pipeline.collect", "python_calamine"])
    return context


def _prepare() -> None:
    gc.disable()
    limit_worker()


def _done(call: Callable[..., T], *arguments: object) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(call(*arguments))
    except Exception as error:
        future.set_exception(error)
    return future
