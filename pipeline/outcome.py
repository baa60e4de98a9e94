"""Outcome: what a run did; everything a person is told at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.finding import Finding, count_by_severity
from pipeline.statistics import Edition, Receipt


@dataclass(frozen=True)
class Outcome:
    """What was published, and what was found on the way."""

    edition: Edition
    folder: Path
    findings: tuple[Finding, ...]
    receipts: tuple[Receipt, ...]
    files: int
    rows: Mapping[str, int]
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Content hash by name of every workbook that was counted from; empty for one that could not be read."""
    known: frozenset[str] = frozenset()
    """Names of workbooks that had not changed and were not read again."""
    spared: frozenset[str] = frozenset()
    """Paths of workbooks that had not changed and were not written again."""

    @property
    def exit_code(self) -> int:
        """Return 0 when nothing is critical, else 1."""
        return 1 if count_by_severity(self.findings)["critical"] else 0
