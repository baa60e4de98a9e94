"""Faults: what is wrong with our own world, never with someone's data."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb


class Fault(Exception):
    """Dừng lại: có điều chưa đúng ở phần cài đặt."""

    exit_code = 2

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__ or "")


class SettingsFault(Fault):
    """Tệp cài đặt hoặc tùy chọn dòng lệnh chưa đúng."""


class LockFault(Fault):
    """Một lượt chạy khác đang làm việc; hãy chờ lượt đó xong rồi chạy lại."""

    exit_code = 3


class TripwireFault(Fault):
    """Phát hiện dữ liệu cá nhân trong kết quả nên không phát hành."""

    exit_code = 4


def where(error: BaseException) -> str:
    """Return an error's kind and the last steps that led to it; never its message, which may hold a value from a row."""
    steps = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)]
    return f"{type(error).__name__} tại {' > '.join(steps[-3:])}"
