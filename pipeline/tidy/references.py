"""Whom an act is about: each Hỗ trợ or Vay vốn row finds its person in the same workbook's Danh sách."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from pipeline.raw import Cell, RawTable
from pipeline.text import as_text, fold, tone_neutral
from pipeline.tidy.dates import NO_DATE

if TYPE_CHECKING:
    from pipeline.tidy.batch import Table, Workbook
    from pipeline.tidy.columns import Array

NOT_WRITTEN, UNKNOWN, AMBIGUOUS = -1, -2, -3
"""Values of `person` that are no position in the people table."""
_NEVER = 2**62


@dataclass
class _List:
    """One workbook's Danh sách, as positions in the batch's people table."""

    by_name: dict[str, list[int]] = field(default_factory=dict)
    by_record: dict[str, list[int]] = field(default_factory=dict)
    records: dict[int, str] = field(default_factory=dict)


def refer_to_people(acts: Table, parts: Sequence[tuple[Workbook, RawTable]], people: Table,
                    people_parts: Sequence[tuple[Workbook, RawTable]], when: str) -> None:
    """Add `person` (int32 position in the people table, or NOT_WRITTEN, UNKNOWN, AMBIGUOUS) and `near` to the acts.

    `near` is, for an unknown person, the row of the most similar name (0 for none); for an ambiguous one, how many match.
    """
    lists = _index(people_parts)
    persons: list[int] = []
    near: list[int] = []
    days = acts[when].tolist()
    for book, part in parts:
        one = lists.get(book.number, _List())
        names = part.column("person")
        records = part.column("record_id")
        for name, record in zip(map(_text, names), map(_text, records), strict=True):
            found = _candidates(one, name, record)
            person, hint = _choose(found, people, days[len(persons)]) if found else _nobody(one, name, record, people)
            persons.append(person)
            near.append(hint)
    acts["person"] = np.array(persons, dtype=np.int32)
    acts["near"] = np.array(near, dtype=np.int32)


@lru_cache(maxsize=16384)
def _text(cell: Cell) -> str:
    """Return a cell's text, cleaned once for the list and for the acts."""
    return as_text(cell)


@lru_cache(maxsize=16384)
def _key(name: str) -> str:
    """Return what names are compared by; an act's name stands in the list too, so most are met again."""
    return tone_neutral(name)


def _index(parts: Sequence[tuple[Workbook, RawTable]]) -> dict[int, _List]:
    lists: dict[int, _List] = {}
    at = 0
    for book, part in parts:
        one = lists[book.number] = _List()
        records = part.column("record_id")
        for name, record in zip(part.column("full_name"), records, strict=True):
            if text := _text(name):
                one.by_name.setdefault(_key(text), []).append(at)
            if text := _text(record).casefold():
                one.by_record.setdefault(text, []).append(at)
                one.records[at] = text
            at += 1
    return lists


def _candidates(one: _List, name: str, record: str) -> list[int]:
    """Return the people a row can mean: by name, narrowed by record; by record alone when no name is written."""
    if not name:
        return one.by_record.get(record.casefold(), []) if record else []
    named = one.by_name.get(_key(name), [])
    if len(named) > 1 and record:
        return [at for at in named if one.records.get(at) == record.casefold()]
    return named


def _choose(found: list[int], people: Table, day: int) -> tuple[int, int]:
    if len(found) == 1:
        return found[0], 0
    if not _one_human(found, people):
        return AMBIGUOUS, len(found)
    # The same person stands in several rows (ended, then back again): the last that had started by then.
    stays = [(max(int(people["release_date"][at]), int(people["return_date"][at])), _last_day(people, at), at) for at in found]
    begun = [stay for stay in stays if stay[0] <= day]
    return (max(begun) if begun else min(stays))[2], 0


def _last_day(people: Table, at: int) -> int:
    """Return the end of a stay; one that goes on ends after all others."""
    end = int(people["end_date"][at])
    return end if end != NO_DATE else _NEVER


def _one_human(found: list[int], people: Table) -> bool:
    def same(keys: Array) -> bool:
        return len({int(keys[at]) for at in found}) == 1 and int(keys[found[0]]) != 0

    ids = {int(people["id_key"][at]) for at in found} - {0}
    return same(people["id_key"]) or (len(ids) <= 1 and same(people["name_key"]))


def _nobody(one: _List, name: str, record: str, people: Table) -> tuple[int, int]:
    if not name:
        return (UNKNOWN, 0) if record else (NOT_WRITTEN, 0)
    named = one.by_name.get(_key(name), [])
    if named:  # the name is there, the record written beside it is not
        return AMBIGUOUS, len(named)
    return UNKNOWN, _nearest_row(one, name, people)


def _nearest_row(one: _List, name: str, people: Table) -> int:
    from rapidfuzz import fuzz, process  # only misspelt names pay for it

    found = process.extractOne(fold(name), list(one.by_name), scorer=fuzz.ratio, processor=fold, score_cutoff=80)
    return int(people["source_row"][one.by_name[found[0]][0]]) if found else 0
