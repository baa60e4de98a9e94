"""Tidy a batch of workbooks: from cells as typed to typed columns without a name, a number or a note in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from pipeline.form import Column, Form
from pipeline.raw import Cell, RawTable, RawWorkbook, Trouble
from pipeline.text import as_text, clean
from pipeline.tidy.batch import Batch, Table, Workbook
from pipeline.tidy.columns import Issue, Tidier, troubles_of
from pipeline.tidy.dates import NO_DATE, parse_date
from pipeline.tidy.identity import make_key
from pipeline.tidy.numbers import parse_tick
from pipeline.tidy.people import identify_people
from pipeline.tidy.references import refer_to_people

_PERIOD = re.compile(r"((?:19|20)[0-9]{2})[-/]([0-9]{1,2})\Z")


def tidy_batch(raws: Sequence[RawWorkbook], numbers: Sequence[int], form: Form, tidier: Tidier, secret: bytes) -> Batch:
    """Tidy workbooks, each under its number, together, column by column."""
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


def _tidy_sheet(columns: Sequence[Column], parts: Sequence[tuple[Workbook, RawTable]], tidier: Tidier) -> Table:
    sizes = [len(table.rows) for _, table in parts]
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
        table[column.key], issues = tidier.tidy(column, cells)
        if column.type == "birth":
            table["birth_precision"] = tidier.precision(cells)
        if issues:
            _report(parts, sizes, troubles_of(column.sheet, column.key, table["source_row"].tolist(), issues), issues)
    return table


def _report(parts: Sequence[tuple[Workbook, RawTable]], sizes: Sequence[int], troubles: Iterable[Trouble],
            issues: Sequence[tuple[int, Issue]]) -> None:
    """Hand each trouble to the workbook whose row it is."""
    starts = np.cumsum([0, *sizes])
    owners = np.searchsorted(starts, [at for at, _ in issues], side="right") - 1
    for owner, trouble in zip(owners.tolist(), troubles, strict=True):
        parts[owner][0].troubles.append(trouble)
