"""Merge: the hamlets' rows become one frame per table, each row still knowing where it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from pipeline.choose import Placed
from pipeline.collect import Collected
from pipeline.form import Form, Sheet
from pipeline.tables import blank_table
from pipeline.tidy.batch import Table
from pipeline.tidy.categories import as_category, as_mark
from pipeline.tidy.columns import Array
from pipeline.tidy.dates import NO_DATE, to_days
from pipeline.tidy.notes import SAYING_CODES

SOURCE_COLUMNS = ("source_file", "source_sheet", "source_row")
_FIRST_DAY, _LAST_DAY = to_days(date(1700, 1, 1)), to_days(date(2240, 12, 31))


def merge_tables(collected: Collected, placed: Sequence[Placed], form: Form) -> dict[str, pd.DataFrame]:
    """Return one frame per sheet key, of the rows of all workbooks that can be counted.

    Grain: one row of one sheet of one workbook. Columns: source_file, source_sheet (categories), source_row,
    `owner` (int32 position in `placed`), then the form's columns: dates as datetime64[ns], codes as categories,
    ticks as bool, amounts as float64, any text only as the category "written" or null.
    """
    owner_of = {one.book.number: at for at, one in enumerate(placed) if not one.blocked}
    known: Mapping[str, Table] = collected.tables
    frames: dict[str, pd.DataFrame] = {}
    kept_people = np.zeros(0, dtype=np.int64)
    for sheet in form.sheets:
        if sheet.columns and sheet.key != "info":
            table = known.get(sheet.key) or blank_table(sheet, 0)
            kept = np.isin(table["source_number"], np.fromiter(owner_of, dtype=np.int32, count=len(owner_of)))
            frames[sheet.key] = _frame({key: column[kept] for key, column in table.items()}, sheet, placed, owner_of, form)
            if sheet.key == "people":
                kept_people = np.where(kept, np.cumsum(kept) - 1, -1)
    for key in ("support", "loans"):
        frames[key]["person"] = _move_persons(frames[key]["person"].to_numpy(), kept_people)
    return frames


def _move_persons(person: Array, new_positions: Array) -> Array:
    if not len(new_positions):
        return person
    return np.where(person >= 0, new_positions[np.maximum(person, 0)], person).astype(np.int64)


def _frame(table: Table, sheet: Sheet, placed: Sequence[Placed], owner_of: Mapping[int, int], form: Form) -> pd.DataFrame:
    owners = _lookup(table["source_number"], owner_of)
    names = list(dict.fromkeys(one.book.sheet_names.get(sheet.key, sheet.name) for one in placed)) or [sheet.name]
    name_at = np.array([names.index(one.book.sheet_names.get(sheet.key, sheet.name)) for one in placed] or [0], dtype=np.int16)
    columns: dict[str, object] = {
        "source_file": as_category(owners, [one.book.name for one in placed]),
        "source_sheet": as_category(name_at[owners] if len(owners) else owners, names),
        "source_row": table["source_row"].astype(np.int64),
        "owner": owners,
    }
    for key, values in table.items():
        if key not in ("source_number", "source_row"):
            columns[key] = _typed(key, values, sheet, form)
    return pd.DataFrame(columns)


def _lookup(sources: Array, owner_of: Mapping[int, int]) -> Array:
    table = np.full(max(owner_of, default=-1) + 2, -1, dtype=np.int32)
    for number, at in owner_of.items():
        table[number] = at
    return table[sources] if len(sources) else np.zeros(0, np.int32)


def _typed(key: str, values: Array, sheet: Sheet, form: Form) -> object:
    column = sheet.by_key.get(key)
    if key == "note_says":
        return as_category(values.astype(np.int8), SAYING_CODES)
    if column is None or key == "person":
        return values
    if column.type in ("date", "birth"):
        return to_datetime(values)
    if column.type == "code":
        return as_category(values, form.codes(column.list))
    if column.type in ("count", "rate", "money", "tick"):
        return values
    return as_mark(values, "written")


def to_datetime(days: Array) -> Array:
    """Return days since 1970 as datetime64[ns]; what nanoseconds cannot hold is moved to the years 1700 and 2240.

    Both lie outside every allowed range, so such a date is still reported as impossible.
    """
    known = days != NO_DATE
    moved = np.clip(np.where(known, days, 0), _FIRST_DAY, _LAST_DAY).astype("datetime64[D]").astype("datetime64[ns]")
    return np.where(known, moved, np.datetime64("NaT", "ns"))
