"""Unpack: read one commune's thong-ke.xlsx back, and judge whether its figures are as they left the commune."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pipeline.admit import admit
from pipeline.find import Source
from pipeline.form import FORM_VERSION, Form, load_form
from pipeline.raw import Cell, RawWorkbook
from pipeline.read import read_rows
from pipeline.write.checksum import checksum_rows
from pipeline.write.commune_form import form_rows
from pipeline.write.machine_sheets import DATA_SHEET, EXPLANATION_SHEET
from pipeline.write.tidy_table import TIDY_COLUMNS

PRINTED_SHEET = "Tổng hợp"


class Figure(NamedTuple):
    """One line of Số liệu."""

    indicator: str
    value: float | None
    reported: int | None
    expected: int | None


@dataclass(frozen=True)
class Parcel:
    """What a commune sent: its sealed keys and its figures; `trouble` says why it cannot be counted."""

    source: Source
    sha256: str
    seal: Mapping[str, str]
    rows: tuple[tuple[object, ...], ...] = ()
    """Rows of Số liệu, cells in the order of TIDY_COLUMNS."""
    trouble: str = ""
    sheet: str = ""
    values: tuple[tuple[str, object], ...] = ()
    """What the trouble's finding says besides."""

    @property
    def cutoff(self) -> date:
        """Return the cut-off of the figures."""
        return date.fromisoformat(self.seal["cutoff"])

    @property
    def previous_cutoff(self) -> date:
        """Return the cut-off before it."""
        return date.fromisoformat(self.seal["previous_cutoff"])

    def figures(self) -> Iterator[Figure]:
        """Yield every figure of Số liệu."""
        at = {name: place for place, name in enumerate(TIDY_COLUMNS)}
        for row in self.rows:
            value, reported, expected = (_number(row[at[name]]) for name in ("value", "reported", "expected"))
            yield Figure(str(row[at["indicator"]]), value, _whole(reported), _whole(expected))


def unpack_all(sources: Sequence[Source], desk: Path) -> list[Parcel]:
    """Read files from private copies made in `desk`; called in a worker."""
    form = load_form()
    return [_unpack(source, form, desk) for source in sources]


def _unpack(source: Source, form: Form, desk: Path) -> Parcel:
    """Read one file. A file that is none of ours, or was edited by hand, comes back with its trouble."""
    admitted = admit(source, desk, form)
    if isinstance(admitted, RawWorkbook):
        trouble = admitted.troubles[0]
        return Parcel(source, admitted.sha256, {}, trouble=trouble.code, values=trouble.values)
    copy, sha256 = admitted.snapshot.path, admitted.snapshot.sha256
    try:
        explained, data, printed = (read_rows(copy, name) for name in (EXPLANATION_SHEET, DATA_SHEET, PRINTED_SHEET))
    except OSError:
        return Parcel(source, sha256, {}, trouble="file_unreadable")
    finally:
        copy.unlink(missing_ok=True)
    if explained is None or data is None or not data:
        return Parcel(source, sha256, {}, trouble="book_not_ours")
    seal = {str(row[0]): str(row[2]) for row in explained if len(row) > 2 and row[0]}
    rows = tuple(tuple(row[:len(TIDY_COLUMNS)]) for row in data[1:] if any(cell not in ("", None) for cell in row))
    if [str(cell) for cell in data[0][:len(TIDY_COLUMNS)]] != list(TIDY_COLUMNS) or not _dated(seal) or seal.get("level") != "commune":
        return Parcel(source, sha256, seal, trouble="book_not_ours")
    if checksum_rows(rows, seal) != seal.get("checksum"):
        return Parcel(source, sha256, seal, rows, "book_edited", DATA_SHEET)
    parcel = Parcel(source, sha256, seal, rows)
    if seal.get("form_version") == FORM_VERSION and printed is not None and _printed_differs(parcel, printed, form):
        return Parcel(source, sha256, seal, rows, "book_printed_differs", PRINTED_SHEET)
    return parcel


def _dated(seal: Mapping[str, str]) -> bool:
    try:
        return date.fromisoformat(seal["previous_cutoff"]) < date.fromisoformat(seal["cutoff"]) and bool(seal["period"])
    except (KeyError, ValueError):
        return False


def _printed_differs(parcel: Parcel, printed: Sequence[Sequence[Cell]], form: Form) -> bool:
    """Compare the figures that people sign with the figures that machines read, line by line."""
    values = {figure.indicator: figure.value for figure in parcel.figures()}
    keys = [row.indicator.key for row in form_rows(form) if row.indicator is not None]
    lines = [row for row in printed if len(row) > 3 and isinstance(row[0], str) and row[0].isdigit()]
    if len(lines) != len(keys):
        return True
    return any(_number(row[3]) != values.get(key) for key, row in zip(keys, lines, strict=True))


def _number(cell: object) -> float | None:
    return float(cell) if isinstance(cell, (int, float)) else None


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
