"""Choose: which workbook stands for a unit, and what its period says of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from pipeline.finding import Finding
from pipeline.statistics import Edition
from pipeline.tidy.batch import Workbook
from pipeline.tidy.dates import NO_DATE, from_days
from pipeline.units import Unit
from pipeline.word import Speaker

REFUSING = frozenset({"file_unreadable", "file_protected", "file_unsupported", "file_not_ours", "file_changing", "file_truncated",
                      "file_open", "file_damaged", "file_suspicious", "file_too_large", "sheet_twice", "reader_failed"})
"""Troubles after which nothing more is known of a workbook."""


@dataclass(frozen=True)
class Placed:
    """A workbook that stands for a unit in this run."""

    book: Workbook
    unit: Unit
    commune: Unit | None
    stale: bool = False
    blocked: bool = False
    """It cannot be counted: its rows are all set aside, the finding says why."""
    received: str = ""
    """ISO date: it is the last accepted version of a workbook that cannot be counted as it is now, first counted then."""


class Last(Protocol):
    """Knows the last accepted version of workbooks, and the day (ISO date) each was first counted."""

    def of_workbook(self, name: str) -> tuple[Workbook, str] | None:
        """Return the version last counted of the workbook called so."""

    def of_unit(self, unit_id: str, rather: Collection[str] = ()) -> tuple[Workbook, str] | None:
        """Return the version last counted of any workbook of a unit, of one of these names where it can be."""


class Nobody:
    """Knows no earlier version."""

    def of_workbook(self, name: str) -> None:
        """Return nothing."""

    def of_unit(self, unit_id: str, rather: Collection[str] = ()) -> None:
        """Return nothing."""


def refused(book: Workbook) -> bool:
    """Tell whether a workbook could not be opened at all."""
    return any(trouble.code in REFUSING for trouble in book.troubles)


def say_troubles(one: Placed, speaker: Speaker) -> Iterator[Finding]:
    """Word what was met while reading; a sheet ticked as nil may be missing."""
    for trouble in one.book.troubles:
        if not (trouble.code == "sheet_missing" and trouble.sheet in one.book.nil):
            yield speaker.say_trouble(trouble, one.book, one.unit, one.commune)


def judge_period(one: Placed, edition: Edition, speaker: Speaker) -> Iterator[Finding]:
    """Compare the period and the cut-off that a workbook states with those of the run."""
    book = one.book
    if refused(book):
        return
    cutoff = f"{edition.cutoff:%d/%m/%Y}"
    if not book.period:
        yield speaker.say("period_unreadable", book, one.unit, one.commune, "info", column="period", example=edition.period)
    elif book.period < edition.period:
        yield speaker.say("period_earlier", book, one.unit, one.commune, "info", column="period", found=book.period,
                          period=edition.period)
    elif book.period > edition.period:
        yield speaker.say("period_later", book, one.unit, one.commune, "info", column="period", found=book.period, cutoff=cutoff)
    elif book.cutoff_days == NO_DATE:
        yield speaker.say("cutoff_unreadable", book, one.unit, one.commune, "info", column="cutoff_date", cutoff=cutoff,
                          example=cutoff)
    elif from_days(book.cutoff_days) != edition.cutoff:
        yield speaker.say("cutoff_differs", book, one.unit, one.commune, "info", column="cutoff_date", cutoff=cutoff,
                          found=f"{from_days(book.cutoff_days):%d/%m/%Y}")


def say_last(one: Placed, book: Workbook, speaker: Speaker) -> Finding:
    """Say that an earlier version is counted in place of a workbook."""
    day = f"{date.fromisoformat(one.received):%d/%m/%Y}"
    return speaker.say("last_accepted", book, one.unit, one.commune, unit=one.unit.full_name, day=day)


def choose_workbook(candidates: Sequence[Placed], edition: Edition, speaker: Speaker, last: Last) -> tuple[list[Placed], list[Finding]]:
    """Choose the workbook that stands for a unit: of this period, else the nearest earlier, else the nearest later.

    Between two of one period nobody can choose: then the version that was last accepted stands, where there is one.
    """
    unique, findings = _drop_copies(sorted(_real_first(candidates, edition), key=lambda one: one.book.name), speaker)
    opened = [one for one in unique if not refused(one.book)]
    if opened:  # a workbook that can be counted stands; the broken one beside it is only reported
        findings += [finding for one in unique if one not in opened for finding in say_troubles(one, speaker)]
        unique = opened
    best = min(_distance(one.book.period, edition.period) for one in unique)
    nearest_ones = [one for one in unique if _distance(one.book.period, edition.period) == best]
    for one in unique:
        if one not in nearest_ones:
            findings.append(speaker.say("workbook_superseded", one.book, one.unit, one.commune, unit=one.unit.full_name,
                                        other=nearest_ones[0].book.name))
    stale = not nearest_ones[0].book.period or nearest_ones[0].book.period < edition.period
    if len(nearest_ones) > 1:
        findings += [speaker.say("two_workbooks", one.book, one.unit, one.commune, unit=one.unit.full_name,
                                 count=len(nearest_ones), period=one.book.period or "(chưa ghi)") for one in nearest_ones]
        if known := last.of_unit(nearest_ones[0].unit.unit_id, [one.book.name for one in nearest_ones]):
            return [replace(nearest_ones[0], book=known[0], stale=stale, blocked=False, received=known[1])], findings
    return [replace(one, stale=stale, blocked=one.blocked or len(nearest_ones) > 1) for one in nearest_ones], findings


def _real_first(candidates: Sequence[Placed], edition: Edition) -> list[Placed]:
    """Leave out earlier versions where a workbook that can be counted says as much, and all of them but the best."""
    def rank(one: Placed) -> tuple[int, int]:
        return _distance(one.book.period, edition.period)

    earlier = sorted((one for one in candidates if one.received), key=lambda one: one.book.name)
    real = [one for one in candidates if not one.received]
    if not earlier:
        return real
    newest = max(one.received for one in earlier if rank(one) == min(map(rank, earlier)))
    best = min((one for one in earlier if one.received == newest), key=rank)
    counted = [rank(one) for one in real if not one.blocked and not refused(one.book)]
    return real if counted and min(counted) <= rank(best) else [one for one in real if not refused(one.book)] + [best]


def _drop_copies(candidates: Sequence[Placed], speaker: Speaker) -> tuple[list[Placed], list[Finding]]:
    first: dict[str, Placed] = {}
    findings = []
    for one in candidates:
        kept = first.setdefault(one.book.sha256 or one.book.name, one)  # of what cannot be opened nobody knows what it says
        if kept is not one:
            findings.append(speaker.say("same_workbook_twice", one.book, one.unit, one.commune, other=kept.book.name))
    return list(first.values()), findings


def _distance(period: str, wanted: str) -> tuple[int, int]:
    """Rank a workbook's period: this one, then earlier ones (nearest first), then later ones, then none."""
    if not period:
        return (3, 0)
    months = (int(period[:4]) - int(wanted[:4])) * 12 + int(period[5:]) - int(wanted[5:])
    return (0, 0) if months == 0 else (1, -months) if months < 0 else (2, months)
