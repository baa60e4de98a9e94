"""Persons: which rows are about the same human being, inside this run.

The same identity number is the same person, anywhere. Without a number on one side: inside one commune the same folded
name, birth and sex, and, where only a birth year is known, also the same release date. A row without a number that fits
two people of different numbers is neither of them for sure: it is only similar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from pipeline.choose import Placed
from pipeline.tidy.columns import PRECISIONS, Array


@dataclass(frozen=True)
class Persons:
    """`label`: equal for rows of one person; `similar`: pairs of rows that somebody must look at."""

    label: Array
    similar: tuple[tuple[int, int], ...]

    def groups(self) -> Iterator[list[int]]:
        """Yield the rows of every person who has more than one."""
        yield from _equal(np.arange(len(self.label)), self.label)


def find_persons(people: pd.DataFrame, valid: Array, placed: Sequence[Placed]) -> Persons:
    """Label every valid row with its person."""
    at = np.flatnonzero(valid)
    label = np.arange(len(people), dtype=np.int64)
    ids = people["id_key"].to_numpy()
    numbered = at[ids[at] != 0]
    for group in _equal(numbered, ids[numbered]):
        label[group] = group[0]
    similar: list[tuple[int, int]] = []
    named = at[people["name_key"].to_numpy()[at] != 0]
    for group in _equal(named, _home_keys(people, named, placed)):
        similar += _join_namesakes(group, label, people)
    return Persons(label, tuple(similar))


def _home_keys(people: pd.DataFrame, at: Array, placed: Sequence[Placed]) -> Array:
    """Return name keys that differ between communes."""
    known: dict[str, int] = {}
    communes = [known.setdefault(one.commune.unit_id if one.commune else "", len(known)) for one in placed]
    home = np.array(communes or [0], dtype=np.uint64)[people["owner"].to_numpy()[at]]
    return np.asarray(people["name_key"].to_numpy()[at] ^ (home * np.uint64(0x9E3779B97F4A7C15)))


def _join_namesakes(group: Sequence[int], label: Array, people: pd.DataFrame) -> Iterator[tuple[int, int]]:
    """Give each row without a number the label of the one person it fits; yield the pairs that stay in doubt."""
    ids = people["id_key"].to_numpy()
    nameless = [row for row in group if not ids[row]]
    for cluster in _clusters(nameless, people):
        fitting = {int(label[row]): row for row in group if ids[row] and any(_fit(row, one, people) for one in cluster)}
        label[cluster] = next(iter(fitting)) if len(fitting) == 1 else cluster[0]
        if len(fitting) > 1:
            yield from ((one, other) for one in cluster for other in fitting.values())
    yield from ((one, other) for one, other in combinations(group, 2)
                if label[one] != label[other] and not (ids[one] and ids[other]) and not _fit(one, other, people))


def _clusters(rows: Sequence[int], people: pd.DataFrame) -> list[list[int]]:
    """Put rows that fit each other together."""
    clusters: list[list[int]] = []
    for row in rows:
        mine = [cluster for cluster in clusters if any(_fit(row, other, people) for other in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in mine] + [[row, *(one for cluster in mine for one in cluster)]]
    return clusters


def _fit(one: int, other: int, people: pd.DataFrame) -> bool:
    """Tell whether two rows of one name, birth and sex are one person: by the day of birth, else by the release."""
    precision, release = people["birth_precision"].to_numpy(), people["release_date"].to_numpy()
    exact = precision[one] == precision[other] == PRECISIONS.index("day")
    return bool(exact or release[one] == release[other])


def _equal(at: Array, keys: Array) -> Iterator[list[int]]:
    """Yield the positions that share a key, for every key that stands more than once."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.zeros(0, np.int64)
    ends = np.append(starts[1:], len(ordered))
    for place in np.flatnonzero(ends - starts > 1).tolist():
        yield at[order[starts[place]:ends[place]]].tolist()
