"""Helper columns: what a suite cannot say in Great Expectations' own words is said here, as of the cut-off.

Each helper is a named column that a rule of expectations/*.json judges. Frames are copied, never changed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.settings import ORGANISATIONS
from pipeline.statistics import Edition
from pipeline.tidy.categories import as_category, as_mark
from pipeline.tidy.columns import PRECISIONS, Array
from pipeline.tidy.references import AMBIGUOUS, NOT_WRITTEN, UNKNOWN

EMPLOYED = ("STABLE", "UNSTABLE", "EMPLOYED")
"""The employment statuses that mean having work."""
TICKED_ORGANISATIONS = tuple(name.upper() for name in ORGANISATIONS)
"""The organisations that have a tick column, as codes of list `org`."""
PERSON_STATES = ("found", "not_written", "unknown", "ambiguous", "set_aside")
_NOT_A_TIME = np.datetime64("NaT", "ns")


def help_people(people: pd.DataFrame, support: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """Add to people: known_start, start_date, probation_needed, employed, managed, on_probation, age_at_release,
    id_agreement, note_contradiction, probation_not_conditional, idle_occupation, overdue_review, unsupported_tick,
    unticked_support.
    """
    d = np.datetime64(edition.cutoff, "ns")
    release, back, end = (people[key].to_numpy() for key in ("release_date", "return_date", "end_date"))
    conditional = (people["release_type"] == "CONDITIONAL").to_numpy()
    known_start = _later(release, back)
    probation_end = people["probation_end_date"].to_numpy()
    waits = conditional & (edition.policy == "after_probation")
    stay = np.where(np.isnat(back), release, back)
    start = np.where(waits, np.where(np.isnat(probation_end), _NOT_A_TIME, _later(probation_end, stay)), known_start)
    managed = is_managed(start, end, d)
    employed = people["employment_status"].isin(EMPLOYED).to_numpy()
    ticked, supported, used = _organisations(people, support)
    return people.assign(
        known_start=known_start, start_date=start, managed=managed,
        probation_needed=waits,
        on_probation=conditional & (known_start <= d) & (probation_end > d) & ~(end <= d),
        employed=employed,
        age_at_release=_age(people, release),
        id_agreement=as_category(people["id_agrees"].to_numpy().astype(np.int8), ("no", "yes")),
        note_contradiction=people["note_says"].where(people["end_date"].isna()),
        probation_not_conditional=as_mark(~np.isnat(probation_end) & people["release_type"].notna().to_numpy() & ~conditional),
        idle_occupation=as_mark((people["occupation"].notna() & people["employment_status"].notna()).to_numpy() & ~employed),
        overdue_review=people["expunge_review_date"].where(managed),
        unsupported_tick=_first_organisation(ticked & ~supported & used[:, None]),
        unticked_support=_first_organisation(supported & ~ticked),
    )


def is_managed(start: Array, end: Array, day: Array | np.datetime64) -> Array:
    """Tell who is managed on `day`: started by then, not yet ended (the end date is the first day not counted)."""
    return np.asarray((start <= day) & ~(end <= day))


def help_acts(acts: pd.DataFrame, people: pd.DataFrame, set_aside: Array, canonical: Array, current: Array, when: str,
              edition: Edition) -> pd.DataFrame:
    """Add to support or loans: person_at (position in people, -1 for none), person_once (of a person who left and came
    back to the same hamlet, the row of today), person_state, person_row, in_period, managed_then, outside_stay (null, or
    "yes" for an act in the period outside the person's stay).
    """
    person = acts["person"].to_numpy()
    at = np.where(person >= 0, canonical[np.maximum(person, 0)] if len(canonical) else -1, -1)
    someone = at >= 0
    safe = np.maximum(at, 0)
    day = acts[when].to_numpy()
    start, end = (_take(people[key].to_numpy(), safe, someone) for key in ("start_date", "end_date"))
    aside = someone & _take_flags(set_aside, safe, someone)
    state = np.select([person == NOT_WRITTEN, person == UNKNOWN, person == AMBIGUOUS, aside], [1, 2, 3, 4], 0).astype(np.int8)
    managed_then = someone & ~aside & is_managed(start, end, day)
    in_period = is_in_period(day, edition)
    outside = in_period & someone & ~aside & ~managed_then
    return acts.assign(
        person_at=at, person_once=_in_one_hamlet(at, current, people["owner"].to_numpy()),
        person_state=as_category(state, PERSON_STATES),
        person_row=np.where(someone, _take_flags(people["source_row"].to_numpy(), safe, someone), 0).astype(np.int64),
        in_period=in_period, managed_then=managed_then, outside_stay=as_mark(outside))


def _in_one_hamlet(at: Array, current: Array, owners: Array) -> Array:
    """Return today's row of each act's person where it stands in the same workbook, else the row the act is about."""
    if not len(owners):
        return at
    now = current[np.maximum(at, 0)]
    return np.where((at >= 0) & (owners[now] == owners[np.maximum(at, 0)]), now, at)


def help_loans(loans: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Add to loans: years_after_release, probation_loan ("yes" when made under probation)."""
    at = loans["person_at"].to_numpy()
    someone, safe = at >= 0, np.maximum(at, 0)
    day = loans["loan_date"].to_numpy()
    release, probation_end = (_take(people[key].to_numpy(), safe, someone) for key in ("release_date", "probation_end_date"))
    conditional = _take_flags((people["release_type"] == "CONDITIONAL").to_numpy(), safe, someone)
    years = (day - release) / np.timedelta64(86_400_000_000_000 * 1461 // 4, "ns")
    return loans.assign(years_after_release=np.where(np.isnat(day) | np.isnat(release), np.nan, years),
                        probation_loan=as_mark(someone & conditional & (day < probation_end)))


def help_outreach(outreach: pd.DataFrame) -> pd.DataFrame:
    """Add to outreach: any_date (the date, else the schedule's first day), scheduled, dated, both_ways."""
    dated = outreach["date"].notna()
    begins = outreach["from"].notna()
    return outreach.assign(any_date=outreach["date"].where(dated, outreach["from"]), dated=dated.to_numpy(),
                           scheduled=(begins & ~dated).to_numpy(), both_ways=as_mark((dated & begins).to_numpy()))


def help_models(models: pd.DataFrame) -> pd.DataFrame:
    """Add to models: any_date (founded, else planned), repeated ("yes" when its code stands twice in one workbook)."""
    repeated = models.duplicated(["owner", "model_key"], keep=False) & (models["model_key"] != 0)
    return models.assign(any_date=models["founded_on"].where(models["founded_on"].notna(), models["planned_by"]),
                         repeated=as_mark(repeated.to_numpy()))


def is_in_period(day: Array, edition: Edition) -> Array:
    """Tell which days lie in (previous cut-off, cut-off]."""
    return np.asarray((day > np.datetime64(edition.previous_cutoff, "ns")) & (day <= np.datetime64(edition.cutoff, "ns")))


def _later(one: Array, other: Array) -> Array:
    """Return the later of two dates; the known one when only one is."""
    return np.fmax(one, other)


def _age(people: pd.DataFrame, day: Array) -> Array:
    """Return the age in whole years on `day`; by year alone when only the birth year is known; NaN when unknown."""
    birth = people["birth"].to_numpy()
    years = _part(day, "Y") - _part(birth, "Y")
    month = _part(day, "M") - _part(birth, "M") - 12 * years
    before = (month < 0) | ((month == 0) & (_day_of_month(day) < _day_of_month(birth)))
    exact = people["birth_precision"].to_numpy() == PRECISIONS.index("day")
    age = np.where(exact & before, years - 1, years).astype(float)
    return np.where(np.isnat(birth) | np.isnat(day), np.nan, age)


def age_at(people: pd.DataFrame, edition: Edition) -> Array:
    """Return each person's age in whole years at the cut-off; NaN when unknown."""
    return _age(people, np.full(len(people), np.datetime64(edition.cutoff, "ns")))


def _day_of_month(day: Array) -> Array:
    return np.asarray(day.astype("datetime64[D]") - day.astype("datetime64[M]"))


def _part(day: Array, unit: str) -> Array:
    return np.where(np.isnat(day), 0, day.astype(f"datetime64[{unit}]").astype(np.int64))


def _take(values: Array, at: Array, known: Array) -> Array:
    return np.where(known, values[at] if len(values) else _NOT_A_TIME, _NOT_A_TIME)


def _take_flags(values: Array, at: Array, known: Array) -> Array:
    return np.where(known, values[at], 0).astype(values.dtype) if len(values) else np.zeros(len(at), values.dtype)


def _organisations(people: pd.DataFrame, support: pd.DataFrame) -> tuple[Array, Array, Array]:
    """Return per person: ticked, supported (people × TICKED_ORGANISATIONS) and whether their workbook uses Hỗ trợ at all."""
    ticked = people[[f"org_{name}" for name in ORGANISATIONS]].to_numpy(dtype=bool)
    supported = np.zeros((len(people), len(ORGANISATIONS)), dtype=bool)
    person = support["person"].to_numpy()
    for at, code in enumerate(TICKED_ORGANISATIONS):
        rows = (person >= 0) & (support["org"] == code).to_numpy()
        supported[person[rows], at] = True
    used = np.isin(people["owner"].to_numpy(), support["owner"].unique())
    return ticked, supported, used


def _first_organisation(flags: Array) -> pd.Categorical[Any]:
    first = np.where(flags.any(axis=1), flags.argmax(axis=1), -1) if len(flags) else np.zeros(0)
    return as_category(first.astype(np.int8), ORGANISATIONS)
