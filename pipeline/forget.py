"""Forget: what the ledger need not know any more: workbooks that are gone, versions that nothing refers to, runs of long ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pipeline.find import find_workbooks
from pipeline.ledger import Accepted, Ledger

RUN_DAYS = 400
"""Runs are remembered for at least a year and a month, so that this month can be held against the last year's."""
_ALL_RUNS = 1_000_000


@dataclass(frozen=True)
class Forgettable:
    """What can be forgotten, and what then remains."""

    gone: Mapping[str, Accepted] = field(default_factory=dict)
    """Workbooks that have not been there for long, by name below inputs/."""
    live: frozenset[str] = frozenset()
    """Hashes of the versions that something still refers to."""
    versions: int = 0
    runs: int = 0
    runs_before: str = ""
    segments: frozenset[str] = frozenset()
    """Folders of typed tables that are still needed."""
    unseen: int = 0
    """Workbooks gone for long that stay all the same, for not one workbook is to be seen: perhaps the share is away."""


def plan_forgetting(ledger: Ledger, inputs: Path, today: date, days: int) -> Forgettable:
    """Return what can be forgotten: of workbooks gone for more than `days`, of versions without one, of old runs."""
    accepted, versions = ledger.accepted(), ledger.versions()
    there = {book.name for book in find_workbooks(inputs, lambda: accepted)} if inputs.is_dir() else set()
    last = (today - timedelta(days=days)).isoformat()
    gone = {name: one for name, one in accepted.items() if name not in there and one.last_day < last}
    forgotten = gone if there else {}
    live = {one.sha256 for name, one in accepted.items() if name not in forgotten} | {one.sha256 for one in ledger.files().values()}
    before = (today - timedelta(days=max(days, RUN_DAYS))).isoformat()
    return Forgettable(forgotten, frozenset(live), len(versions.keys() - live),
                       sum(run.started < before for run in ledger.last_runs(_ALL_RUNS)[1:]), before,
                       frozenset(one.segment for sha256, one in versions.items() if sha256 in live), len(gone) - len(forgotten))


def forget(ledger: Ledger, plan: Forgettable) -> None:
    """Carry the plan out."""
    ledger.forget_accepted(plan.gone)
    ledger.keep_versions(plan.live)
    ledger.forget_runs(plan.runs_before)
