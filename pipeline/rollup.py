"""Roll up: hamlet -> commune -> the units above, by the register at the cut-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.aggregate import Counted
from pipeline.choose import Placed
from pipeline.form import Form
from pipeline.statistics import STATUSES, Edition, Figures
from pipeline.tidy.columns import Array
from pipeline.units import Register, Unit

BORN = ("hamlet", "commune", "both")
_COUNTED = frozenset({"reported", "nil", "stale"})


@dataclass
class Statistics:
    """Every unit's figures: one row per unit, hamlets first, then communes, then the units above.

    `values` is units × indicators, NaN where nobody reported; `reported` and `expected` are units × BORN.
    """

    form: Form
    units: list[Unit] = field(default_factory=list)
    parent_ids: list[str] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    values: Array = field(default_factory=lambda: np.zeros((0, 0)))
    reported: Array = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    expected: Array = field(default_factory=lambda: np.zeros((0, 3), dtype=np.int64))
    progress: Array = field(default_factory=lambda: np.zeros((0, 5), dtype=np.int64))
    known: bool = True
    """False without a register: then nobody knows how many units should have reported."""
    at: dict[str, int] = field(default_factory=dict)
    below: dict[str, list[int]] = field(default_factory=dict)

    def add(self, unit: Unit, parent_id: str, status: str, values: Array, reported: Sequence[int], expected: Sequence[int],
            progress: Sequence[int]) -> None:
        """Append one unit's row; call `freeze` when all are there."""
        self.at[unit.unit_id] = len(self.units)
        if parent_id:
            self.below.setdefault(parent_id, []).append(len(self.units))
        self.units.append(unit)
        self.parent_ids.append(parent_id)
        self.statuses.append(status)
        self._rows.append((values, reported, expected, progress))

    def __post_init__(self) -> None:
        self._rows: list[tuple[Array, Sequence[int], Sequence[int], Sequence[int]]] = []

    def row(self, at: int) -> tuple[Array, Sequence[int], Sequence[int], Sequence[int]]:
        """Return values, reported, expected and progress of a row already added."""
        return self._rows[at]

    def freeze(self) -> Statistics:
        """Turn the rows into matrices and recompute the rates."""
        width = len(self.form.indicators)
        self.values = recompute_rate(np.array([r[0] for r in self._rows], dtype=float).reshape(-1, width), self.form)
        self.reported, self.expected = (np.array([r[i] for r in self._rows], dtype=np.int64).reshape(-1, 3) for i in (1, 2))
        self.progress = np.array([r[3] for r in self._rows], dtype=np.int64).reshape(-1, len(STATUSES))
        return self

    def figures(self, at: int) -> Figures:
        """Return one unit's figures as plain values, for the writers."""
        row = self.values[at]
        keys = [indicator.key for indicator in self.form.indicators]
        values = {key: value for key, value in zip(keys, row.tolist(), strict=True) if value == value}
        reported = dict(zip(BORN, self.reported[at].tolist(), strict=True))
        expected = dict(zip(BORN, self.expected[at].tolist() if self.known else [None] * 3, strict=True))
        progress = dict(zip(STATUSES, self.progress[at].tolist(), strict=True))
        return Figures(self.units[at], self.parent_ids[at], values, reported, expected, self.statuses[at], progress)


def roll_up(counted: Counted, placed: Sequence[Placed], register: Register, edition: Edition, form: Form) -> Statistics:
    """Build the figures of every hamlet, every commune and every unit above, at the cut-off."""
    statistics = Statistics(form, known=register.given)
    matrix = _matrix(counted, placed, form)
    status_of = {one.unit.unit_id: status(one, form) for one in placed}
    row_of = {one.unit.unit_id: at for at, one in enumerate(placed) if not one.blocked}
    units = register.at(edition.cutoff)
    for hamlet in (unit for unit in units if unit.level == "hamlet"):
        parent = register.parent(hamlet, edition.cutoff)
        _add_hamlet(statistics, hamlet, parent, status_of.get(hamlet.unit_id, "missing"), row_of, matrix)
    for commune in (unit for unit in units if unit.level == "commune"):
        parent = register.parent(commune, edition.cutoff)
        own = matrix[row_of[commune.unit_id]] if commune.unit_id in row_of else None
        _add_commune(statistics, commune, parent, own, status_of.get(commune.unit_id, "missing"))
    add_units_above(statistics, register, edition)
    return statistics.freeze()


def add_units_above(statistics: Statistics, register: Register, edition: Edition) -> None:
    """Add every unit above the communes, the lowest first, as the sum of the units right below it."""
    pending = [unit for unit in register.at(edition.cutoff) if unit.level not in ("hamlet", "commune")]
    children = register.children(edition.cutoff)
    while pending:
        ready = [u for u in pending if not any(child in pending for child in children.get(u.unit_id, ()))]
        for unit in ready:
            parent = register.parent(unit, edition.cutoff)
            rows = statistics.below.get(unit.unit_id, [])
            if rows:
                _add_above(statistics, unit, parent.unit_id if parent else "", rows)
        pending = [unit for unit in pending if unit not in ready]


def status(one: Placed, form: Form) -> str:
    """Return a workbook's status of completeness.csv."""
    if one.blocked:
        return "blocked"
    if one.stale or one.received:
        return "stale"
    sheets = [sheet.key for sheet in form.data_sheets(one.book.profile)]
    main = "people" if one.book.profile == "hamlet" else sheets[0]
    nothing = not any(one.book.rows_read.get(key) for key in sheets)
    return "nil" if nothing and main in one.book.nil else "reported"


def recompute_rate(values: Array, form: Form) -> Array:
    """Return the figures with employed_rate = employed / total in percent, one decimal, half up; NaN when total is 0."""
    at = {indicator.key: place for place, indicator in enumerate(form.indicators)}
    total, employed = values[:, at["total"]], values[:, at["employed"]]
    some = np.nan_to_num(total) > 0
    safe = np.where(some, total, 1)
    fresh = values.copy()
    fresh[:, at["employed_rate"]] = np.where(some, np.floor((2000 * np.nan_to_num(employed) + safe) / (2 * safe)) / 10, np.nan)
    return fresh


def sum_known(rows: Iterable[Array], width: int) -> Array:
    """Sum figures over units, passing over those that did not report; NaN where none did."""
    matrix = np.array(list(rows), dtype=float).reshape(-1, width)
    known = ~np.isnan(matrix)
    return np.where(known.any(axis=0), np.where(known, matrix, 0).sum(axis=0), np.nan)


def _matrix(counted: Counted, placed: Sequence[Placed], form: Form) -> Array:
    """Return placed workbooks × indicators: NaN where the workbook's kind does not tell, or its sheet was refused."""
    matrix = np.full((len(placed), len(form.indicators)), np.nan)
    profiles = np.array([one.book.profile for one in placed])
    for at, indicator in enumerate(form.indicators):
        if indicator.key in counted.values:
            tells = np.isin(profiles, ["hamlet", "commune"] if indicator.born == "both" else [indicator.born])
            matrix[tells, at] = counted.values[indicator.key][tells]
    for row, one in enumerate(placed):
        if one.book.refused:
            blank = [at for at, indicator in enumerate(form.indicators) if _SHEET_OF.get(indicator.group) in one.book.refused]
            matrix[row, blank] = np.nan
    return matrix


_SHEET_OF = {"Hỗ trợ trong kỳ": "support", "Vay vốn": "loans", "Tuyên truyền": "outreach", "Mô hình": "models",
             "Mô hình mới": "models", "Kinh phí": "funds"}
"""Indicator group -> the sheet it is counted from: a sheet that could not be read leaves a blank, never a 0."""


def _add_hamlet(statistics: Statistics, hamlet: Unit, parent: Unit | None, state: str, row_of: Mapping[str, int], matrix: Array) -> None:
    counted = state in _COUNTED and hamlet.unit_id in row_of
    values = matrix[row_of[hamlet.unit_id]] if counted else np.full(matrix.shape[1], np.nan)
    progress = [int(state == one) for one in STATUSES]
    statistics.add(hamlet, parent.unit_id if parent else "", state, values, (int(counted), 0, int(counted)), (1, 0, 1), progress)


def _add_commune(statistics: Statistics, commune: Unit, parent: Unit | None, own: Array | None, own_state: str) -> None:
    rows = [statistics.row(at) for at in statistics.below.get(commune.unit_id, [])]
    width = len(statistics.form.indicators)
    values = sum_known([r[0] for r in rows] + ([own] if own is not None else []), width)
    reported, progress = sum(r[1][0] for r in rows), [sum(r[3][i] for r in rows) for i in range(len(STATUSES))]
    mine = int(own is not None)
    state = _state_above(progress, own_state if own_state != "missing" or not rows else "")
    statistics.add(commune, parent.unit_id if parent else "", state, values, (reported, mine, reported + mine),
                   (len(rows), 1, len(rows) + 1), progress)


def _add_above(statistics: Statistics, unit: Unit, parent_id: str, rows: Sequence[int]) -> None:
    below = [statistics.row(at) for at in rows]
    values = sum_known([r[0] for r in below], len(statistics.form.indicators))
    reported = [sum(1 for r in below if r[1][i] > 0) for i in range(len(BORN))]
    progress = [sum(r[3][i] for r in below) for i in range(len(STATUSES))]
    statistics.add(unit, parent_id, _state_above(progress, ""), values, reported, [len(below)] * len(BORN), progress)


def _state_above(progress: Sequence[int], own: str) -> str:
    """Return the status of a unit from its hamlets' and its own workbook's."""
    states = {name for name, count in zip(STATUSES, progress, strict=True) if count} | ({own} if own else set())
    if len(states) == 1:
        return states.pop()
    if not states:
        return "missing"
    if states <= _COUNTED:
        return "stale" if "stale" in states else "reported"
    return "partial"
