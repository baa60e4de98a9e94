"""Duplicates: the same person is counted once; a transfer closed in the old hamlet is no duplicate.

Rule, said in the finding: of several rows of one person that are on the books at the cut-off, the one with the newest
return (where that is blank, release) counts. Same person: the same identity number anywhere in the run; or, inside one
commune and unless both identity numbers are there and differ, the same folded name, birth and sex (with only a birth
year, also the same release date). What is only similar is counted and reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pipeline.choose import Placed
from pipeline.finding import Finding
from pipeline.settings import ORGANISATIONS
from pipeline.statistics import Edition
from pipeline.tidy.columns import PRECISIONS, Array
from pipeline.word import Speaker

_CONTENT = ("employment_updated", "release_date", "probation_end_date", "expunge_review_date", "reoffend_date", "birth")
_CODES = ("release_type", "employment_status", "occupation", "sex", "helper")


@dataclass(frozen=True)
class Duplicates:
    """What was found: rows set aside, and for each people row the row that stands for that person."""

    set_aside: Array
    canonical: Array
    findings: tuple[Finding, ...]


def find_duplicates(people: pd.DataFrame, set_aside: Array, placed: Sequence[Placed], edition: Edition,
                    speaker: Speaker) -> Duplicates:
    """Find people who stand in more than one row on the books (managed or on probation) at the cut-off."""
    on_books = ~set_aside & (people["managed"] | people["on_probation"]).to_numpy()
    rank = _rank(people)
    lost = np.zeros(len(people), dtype=bool)
    canonical = np.arange(len(people), dtype=np.int64)
    findings: list[Finding] = []
    similar: list[tuple[int, int]] = []
    for group in _groups(people, on_books, placed):
        standing = [at for at in group if not lost[at]]
        for winner, loser, same in _compare(sorted(standing, key=lambda at: rank[at]), people):
            if same and not lost[loser] and not lost[winner]:
                lost[loser], canonical[loser] = True, winner
                findings.append(_say("person_duplicate", loser, winner, people, placed, speaker))
            elif not same:
                similar.append((loser, winner))
    for one, other in dict.fromkeys(similar):
        if not lost[one] and not lost[other]:
            findings.append(_say("person_similar", one, other, people, placed, speaker))
    return Duplicates(lost, _follow(canonical), tuple(findings))


def _groups(people: pd.DataFrame, on_books: Array, placed: Sequence[Placed]) -> Iterator[list[int]]:
    """Yield positions that share an identity number, then positions of one commune that share name, birth and sex."""
    at = np.flatnonzero(on_books)
    ids = people["id_key"].to_numpy()[at]
    yield from _equal(at[ids != 0], ids[ids != 0])
    names = people["name_key"].to_numpy()[at]
    known: dict[str, int] = {}
    communes = [known.setdefault(one.commune.unit_id if one.commune else "", len(known)) for one in placed]
    home = np.array(communes or [0], dtype=np.uint64)[people["owner"].to_numpy()[at]]
    keys = names ^ (home * np.uint64(0x9E3779B97F4A7C15))
    yield from _equal(at[names != 0], keys[names != 0])


def _equal(at: Array, keys: Array) -> Iterator[list[int]]:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    repeated: Array = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
    group: list[int] = []
    for place in repeated.tolist():
        if group and ordered[place - 1] == ordered[place] and group[-1] == int(at[order[place - 1]]):
            group.append(int(at[order[place]]))
            continue
        if group:
            yield group
        group = [int(at[order[place - 1]]), int(at[order[place]])]
    if group:
        yield group


def _compare(ranked: Sequence[int], people: pd.DataFrame) -> Iterator[tuple[int, int, bool]]:
    """Yield (better row, other row, whether they are one person) for every pair of a group."""
    ids, precision = people["id_key"].to_numpy(), people["birth_precision"].to_numpy()
    release = people["release_date"].to_numpy()
    for better, other in combinations(ranked, 2):
        if ids[better] and ids[other]:
            if ids[better] == ids[other]:
                yield better, other, True
            continue  # two identity numbers, two people
        exact = precision[better] == precision[other] == PRECISIONS.index("day")
        yield better, other, bool(exact or release[better] == release[other])


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


def _follow(canonical: Array) -> Array:
    """Follow a loser's winner, who may have lost to another, to the row that counts."""
    while True:
        further = canonical[canonical]
        if (further == canonical).all():
            return canonical
        canonical = further


def _say(code: str, at: int, other: int, people: pd.DataFrame, placed: Sequence[Placed], speaker: Speaker) -> Finding:
    owners, rows = people["owner"].to_numpy(), people["source_row"].to_numpy()
    here, there = placed[int(owners[at])], placed[int(owners[other])]
    where = f"{there.unit.full_name}, tệp {there.book.name}, dòng {int(rows[other])}"
    return speaker.say(code, here.book, here.unit, here.commune, "people", int(rows[at]), "full_name", other=where)
