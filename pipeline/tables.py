"""Tables: join typed tables of many workbooks, choose rows of them, and let expunged people go; columns only, no cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from pipeline.form import Form, Sheet
from pipeline.tidy.batch import Batch, Table
from pipeline.tidy.columns import Array
from pipeline.tidy.dates import NO_DATE, to_days

PEOPLE, OWNER, PERSON = "people", "source_number", "person"
_KEYS = ("id_key", "name_key")
_BLANKS: Mapping[str, Array] = {
    "date": np.full(1, NO_DATE, np.int64), "birth": np.full(1, NO_DATE, np.int64), "code": np.full(1, -1, np.int8),
    "count": np.full(1, np.nan), "rate": np.full(1, np.nan), "money": np.full(1, np.nan)}
_UNKEPT = ("serial", "record_id", "citizen_id")
"""Types of columns that tidying leaves nothing of."""
_EXTRAS: Mapping[str, Mapping[str, Array]] = {
    "people": {"birth_precision": np.zeros(1, np.int8), "id_key": np.zeros(1, np.uint64), "name_key": np.zeros(1, np.uint64),
               "id_agrees": np.full(1, -1, np.int8), "note_says": np.full(1, -1, np.int8)},
    "support": {PERSON: np.full(1, -1, np.int32), "near": np.zeros(1, np.int32)},
    "loans": {PERSON: np.full(1, -1, np.int32), "near": np.zeros(1, np.int32)},
    "models": {"model_key": np.zeros(1, np.uint64)}}
"""Columns that tidying adds to a sheet's own."""


def blank_table(sheet: Sheet, size: int) -> Table:
    """Return a sheet's typed columns with nothing in any of `size` rows."""
    own = {c.key: _BLANKS.get(c.type, np.zeros(1, np.bool_)) for c in sheet.columns if c.type not in _UNKEPT}
    columns = {OWNER: np.zeros(1, np.int32), "source_row": np.zeros(1, np.int32), **own, **_EXTRAS.get(sheet.key, {})}
    return {key: np.repeat(blank, size) for key, blank in columns.items()}


def join_tables(batches: Sequence[Batch]) -> dict[str, Table]:
    """Join the batches' tables, rows in the order of their workbooks' numbers; `person` positions move along."""
    before = np.cumsum([0, *(_people(batch.tables) for batch in batches)]).tolist()
    tables: dict[str, Table] = {}
    for key in dict.fromkeys(key for batch in batches for key in batch.tables):
        parts = [_shift(batch.tables[key], start) for batch, start in zip(batches, before[:-1], strict=True) if key in batch.tables]
        tables[key] = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    return _in_order(tables)


def renumber(tables: Mapping[str, Table], numbers: Mapping[int, int]) -> dict[str, Table]:
    """Return the rows of some workbooks under other numbers: old number -> new number; all other rows are left out."""
    known = np.full(max(numbers, default=-1) + 2, -1, dtype=np.int32)
    known[list(numbers)] = list(numbers.values())
    moved = {key: known[np.minimum(table[OWNER], len(known) - 1)] for key, table in tables.items()}
    kept = {key: owners >= 0 for key, owners in moved.items()}
    positions = np.cumsum(kept[PEOPLE]) - 1 if PEOPLE in kept else np.zeros(0, np.int64)
    chosen: dict[str, Table] = {}
    for key, table in tables.items():
        rows = {name: values[kept[key]] for name, values in table.items()} | {OWNER: moved[key][kept[key]]}
        chosen[key] = _move(rows, positions) if PERSON in rows else rows
    return chosen


def forget_expunged(tables: Mapping[str, Table], form: Form, day: date) -> dict[str, Table]:
    """Return the tables without what says who the people are whose record was expunged by `day`.

    Their rows stay as dates and codes that belong to nobody, so that every row is still accounted for.
    """
    people = tables.get(PEOPLE)
    if not people:
        return dict(tables)
    ended = people["end_date"]
    gone = (people["end_reason"] == form.codes("end_reason").index("EXPUNGED")) & (ended != NO_DATE) & (ended <= to_days(day))
    if not gone.any():
        return dict(tables)
    return {**tables, PEOPLE: people | {key: np.where(gone, np.zeros(1, people[key].dtype), people[key]) for key in _KEYS}}


def _people(tables: Mapping[str, Table]) -> int:
    return len(tables[PEOPLE][OWNER]) if PEOPLE in tables else 0


def _shift(table: Table, before: int) -> Table:
    if PERSON not in table or not before:
        return table
    return {**table, PERSON: np.where(table[PERSON] >= 0, table[PERSON] + before, table[PERSON]).astype(table[PERSON].dtype)}


def _move(table: Table, positions: Array) -> Table:
    person = table[PERSON]
    moved = positions[np.maximum(person, 0)] if len(positions) else person
    return {**table, PERSON: np.where(person >= 0, moved, person).astype(person.dtype)}


def _in_order(tables: dict[str, Table]) -> dict[str, Table]:
    """Sort rows by workbook, keeping their order inside each."""
    orders = {key: np.argsort(table[OWNER], kind="stable") for key, table in tables.items() if (np.diff(table[OWNER]) < 0).any()}
    sorted_tables = {key: {name: values[orders[key]] for name, values in table.items()} if key in orders else table
                     for key, table in tables.items()}
    if PEOPLE not in orders:
        return sorted_tables
    positions = np.empty(len(orders[PEOPLE]), dtype=np.int64)
    positions[orders[PEOPLE]] = np.arange(len(positions))
    return {key: _move(table, positions) if PERSON in table else table for key, table in sorted_tables.items()}
