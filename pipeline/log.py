"""Log: one line for each thing that happened, in Vietnam's time, in files that stay small; never a value from a row."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from pipeline.fault import Fault, where

LOG = logging.getLogger("pipeline")
LOG_FOLDER, LOG_FILE = "log", "pipeline.log"
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
"""Without a time zone database: Windows has none, and Vietnam has kept this offset since 1975."""
_BYTES, _FILES = 1_000_000, 5


class _Lines(logging.Formatter):
    """One line for each record; of an exception its kind and place, never its message, which may hold a value from a row."""

    def format(self, record: logging.LogRecord) -> str:
        """Return time, level and message."""
        when = datetime.fromtimestamp(record.created, VIETNAM).isoformat(timespec="seconds")
        where = f" ({self.formatException(record.exc_info)})" if record.exc_info and record.exc_info[0] else ""
        return f"{when} {record.levelname} {' '.join(record.getMessage().split())}{where}"

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return an exception's kind and the last steps that led to it."""
        return where(ei[1])


class _Files(RotatingFileHandler):
    """The log files; when one cannot be written, the run goes on without."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Say nothing: a full disk is told of where the outputs are written."""


@contextmanager
def logging_to(state: Path) -> Iterator[logging.Logger]:
    """Write what is logged meanwhile to <state>/log/pipeline.log, 1 MB and five older files at the most.

    Raises Fault when the folder cannot be made.
    """
    folder = state / LOG_FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"Không tạo được thư mục nhật ký {LOG_FOLDER} trong thư mục trạng thái: {error.strerror}.") from error
    files = _Files(folder / LOG_FILE, maxBytes=_BYTES, backupCount=_FILES, encoding="utf-8", delay=True)
    files.setFormatter(_Lines())
    level, LOG.propagate = LOG.level, False
    LOG.addHandler(files)
    LOG.setLevel(logging.INFO)
    try:
        yield LOG
    finally:
        LOG.removeHandler(files)
        LOG.setLevel(level)
        LOG.propagate = True
        files.close()
