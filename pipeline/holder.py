"""Holder: who has a workbook open, as the lock file beside it says."""

from __future__ import annotations

import stat
from pathlib import Path

OLD_DAYS = 7
"""A lock file older than this was left by a crash: nobody keeps a workbook open for a week."""
_NARROW, _WIDE_SIZE, _WIDE = 52, 55, 57
"""Excel's owner file: a length and at most 52 bytes in the machine's code page; further on a length and the name in UTF-16."""


def lock_holder(path: Path, now: float | None = None) -> str | None:
    """Return who holds a workbook open, an empty string when its lock file does not say; None when nobody does.

    `now` in seconds since 1970 tells old locks, which are ignored; without it every lock counts.
    """
    for name, read in ((f"~${path.name}", _excel_owner), (f".~lock.{path.name}#", _office_owner)):
        try:
            lock = path.with_name(name)
            kept = lock.lstat()
            if not stat.S_ISREG(kept.st_mode) or (now is not None and now - kept.st_mtime > OLD_DAYS * 86_400):
                continue
            with lock.open("rb") as file:
                return _clean(read(file.read(1024)))
        except PermissionError:  # Excel keeps its owner file to itself on Windows
            return ""
        except (OSError, ValueError):
            continue
    return None


def _excel_owner(data: bytes) -> str:
    size = data[_WIDE_SIZE] if len(data) > _WIDE_SIZE else 0
    wide = data[_WIDE:_WIDE + 2 * size]
    if 0 < size <= _NARROW and len(wide) == 2 * size:
        return wide.decode("utf-16-le", "replace")
    return data[1:1 + data[0]].decode("cp1258", "replace") if data and data[0] <= _NARROW else ""


def _office_owner(data: bytes) -> str:
    """Return the first field that says something: the person's name, the account, the machine."""
    fields = data.decode("utf-8", "replace").split(",")
    return next((field for field in fields[:3] if field.strip()), "")


def _clean(name: str) -> str:
    """Return a name fit for one line of a report."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:60]
