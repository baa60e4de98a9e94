"""Doubts that only a whole column of one workbook shows: days and months changed over, amounts in an unsaid unit (domain.md §3.5, §3.7).

Nothing is changed here but births in a year of two digits; everything else is for somebody to look at.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from pipeline.tidy.columns import TEXT_EARLY, TEXT_LATE, TRUE_EARLY, TRUE_LATE, Array, Dates, Issues
from pipeline.tidy.dates import NO_DATE, from_days, to_days
from pipeline.tidy.told import Issue

AHEAD = frozenset({"probation_end_date", "expunge_review_date", "planned_by", "to"})
"""Columns whose dates are expected after the cut-off."""
_ENOUGH = 3
"""Cells of each kind before a whole column is doubted."""
_SMALL = 10_000
"""đồng; where every amount of a column is less, it was hardly counted in đồng."""


def doubt_dates(dates: Dates, key: str, owners: Array, cutoffs: Array) -> Issues:
    """Return doubts about the order of day and month.

    A program with American settings takes 06/5/2024 for the 5th of June and leaves 20/10/1975 as text. `owners` says whose each
    cell is, as a position in `cutoffs` (days; NO_DATE where a workbook has none).
    """
    counts = np.bincount(owners * 8 + dates.kinds, minlength=8 * len(cutoffs)).reshape(-1, 8)
    swapped = ((counts[:, TRUE_EARLY] >= _ENOUGH) & (counts[:, TEXT_LATE] >= _ENOUGH)
               & (counts[:, TRUE_LATE] == 0) & (counts[:, TEXT_EARLY] == 0))
    early = dates.kinds == TRUE_EARLY
    found = [(at, Issue("dates_swapped")) for at in np.flatnonzero(early & swapped[owners]).tolist()] if swapped.any() else []
    if key in AHEAD:
        return found
    limits = np.where(cutoffs == NO_DATE, np.iinfo(np.int64).max, cutoffs)[owners]
    late = np.flatnonzero(early & (dates.days > limits) & ~swapped[owners])
    return found + [(at, Issue("date_swapped")) for at in late.tolist() if _change_over(int(dates.days[at])) <= limits[at]]


def settle_births(dates: Dates, owners: Array, cutoffs: Array) -> Array:
    """Return the days of births, those of a two-digit year that lie after the cut-off a hundred years before."""
    limits = np.where(cutoffs == NO_DATE, np.iinfo(np.int64).max, cutoffs)[owners]
    late = np.flatnonzero(dates.short & (dates.days > limits))
    days = dates.days.copy() if len(late) else dates.days
    for at in late.tolist():
        day = from_days(int(days[at]))
        days[at] = to_days(day.replace(year=day.year - 100))
    return days


def doubt_amounts(amounts: Array, owners: Array, unsaid: Array) -> Issues:
    """Return a doubt for every amount of a workbook that has none of 10,000 đồng or more, where its header leaves the unit unsaid."""
    written = (amounts > 0) & unsaid[owners]
    largest = np.zeros(len(unsaid))
    np.maximum.at(largest, owners[written], amounts[written])
    small = written & (largest < _SMALL)[owners]
    return [(at, Issue("amounts_small")) for at in np.flatnonzero(small).tolist()]


def _change_over(days: int) -> int:
    """Return the day with day and month changed over; the day is at most the 12th."""
    day = from_days(days)
    return to_days(date(day.year, day.day, day.month))
