"""Workers: processes that write the workbooks; their work is our own, so they need no limits."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, ParamSpec, TypeVar

from pipeline.readers import begin_worker, worker_context

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A pool of worker processes that is only started when it is used."""

    def __init__(self, count: int = 0) -> None:
        self.count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `call` in a worker."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.count, worker_context(), initializer=begin_worker)
        return self._pool.submit(_work, call, *args, **kwargs)

    def close(self) -> None:
        """Let the workers go."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _work(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run one task without looking for circular garbage while it lasts: a seventh of writing's time goes into that."""
    try:
        return call(*args, **kwargs)
    finally:
        gc.collect(0)
