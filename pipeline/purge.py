"""Purge: what earlier runs left behind and nobody needs, marked copies with personal data above all. Planned, then carried out."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.alive import is_alive
from pipeline.find import RETURNED_FOLDER
from pipeline.log import LOG_FILE, LOG_FOLDER, VIETNAM
from pipeline.secrets_file import PREFIX

_BUILDING = re.compile(r"\.(?:dang-ghi|cu)-(.+)-([0-9]+)\Z")
_PRIVATE = re.compile(re.escape(PREFIX) + r"([0-9]+)-")
REASONS = {"returned": "bản đánh dấu không còn sổ gốc bên cạnh", "unfinished": "thư mục tạm của lượt chạy đã dừng giữa chừng",
           "log": "nhật ký cũ"}


class Rest(NamedTuple):
    """Something to remove, and why: a key of REASONS."""

    path: Path
    reason: str
    size: int
    """Bytes."""


def plan_purge(state: Path, inputs: Path, outputs: Path, today: date, days: int = 90) -> list[Rest]:
    """List what can go, nothing is removed: marked copies without their workbook, rests of dead runs, logs older than `days`."""
    found = [*((path, "returned") for path in _orphans(inputs)), *((path, "unfinished") for path in _unfinished(outputs)),
             *((path, "log") for path in _old_logs(state / LOG_FOLDER, today, days))]
    return [Rest(path, reason, _size(path)) for path, reason in found]


def purge(state: Path, inputs: Path, outputs: Path, today: date, days: int, really: bool) -> Iterator[str]:
    """List what can go, and remove it when `really`; yield what to tell."""
    rests = plan_purge(state, inputs, outputs, today, days)
    for rest in rests:
        yield f"{rest.path}: {REASONS[rest.reason]} ({rest.size / 1000:.0f} kB)"
    if not rests:
        yield "Không có gì cần xóa."
    elif not really:
        yield f"{len(rests)} mục có thể xóa. Thêm --yes để xóa."
    else:
        gone, kept = carry_out(rests)
        yield f"Đã xóa {len(gone)} mục" + (f"; không xóa được {len(kept)} mục (đang mở?)." if kept else ".")


def carry_out(rests: Iterable[Rest]) -> tuple[list[Rest], list[Rest]]:
    """Remove the rests; return those that are gone and those that could not be removed."""
    gone: list[Rest] = []
    kept: list[Rest] = []
    for rest in rests:
        (gone if _remove(rest.path) else kept).append(rest)
    return gone, kept


def _orphans(inputs: Path) -> Iterator[Path]:
    """Yield marked copies whose workbook of the same name is no longer in the folder above."""
    for place, folders, files in os.walk(inputs):
        folders.sort()
        if Path(place).name == RETURNED_FOLDER:
            yield from (Path(place, name) for name in sorted(files) if not Path(place).parent.joinpath(name).exists())


def _unfinished(outputs: Path) -> Iterator[Path]:
    """Yield what runs that are dead were building or had moved aside, and their private folders for names."""
    for path in sorted(outputs.glob(".*")):
        match = _BUILDING.match(path.name)
        # A period that a killed run had moved aside may be the only one there is, until the next run puts it back.
        needed = match and path.name.startswith(".cu-") and not (outputs / match[1]).exists()
        if match and not needed and not is_alive(int(match[2])):
            yield path
    for path in sorted(Path(tempfile.gettempdir()).glob(f"{PREFIX}*")):
        if (match := _PRIVATE.match(path.name)) and not is_alive(int(match[1])):
            yield path


def _old_logs(folder: Path, today: date, days: int) -> Iterator[Path]:
    for path in sorted(folder.glob("*")):
        if path.is_file() and path.name != LOG_FILE and (today - _day_of(path)).days > days:
            yield path


def _day_of(path: Path) -> date:
    return datetime.fromtimestamp(path.lstat().st_mtime, VIETNAM).date()


def _size(path: Path) -> int:
    if path.is_dir() and not path.is_symlink():
        return sum(one.lstat().st_size for one in path.rglob("*") if one.is_file())
    return path.lstat().st_size


def _remove(path: Path) -> bool:
    """Remove a file, a folder, or a link and not what it points at; an empty folder for marked copies goes with its last."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if path.parent.name == RETURNED_FOLDER and not any(path.parent.iterdir()):
            path.parent.rmdir()
    except OSError:
        return False
    return True
