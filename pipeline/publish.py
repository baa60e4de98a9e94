"""Publish: outputs/<period>/ is complete or absent; it is built beside and moved into place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.fault import Fault


@contextmanager
def publishing(outputs: Path, name: str) -> Iterator[Path]:
    """Give a folder to build in; at the end it becomes outputs/<name>, whole, or nothing changes.

    Raises Fault when the folder cannot be written or the old one cannot be replaced.
    """
    building = outputs / f".dang-ghi-{name}-{os.getpid()}"
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
    except OSError as error:
        raise Fault(f"Không ghi được vào thư mục {outputs.name}: {error.strerror}.") from error
    try:
        yield building
        _move_into_place(building, outputs / name)
    except OSError as error:
        raise Fault(f"Không ghi được kết quả vào {outputs.name}/{name}: {error.strerror}. Kết quả cũ vẫn giữ nguyên.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _move_into_place(building: Path, place: Path) -> None:
    old = place.with_name(f".cu-{place.name}-{os.getpid()}")
    if place.exists():
        place.rename(old)
    try:
        building.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)
