"""Measure a program run as a separate process: wall time, processor time and memory, its descendants included."""

from __future__ import annotations

import ctypes
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SET_SUBREAPER = 36
_INTERVAL = 0.1
_PROC = Path("/proc")
LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Measured:
    """One run, or the medians of several."""

    wall: float
    cpu: float
    """User and system seconds of the program and everything it started."""
    largest: float
    """MiB of the largest single process (ru_maxrss)."""
    together: float | None
    """MiB of all processes at the worst moment (PSS, sampled every 0.1 s); None where there is no /proc."""
    exit_code: int = 0


def measure(command: Sequence[str | Path], times: int = 1, before: Callable[[], None] = lambda: None) -> Measured:
    """Run a command `times` times and return the medians; `before` clears what a run leaves.

    Raises RuntimeError with the end of its error output when the program fails (1 is no failure: critical findings).
    """
    runs = []
    for _ in range(times):
        before()
        runs.append(_run(command))
    together = [run.together for run in runs if run.together is not None]
    return Measured(*(statistics.median(getattr(run, key) for run in runs) for key in ("wall", "cpu", "largest")),
                    statistics.median(together) if together else None, runs[-1].exit_code)


def _run(command: Sequence[str | Path]) -> Measured:
    _adopt_orphans()
    known = set(_children(os.getpid()))
    since = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors: list[bytes] = []
    reader = threading.Thread(target=lambda: errors.append(process.stderr.read() if process.stderr else b""))
    sampler = _Sampler()
    reader.start()
    sampler.start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - since
    sampler.stop()
    usages = [usage, *_reap(known)]
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    if process.stderr:
        process.stderr.close()
    if process.returncode not in (0, 1) or (process.returncode == 1 and b"Traceback" in errors[0]):
        raise RuntimeError(errors[0].decode(errors="replace")[-8000:])
    unit = 1024 if LINUX else 1024 * 1024
    return Measured(wall, sum(u.ru_utime + u.ru_stime for u in usages), max(u.ru_maxrss for u in usages) / unit,
                    sampler.peak, process.returncode)


def _adopt_orphans() -> None:
    """Become the parent of what a program leaves behind (the fork server of its workers), so that its time is counted."""
    if LINUX:
        ctypes.CDLL(None).prctl(_SET_SUBREAPER, 1, 0, 0, 0)


def _reap(known: set[int]) -> Iterator[resource.struct_rusage]:
    """Wait for everything that the program left behind; `known` are children of this process from before."""
    while left := set(_children(os.getpid())) - known:
        for pid in left:
            yield os.wait4(pid, 0)[2]


class _Sampler(threading.Thread):
    """Adds up the proportional memory of every descendant, again and again, and keeps the most."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak: float | None = None
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(_INTERVAL):
            sizes = [_pss(pid) for pid in _descendants(os.getpid())]
            if sizes:
                self.peak = max(self.peak or 0.0, sum(sizes) / 1024)

    def stop(self) -> None:
        self._done.set()
        self.join()


def _children(pid: int) -> Iterator[int]:
    for task in _PROC.glob(f"{pid}/task/*/children"):
        with suppress(OSError):
            yield from map(int, task.read_text(encoding="ascii").split())


def _descendants(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _descendants(child)


def _pss(pid: int) -> int:
    """Return KiB of a process, shared pages divided among those who share them; 0 when it is gone."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
