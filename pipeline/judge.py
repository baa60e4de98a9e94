"""Judge: helper columns, suites and duplicates in their order; what cannot be counted is set aside with its finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.choose import Placed
from pipeline.duplicates import find_duplicates
from pipeline.finding import Finding
from pipeline.settings import ORGANISATIONS
from pipeline.statistics import Edition
from pipeline.tidy.columns import Array
from pipeline.tidy.helpers import help_acts, help_loans, help_models, help_outreach, help_people
from pipeline.tidy.notes import SAYINGS
from pipeline.validate import Failure, parameters_for, validate
from pipeline.word import Speaker

_ACT_DATES = {"support": "support_date", "loans": "loan_date"}
_UNREADABLE = frozenset({"date_unreadable", "date_month_first", "date_lunar", "code_unknown", "number_unreadable",
                         "number_negative", "number_not_whole"})
"""Troubles that already say why a cell counts as blank."""


@dataclass(frozen=True)
class Judged:
    """The frames with their helper columns, which rows are set aside, and why."""

    frames: Mapping[str, pd.DataFrame]
    set_aside: Mapping[str, Array]
    findings: tuple[Finding, ...]


def judge_tables(frames: Mapping[str, pd.DataFrame], placed: Sequence[Placed], edition: Edition,
                 suites: Mapping[str, Mapping[str, Any]], speaker: Speaker) -> Judged:
    """Judge every table: people first, because an act needs to know whether its person counts."""
    parameters = parameters_for(speaker.form, edition)
    helped: dict[str, pd.DataFrame] = {"people": help_people(frames["people"], frames["support"], edition)}
    aside: dict[str, Array] = {}
    findings: list[Finding] = []

    def judge(key: str) -> None:
        failures = validate(helped[key], suites[key], parameters)
        aside[key] = _critical(failures, len(helped[key]))
        findings.extend(_word(key, helped[key], failures, placed, speaker))

    judge("people")
    duplicates = find_duplicates(helped["people"], aside["people"], placed, edition, speaker)
    findings += duplicates.findings
    for key, when in _ACT_DATES.items():
        helped[key] = help_acts(frames[key], helped["people"], aside["people"], duplicates.canonical, duplicates.current, when, edition)
    helped["loans"] = help_loans(helped["loans"], helped["people"])
    helped["outreach"] = help_outreach(frames["outreach"])
    helped["models"] = help_models(frames["models"])
    helped["funds"] = frames["funds"]
    for key in (*_ACT_DATES, "outreach", "models", "funds"):
        judge(key)
    aside["people"] = aside["people"] | duplicates.set_aside
    return Judged(helped, aside, tuple(findings))


def drop_repeated(reading: Sequence[Finding], judging: Sequence[Finding], unreadable: frozenset[str] = _UNREADABLE) -> list[Finding]:
    """Join findings, leaving out a cell's "cannot be read" where a critical finding already speaks of that cell."""
    critical = {(f.file, f.sheet, f.row, f.column) for f in judging if f.severity == "critical"}
    kept = [f for f in reading if f.code not in unreadable or (f.file, f.sheet, f.row, f.column) not in critical]
    return [*kept, *judging]


def _critical(failures: Sequence[Failure], size: int) -> Array:
    flags = np.zeros(size, dtype=bool)
    for failure in failures:
        if failure.severity == "critical":
            flags[failure.positions] = True
    return flags


def _word(key: str, frame: pd.DataFrame, failures: Sequence[Failure], placed: Sequence[Placed], speaker: Speaker) -> Iterator[Finding]:
    """Word each failing row; a blank that follows from an unreadable cell or a missing column is not said again."""
    owners, rows = frame["owner"].to_numpy(), frame["source_row"].to_numpy()
    unread: dict[int, set[tuple[int, str]]] = {}
    for failure in failures:
        values = _values(failure, frame)
        for order, at in enumerate(failure.positions.tolist()):
            owner, row = int(owners[at]), int(rows[at])
            spoken = {name: column[order] for name, column in values.items()}
            column = failure.column.format(value=spoken.get("value", ""))
            if failure.meta.get("follows") and failure.severity != "critical":
                if owner not in unread:
                    unread[owner] = {(t.row, t.column) for t in placed[owner].book.troubles if t.sheet == key and t.code in _UNREADABLE}
                if (row, column) in unread[owner] or column not in placed[owner].book.letters.get(key, {}):
                    continue
            one = placed[owner]
            yield speaker.say(failure.code, one.book, one.unit, one.commune, key, row, column, severity=failure.severity, **spoken)


def _values(failure: Failure, frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return what a finding may say of each row: codes and row numbers of helper columns, nothing that was typed."""
    values: dict[str, list[str]] = {}
    judged = frame.get(failure.judged)
    if "{value}" in failure.column and judged is not None:
        values["value"] = [code if code in ORGANISATIONS else "" for code in judged.iloc[failure.positions].tolist()]
    if "says" in failure.meta:
        values["says"] = [SAYINGS.get(str(code), "") for code in frame[failure.meta["says"]].iloc[failure.positions].tolist()]
    for name, (column, pattern) in failure.meta.get("show", {}).items():
        numbers = frame[column].to_numpy()[failure.positions].tolist()
        values[name] = [str(pattern).format(int(number)) if number else "" for number in numbers]
    return values
