"""Invent a person's case whole: identity, stay, work and helpers; and write it as a row of Danh sách."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.demo.labels import label
from pipeline.demo.people import Identity
from pipeline.demo.stays import Stay, Window, between, choose, later, plainly_after, years_later

Row = dict[str, object]
STATUSES = {"STABLE": 34, "UNSTABLE": 22, "EMPLOYED": 4, "NONE": 34, "UNABLE": 3, "STUDYING": 3}
EMPLOYED = ("STABLE", "UNSTABLE", "EMPLOYED")
OCCUPATIONS = {"MASON": 18, "CARPENTER": 10, "FREELANCE": 24, "FARMING": 14, "FACTORY": 14, "MECHANIC": 6, "DRIVER": 5,
               "TRADE": 4, "SERVICE": 2, "FISHERY": 2, "OTHER": 1}
HELPERS = ("Tổ tự quản thôn", "Chi hội Phụ nữ thôn", "Chi đoàn thôn", "Chi hội Cựu chiến binh thôn", "Trưởng thôn",
           "Bí thư chi bộ thôn", "Công an viên phụ trách thôn")
STALE_SHARE = 0.05
REVIEW_GRACE_DAYS = 150
"""A review date that passed longer ago, while the person is still managed, would be a finding (half a year)."""


@dataclass(frozen=True)
class Work:
    """What a person does for a living, by code, and when it was last confirmed."""

    status: str
    occupation: str = ""
    updated: date | None = None


@dataclass(frozen=True)
class Case:
    """One person on a hamlet's list; `orgs` are the organisations with a tick."""

    record_id: str
    who: Identity
    stay: Stay
    work: Work
    helper: str = ""
    orgs: tuple[str, ...] = ()
    review: date | None = None


def make_work(rng: random.Random, stay: Stay, age: int, window: Window, status: str = "", occupation: str = "") -> Work:
    """Return the person's work; a status confirmed in the last 90 days, but for a few."""
    if stay.kind == "coming":
        return Work("NONE")
    status = status or choose(rng, STATUSES)
    if (status == "UNABLE" and age < 45) or (status == "STUDYING" and age > 30):
        status = "NONE"
    if status in EMPLOYED:
        occupation = occupation or choose(rng, OCCUPATIONS)
    return Work(status, occupation, _confirmed(rng, stay, window))


def _confirmed(rng: random.Random, stay: Stay, window: Window) -> date:
    last = min(window.cutoff, stay.end - timedelta(days=1) if stay.end else window.cutoff)
    age = (100, 200) if rng.random() < STALE_SHARE else (0, 80)
    return max(min(stay.returned, last), later(rng, last, -age[1], -age[0]))


def make_review(rng: random.Random, stay: Stay, window: Window) -> date | None:
    """Return when the expunction of the conviction is to be reviewed: 2, 3 or 5 years on, where it is known."""
    if stay.end_reason == "EXPUNGED" and stay.end:
        return later(rng, stay.end, -25, -3)
    if stay.kind in ("probation", "coming") or rng.random() < 0.25:
        return None
    oldest = window.cutoff - timedelta(days=REVIEW_GRACE_DAYS)
    days = [years_later(stay.probation_end or stay.release, years) for years in (2, 3, 5)]
    fitting = [plainly_after(day, window.cutoff) for day in days if day >= max(oldest, stay.start)]
    return rng.choice(fitting[:2]) if fitting else None


def make_violation(rng: random.Random, stay: Stay, window: Window) -> date | None:
    """Return the day of an offence or violation: that of the case, or a rare one of a managed person."""
    if stay.kind == "managed" and rng.random() < 0.015:
        return between(rng, max(stay.start, window.previous), window.cutoff)
    return stay.reoffend


def person_row(serial: int, case: Case) -> Row:
    """Return the case as a row of Danh sách: {column key: value}, codes by their labels."""
    who, stay, work = case.who, case.stay, case.work
    row: Row = {
        "stt": serial, "record_id": case.record_id, "full_name": who.full_name, "birth": who.birth_as_typed,
        "sex": label("sex", who.sex), "citizen_id": who.citizen_id or None,
        "release_type": label("release_type", stay.release_type), "release_date": stay.release,
        "probation_end_date": stay.probation_end, "return_date": stay.returned,
        "employment_status": label("employment_status", work.status),
        "occupation": label("occupation", work.occupation) if work.occupation else None,
        "employment_updated": work.updated, "helper": case.helper or None,
        "expunge_review_date": case.review, "reoffend_date": stay.reoffend, "end_date": stay.end,
        "end_reason": label("end_reason", stay.end_reason) if stay.end_reason else None,
    }
    row.update({f"org_{org.lower()}": "x" for org in case.orgs})
    return row
