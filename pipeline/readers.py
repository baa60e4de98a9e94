"""Readers: worker processes that may crash, hang or run out of memory; the only module that knows pebble.

What they do is limited in memory and time. A task that comes to grief is a Failure that says why, and no other task's loss.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import connection
from multiprocessing.context import BaseContext
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

from pipeline.fault import Fault, where
from pipeline.limits import limit_worker

TIME_LIMIT = 20.0
"""Seconds of one task, from its start: the slowest real workbook takes 1.2."""
PATIENCE = 30.0
"""Seconds beyond the limit in which no task at all ends: a worker killed while it spoke has left the others mute."""
BEGINNINGS = 3
"""Times a task is begun when the pool breaks down, which is hardly ever the task's doing."""
_CAUSES = {-6: "cần quá nhiều bộ nhớ", -9: "bị hệ điều hành dừng, có thể vì hết bộ nhớ", -11: "chương trình đọc gặp sự cố"}
R = TypeVar("R")
T = TypeVar("T")


class Failure(NamedTuple):
    """A task that gave no answer, and why, in Vietnamese."""

    why: str


class _Raised(NamedTuple):
    """A fault on its way out of a worker."""

    fault: Fault


@dataclass(eq=False)
class Asked(Generic[T]):
    """A task that was handed to the readers."""

    readers: Readers
    call: Callable[..., T]
    arguments: tuple[object, ...]
    future: Future[T | Failure | _Raised] = field(default_factory=Future)
    beginnings: int = 1


class Readers:
    """A pool of limited worker processes, started when it is first used; `isolated=False` does the work in this process."""

    def __init__(self, count: int = 0, *, isolated: bool = True, time_limit: float = TIME_LIMIT, patience: float = PATIENCE) -> None:
        self.count = count or os.cpu_count() or 1
        self.isolated, self.time_limit, self.patience = isolated, time_limit, patience
        self._pool: Any = None
        self._open: list[Asked[Any]] = []
        self._answers = 0
        self._moved = 0.0

    def submit(self, call: Callable[..., T], *arguments: object) -> Asked[T]:
        """Run `call` in a worker."""
        asked = Asked(self, call, arguments)
        if self.isolated:
            self._open.append(asked)
            self._begin(asked)
        else:
            asked.future.set_result(_attempt(call, *arguments))
        return asked

    def spread(self, call: Callable[..., R], tasks: Iterable[Sequence[T]], *more: object,
               meanwhile: Callable[[], None] = lambda: None) -> Iterator[tuple[Sequence[T], R | Failure]]:
        """Yield each task with its answer, `call(task, *more)`, in order; `meanwhile` runs here as the workers begin.

        When a worker comes to grief over a task of many, each of the many is a task of its own.
        """
        given = [(task, self.submit(call, task, *more)) for task in tasks]
        meanwhile()
        for task, asked in given:
            found = answer(asked)
            if isinstance(found, Failure) and len(task) > 1:
                yield from self.spread(call, [[one] for one in task], *more)
            else:
                yield task, found

    def wait_for(self, asked: Asked[T]) -> T | Failure | _Raised:
        """Return what a task gave; a pool that broke down, or in which nothing moves any more, is replaced.

        Raises Fault when no worker of this machine ever answers.
        """
        from pebble import ProcessExpired

        while not self._has_ended(asked):
            if asked.beginnings >= BEGINNINGS:
                self._open.remove(asked)
                if not self._answers:
                    raise Fault("Máy này không chạy được chương trình đọc sổ: các tiến trình đọc đều dừng giữa chừng. "
                                "Kết quả cũ vẫn giữ nguyên. Hãy báo người phụ trách kỹ thuật.")
                return Failure("tiến trình đọc nhiều lần dừng giữa chừng")
            asked.beginnings += 1  # answers are waited for in order: this one was under way
            self._begin_anew()
        if asked in self._open:
            self._open.remove(asked)
        try:
            return asked.future.result()
        except TimeoutError:
            return Failure("đọc quá lâu")
        except ProcessExpired as error:
            return Failure(_CAUSES.get(error.exitcode or 0, f"dừng đột ngột, mã {error.exitcode}"))

    def close(self) -> None:
        """Let the workers go, whatever they are doing."""
        self._open.clear()
        if self._pool is not None:
            self._let_go()

    def _begin(self, asked: Asked[Any]) -> None:
        """Hand a task to the pool; to a new one when the old one turns out to be of no use."""
        self._moved = time.monotonic()
        with suppress(RuntimeError):
            asked.future = self._running_pool().schedule(_attempt, args=[asked.call, *asked.arguments], timeout=self.time_limit)
            asked.future.add_done_callback(self._note)
            return
        asked.future = Future()
        asked.future.set_exception(BrokenProcessPool())

    def _running_pool(self) -> Any:
        if self._pool is None:
            from pebble import ProcessPool

            self._pool = ProcessPool(self.count, context=worker_context(), initializer=_prepare)
        return self._pool

    def _note(self, future: Future[Any]) -> None:
        """Note that something moves; called in a thread of the pool's."""
        self._moved = time.monotonic()
        self._answers += future.exception() is None

    def _has_ended(self, asked: Asked[Any]) -> bool:
        """Wait for a task; return False when the pool is of no use any more."""
        while not wait([asked.future], timeout=1).done:
            if time.monotonic() - self._moved > self.time_limit + self.patience:
                return False
        return not _is_lost(asked)

    def _begin_anew(self) -> None:
        """Replace the pool, and begin every task again that it did not finish."""
        for worker in multiprocessing.active_children():
            if worker.name == "pebble_pool_worker":
                worker.kill()
        self._let_go()
        for asked in self._open:
            if not asked.future.done() or _is_lost(asked):
                self._begin(asked)

    def _let_go(self) -> None:
        """Stop the pool; where its own threads are stuck, they are not waited for."""
        pool, self._pool = self._pool, None
        pool.stop()
        ending = Thread(target=pool.join, daemon=True)
        ending.start()
        ending.join(10)


def answer(asked: Asked[T]) -> T | Failure:
    """Wait for a task's answer. Faults of ours pass; whatever else befell the task or its worker is a Failure."""
    found = asked.readers.wait_for(asked)
    if isinstance(found, _Raised):
        raise found.fault
    return found


def _is_lost(asked: Asked[Any]) -> bool:
    return asked.future.done() and isinstance(asked.future.exception(), BrokenProcessPool)


def _attempt(call: Callable[..., T], *arguments: object) -> T | Failure | _Raised:
    """Run a task. What it raises is made into something that can be sent: an exception of any kind may not be."""
    try:
        return call(*arguments)
    except KeyboardInterrupt:
        raise
    except Fault as fault:
        return _Raised(fault)
    except MemoryError:
        return Failure("cần quá nhiều bộ nhớ")
    except OSError as error:  # a workbook that cannot be opened is no exception: this is the disk of this machine
        return _Raised(Fault(f"Không ghi được vào thư mục tạm của máy: {error.strerror}. Kết quả cũ vẫn giữ nguyên. "
                             "Hãy kiểm tra chỗ trống trên đĩa rồi chạy lại."))
    except BaseException as error:
        return Failure(f"lỗi bên trong chương trình đọc: {where(error)}")


def worker_context() -> BaseContext:
    """Return how workers are started: where it can be, from a server that has imported what all of them need."""
    os.environ["RUST_BACKTRACE"] = "0"  # with backtraces a reader out of memory hangs instead of dying
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no worker multiplies matrices; each thread would reserve memory
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "pipeline.cli", "pipeline.collect", "python_calamine"])
    return context


def begin_worker() -> None:
    """Prepare a worker: no circular garbage is looked for within a task, and it ends with the run that it works for.

    A run that is killed closes nothing: its workers would wait for tasks for ever.
    """
    gc.disable()
    Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        connection.wait([run.sentinel])
        os._exit(1)


def _prepare() -> None:
    limit_worker()
    begin_worker()
