"""Limits: what a worker process may use, so that no file can take the machine with it."""

from __future__ import annotations

import os
import sys

MIB = 1 << 20
MAX_WRITTEN = 64 * MIB
"""Bytes of one file a worker writes: the private copy of a workbook."""


def limit_worker(memory_mib: int = 2048) -> None:
    """Limit this process for good: memory, size of written files, no core dumps, nothing on standard error.

    Windows has no such limits; there only the last two lines do something, and the time limit of the pool remains.
    """
    try:
        import resource
    except ImportError:
        pass
    else:
        for kind, wanted in ((resource.RLIMIT_AS, memory_mib * MIB), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MAX_WRITTEN)):
            _lower(resource, kind, wanted)
    os.environ["RUST_BACKTRACE"] = "0"  # with backtraces a reader out of memory hangs instead of dying
    _silence()


def _lower(resource: object, kind: int, wanted: int) -> None:
    """Set one limit, never above what the process already has."""
    _, hard = resource.getrlimit(kind)  # type: ignore[attr-defined]
    bound = wanted if hard < 0 else min(wanted, hard)  # below zero means no limit
    try:
        resource.setrlimit(kind, (bound, bound))  # type: ignore[attr-defined]
    except (OSError, ValueError):  # macOS has no limit of address space
        return


def _silence() -> None:
    """Send standard error to nowhere: a dying reader prints what it was reading."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - lives as long as the process
