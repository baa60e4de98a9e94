"""Whole journeys for the tests: invented inputs, settings below one folder, and what came out as plain values."""

from __future__ import annotations

import csv
import io
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import NamedTuple

from openpyxl import load_workbook

from pipeline.cli import main
from pipeline.form import load_form
from pipeline.night import spend
from pipeline.outcome import Outcome
from pipeline.settings import Settings

TODAY = date(2026, 5, 20)
PERIOD = "2026-05"
FORM = load_form()
EXPECTATIONS = Path(__file__).parent.parent / "expectations"
Cells = list[list[object]]


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def command(*arguments: object) -> Said:
    """Run the command line in this process."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(one) for one in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def run(settings: Settings, today: date = TODAY, *, full: bool = True) -> Outcome:
    """Run in this process, and return what was published."""
    outcome = spend(settings, today, full=full, isolated=False).outcome
    assert outcome is not None
    return outcome


def settings_in(root: Path, **more: object) -> Settings:
    """Return settings whose folders all lie below `root`."""
    return Settings(**{"inputs": root / "inputs", "outputs": root / "outputs", "state": root / "state", **more})  # type: ignore[arg-type]


def folders_in(root: Path) -> list[str]:
    """Return the same folders as options of the command line."""
    return ["--inputs", f"{root / 'inputs'}", "--outputs", f"{root / 'outputs'}", "--state", f"{root / 'state'}"]


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a CSV file's lines by column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def cells_of(path: Path, sheet: str) -> Cells:
    """Return the values that a sheet shows."""
    return [[cell.value for cell in row] for row in load_workbook(path, data_only=True)[sheet].iter_rows()]


def books_below(folder: Path) -> list[Path]:
    """Return the workbooks below a folder, without the register."""
    return sorted(path for path in folder.rglob("*.xlsx") if path.name != "don-vi.xlsx")


def book_of(inputs: Path, unit_id: str) -> Path:
    """Return the workbook of a unit of a demo."""
    return next(iter(inputs.rglob(f"THNCD_{unit_id}_{PERIOD}.xlsx")))


def change_info(path: Path, key: str, value: object) -> None:
    """Type another value beside a label of Thông tin."""
    book = load_workbook(path)
    header = FORM.sheet["info"].by_key[key].header
    row = next(row for row in book["Thông tin"].iter_rows() if any(_label(cell.value) == header for cell in row))
    at = next(place for place, cell in enumerate(row) if _label(cell.value) == header)
    row[at + 1].value = value
    book.save(path)


def _label(value: object) -> str:
    return str(value or "").removesuffix("*").strip()


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder, hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
