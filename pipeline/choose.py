"""Choose: which workbook stands for a unit, and what its period says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.finding import Finding
from pipeline.statistics import Edition
from pipeline.tidy.batch import Workbook
from pipeline.tidy.dates import NO_DATE, from_days
from pipeline.units import Unit
from pipeline.word import Speaker

REFUSING = frozenset({"file_unreadable", "file_protected", "file_unsupported", "file_not_ours"})
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


def choose_workbook(candidates: Sequence[Placed], edition: Edition, speaker: Speaker) -> tuple[list[Placed], list[Finding]]:
    """Choose the workbook that stands for a unit: of this period, else the nearest earlier, else the nearest later."""
    unique, findings = _drop_copies(sorted(candidates, key=lambda one: one.book.name), speaker)
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
    if len(nearest_ones) > 1:
        findings += [speaker.say("two_workbooks", one.book, one.unit, one.commune, unit=one.unit.full_name,
                                 count=len(nearest_ones), period=one.book.period or "(chưa ghi)") for one in nearest_ones]
    stale = not nearest_ones[0].book.period or nearest_ones[0].book.period < edition.period
    return [Placed(one.book, one.unit, one.commune, stale, one.blocked or len(nearest_ones) > 1) for one in nearest_ones], findings


def _drop_copies(candidates: Sequence[Placed], speaker: Speaker) -> tuple[list[Placed], list[Finding]]:
    first: dict[str, Placed] = {}
    findings = []
    for one in candidates:
        kept = first.setdefault(one.book.sha256, one)
        if kept is not one:
            findings.append(speaker.say("same_workbook_twice", one.book, one.unit, one.commune, other=kept.book.name))
    return list(first.values()), findings


def _distance(period: str, wanted: str) -> tuple[int, int]:
    """Rank a workbook's period: this one, then earlier ones (nearest first), then later ones, then none."""
    if not period:
        return (3, 0)
    months = (int(period[:4]) - int(wanted[:4])) * 12 + int(period[5:]) - int(wanted[5:])
    return (0, 0) if months == 0 else (1, -months) if months < 0 else (2, months)
