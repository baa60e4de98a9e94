"""Invent what happens to people: the rows of Hỗ trợ and Vay vốn."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from pipeline.demo.cases import Case, Row
from pipeline.demo.labels import label
from pipeline.demo.stays import Stay, Window, between, later, years_later
from pipeline.text import fold

TICKED_ORGS = ("WOMEN", "YOUTH", "VETERANS", "ELDERLY", "FARMERS", "FRONT", "OTHER")
"""Organisations that have a tick column in Danh sách: a tick and a row of Hỗ trợ go together."""
PLAIN_ORGS = ("POLICE", "COMMITTEE", "PARTY_CELL", "SELF_HELP", "BUSINESS", "FAMILY")
SUPPORT_TYPES = {
    "POLICE": ("LEGAL", "VISIT", "COUNSELLING"), "COMMITTEE": ("LEGAL", "MATERIAL"), "PARTY_CELL": ("VISIT", "COUNSELLING"),
    "SELF_HELP": ("VISIT", "COUNSELLING"), "BUSINESS": ("JOB_REFERRAL", "VOCATIONAL"), "FAMILY": ("VISIT", "OTHER"),
}
MASS_SUPPORT = ("VISIT", "COUNSELLING", "MATERIAL", "JOB_REFERRAL", "VOCATIONAL")
LOAN_DECISION_FROM = date(2023, 10, 10)
"""The first day of Quyết định 22/2023/QĐ-TTg."""
LOAN_LENDER = "Ngân hàng Chính sách xã hội"


def managed_days(stay: Stay, first: date, last: date) -> tuple[date, date] | None:
    """Return the first and last managed day between two days, or None."""
    first = max(first, stay.start)
    last = min(last, stay.end - timedelta(days=1)) if stay.end else last
    return (first, last) if first <= last else None


def refer(case: Case, namesakes: Counter[str]) -> Row:
    """Return how an event names the person: by the exact name, and the record where the name repeats."""
    repeated = namesakes[fold(case.who.full_name)] > 1
    return {"record_id": case.record_id if repeated else None, "person": case.who.full_name}


def count_names(cases: Iterable[Case]) -> Counter[str]:
    """Count the people of a hamlet by folded name."""
    return Counter(fold(case.who.full_name) for case in cases)


def support_rows(rng: random.Random, cases: Sequence[Case], window: Window, plain: Sequence[str] = PLAIN_ORGS,
                 share: float = 0.5) -> list[Row]:
    """Return the acts of support: every tick has its rows, and a share of the people are helped by others too."""
    names = count_names(cases)
    acts: dict[tuple[date, str, str, str], Row] = {}
    for case in cases:
        orgs = [*case.orgs, *(rng.sample(plain, rng.randint(1, 2)) if plain and rng.random() < share else ())]
        for org in (org for org in orgs for _ in range(rng.randint(1, 2))):
            days = _days_for_support(rng, case.stay, window)
            if days:
                kind = rng.choice(SUPPORT_TYPES.get(org, MASS_SUPPORT))
                day = between(rng, *days)
                acts.setdefault((day, case.record_id, org, kind), _support_row(rng, refer(case, names), day, kind, org))
    return [acts[key] for key in sorted(acts)]


def _days_for_support(rng: random.Random, stay: Stay, window: Window) -> tuple[date, date] | None:
    in_period = managed_days(stay, window.previous + timedelta(days=1), window.cutoff)
    if in_period and rng.random() < 0.65:
        return in_period
    return managed_days(stay, window.cutoff - timedelta(days=300), window.cutoff)


def _support_row(rng: random.Random, person: Row, day: date, kind: str, org: str) -> Row:
    amount = rng.randint(3, 20) * 100_000 if kind == "MATERIAL" else None
    return {**person, "support_date": day, "support_type": label("support_type", kind), "org": label("org", org),
            "amount": amount}


def loan_rows(rng: random.Random, cases: Sequence[Case], window: Window, share: float = 0.12) -> list[Row]:
    """Return the loans of a share of the managed people: one each, within five years of release, 10 to 100 million."""
    names = count_names(cases)
    loans: list[tuple[date, str, Row]] = []
    for case in cases:
        days = managed_days(case.stay, window.cutoff - timedelta(days=500), window.cutoff)
        if not days or case.stay.end or case.stay.reoffend or rng.random() >= share:
            continue
        day = between(rng, max(days[0], window.previous), days[1]) if rng.random() < 0.5 else between(rng, *days)
        if day <= years_later(case.stay.release, 5):
            loans.append((day, case.record_id, loan_row(rng, refer(case, names), day, window.cutoff)))
    return [row for _, _, row in sorted(loans, key=lambda loan: loan[:2])]


def loan_row(rng: random.Random, person: Row, day: date, cutoff: date) -> Row:
    """Return a loan taken on `day`; an old one may be settled by the cut-off."""
    training = rng.random() < 0.15
    amount = rng.randint(10, 16) * 1_000_000 if training else rng.randint(2, 20) * 5_000_000
    decision = not training and day >= LOAN_DECISION_FROM
    settled = later(rng, day, 100, 200) if rng.random() < 0.3 else None
    return {
        **person, "loan_date": day, "amount": amount, "lender": LOAN_LENDER,
        "purpose": label("loan_purpose", "TRAINING" if training else "BUSINESS"),
        "program": label("loan_program", "QD22" if decision else "OTHER"),
        "settled_on": settled if settled and settled <= cutoff else None,
    }
