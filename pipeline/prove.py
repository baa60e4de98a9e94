"""Prove: the adding-up laws of DESIGN §4, judged on the finished figures by expectations/statistics.json."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.finding import Catalogue, Finding, Place
from pipeline.rollup import Statistics
from pipeline.statistics import OUTS
from pipeline.tidy.categories import as_category, as_mark
from pipeline.tidy.columns import Array
from pipeline.validate import validate

SUITE = "statistics"
_BREAKDOWNS = {"total_served": "total_by_release_type", "employed": "total_by_employment", "employed_stable": "employed_by_stability",
               "occ_mason": "employed_by_occupation", "models_m1": "models_by_type"}
"""First child of a breakdown -> the helper column that sums it."""

Previous = Mapping[str, Mapping[str, float]]
"""Figures of the period before: unit_id -> indicator -> value."""


def prove(statistics: Statistics, mass_orgs: Sequence[str], suite: Mapping[str, Any], catalogue: Catalogue,
          previous: Previous | None = None) -> list[Finding]:
    """Return a finding for every unit whose figures break a law or jump against the period before."""
    frame = lay_out(statistics, mass_orgs, previous or {})
    findings = []
    for failure in validate(frame, suite, {}):
        judged = frame[failure.judged].tolist()
        for at in failure.positions.tolist():
            indicator = statistics.form.indicator.get(failure.column.format(value=judged[at]))
            place = _place(statistics, at, indicator.label if indicator else "")
            findings.append(catalogue.say(failure.code, place, failure.severity, unit=statistics.units[at].full_name))
    return findings


def _place(statistics: Statistics, at: int, column: str) -> Place:
    unit = statistics.units[at]
    commune_id = {"hamlet": statistics.parent_ids[at], "commune": unit.unit_id}.get(unit.level, "")
    return Place(commune_id=commune_id, hamlet_id=unit.unit_id if unit.level == "hamlet" else "", column=column)


def lay_out(statistics: Statistics, mass_orgs: Sequence[str], previous: Previous) -> pd.DataFrame:
    """Return units × indicators with the helper columns that the suite judges.

    Helpers: a sum per breakdown; `closing` (opening + in − out); `org_most`, `org_room` (the limits of org_any);
    `exceeding_part` (the first "trong đó" above its parent); `sum_mismatch` (the first additive figure that the units
    below do not sum to); `total_jump`, `employed_jump`, `restated` ("yes" against the period before).
    """
    form = statistics.form
    keys = [indicator.key for indicator in form.indicators]
    frame = pd.DataFrame(statistics.values, columns=keys)
    for _, children in form.partitions():
        frame[_BREAKDOWNS.get(children[0], f"sum_{children[0]}")] = frame[list(children)].sum(axis=1, min_count=1)
    frame["closing"] = frame["opening"] + frame["in_new"] - frame[list(OUTS)].sum(axis=1, min_count=1)
    orgs = frame[[f"org_{name}" for name in mass_orgs]]
    frame["org_most"], frame["org_room"] = orgs.max(axis=1), np.fmin(orgs.sum(axis=1, min_count=1), frame["total"])
    frame["exceeding_part"] = _first({part: (frame[part] > frame[parent]).to_numpy() for parent, part in form.parts()})
    frame["sum_mismatch"] = _first(_mismatches(statistics))
    for helper, values in _against(frame, statistics, previous).items():
        frame[helper] = as_mark(values)
    frame["source_file"] = [unit.unit_id for unit in statistics.units]
    frame["source_sheet"] = [unit.level for unit in statistics.units]
    frame["source_row"] = np.arange(len(frame))
    return frame


def read_published(path: Path) -> Previous:
    """Read total and employed of every unit from an earlier period's statistics.csv; nothing when there is none."""
    known: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                if row["indicator"] in ("total", "employed") and row["value"]:
                    known.setdefault(row["unit_id"], {})[row["indicator"]] = float(row["value"])
    except (OSError, KeyError, ValueError):
        return {}
    return known


def _first(flags: Mapping[str, Array]) -> pd.Categorical[Any]:
    names = list(flags)
    matrix = np.column_stack([flags[name] for name in names])
    return as_category(np.where(matrix.any(axis=1), matrix.argmax(axis=1), -1), names)


def _mismatches(statistics: Statistics) -> dict[str, Array]:
    """Compare every unit with the sum of the units below it, figure by figure.

    A commune's own workbook adds to what its hamlets say, so there only the hamlets' own figures must be equal and the
    shared ones not smaller.
    """
    wrong = {indicator.key: np.zeros(len(statistics.units), dtype=bool) for indicator in statistics.form.indicators if indicator.additive}
    for at, unit in enumerate(statistics.units):
        rows = statistics.below.get(unit.unit_id, [])
        if not rows:
            continue
        sums, own = np.nansum(statistics.values[rows], axis=0), np.nan_to_num(statistics.values[at])
        for place, indicator in enumerate(statistics.form.indicators):
            if indicator.additive and (unit.level != "commune" or indicator.born == "hamlet"):
                wrong[indicator.key][at] = sums[place] != own[place]
            elif indicator.additive and indicator.born == "both":
                wrong[indicator.key][at] = sums[place] > own[place]
    return wrong


def _against(frame: pd.DataFrame, statistics: Statistics, previous: Previous) -> dict[str, Array]:
    """Compare with the period before (domain.md C2, C16), for communes and above, where hamlets are few enough to look."""
    before = {key: np.array([previous.get(unit.unit_id, {}).get(key, np.nan) if unit.level != "hamlet" else np.nan
                             for unit in statistics.units]) for key in ("total", "employed")}
    change = {key: np.abs(frame[key].to_numpy() - before[key]) for key in before}
    return {
        "total_jump": (change["total"] > 3) & (change["total"] > 0.3 * before["total"]),
        "employed_jump": (change["employed"] > 3) & (change["employed"] > 0.5 * before["employed"]),
        "restated": np.abs(frame["opening"].to_numpy() - before["total"]) > 0,
    }
