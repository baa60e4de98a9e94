"""Make the sample inputs: two communes with invented people, each as the document that asked for the system has it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipeline.demo.activities import fund_row, model_row, schedule_row, session_row
from pipeline.demo.cases import Case, Row, make_review, make_work
from pipeline.demo.communes import MERGER, Book, Month, make_commune_book, make_hamlet_book, person_rows
from pipeline.demo.events import count_names, loan_row, refer, support_rows
from pipeline.demo.make import write_books
from pipeline.demo.people import SAMPLE_MIDDLES, People
from pipeline.demo.sample_people import CHI_MINH_PEOPLE, HOP_DUC_PEOPLE, Person
from pipeline.demo.stays import make_stay, make_window
from pipeline.units import REGISTER_FILE, Unit
from pipeline.write.register import write_register

LAST_DISTRICT_DAY = date(2025, 6, 30)
HOP_DUC = Month("2024-05", make_window(date(2024, 5, 6)))
CHI_MINH = Month("2026-05", make_window(date(2026, 5, 14)))
HOP_DUC_HAMLETS = ("Đông", "Đoài", "Trung", "Hòa An", "Lò Nồi", "Tân Hợp")
CHI_MINH_HAMLETS = ("Cầu Gỗ", "Bến Đá", "Ao Sen", "Vườn Ươm", "Giếng Ngọc", "Cây Gạo", "Đồng Mít", "Bãi Sậy")
HELPERS = ("Tổ tự quản thôn", "Trưởng thôn", "Bí thư chi bộ thôn")


def make_sample(folder: Path) -> None:
    """Write the register and the workbooks of Hợp Đức (May 2024) and Chí Minh (May 2026) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_register(folder / REGISTER_FILE, sample_units())
    write_books(folder, sample_books())


def sample_units() -> tuple[Unit, ...]:
    """Return both communes with what is above and below them, each valid in its own time."""
    until, since = LAST_DISTRICT_DAY, MERGER
    hop_duc = [Unit(f"HD-{at:02d}", "hamlet", "Thôn", name, "HD", None, until) for at, name in enumerate(HOP_DUC_HAMLETS, 1)]
    chi_minh = [Unit(f"CM-{at:02d}", "hamlet", "Thôn", name, "CM", since) for at, name in enumerate(CHI_MINH_HAMLETS, 1)]
    return (
        Unit("BG", "province", "Tỉnh", "Bắc Giang", "", None, until, "24"),
        Unit("TY", "district", "Huyện", "Tân Yên", "BG", None, until, "216"),
        Unit("HD", "commune", "Xã", "Hợp Đức", "TY", None, until, "07330"), *hop_duc,
        Unit("HP", "province", "Thành phố", "Hải Phòng", "", since, None, "31"),
        Unit("CM", "commune", "Xã", "Chí Minh", "HP", since, None, "11131"), *chi_minh,
    )


def sample_books() -> list[Book]:
    """Return the workbooks of both communes."""
    units = {unit.unit_id: unit for unit in sample_units()}
    rng = random.Random(2024)
    people = People(rng, SAMPLE_MIDDLES)
    return [*_hop_duc_books(rng, people, units), *_chi_minh_books(rng, people, units)]


def _hop_duc_books(rng: random.Random, people: People, units: dict[str, Unit]) -> list[Book]:
    books: list[Book] = []
    for number in range(1, len(HOP_DUC_HAMLETS) + 1):
        cases = _cases(rng, people, HOP_DUC_PEOPLE, number, HOP_DUC)
        support = support_rows(rng, cases, HOP_DUC.window, ("POLICE", "PARTY_CELL"), share=0.8)
        rows = {"people": person_rows(cases), "support": support}
        books.append(make_hamlet_book(units["HD"], units[f"HD-{number:02d}"], HOP_DUC, rows))
    model = model_row(1, "M1", date(2022, 3, 15), 9, 5)
    own = {"models": [model], "outreach": [schedule_row(date(2024, 1, 2), 2)]}
    return [*books, make_commune_book(units["HD"], HOP_DUC, own)]


def _chi_minh_books(rng: random.Random, people: People, units: dict[str, Unit]) -> list[Book]:
    books: list[Book] = []
    for number in range(1, len(CHI_MINH_HAMLETS) + 1):
        cases = _cases(rng, people, CHI_MINH_PEOPLE, number, CHI_MINH)
        outreach = [session_row(date(2026, 4, 18), "MEETING", 1, 40 + number)] if number in (2, 5) else []
        if number != len(CHI_MINH_HAMLETS):
            outreach.append(session_row(date(2026, 5, 3), "PARTY_CELL", 1, 18 + number))
        books.append(make_hamlet_book(units["CM"], units[f"CM-{number:02d}"], CHI_MINH, {
            "people": person_rows(cases), "support": support_rows(rng, cases, CHI_MINH.window),
            "loans": _loans(rng, cases, CHI_MINH_PEOPLE, number), "outreach": outreach,
        }))
    return [*books, make_commune_book(units["CM"], CHI_MINH, _chi_minh_own())]


def _chi_minh_own() -> dict[str, list[Row]]:
    deadline = date(2026, 5, 20)
    models = [
        model_row(1, "M1", date(2025, 9, 15), 11, 6), model_row(2, "M2", date(2026, 4, 28), 14, 8),
        model_row(3, "M3", None, None, None, deadline), model_row(4, "M4", None, None, None, deadline),
    ]
    outreach = [schedule_row(date(2026, 1, 5), 3), session_row(date(2026, 4, 24), "SOCIAL_MEDIA", 2, 350),
                session_row(date(2026, 5, 8), "DIALOGUE", 1, 24)]
    funds = [fund_row(date(2026, 4, 16), "STATE", "PLANNED", "Xây dựng mô hình tái hòa nhập cộng đồng", 40_000_000),
             fund_row(date(2026, 4, 28), "STATE", "RECEIVED", "Xây dựng mô hình tái hòa nhập cộng đồng", 25_000_000),
             fund_row(date(2026, 5, 4), "DONATION", "RECEIVED", "Doanh nghiệp ủng hộ", 10_000_000),
             fund_row(date(2026, 5, 8), "STATE", "SPENT", "Ra mắt Câu lạc bộ", 12_500_000)]
    return {"models": models, "outreach": outreach, "funds": funds}


def _cases(rng: random.Random, people: People, plan: Sequence[Person], hamlet: int, month: Month) -> list[Case]:
    cases: list[Case] = []
    for number, asked in enumerate((person for person in plan if person.hamlet == hamlet), start=1):
        stay = make_stay(rng, month.window, asked.stay, asked.release_type, asked.end_reason)
        who = people.invent(stay.release, asked.sex, cases[-1].who.full_name if asked.namesake else "")
        # The plan says the status, whatever the age.
        age = {"UNABLE": 60, "STUDYING": 20}.get(asked.status, 40)
        work = make_work(rng, stay, age, month.window, asked.status, asked.occupation)
        record_id = f"HS-{hamlet:02d}{number:02d}"
        cases.append(Case(record_id, who, stay, work, rng.choice(HELPERS), asked.orgs, make_review(rng, stay, month.window)))
    return cases


def _loans(rng: random.Random, cases: Sequence[Case], plan: Sequence[Person], hamlet: int) -> list[Row]:
    names = count_names(cases)
    rows: list[Row] = []
    for person, case in zip((person for person in plan if person.hamlet == hamlet), cases, strict=True):
        days = [date.fromisoformat(day) for day in person.loan.split()]
        if days:
            row = loan_row(rng, refer(case, names), days[0], CHI_MINH.window.cutoff)
            rows.append({**row, "settled_on": days[1] if len(days) > 1 else None})
    return rows
