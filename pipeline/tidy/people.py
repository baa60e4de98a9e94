"""What tidying leaves of a person: keyed identity, and comparisons that need the number, the name or the note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pipeline.raw import RawTable
from pipeline.text import clean
from pipeline.tidy.dates import NO_DATE
from pipeline.tidy.identity import agrees, id_key, name_key, parse_citizen_id
from pipeline.tidy.notes import note_says
from pipeline.tidy.told import Issue, tell

if TYPE_CHECKING:
    from pipeline.tidy.batch import Table, Workbook


def identify_people(people: Table, parts: Sequence[tuple[Workbook, RawTable]], secret: bytes) -> None:
    """Add to the people table, one row per person:

    `id_key`, `name_key` (uint64 keyed HMACs, 0 for none), `id_agrees` (1, 0, -1: identity number against birth year
    and sex), `note_says` (position in notes.SAYING_CODES, -1 for nothing).
    """
    size = len(people["source_row"])
    id_keys, name_keys = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    agreement, says = np.full(size, -1, np.int8), np.full(size, -1, np.int8)
    births, years, sexes = people["birth"].tolist(), _years(people["birth"]).tolist(), people["sex"].tolist()
    at = 0
    for book, part in parts:
        numbers, names, notes = (part.column(key) for key in ("citizen_id", "full_name", "note"))
        issues: list[tuple[int, Issue]] = []
        for place, (number, name, note) in enumerate(zip(numbers, names, notes, strict=True)):
            parsed = parse_citizen_id(number)
            if parsed.code:
                issues.append((place, Issue(parsed.code, (("suggestion", parsed.hint),) if parsed.hint else ())))
            if parsed.padded:
                issues.append((place, Issue("citizen_id_padded")))
            id_keys[at] = id_key(secret, parsed.digits)
            name_keys[at] = name_key(secret, clean(str(name or "")), births[at], sexes[at])
            agreement[at] = agrees(parsed.digits, years[at] or None, sexes[at]) if parsed.digits else -1
            says[at] = note_says(note)
            at += 1
        book.troubles += tell("people", "citizen_id", part.rows, issues)
    people.update(id_key=id_keys, name_key=name_keys, id_agrees=agreement, note_says=says)


def _years(days: np.ndarray) -> np.ndarray:
    """Return the year of each day number; 0 for no date."""
    known = days != NO_DATE
    years = np.where(known, days, 0).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return np.where(known, years, 0)
