"""Nightly: put this machine's schedule in place, show it or take it away."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.schedule import Schedule, describe, install, make_schedule, remove, show

_ANY_TIME = "01:30"


def change_schedule(at: str | None, removing: bool, printing: bool) -> Iterator[str]:
    """Install (`at` given), print, remove or show the nightly run of the working folder; yield what to tell.

    Raises Fault when the machine's scheduler refuses, SettingsFault for a time that cannot be.
    """
    schedule = _here(at or _ANY_TIME)
    if printing:
        yield describe(schedule)
    elif removing:
        remove(schedule)
        yield "Đã gỡ lịch chạy hằng đêm."
    elif at:
        install(schedule)
        yield f"Đã đặt lịch: chạy mỗi ngày lúc {at} (giờ Việt Nam) trong thư mục {Path.cwd()}."
        yield show(schedule)
    else:
        yield show(schedule) or "Chưa đặt lịch chạy hằng đêm. Đặt bằng: pipeline schedule --at 01:30"


def _here(at: str) -> Schedule:
    platform = "linux" if sys.platform.startswith("linux") else sys.platform
    if platform == "linux" and not shutil.which("systemctl"):
        platform = "cron"
    user = os.getuid() if hasattr(os, "getuid") else 0
    return make_schedule(at, Path.cwd(), Path(sys.executable), platform, user=user)
