"""Records: the processing log that an inspection can read: who did what to which file, and when. No value from a row.

The law on personal data wants it (Nghị định 13/2023/NĐ-CP; Luật Bảo vệ dữ liệu cá nhân). One CSV a year in the state folder,
which lines are only ever added to.
"""

from __future__ import annotations

import csv
import getpass
import io
import os
import platform
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.log import LOG, LOG_FOLDER, VIETNAM

RECORDS_FILE = "xu-ly-{year}.csv"
HEADER = ("time", "who", "action", "subject", "sha256", "result")
BEGUN, READ, UNREADABLE, WRITTEN = "bắt đầu", "đọc", "không đọc được", "ghi"
PUBLISHED, UNCHANGED, ERASED, STOPPED = "phát hành", "không thay đổi", "xóa", "dừng"
ACTIONS = (BEGUN, READ, UNREADABLE, WRITTEN, PUBLISHED, UNCHANGED, ERASED, STOPPED)
_BOM, _END = b"\xef\xbb\xbf", b"\r\n"


class Row(NamedTuple):
    """One thing done."""

    action: str
    """One of ACTIONS."""
    subject: str = ""
    """A path below inputs/ or outputs/; empty for the run itself."""
    sha256: str = ""
    result: str = ""
    """How it ended, in a few words or counts."""


class Records:
    """What one run did, collected and then appended in one go."""

    def __init__(self, state: Path, who: str) -> None:
        self._state, self._who = state, who
        self._rows: list[Row] = []

    def add(self, action: str, subject: str = "", sha256: str = "", result: str = "") -> None:
        """Remember one thing done."""
        self._rows.append(Row(action, subject, sha256, result))

    def write(self, moment: datetime) -> bool:
        """Append what was remembered, and forget it; return whether it was written."""
        rows, self._rows = self._rows, []
        return append(self._state, moment, self._who, rows)


def append(state: Path, moment: datetime, who: str, rows: Iterable[Row]) -> bool:
    """Append rows to the log of the moment's year in Vietnam, whole and on the disk; return whether that went well.

    A failure is a warning in pipeline.log, never a fault. The state folder is not made.
    """
    when = moment.astimezone(VIETNAM)
    time = when.isoformat(timespec="seconds")
    lines = _as_lines((time, who, *row) for row in rows)
    if not lines:
        return True
    folder = state / LOG_FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        _append(folder / RECORDS_FILE.format(year=when.year), lines)
    except OSError as error:
        LOG.warning("Chưa ghi được nhật ký xử lý dữ liệu (%s). Kết quả không bị ảnh hưởng.", error.strerror or type(error).__name__)
        return False
    return True


def who_works() -> str:
    """Return user@machine (process), as runs sign what they do."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        user = "?"
    return f"{user}@{platform.node() or '?'} ({os.getpid()})"


def _append(path: Path, lines: bytes) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(-1, os.SEEK_END)
        # A line that a full disk cut short is closed first, so that it spoils no other.
        head = _BOM + _as_lines([HEADER]) if not size else b"" if file.read(1) == _END[-1:] else _END
        whole = head + lines
        if file.write(whole) != len(whole):
            raise OSError(0, "ghi chưa hết, đĩa có thể đã đầy")
        os.fsync(file.fileno())


def _as_lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([_tame(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8", "replace")


def _tame(text: str) -> str:
    """Return text that no spreadsheet evaluates when the CSV is opened."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text
