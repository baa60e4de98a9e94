"""Ways for a worker to come to grief over one workbook; imports nothing, because the workers import it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import Any

WAYS: dict[str, Callable[[], object]] = {"abort": os.abort, "exit": lambda: os._exit(3), "hang": lambda: time.sleep(600)}


def come_to_grief(way: str, victim: str, call: Callable[..., Any], task: Sequence[Any], *more: object) -> object:
    """Do a task, unless the victim is in it."""
    if any(job.source.name == victim for job in task):
        WAYS[way]()
    return call(task, *more)
