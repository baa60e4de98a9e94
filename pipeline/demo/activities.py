"""Invent what a hamlet and a commune do: the rows of Tuyên truyền, Mô hình and Kinh phí."""

from __future__ import annotations

import random
from datetime import date, timedelta

from pipeline.demo.cases import Row
from pipeline.demo.labels import label
from pipeline.demo.stays import Window, between, later, plainly_after

MODEL_NAMES = {
    "M1": "Tổ tự quản hỗ trợ tái hòa nhập cộng đồng", "M2": "Câu lạc bộ Hoàn lương",
    "M3": "Quỹ hỗ trợ vay vốn, việc làm tái hòa nhập cộng đồng", "M4": "Kèm cặp, giúp đỡ người lầm lỗi",
}


def session_row(day: date, channel: str, sessions: int, participants: int) -> Row:
    """Return a dated outreach row."""
    return {"date": day, "channel": label("channel", channel), "sessions": sessions, "participants": participants}


def schedule_row(since: date, per_week: int) -> Row:
    """Return a loudspeaker schedule that goes on."""
    return {"from": since, "per_week": per_week, "channel": label("channel", "LOUDSPEAKER")}


def hamlet_outreach(rng: random.Random, window: Window) -> list[Row]:
    """Return a hamlet's sessions: the party cell's monthly ones, a meeting now and then; some hamlets hold none."""
    if rng.random() < 0.2:
        return []
    days = (later(rng, window.previous, -28, 0), window.day(rng))
    rows = [session_row(day, "PARTY_CELL", 1, rng.randint(12, 40)) for day in days]
    if rng.random() < 0.4:
        rows.append(session_row(window.day(rng), "MEETING", 1, rng.randint(30, 90)))
    return rows


def commune_outreach(rng: random.Random, window: Window) -> list[Row]:
    """Return a commune's outreach: a loudspeaker schedule and a few sessions."""
    rows = [schedule_row(date(window.cutoff.year, 1, 1), rng.randint(1, 3))]
    for channel in rng.sample(("SOCIAL_MEDIA", "LEAFLET", "DIALOGUE"), rng.randint(0, 2)):
        rows.append(session_row(window.day(rng), channel, rng.randint(1, 3), rng.randint(20, 200)))
    return rows


def model_row(number: int, kind: str, founded: date | None, members: int | None, participants: int | None,
              planned_by: date | None = None) -> Row:
    """Return a model; one that is still planned has a deadline and no founding date."""
    return {"model_id": f"MH-{number:02d}", "name": MODEL_NAMES[kind], "model_type": label("model_type", kind),
            "founded_on": founded, "planned_by": planned_by, "members": members, "participants": participants}


def commune_models(rng: random.Random, window: Window, managed: int) -> list[Row]:
    """Return a commune's models: one or two at work, often one planned, now and then one that has ended."""
    rows: list[Row] = []
    kinds = ["M1", *rng.sample(("M2", "M3", "M4"), 3)]
    for kind in kinds[:rng.randint(1, 2)]:
        participants = rng.randint(0, min(managed, 6))
        founded = window.day(rng) if rng.random() < 0.1 else later(rng, window.previous, -1500, -60)
        rows.append(model_row(len(rows) + 1, kind, founded, participants + rng.randint(3, 9), participants))
    if rng.random() < 0.7:
        deadline = plainly_after(later(rng, window.cutoff, 6, 90), window.cutoff)
        rows.append(model_row(len(rows) + 1, kinds[2], None, None, None, deadline))
    if rng.random() < 0.15:
        ended = model_row(len(rows) + 1, kinds[3], later(rng, window.previous, -1500, -700), 7, 0)
        rows.append({**ended, "ended_on": later(rng, window.previous, -600, -1)})
    return rows


def commune_funds(rng: random.Random, window: Window) -> list[Row]:
    """Return a commune's funds: planned, received, and no more spent than received; some communes have none."""
    if rng.random() < 0.3:
        return []
    source, amount = rng.choice(("STATE", "FUND", "DONATION")), rng.randint(4, 30) * 1_000_000
    received = between(rng, window.previous + timedelta(days=1), window.cutoff)
    rows = [fund_row(later(rng, window.previous, -60, 0), source, "PLANNED", "Dự toán hoạt động năm", amount),
            fund_row(received, source, "RECEIVED", "Hỗ trợ hoạt động mô hình", amount // 2)]
    if rng.random() < 0.6:
        spent = between(rng, received, window.cutoff)
        rows.append(fund_row(spent, source, "SPENT", "Thăm hỏi, tặng quà", amount // 4))
    return rows


def fund_row(day: date, source: str, kind: str, purpose: str, amount: int) -> Row:
    """Return a row of Kinh phí; the amount in đồng."""
    return {"date": day, "source": label("fund_source", source), "kind": label("fund_kind", kind), "purpose": purpose,
            "amount": amount}
