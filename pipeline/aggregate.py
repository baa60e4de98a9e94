"""Aggregate: people and acts become indicators per workbook, as of the cut-off (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.judge import Judged
from pipeline.settings import ORGANISATIONS
from pipeline.statistics import Edition
from pipeline.tidy.columns import Array
from pipeline.tidy.helpers import TICKED_ORGANISATIONS, age_at, is_in_period, is_managed

STALE_DAYS = 90
"""A work status not confirmed for longer is shown as employed_stale."""
_SUPPORT = ("COUNSELLING", "LEGAL", "VOCATIONAL", "JOB_REFERRAL", "MATERIAL", "VISIT")
_EMPLOYMENT = {"employed_stable": "STABLE", "employed_unstable": "UNSTABLE", "employed_unspecified": "EMPLOYED",
               "unemployed": "NONE", "unable": "UNABLE", "studying": "STUDYING"}
_ENDS = {"out_expunged": "EXPUNGED", "out_moved": "MOVED", "out_died": "DIED", "out_reoffended": "REOFFENDED"}


@dataclass(frozen=True)
class Counted:
    """Indicators by workbook, and which rows were counted."""

    values: Mapping[str, Array]
    """Indicator -> one figure per placed workbook. An act counts where its person's row stands."""
    rows: Mapping[str, Array]
    """Table -> bool per row; what is neither counted nor set aside lies outside the date range."""
    scheduled: Array
    """Outreach sessions that come from a weekly schedule, per placed workbook."""


class _Tally:
    """Counts flagged rows, or sums weights, per placed workbook."""

    def __init__(self, owners: Array, size: int) -> None:
        self.owners, self.size = owners, size

    def __call__(self, flags: Array, weights: Array | None = None) -> Array:
        chosen = None if weights is None else np.nan_to_num(weights[flags])
        return np.bincount(self.owners[flags], weights=chosen, minlength=self.size).astype(np.float64)


def aggregate(judged: Judged, size: int, edition: Edition) -> Counted:
    """Count every indicator that workbooks give, for `size` placed workbooks; rates and totals above come later."""
    people, people_ok = judged.frames["people"], ~judged.set_aside["people"]
    support, support_ok = judged.frames["support"], ~judged.set_aside["support"]
    loans, loans_ok = judged.frames["loans"], ~judged.set_aside["loans"]
    helped = support_ok & support["managed_then"].to_numpy() & support["in_period"].to_numpy()
    values: dict[str, Array] = {}
    tally = _Tally(people["owner"].to_numpy(), size)
    managed = people_ok & people["managed"].to_numpy()
    values.update(_count_people(people, managed, tally, edition))
    values.update(_count_movements(people, people_ok, tally, edition))
    values.update(_count_work(people, managed, tally, edition))
    values.update(_count_help(people, managed, support, support_ok & support["in_period"].to_numpy(), tally, edition))
    values.update(_count_support(support, helped, len(people), tally))
    loan_values, loan_rows = _count_loans(loans, loans_ok, managed, len(people), tally, edition)
    model_values, model_rows = _count_models(judged.frames["models"], ~judged.set_aside["models"], size, edition)
    outreach_values, outreach_rows, scheduled = _count_outreach(judged.frames["outreach"], ~judged.set_aside["outreach"], size, edition)
    fund_values, fund_rows = _count_funds(judged.frames["funds"], ~judged.set_aside["funds"], size, edition)
    values.update({**loan_values, **model_values, **outreach_values, **fund_values})
    rows = {"people": managed, "support": helped, "loans": loan_rows, "models": model_rows, "outreach": outreach_rows,
            "funds": fund_rows}
    return Counted(values, rows, scheduled)


def _count_people(people: pd.DataFrame, managed: Array, tally: _Tally, edition: Edition) -> dict[str, Array]:
    kind = people["release_type"]
    review, age = people["expunge_review_date"].to_numpy(), age_at(people, edition)
    return {
        "total": tally(managed),
        "total_served": tally(managed & (kind == "SERVED").to_numpy()),
        "total_amnesty": tally(managed & (kind == "AMNESTY").to_numpy()),
        "total_conditional": tally(managed & (kind == "CONDITIONAL").to_numpy()),
        "total_unspecified": tally(managed & kind.isna().to_numpy()),
        "female": tally(managed & (people["sex"] == "F").to_numpy()),
        "under_18": tally(managed & (age >= 0) & (age < 18)),  # a birth yet to come tells no age
        "helper_assigned": tally(managed & people["helper"].notna().to_numpy()),
        "expunge_due": tally(managed & (review <= np.datetime64(edition.cutoff, "ns"))),
    }


def _count_movements(people: pd.DataFrame, ok: Array, tally: _Tally, edition: Edition) -> dict[str, Array]:
    start, end, again = (people[key].to_numpy() for key in ("start_date", "end_date", "reoffend_date"))
    before, d = np.datetime64(edition.previous_cutoff, "ns"), np.datetime64(edition.cutoff, "ns")
    ended = ok & is_in_period(end, edition) & (start <= d)
    reasons = {key: (people["end_reason"] == code).to_numpy() for key, code in _ENDS.items()}
    known = np.logical_or.reduce(list(reasons.values()))
    stayed = (start <= again) & ~(end < again)
    return {
        "opening": tally(ok & is_managed(start, end, before)),
        "in_new": tally(ok & is_in_period(start, edition)),
        **{key: tally(ended & reason) for key, reason in reasons.items()},
        "out_other": tally(ended & ~known),
        "probation": tally(ok & people["on_probation"].to_numpy()),
        "reoffended": tally(ok & is_in_period(again, edition) & stayed),
        "expunged": tally(ended & reasons["out_expunged"]),
    }


def _count_work(people: pd.DataFrame, managed: Array, tally: _Tally, edition: Edition) -> dict[str, Array]:
    status, occupation = people["employment_status"], people["occupation"]
    employed = managed & people["employed"].to_numpy()
    limit = np.datetime64(edition.cutoff, "ns") - np.timedelta64(STALE_DAYS, "D")
    confirmed = people["employment_updated"].to_numpy() >= limit
    values = {key: tally(managed & (status == code).to_numpy()) for key, code in _EMPLOYMENT.items()}
    values |= {f"occ_{code.lower()}": tally(employed & (occupation == code).to_numpy()) for code in occupation.cat.categories}
    return values | {"employed": tally(employed), "employed_stale": tally(employed & ~confirmed),
                     "employment_unknown": tally(managed & status.isna().to_numpy()),
                     "occ_unknown": tally(employed & occupation.isna().to_numpy())}


def _count_help(people: pd.DataFrame, managed: Array, support: pd.DataFrame, in_period: Array, tally: _Tally,
                edition: Edition) -> dict[str, Array]:
    """Count managed people helped by each organisation: its tick, or its Hỗ trợ row in the period."""
    any_org = np.zeros(len(people), dtype=bool)
    values = {}
    for name, code in zip(ORGANISATIONS, TICKED_ORGANISATIONS, strict=True):
        by_act = _people_of(support, in_period & (support["org"] == code).to_numpy(), len(people))
        helped = managed & (people[f"org_{name}"].to_numpy(dtype=bool) | by_act)
        values[f"org_{name}"] = tally(helped)
        if name in edition.mass_orgs:
            any_org |= helped
    return {**values, "org_any": tally(any_org)}


def _people_of(acts: pd.DataFrame, rows: Array, size: int) -> Array:
    """Return which people the chosen acts are about: each person of a hamlet once."""
    flags = np.zeros(size, dtype=bool)
    at = acts["person_once"].to_numpy()[rows]
    flags[at[at >= 0]] = True
    return flags


def _count_support(support: pd.DataFrame, helped: Array, size: int, tally: _Tally) -> dict[str, Array]:
    values = {}
    for code in _SUPPORT:
        rows = helped & (support["support_type"] == code).to_numpy()
        values[f"{code.lower()}_people"] = tally(_people_of(support, rows, size))
        values[f"{code.lower()}_times"] = _by_person(support, rows, tally)
    return values


def _by_person(acts: pd.DataFrame, rows: Array, tally: _Tally, weights: Array | None = None) -> Array:
    """Count acts, or sum their amounts, where their people's rows stand."""
    owners = tally.owners[acts["person_at"].to_numpy()[rows]]
    chosen = None if weights is None else np.nan_to_num(weights[rows])
    return np.bincount(owners, weights=chosen, minlength=tally.size).astype(np.float64)


def _count_loans(loans: pd.DataFrame, ok: Array, managed: Array, size: int, tally: _Tally,
                 edition: Edition) -> tuple[dict[str, Array], Array]:
    d = np.datetime64(edition.cutoff, "ns")
    amount, at = loans["amount"].to_numpy(), loans["person_once"].to_numpy()
    lent = ok & loans["in_period"].to_numpy() & loans["managed_then"].to_numpy()
    now = np.where(at >= 0, managed[np.maximum(at, 0)] if size else False, False)
    unsettled = (loans["loan_date"].to_numpy() <= d) & ~(loans["settled_on"].to_numpy() <= d)
    still = ok & now & unsettled
    return {
        "loan_people": tally(_people_of(loans, lent, size)), "loan_amount": _by_person(loans, lent, tally, amount),
        "loan_open": tally(_people_of(loans, still, size)), "loan_balance": _by_person(loans, still, tally, amount),
    }, lent | still


def _count_models(models: pd.DataFrame, ok: Array, size: int, edition: Edition) -> tuple[dict[str, Array], Array]:
    """Count models that exist at the cut-off; one without any date is taken as existing, with its finding."""
    d = np.datetime64(edition.cutoff, "ns")
    founded, planned, ended = (models[key].to_numpy() for key in ("founded_on", "planned_by", "ended_on"))
    running = ~(ended <= d)
    exists = ok & running & ((founded <= d) | (np.isnat(founded) & np.isnat(planned)))
    overdue = ok & running & ~exists & (planned < d)
    tally = _Tally(models["owner"].to_numpy(), size)
    values = {f"models_{code.lower()}": tally(exists & (models["model_type"] == code).to_numpy())
              for code in models["model_type"].cat.categories}
    return {**values, "models_total": tally(exists), "models_new": tally(exists & is_in_period(founded, edition)),
            "models_overdue": tally(overdue), "model_participants": tally(exists, models["participants"].to_numpy())}, exists | overdue


def _count_outreach(outreach: pd.DataFrame, ok: Array, size: int, edition: Edition) -> tuple[dict[str, Array], Array, Array]:
    """Sum sessions of the period; a weekly schedule gives floor(days in the period / 7 × sessions a week)."""
    d, before = np.datetime64(edition.cutoff, "ns"), np.datetime64(edition.previous_cutoff, "ns")
    one_day = np.timedelta64(1, "D")
    dated = ok & outreach["dated"].to_numpy() & is_in_period(outreach["date"].to_numpy(), edition)
    first = np.fmax(outreach["from"].to_numpy(), before + one_day)
    days = (np.fmin(outreach["to"].to_numpy(), d) - first) / one_day + 1
    scheduled = ok & outreach["scheduled"].to_numpy() & (days > 0)
    by_plan = np.floor(np.where(scheduled, days, 0) * outreach["per_week"].to_numpy() / 7 + 1e-9)
    sessions = np.where(dated, outreach["sessions"].fillna(1).to_numpy(), by_plan)
    tally = _Tally(outreach["owner"].to_numpy(), size)
    rows = dated | scheduled
    return {"outreach_sessions": tally(rows, sessions), "outreach_people": tally(rows, outreach["participants"].to_numpy())}, \
        rows, tally(scheduled, by_plan)


def _count_funds(funds: pd.DataFrame, ok: Array, size: int, edition: Edition) -> tuple[dict[str, Array], Array]:
    rows = ok & is_in_period(funds["date"].to_numpy(), edition)
    tally = _Tally(funds["owner"].to_numpy(), size)
    amount = funds["amount"].to_numpy()
    return {f"fund_{code.lower()}": tally(rows & (funds["kind"] == code).to_numpy(), amount)
            for code in funds["kind"].cat.categories}, rows
