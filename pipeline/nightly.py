"""Nightly: put this machine's schedule in place, show it or take it away."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pipeline.schedule import Schedule, describe, find_planned, install, make_schedule, remove, show
from pipeline.schedule_texts import Planned

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


def planned_here() -> Planned | None:
    """Return when this machine runs the pipeline by itself; None when it does not. Raises Fault when that cannot be told."""
    return find_planned(_here(_ANY_TIME))


def _here(at: str) -> Schedule:
    platform = "linux" if sys.platform.startswith("linux") else sys.platform
    if platform == "linux" and not shutil.which("systemctl"):
        platform = "cron"
    user = os.getuid() if hasattr(os, "getuid") else 0
    return make_schedule(at, Path.cwd(), Path(sys.executable), platform, user=user)
