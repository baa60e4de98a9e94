"""Invent communes: their units, their hamlets' people and the workbooks they keep."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.demo.activities import commune_funds, commune_models, commune_outreach, hamlet_outreach
from pipeline.demo.cases import HELPERS, Case, Row, make_review, make_violation, make_work, person_row
from pipeline.demo.events import PLAIN_ORGS, TICKED_ORGS, loan_rows, support_rows
from pipeline.demo.people import People
from pipeline.demo.stays import STAY_KINDS, Window, choose, make_stay
from pipeline.form import load_form
from pipeline.text import slug
from pipeline.units import Unit
from pipeline.write.template import workbook_name

MERGER = date(2025, 7, 1)
"""Districts ended the day before (domain §2.1)."""
FIRST_SYLLABLES = ("An", "Bình", "Cẩm", "Đại", "Đông", "Giao", "Hải", "Hồng", "Hưng", "Kim", "Liên", "Long", "Minh", "Mỹ", "Nam",
                   "Ngọc", "Phú", "Quang", "Sơn", "Tân", "Thanh", "Thượng", "Tiên", "Trung", "Vạn", "Việt", "Vĩnh", "Xuân")
SECOND_SYLLABLES = ("Bình", "Châu", "Cường", "Dương", "Đình", "Giang", "Hà", "Hòa", "Hội", "Khánh", "Khê", "Lâm", "Lập", "Lộc",
                    "Lý", "Mai", "Phong", "Phúc", "Quý", "Sơn", "Tân", "Thành", "Thịnh", "Thủy", "Tiến", "Trạch", "Vân", "Yên")
HAMLET_NAMES = ("Đông", "Đoài", "Trung", "Thượng", "Hạ", "Hòa An", "Tân Hợp", "Bãi Sậy", "Gò Vải", "Cây Gạo", "Bến Đá",
                "Đồng Mít", "Lò Nồi", "Chùa Mới", "Giếng Ngọc", "Đầu Cầu", "Vườn Ươm", "Ao Sen", "Cầu Gỗ", "Đình Cả",
                "Ngõ Trúc", "Bờ Hồ")


@dataclass(frozen=True)
class Book:
    """One workbook before it is written: whose, and the rows of each sheet by key."""

    unit: Unit
    profile: str
    file: str
    info: dict[str, object]
    rows: dict[str, list[Row]]

    @property
    def nil(self) -> tuple[str, ...]:
        """Return the sheets with nothing to report: those without a row, and no others."""
        return tuple(sheet.key for sheet in load_form().data_sheets(self.profile) if not self.rows.get(sheet.key))


@dataclass(frozen=True)
class Month:
    """The period reported (yyyy-mm) and its days."""

    period: str
    window: Window


def make_units(rng: random.Random, communes: int, hamlets: int, districts: int, after_merger: bool) -> tuple[Unit, ...]:
    """Return a province, its districts (clusters since the merger), their communes and hamlets, in register order."""
    level, kind, letter = ("cluster", "Cụm", "C") if after_merger else ("district", "Huyện", "H")
    since = MERGER if after_merger else None
    until = None if after_merger else date(2025, 6, 30)
    units = [Unit("T01", "province", "Tỉnh", "Minh Họa")]
    for number in range(1, districts + 1):
        units.append(Unit(f"{letter}{number:02d}", level, kind, f"Minh Họa {number}", "T01", since, until))
    for number, name in enumerate(_commune_names(rng, communes)):
        parent = f"{letter}{number * districts // communes + 1:02d}"
        commune = Unit(f"X{number + 1:03d}", "commune", "Xã", name, parent, since)
        units += [commune, *_hamlet_units(rng, commune, hamlets)]
    return tuple(units)


def _commune_names(rng: random.Random, count: int) -> list[str]:
    pairs = [f"{one} {two}" for one in FIRST_SYLLABLES for two in SECOND_SYLLABLES if one != two]
    rng.shuffle(pairs)
    by_slug = {slug(name): name for name in pairs}
    names = list(by_slug.values())
    return [names[at % len(names)] + (f" {at // len(names) + 1}" if at >= len(names) else "") for at in range(count)]


def _hamlet_units(rng: random.Random, commune: Unit, count: int) -> Iterator[Unit]:
    names = rng.sample(HAMLET_NAMES, min(count, len(HAMLET_NAMES)))
    for number in range(1, count + 1):
        name = names[number - 1] if number <= len(names) else f"số {number}"
        yield replace(commune, unit_id=f"{commune.unit_id}-{number:02d}", level="hamlet", type="Thôn", name=name,
                      parent_id=commune.unit_id, gso_code="")


def make_commune(rng: random.Random, people: People, commune: Unit, hamlets: Sequence[Unit], size: int,
                 month: Month) -> list[Book]:
    """Return the workbooks of a commune: one for each hamlet, then its own. `size` is the average hamlet's people."""
    books: list[Book] = []
    managed = 0
    for number, hamlet in enumerate(hamlets):
        cases = _make_cases(rng, people, 1000 * number, _vary(rng, size), month.window)
        managed += sum(case.stay.managed_on(month.window.cutoff) for case in cases)
        books.append(make_hamlet_book(commune, hamlet, month, {
            "people": person_rows(cases), "support": support_rows(rng, cases, month.window, PLAIN_ORGS if _ticked(cases) else ()),
            "loans": loan_rows(rng, cases, month.window), "outreach": hamlet_outreach(rng, month.window),
        }))
    books.append(make_commune_book(commune, month, {
        "models": commune_models(rng, month.window, managed), "outreach": commune_outreach(rng, month.window),
        "funds": commune_funds(rng, month.window),
    }))
    return books


def _vary(rng: random.Random, size: int) -> int:
    return 0 if rng.random() < 0.06 else rng.randint(size - size // 2, size + size // 2)


def _ticked(cases: Iterable[Case]) -> bool:
    return any(case.orgs for case in cases)


def _make_cases(rng: random.Random, people: People, first: int, count: int, window: Window) -> list[Case]:
    """Return a hamlet's people; in some hamlets two share a name, in some no organisation helps."""
    helped_share = 0.0 if rng.random() < 0.15 else 0.45
    cases: list[Case] = []
    for number in range(1, count + 1):
        like = cases[0] if number == 2 and rng.random() < 0.15 else None
        cases.append(_make_case(rng, people, f"HS-{first + number:05d}", window, like, helped_share))
    return cases


def _make_case(rng: random.Random, people: People, record_id: str, window: Window, like: Case | None,
               helped_share: float) -> Case:
    stay = make_stay(rng, window, choose(rng, STAY_KINDS))
    stay = replace(stay, reoffend=make_violation(rng, stay, window))
    who = people.invent(stay.release, like.who.sex, like.who.full_name) if like else people.invent(stay.release)
    work = make_work(rng, stay, window.cutoff.year - who.birth.year, window)
    helped = stay.kind in ("managed", "new") and rng.random() < helped_share
    orgs = tuple(sorted(rng.sample(TICKED_ORGS, rng.randint(1, 2)), key=TICKED_ORGS.index)) if helped else ()
    helper = "" if stay.kind == "coming" or rng.random() < 0.07 else rng.choice(HELPERS)
    return Case(record_id, who, stay, work, helper, orgs, make_review(rng, stay, window))


def person_rows(cases: Iterable[Case]) -> list[Row]:
    """Return the rows of Danh sách."""
    return [person_row(serial, case) for serial, case in enumerate(cases, start=1)]


def make_hamlet_book(commune: Unit, hamlet: Unit, month: Month, rows: dict[str, list[Row]]) -> Book:
    """Return a hamlet's workbook, filed under its commune's name."""
    file = f"{slug(commune.name)}/{workbook_name(hamlet, month.period)}"
    info = {"hamlet_id": hamlet.unit_id, "hamlet_name": hamlet.full_name, "prepared_by": "Cán bộ thôn (mẫu)"}
    return Book(hamlet, "hamlet", file, {**_info(commune, month), **info}, rows)


def make_commune_book(commune: Unit, month: Month, rows: dict[str, list[Row]]) -> Book:
    """Return the commune's own workbook, filed under its name."""
    file = f"{slug(commune.name)}/{workbook_name(commune, month.period)}"
    return Book(commune, "commune", file, {**_info(commune, month), "prepared_by": "Cán bộ xã (mẫu)"}, rows)


def _info(commune: Unit, month: Month) -> dict[str, object]:
    return {"commune_id": commune.unit_id, "commune_name": commune.full_name, "period": month.period,
            "cutoff_date": month.window.cutoff, "prepared_on": month.window.cutoff}
