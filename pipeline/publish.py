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
        _clear_rests(outputs, name)
        building.mkdir()
    except OSError as error:
        raise Fault(f"Không ghi được vào thư mục {outputs.name}: {error.strerror}.") from error
    try:
        yield building
        _move_into_place(building, outputs / name)
    except Exception as error:
        refused = _refusal(error)
        if refused is None:
            raise
        raise Fault(f"Không ghi được kết quả vào {outputs.name}/{name}: {refused.strerror}. Kết quả cũ vẫn giữ nguyên. "
                    "Hãy đóng các tệp kết quả đang mở, kiểm tra chỗ trống trên đĩa rồi chạy lại.") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _clear_rests(outputs: Path, name: str) -> None:
    """Remove what a run that was killed left behind; an old folder that it had moved aside comes back."""
    for aside in sorted(outputs.glob(f".cu-{name}-*")):
        if not (outputs / name).exists():
            aside.rename(outputs / name)
    for rest in [*outputs.glob(f".cu-{name}-*"), *outputs.glob(f".dang-ghi-{name}-*")]:
        shutil.rmtree(rest, ignore_errors=True)


def _refusal(error: Exception) -> OSError | None:
    """Return what the disk refused: the error itself, or the one that XlsxWriter wraps in an error of its own."""
    return next((one for one in (error, *error.args) if isinstance(one, OSError)), None)


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
