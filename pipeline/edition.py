"""Which period is published, and the two dates that it lies between (DESIGN §4)."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from pipeline.fault import Fault
from pipeline.settings import Settings
from pipeline.statistics import Edition
from pipeline.tidy.batch import Workbook
from pipeline.tidy.dates import NO_DATE, from_days


def choose_edition(workbooks: Sequence[Workbook], settings: Settings, today: date, known: dict[str, date]) -> Edition:
    """Settle period, cut-off and previous cut-off: given, else what the workbooks confirm, else the preset.

    `known` gives the cut-offs of periods already published.
    Raises Fault when no workbook confirms a period and none is given.
    """
    period = settings.period or newest_period(workbooks, today)
    cutoff = settings.cutoff or agreed_cutoff(workbooks, period) or preset_cutoff(period, settings.cutoff_preset)
    previous = settings.previous_cutoff or _previous_cutoff(workbooks, period, cutoff, settings, known)
    if previous >= cutoff:
        raise Fault(f"Ngày chốt kỳ trước ({previous:%d/%m/%Y}) phải trước ngày chốt {cutoff:%d/%m/%Y}.")
    return Edition(period, cutoff, previous, settings.conditional_release_policy, settings.mass_orgs)


def newest_period(workbooks: Iterable[Workbook], today: date) -> str:
    """Return the newest period that a workbook confirms, not later than next month."""
    latest = f"{_month_after(today.year, today.month)[0]:04d}-{_month_after(today.year, today.month)[1]:02d}"
    periods = [book.period for book in workbooks if book.period and book.period <= latest]
    if not periods:
        raise Fault("Chưa sổ nào ghi Kỳ báo cáo đọc được. Hãy ghi Kỳ báo cáo trong sheet Thông tin, hoặc chạy với --period.")
    return max(periods)


def agreed_cutoff(workbooks: Iterable[Workbook], period: str) -> date | None:
    """Return the cut-off that most of a period's workbooks state; of equally many the later one."""
    stated = Counter(book.cutoff_days for book in workbooks if book.period == period and book.cutoff_days != NO_DATE)
    if not stated:
        return None
    return from_days(max(stated, key=lambda days: (stated[days], days)))


def preset_cutoff(period: str, preset: str) -> date:
    """Return the preset's cut-off: nd09 the 14th (NĐ 09/2019), day5 the 5th, month_end the last day."""
    year, month = int(period[:4]), int(period[5:])
    if preset == "month_end":
        return date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, 14 if preset == "nd09" else 5)


def period_before(period: str) -> str:
    """Return the month before YYYY-MM."""
    year, month = int(period[:4]), int(period[5:])
    return f"{year:04d}-{month - 1:02d}" if month > 1 else f"{year - 1:04d}-12"


def month_earlier(day: date) -> date:
    """Return the same day one month earlier, or that month's last day."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _previous_cutoff(workbooks: Sequence[Workbook], period: str, cutoff: date, settings: Settings,
                     known: dict[str, date]) -> date:
    before = period_before(period)
    found = known.get(before) or agreed_cutoff(workbooks, before)
    if found and found < cutoff:
        return found
    if settings.cutoff_preset == "month_end" and cutoff == preset_cutoff(period, "month_end"):
        return preset_cutoff(before, "month_end")
    return month_earlier(cutoff)


def _month_after(year: int, month: int) -> tuple[int, int]:
    return (year, month + 1) if month < 12 else (year + 1, 1)
