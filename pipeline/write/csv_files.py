"""Write statistics.csv, findings.csv, completeness.csv (UTF-8 with BOM, for Excel) and run.json."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from pipeline.finding import Finding
from pipeline.rollup import BORN, Statistics
from pipeline.statistics import Edition, Receipt
from pipeline.write.tidy_table import TIDY_COLUMNS

FINDING_COLUMNS = ("period", "commune_id", "hamlet_id", "file", "sheet", "row", "column", "cell", "code", "severity",
                   "message", "fix")


def write_statistics(path: Path, statistics: Statistics, edition: Edition) -> None:
    """Write one line per unit and indicator that its level tells of; an empty value when not reported, never 0."""
    indicators = statistics.form.indicators
    hamlet_keys = {one.key for one in indicators if one.born != "commune"}
    with _open(path) as file:
        file.write(",".join(TIDY_COLUMNS) + "\r\n")
        for at, unit in enumerate(statistics.units):
            head = _line((edition.period, edition.cutoff.isoformat(), unit.level, unit.unit_id, unit.full_name,
                          statistics.parent_ids[at]))
            reported, expected = statistics.reported[at].tolist(), statistics.expected[at].tolist()
            tails = {born: f",{reported[i]},{expected[i] if statistics.known else ''}\r\n" for i, born in enumerate(BORN)}
            file.write("".join(
                f"{head},{one.key},{_rate(value, reported[0]) if one.unit == '%' else _number(value)}{tails[one.born]}"
                for one, value in zip(indicators, statistics.values[at].tolist(), strict=True)
                if unit.level != "hamlet" or one.key in hamlet_keys))


def write_findings(path: Path, findings: Iterable[Finding], period: str) -> None:
    """Write the findings; text that a spreadsheet would take for a formula is kept as text."""
    with _open(path) as file:
        writer = csv.writer(file)
        writer.writerow(FINDING_COLUMNS)
        writer.writerows((period, f.commune_id, f.hamlet_id, _tame(f.file), _tame(f.sheet), f.row or "", _tame(f.column), f.cell,
                          f.code, f.severity, _tame(f.message), _tame(f.fix)) for f in findings)


def write_completeness(path: Path, receipts: Iterable[Receipt]) -> None:
    """Write who handed in what, and what became of the rows."""
    with _open(path) as file:
        writer = csv.writer(file)
        writer.writerow(("unit_id", "unit_name", "status", "file", "sha256", "rows_read", "rows_counted", "rows_set_aside",
                         "rows_outside"))
        writer.writerows((r.unit_id, _tame(r.unit_name), r.status, _tame(r.file), r.sha256, r.rows_read, r.rows_counted, r.rows_set_aside,
                          r.rows_outside) for r in receipts)


def write_run(path: Path, facts: Mapping[str, object]) -> None:
    """Write run.json."""
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _open(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8-sig", newline="")


def _line(cells: Sequence[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\r\n') else cell for cell in map(_tame, cells))


def _tame(text: str) -> str:
    """Return text that no spreadsheet evaluates when the CSV is opened."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def _number(value: float) -> str:
    if value != value:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def _rate(value: float, reported: int) -> str:
    """Return one decimal; "-" for the rate of nobody, where somebody reported that there is nobody."""
    return f"{value:.1f}" if value == value else "-" if reported else ""
