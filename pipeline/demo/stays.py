"""Invent the dates of a person's case: release, return, probation and end, in an order that makes sense."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass
from datetime import date, timedelta

STAY_KINDS = {"managed": 78, "new": 6, "probation": 5, "left": 4, "gone": 5, "coming": 2}
"""What a case is at the cut-off, and how many in a hundred: managed before the period too, new in it, on probation,
ended in the period, ended before it, not yet returned."""
RELEASE_TYPES = {"SERVED": 74, "AMNESTY": 11, "CONDITIONAL": 15}
END_REASONS = {"EXPUNGED": 45, "MOVED": 30, "DIED": 10, "REOFFENDED": 10, "OTHER": 5}


@dataclass(frozen=True)
class Window:
    """The reporting period: the days after `previous` up to `cutoff`."""

    previous: date
    cutoff: date

    def day(self, rng: random.Random) -> date:
        """Return a day in the period."""
        return between(rng, self.previous + timedelta(days=1), self.cutoff)


@dataclass(frozen=True)
class Stay:
    """The dates of one case; `kind` is what it is at the cut-off."""

    kind: str
    release_type: str
    release: date
    returned: date
    probation_end: date | None = None
    end: date | None = None
    end_reason: str = ""
    reoffend: date | None = None

    @property
    def start(self) -> date:
        """Return the first managed day."""
        return max(self.probation_end or self.release, self.returned)

    def managed_on(self, day: date) -> bool:
        """Tell whether the person is managed on `day`."""
        return self.start <= day and (self.end is None or day < self.end)


def make_window(cutoff: date) -> Window:
    """Return the period that ends at `cutoff` and began on the same day of the month before."""
    year, month = (cutoff.year, cutoff.month - 1) if cutoff.month > 1 else (cutoff.year - 1, 12)
    return Window(date(year, month, min(cutoff.day, calendar.monthrange(year, month)[1])), cutoff)


def between(rng: random.Random, first: date, last: date) -> date:
    """Return a day from `first` to `last`, both included."""
    return first + timedelta(days=rng.randint(0, (last - first).days))


def later(rng: random.Random, day: date, least: int, most: int) -> date:
    """Return a day that comes `least` to `most` days after `day` (before it, when negative)."""
    return day + timedelta(days=rng.randint(least, most))


def years_later(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes the 28th."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))


def plainly_after(day: date, cutoff: date) -> date:
    """Return `day`, or the next one that is after the cut-off even with day and month swapped.

    A future date whose swap has passed looks as if it had been typed month first (domain §3.5).
    """
    while day > cutoff and day.day <= 12 and date(day.year, day.day, day.month) <= cutoff:
        day += timedelta(days=1)
    return day


def choose(rng: random.Random, weights: dict[str, int]) -> str:
    """Return one of the keys, as often as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


def make_stay(rng: random.Random, window: Window, kind: str, release_type: str = "", end_reason: str = "") -> Stay:
    """Return the dates of a case of this kind; what is not asked for is drawn."""
    if kind == "probation":
        return _on_probation(rng, window)
    if kind == "coming":
        return _coming(rng, window)
    if kind in ("left", "gone"):
        end = window.day(rng) if kind == "left" else later(rng, window.previous, -240, 0)
        return _ended(rng, kind, end, end_reason or choose(rng, END_REASONS), release_type)
    start = window.day(rng) if kind == "new" else later(rng, window.previous, -950, -2)
    return _started(rng, kind, start, release_type)


def _started(rng: random.Random, kind: str, start: date, release_type: str) -> Stay:
    release_type = release_type or choose(rng, RELEASE_TYPES)
    if release_type == "CONDITIONAL":
        release = later(rng, start, -700, -120)
        return Stay(kind, release_type, release, later(rng, release, 1, 10), probation_end=start)
    return Stay(kind, release_type, later(rng, start, -20, 0), start)


def _ended(rng: random.Random, kind: str, end: date, reason: str, release_type: str) -> Stay:
    days = (-770, -735) if reason == "EXPUNGED" else (-900, -150)
    begun = _started(rng, kind, later(rng, end, *days), release_type)
    reoffend = later(rng, end, -20, 0) if reason == "REOFFENDED" else None
    return Stay(kind, begun.release_type, begun.release, begun.returned, begun.probation_end, end, reason, reoffend)


def _on_probation(rng: random.Random, window: Window) -> Stay:
    release = later(rng, window.cutoff, -400, -20)
    probation_end = plainly_after(later(rng, window.cutoff, 25, 500), window.cutoff)
    return Stay("probation", "CONDITIONAL", release, later(rng, release, 1, 10), probation_end)


def _coming(rng: random.Random, window: Window) -> Stay:
    release = plainly_after(later(rng, window.cutoff, -2, 30), window.cutoff)
    returned = plainly_after(max(window.cutoff + timedelta(days=1), later(rng, release, 1, 9)), window.cutoff)
    return Stay("coming", rng.choice(("SERVED", "AMNESTY")), release, returned)
