"""The figures between counting and writing: plain values, one per unit and indicator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pipeline.finding import Finding
from pipeline.units import Unit

STATUSES = ("reported", "nil", "stale", "blocked", "missing")
"""What a unit's workbook can be, as completeness.csv says it."""
OUTS = ("out_expunged", "out_moved", "out_died", "out_reoffended", "out_other")
"""The movements that lessen the total; opening + in − these = total."""


@dataclass(frozen=True)
class Edition:
    """What is being published: the period and the dates it stands for; printed on every output."""

    period: str
    """YYYY-MM."""
    cutoff: date
    previous_cutoff: date
    """The period is (previous_cutoff, cutoff]."""
    policy: str = "after_probation"
    mass_orgs: tuple[str, ...] = ("women", "youth", "veterans", "elderly")


@dataclass(frozen=True)
class Figures:
    """One unit's figures. An indicator that nobody reported is absent, never 0."""

    unit: Unit
    parent_id: str
    values: Mapping[str, float]
    reported: Mapping[str, int]
    """Per way of being born ("hamlet", "commune", "both"): how many units below reported."""
    expected: Mapping[str, int | None]
    """Likewise, how many should have; None when there is no register."""
    status: str = ""
    """reported, nil, stale, blocked or missing; see completeness.csv."""
    progress: Mapping[str, int] = field(default_factory=dict)
    """Above the hamlets: how many hamlets of each status."""


@dataclass(frozen=True)
class Account:
    """What became of the rows of one table of one workbook: read = counted + set_aside + outside."""

    unit_id: str
    unit_name: str
    file: str
    sheet: str
    read: int
    counted: int
    set_aside: int
    outside: int


@dataclass(frozen=True)
class Receipt:
    """One line of completeness.csv: what a unit handed in."""

    unit_id: str
    unit_name: str
    status: str
    file: str = ""
    sha256: str = ""
    rows_read: int = 0
    rows_counted: int = 0
    rows_set_aside: int = 0
    rows_outside: int = 0


@dataclass(frozen=True)
class CommuneBook:
    """All that thong-ke.xlsx of one commune says."""

    edition: Edition
    commune: Figures
    hamlets: tuple[Figures, ...]
    own: Figures | None
    """What the commune's own workbook adds to the hamlets (outreach); None when there is none."""
    accounts: tuple[Account, ...]
    receipts: tuple[Receipt, ...]
    findings: tuple[Finding, ...]
    scheduled_sessions: int = 0
    """Outreach sessions that come from a weekly schedule (marked theo lịch)."""


@dataclass(frozen=True)
class RollupBook:
    """All that tong-hop-….xlsx of one parent unit says."""

    edition: Edition
    parent: Figures
    children: tuple[Figures, ...]
    hashes: tuple[tuple[str, str], ...]
    """(file, sha256) of what was consolidated."""
    findings: tuple[Finding, ...] = ()


STATUS_LABELS = {"reported": "Đã nộp", "nil": "Không phát sinh", "stale": "Chưa cập nhật", "blocked": "Có lỗi, chưa tính được",
                 "missing": "Chưa nộp", "partial": "Nộp chưa đủ"}
