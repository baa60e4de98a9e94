"""How sure it is that a table was found: A and B are processed, C and D are shown to a person."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.anatomy.body import Table
from pipeline.anatomy.lexicon import Lexicon
from pipeline.anatomy.values import Kind
from pipeline.anatomy.words import is_blank, is_serial, looks_like_a_name

_KNOWN_WITHOUT_SERIAL = 3
_KNOWN_WITH_SERIAL = 2
_LONGEST_NUMBER = 5
"""Digits; a header with more of them may be somebody's number."""


def grade_table(table: Table, kinds: Mapping[int, Kind], start: int) -> tuple[str, tuple[str, ...]]:
    """Return the grade and the reasons for C and D; after them what is doubtful without changing the grade.

    A: "STT" and two known headers or a numbering row. B: three known headers. C: less than that. D: a guess.
    """
    header = table.header
    numbered, serial = Kind.NUMBERING in kinds.values(), bool(header.serials)
    why = []
    if serial and (header.hits >= _KNOWN_WITH_SERIAL or numbered):
        grade = "A"
    elif header.hits >= _KNOWN_WITHOUT_SERIAL:
        grade = "B"
    else:
        grade = "C" if serial or header.hits >= _KNOWN_WITH_SERIAL else "D"
        why = ["few_known_headers"] if serial else ["no_serial_header", "few_known_headers"]
    if _has_data_above(table, start):
        grade, why = max(grade, "C"), [*why, "data_above_header"]
    return grade, (*why, *_doubts(kinds))


def _doubts(kinds: Mapping[int, Kind]) -> list[str]:
    found = []
    if Kind.NAME_ONLY in kinds.values():
        found.append("name_only_rows")
    last_total = max((row for row, kind in kinds.items() if kind is Kind.TOTAL), default=None)
    first = min((row for row, kind in kinds.items() if kind in (Kind.DATA, Kind.NO_SERIAL)), default=None)
    if last_total is not None and first is not None and first < last_total and any(
            row > last_total and kind in (Kind.DATA, Kind.NO_SERIAL, Kind.NAME_ONLY) for row, kind in kinds.items()):
        found.append("rows_after_total")
    return found


def _has_data_above(table: Table, start: int) -> bool:
    """Tell whether rows above the header look like rows of a table: then it was not found where it begins."""
    if table.serial is None or table.name is None:
        return False
    serials, names = ([table.grid.rows[row][at] for row in range(start, table.header.top)] for at in (table.serial, table.name))
    return sum(not is_blank(serial) and is_serial(serial) and isinstance(name, str) and not is_blank(name)
               for serial, name in zip(serials, names, strict=True)) >= 2


def shown_headers(table: Table, grade: str, lexicon: Lexicon) -> tuple[tuple[int, str], ...]:
    """Return the headers fit for a finding: none that may be a name or a number.

    Of a row of mostly unknown words that may be no header at all (C, D) only the known ones: it may be somebody's.
    """
    shown = []
    known = sum(any(map(lexicon.knows, column.path)) for column in table.header.headed)
    strict = grade == "D" or (grade == "C" and 2 * known < len(table.header.headed))
    for column in table.header.headed:
        texts = [text for text in column.path if lexicon.knows(text) or (
            not strict and not looks_like_a_name(text) and sum(c.isdecimal() for c in text) <= _LONGEST_NUMBER)]
        if texts:
            shown.append((table.grid.first + column.position, " > ".join(texts)))
    return tuple(shown)
