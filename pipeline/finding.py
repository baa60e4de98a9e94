"""Findings: values about someone's data, worded by one catalogue."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipeline.fault import SettingsFault

SEVERITIES = ("critical", "warning", "info")
"""Great Expectations' scale, most serious first."""


class Finding(NamedTuple):
    """What is wrong, where, and what to do. Holds no value from a row."""

    code: str
    severity: str
    commune_id: str
    hamlet_id: str
    file: str
    sheet: str
    row: int
    """1-based Excel row; 0 when the finding is about a sheet or a file."""
    column: str
    """The Vietnamese header; empty when the finding is not about one column."""
    cell: str
    message: str
    fix: str


class Wording(NamedTuple):
    """One line of the catalogue expectations/messages.csv."""

    code: str
    severity: str
    title: str
    message: str
    fix: str


@dataclass(frozen=True)
class Place:
    """Where in someone's file a finding points."""

    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    letter: str = ""
    commune_id: str = ""
    hamlet_id: str = ""

    @property
    def cell(self) -> str:
        """Return the address ("F12"); empty without a row and a column."""
        return f"{self.letter}{self.row}" if self.letter and self.row else ""


class Catalogue:
    """The wording of every finding, by code."""

    def __init__(self, wordings: Mapping[str, Wording]) -> None:
        self.wordings = dict(wordings)

    def say(self, code: str, place: Place, severity: str | None = None, /, **values: object) -> Finding:
        """Return the finding `code` at `place`, its message filled with counts, labels and unit names."""
        wording = self.wordings.get(code)
        if wording is None:
            raise SettingsFault(f"Mã phát hiện {code} không có trong expectations/messages.csv.")
        shown = {"sheet": place.sheet, "row": place.row, "column": place.column, "cell": place.cell,
                 "file": place.file, "example": "", "suggestion": "", **values}
        return Finding(
            code, severity or wording.severity, place.commune_id, place.hamlet_id, place.file, place.sheet,
            place.row, place.column, place.cell,
            " ".join(wording.message.format_map(shown).split()), " ".join(wording.fix.format_map(shown).split()),
        )


def load_catalogue(path: Path) -> Catalogue:
    """Read expectations/messages.csv.

    Raises SettingsFault naming file and line for a repeated code or an unknown severity, and when the file cannot be read.
    """
    wordings: dict[str, Wording] = {}
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFault(f"Không đọc được expectations/{path.name} (phải là CSV UTF-8).") from error
    for line, row in enumerate(rows, start=2):
        wording = Wording(*(row.get(field) or "" for field in Wording._fields))
        if wording.code in wordings or wording.severity not in SEVERITIES:
            raise SettingsFault(f"{path.name}, dòng {line}: mã phát hiện bị trùng hoặc mức độ không hợp lệ ({wording.code}).")
        wordings[wording.code] = wording
    return Catalogue(wordings)


def order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings for reading: by unit, file, sheet, row and column; repeated ones once."""
    rank = {name: place for place, name in enumerate(SEVERITIES)}
    return sorted(set(findings), key=lambda f: (f.commune_id, f.hamlet_id, f.file, f.sheet, f.row, len(f.cell), f.cell,
                                                rank[f.severity], f.code, f.message))


def count_by_severity(findings: Iterable[Finding]) -> dict[str, int]:
    """Count findings of each severity, most serious first."""
    counts = dict.fromkeys(SEVERITIES, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
