"""Duplicates: nobody is counted in two rows at once; a transfer closed in the old hamlet is no duplicate.

Rule, said in the finding: of several rows of one person that stand on the books on the same cut-off day (this one's or
the one before), the one with the newest return (where that is blank, release) counts. Who is one person: persons.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.choose import Placed
from pipeline.finding import Finding
from pipeline.persons import find_persons
from pipeline.settings import ORGANISATIONS
from pipeline.statistics import Edition
from pipeline.tidy.columns import Array
from pipeline.tidy.helpers import is_managed
from pipeline.word import Speaker

_CONTENT = ("employment_updated", "release_date", "probation_end_date", "expunge_review_date", "reoffend_date", "birth")
_CODES = ("release_type", "employment_status", "occupation", "sex", "helper")


@dataclass(frozen=True)
class Duplicates:
    """What was found, per people row."""

    set_aside: Array
    canonical: Array
    """The row that stands for a row set aside here; every other row stands for itself."""
    current: Array
    """The row of the same person that is on the books at the cut-off; the row itself when there is none."""
    findings: tuple[Finding, ...]


def find_duplicates(people: pd.DataFrame, set_aside: Array, placed: Sequence[Placed], edition: Edition,
                    speaker: Speaker) -> Duplicates:
    """Find people who stand in more than one row on the books at the cut-off, or at the one before."""
    now = ~set_aside & (people["managed"] | people["on_probation"]).to_numpy()
    start, end = people["start_date"].to_numpy(), people["end_date"].to_numpy()
    before = ~set_aside & is_managed(start, end, np.datetime64(edition.previous_cutoff, "ns"))
    persons, rank = find_persons(people, ~set_aside, placed), _rank(people)
    canonical = np.arange(len(people), dtype=np.int64)
    current = canonical.copy()
    for group in persons.groups():
        ranked = sorted(group, key=lambda row: (not now[row], rank[row]))
        for on_books in (now, before):
            standing = [row for row in ranked if on_books[row] and canonical[row] == row]
            canonical[standing[1:]] = standing[0] if standing else 0
        if now[ranked[0]]:
            current[ranked] = ranked[0]
    lost = canonical != np.arange(len(people))
    findings = [_say("person_duplicate", int(row), int(canonical[row]), people, placed, speaker) for row in np.flatnonzero(lost)]
    for pair in persons.similar:
        newer, older = sorted(pair, key=lambda row: int(rank[row]))
        if now[newer] and now[older] and not lost[newer] and not lost[older]:
            findings.append(_say("person_similar", older, newer, people, placed, speaker))
    return Duplicates(lost, canonical, current, tuple(findings))


def _rank(people: pd.DataFrame) -> Array:
    """Rank rows by newest return, then by all that is counted, then by place: the same whatever the order of files and rows."""
    def newest(days: pd.Series) -> pd.Series:
        return ~days.astype("int64")  # and not -: what is blank, the least integer, comes last

    came = people["return_date"].fillna(people["release_date"])
    keys = [newest(came), newest(people["start_date"]), *(newest(people[key]) for key in _CONTENT),
            *(people[key].cat.codes for key in _CODES), *(~people[f"org_{name}"] for name in ORGANISATIONS)]
    table = pd.concat([*keys, people["owner"], people["source_row"]], axis=1, keys=range(len(keys) + 2))
    order = np.lexsort([table[key].to_numpy() for key in reversed(table.columns)])
    rank = np.empty(len(people), dtype=np.int64)
    rank[order] = np.arange(len(people))
    return rank


def _say(code: str, at: int, other: int, people: pd.DataFrame, placed: Sequence[Placed], speaker: Speaker) -> Finding:
    owners, rows = people["owner"].to_numpy(), people["source_row"].to_numpy()
    here, there = placed[int(owners[at])], placed[int(owners[other])]
    where = f"{there.unit.full_name}, tệp {there.book.name}, dòng {int(rows[other])}"
    return speaker.say(code, here.book, here.unit, here.commune, "people", int(rows[at]), "full_name", other=where)
