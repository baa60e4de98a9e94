"""Tidy a batch of workbooks: from cells as typed to typed columns without a name, a number or a note in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pipeline.form import Column, Form
from pipeline.raw import Cell, RawTable, RawWorkbook
from pipeline.text import as_text, clean
from pipeline.tidy.batch import Batch, Table, Workbook
from pipeline.tidy.columns import Array, Issues, Tidier
from pipeline.tidy.dates import NO_DATE, count_from_1900, parse_date
from pipeline.tidy.doubts import doubt_amounts, doubt_dates, settle_births
from pipeline.tidy.identity import make_key
from pipeline.tidy.marks import parse_tick
from pipeline.tidy.numbers import multiplier_of
from pipeline.tidy.people import identify_people
from pipeline.tidy.references import refer_to_people
from pipeline.tidy.told import tell

Part = tuple[Workbook, RawTable]
_PERIOD = re.compile(r"((?:19|20)[0-9]{2})[-/]([0-9]{1,2})\Z")


def tidy_batch(raws: Sequence[RawWorkbook], numbers: Sequence[int], form: Form, tidier: Tidier, secret: bytes) -> Batch:
    """Tidy workbooks, each under its number, together, column by column."""
    raws = [_count_from_1900(raw, form) if getattr(raw, "date1904", False) else raw for raw in raws]
    workbooks = [_describe(raw, number) for raw, number in zip(raws, numbers, strict=True)]
    tables: dict[str, Table] = {}
    for sheet in form.sheets:
        parts = [(book, raw.tables[sheet.key]) for book, raw in zip(workbooks, raws, strict=True) if sheet.key in raw.tables]
        if parts:
            tables[sheet.key] = _tidy_sheet(sheet.columns, parts, tidier)
    people_parts = [(book, raw.tables["people"]) for book, raw in zip(workbooks, raws, strict=True) if "people" in raw.tables]
    if people_parts:
        identify_people(tables["people"], people_parts, secret)
    if "models" in tables:
        ids = [cell for _, raw in zip(workbooks, raws, strict=True) if "models" in raw.tables
               for cell in raw.tables["models"].column("model_id")]
        tables["models"]["model_key"] = np.array([_model_key(secret, cell) for cell in ids], dtype=np.uint64)
    for key, when in (("support", "support_date"), ("loans", "loan_date")):
        if key in tables:
            parts = [(book, raw.tables[key]) for book, raw in zip(workbooks, raws, strict=True) if key in raw.tables]
            refer_to_people(tables[key], parts, tables.get("people", {}), people_parts, when)
    return Batch(workbooks, tables)


def _count_from_1900(raw: RawWorkbook, form: Form) -> RawWorkbook:
    """Return a workbook that counts its days from 1904 with the dates that its cells mean."""
    dated = {(sheet.key, column.key) for sheet in form.sheets for column in sheet.columns if column.type in ("date", "birth")}
    info = {key: count_from_1900(cell) if ("info", key) in dated else cell for key, cell in raw.info.items()}
    tables = {name: replace(table, cells={key: [count_from_1900(cell) for cell in cells] if (name, key) in dated else cells
                                          for key, cells in table.cells.items()}) for name, table in raw.tables.items()}
    return replace(raw, info=info, tables=tables)


def _model_key(secret: bytes, cell: Cell) -> int:
    text = clean(str(cell)).casefold() if cell is not None else ""
    return make_key(secret, "model", text) if text else 0


def _describe(raw: RawWorkbook, number: int) -> Workbook:

    def text(key: str) -> str:
        return as_text(raw.info.get(key))

    return Workbook(
        number, raw.source.name, raw.sha256, raw.profile, text("hamlet_id"), text("hamlet_name"), text("commune_id"),
        text("commune_name"), _period(raw.info.get("period")), _cutoff(raw.info.get("cutoff_date")),
        frozenset(key.removeprefix("nil_") for key, cell in raw.info.items() if key.startswith("nil_") and parse_tick(cell).value),
        raw.template_version, dict(raw.sheet_names), {key: table.letters for key, table in raw.tables.items()},
        dict(raw.info_cells), {key: len(table.rows) for key, table in raw.tables.items()} | dict(raw.refused),
        frozenset(raw.refused), list(raw.troubles))


def _cutoff(cell: Cell) -> int:
    """Return the day of a cut-off cell; a month or a year alone is no cut-off."""
    parsed = parse_date(cell)
    return parsed.days if parsed.precision == "day" else NO_DATE


def _period(cell: Cell) -> str:
    """Return YYYY-MM for a period cell: 2024-05, 5/2024, a date; empty when it cannot be read."""
    text = clean(str(cell)) if isinstance(cell, str) else ""
    if match := _PERIOD.match(text):
        return f"{match[1]}-{int(match[2]):02d}" if 1 <= int(match[2]) <= 12 else ""
    parsed = parse_date(cell)
    if parsed.days == NO_DATE or parsed.precision == "year":
        return ""
    return str(np.datetime64(parsed.days, "D"))[:7]


def _tidy_sheet(columns: Sequence[Column], parts: Sequence[Part], tidier: Tidier) -> Table:
    sizes = [len(table.rows) for _, table in parts]
    owners = np.repeat(np.arange(len(parts)), sizes)
    cutoffs = np.array([book.cutoff_days for book, _ in parts], dtype=np.int64)
    table: Table = {
        "source_number": np.repeat(np.array([book.number for book, _ in parts], dtype=np.int32), sizes),
        "source_row": np.array([row for _, part in parts for row in part.rows], dtype=np.int32),
    }
    for column in columns:
        if column.type in ("serial", "record_id", "citizen_id"):
            continue
        cells: list[Cell] = []
        for _, part in parts:
            cells += part.column(column.key)
        if column.type in ("date", "birth"):
            dates = tidier.tidy_dates(column, cells)
            table[column.key], issues = dates.days, dates.issues + doubt_dates(dates, column.key, owners, cutoffs)
            if column.type == "birth":
                table[column.key], table["birth_precision"] = settle_births(dates, owners, cutoffs), dates.precisions
        elif column.type in ("money", "count", "rate"):
            table[column.key], issues = _tidy_numbers(column, parts, cells, owners, tidier)
        else:
            table[column.key], issues = tidier.tidy(column, cells)
        if issues:
            _report(column, parts, owners, table["source_row"].tolist(), issues)
    return table


def _tidy_numbers(column: Column, parts: Sequence[Part], cells: Sequence[Cell], owners: Array, tidier: Tidier) -> tuple[Array, Issues]:
    """Tidy a column of numbers, each workbook's in the unit that its own header names."""
    units = np.array([multiplier_of(_header(part, column)) for _, part in parts])
    values, issues = tidier.tidy(column, cells)
    for unit in np.unique(units[units != 1]).tolist():
        others = np.flatnonzero((units == unit)[owners])
        values[others], found = tidier.tidy(column, [cells[at] for at in others.tolist()], unit)
        mine = set(others.tolist())
        issues = [one for one in issues if one[0] not in mine] + [(int(others[at]), issue) for at, issue in found]
    return values, issues + (doubt_amounts(values, owners, units == 1) if column.type == "money" else [])


def _header(part: RawTable, column: Column) -> str:
    """Return a column's own header, where reading has kept it."""
    headers: Mapping[str, str] = getattr(part, "headers", {})
    return headers.get(column.key, "")


def _report(column: Column, parts: Sequence[Part], owners: Array, rows: Sequence[int], issues: Issues) -> None:
    """Hand each workbook what is to be said of its cells."""
    mine: dict[int, Issues] = {}
    for at, issue in issues:
        mine.setdefault(int(owners[at]), []).append((at, issue))
    for owner, found in mine.items():
        parts[owner][0].troubles += tell(column.sheet, column.key, rows, found)
