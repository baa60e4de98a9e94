"""A second opinion: every figure of DESIGN §4 in plain, slow Python, from the rows as they were typed.

Nothing here comes from the pipeline: the lists, the definitions and the rules are written again from the text of
DESIGN §3–4 (and of domain.md §6.2 where the design leaves a word open), one person and one act at a time. It knows
only what the rows of its tests can hold; it is no reader of everything that staff may type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

Row = Mapping[str, object]
Key = tuple[str, int]
"""A row of Danh sách: the unit whose workbook it stands in, and its place there."""

LISTS = {
    "sex": {"M": "Nam", "F": "Nữ"},
    "release_type": {"SERVED": "Chấp hành xong án phạt tù", "AMNESTY": "Đặc xá",
                     "CONDITIONAL": "Tha tù trước thời hạn có điều kiện"},
    "employment_status": {"STABLE": "Có việc làm ổn định", "UNSTABLE": "Có việc làm không ổn định", "EMPLOYED": "Có việc làm",
                          "NONE": "Chưa có việc làm", "UNABLE": "Không còn khả năng lao động", "STUDYING": "Đang học"},
    "occupation": {"MASON": "Thợ xây", "CARPENTER": "Thợ mộc", "FREELANCE": "Lao động tự do", "FARMING": "Nông nghiệp",
                   "FACTORY": "Công nhân", "MECHANIC": "Cơ khí, sửa chữa", "DRIVER": "Lái xe", "TRADE": "Buôn bán",
                   "SERVICE": "Dịch vụ", "FISHERY": "Thủy sản", "OTHER": "Nghề khác"},
    "end_reason": {"EXPUNGED": "Đã được xóa án tích", "MOVED": "Chuyển đi nơi khác", "DIED": "Đã chết",
                   "REOFFENDED": "Phạm tội mới", "OTHER": "Khác"},
    "support_type": {"COUNSELLING": "Trợ giúp tâm lý", "LEGAL": "Hỗ trợ thủ tục pháp lý", "VOCATIONAL": "Đào tạo nghề",
                     "JOB_REFERRAL": "Giới thiệu việc làm", "MATERIAL": "Hỗ trợ vật chất", "VISIT": "Thăm hỏi, động viên",
                     "OTHER": "Khác"},
    "org": {"WOMEN": "Hội Liên hiệp Phụ nữ", "YOUTH": "Đoàn Thanh niên", "VETERANS": "Hội Cựu chiến binh",
            "ELDERLY": "Hội Người cao tuổi", "FARMERS": "Hội Nông dân", "FRONT": "Mặt trận Tổ quốc", "POLICE": "Công an xã",
            "COMMITTEE": "UBND xã", "PARTY_CELL": "Chi bộ", "SELF_HELP": "Tổ tự quản", "BUSINESS": "Doanh nghiệp",
            "FAMILY": "Gia đình", "OTHER": "Tổ chức khác"},
    "model_type": {"M1": "Quản lý, giáo dục (3+)", "M2": "Câu lạc bộ", "M3": "Hỗ trợ vay vốn, tư vấn, việc làm",
                   "M4": "Lồng ghép"},
    "fund_kind": {"PLANNED": "Dự toán", "RECEIVED": "Được cấp", "SPENT": "Đã chi"},
}
"""DESIGN §3, the code lists that figures depend on."""
TICKS = ("women", "youth", "veterans", "elderly", "farmers", "front", "other")
EMPLOYED = {"STABLE": "employed_stable", "UNSTABLE": "employed_unstable", "EMPLOYED": "employed_unspecified"}
IDLE = {"NONE": "unemployed", "UNABLE": "unable", "STUDYING": "studying", None: "employment_unknown"}
BY_TYPE = {"SERVED": "total_served", "AMNESTY": "total_amnesty", "CONDITIONAL": "total_conditional", None: "total_unspecified"}
OUTS = {"EXPUNGED": "out_expunged", "MOVED": "out_moved", "DIED": "out_died", "REOFFENDED": "out_reoffended",
        "OTHER": "out_other", None: "out_other"}
SUPPORTS = ("counselling", "legal", "vocational", "job_referral", "material", "visit")

PARTITIONS = {
    "total": [tuple(BY_TYPE.values()), ("employed", *IDLE.values())],
    "employed": [tuple(EMPLOYED.values()), (*(f"occ_{code.lower()}" for code in LISTS["occupation"]), "occ_unknown")],
    "models_total": [("models_m1", "models_m2", "models_m3", "models_m4")],
}
"""Parent -> the breakdowns (chia ra) that sum to it."""
PARTS = {
    "total": ("female", "under_18", "helper_assigned", *(f"org_{name}" for name in TICKS), "org_any", "loan_open", "expunge_due"),
    "employed": ("employed_stale",), "models_total": ("models_new",),
}
"""Parent -> what is "trong đó", each at most the parent."""
OUT_KEYS = ("out_expunged", "out_moved", "out_died", "out_reoffended", "out_other")

PEOPLE_KEYS = (
    "total", *BY_TYPE.values(), "female", "under_18", "opening", "in_new", *OUT_KEYS, "probation", "employed", *EMPLOYED.values(),
    *IDLE.values(), "employed_stale", *PARTITIONS["employed"][1], "helper_assigned", *(f"org_{name}" for name in TICKS),
    "org_any", *(f"{name}_{what}" for name in SUPPORTS for what in ("people", "times")),
    "loan_people", "loan_amount", "loan_open", "loan_balance", "reoffended", "expunged", "expunge_due")
OUTREACH_KEYS = ("outreach_sessions", "outreach_people")
COMMUNE_KEYS = (*PARTITIONS["models_total"][0], "models_total", "models_new", "models_overdue", "model_participants",
                "fund_planned", "fund_received", "fund_spent")
HAMLET_KEYS = (*PEOPLE_KEYS, *OUTREACH_KEYS)
ADDITIVE = (*HAMLET_KEYS, *COMMUNE_KEYS)
SHEETS = {"hamlet": ("people", "support", "loans", "outreach"), "commune": ("models", "outreach", "funds")}


@dataclass(frozen=True)
class Terms:
    """What the figures are asked for: the period is (previous, cutoff]."""

    cutoff: date
    previous: date
    policy: str = "after_probation"
    mass_orgs: tuple[str, ...] = ("women", "youth", "veterans", "elderly")

    def covers(self, day: date | None) -> bool:
        return day is not None and self.previous < day <= self.cutoff


@dataclass(frozen=True)
class Return:
    """One unit's workbook: its rows by sheet, and the sheets ticked Không phát sinh."""

    unit_id: str
    level: str
    rows: Mapping[str, Sequence[Row]]
    nil: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Forget blank rows: a serial number alone is no row."""
        written = {sheet: [row for row in rows if any(text_of(value) for key, value in row.items() if key != "stt")]
                   for sheet, rows in self.rows.items()}
        object.__setattr__(self, "rows", written)

    @property
    def blocked(self) -> bool:
        """An empty Danh sách without its tick is no nil return (DESIGN §3)."""
        return self.level == "hamlet" and not self.rows.get("people") and "people" not in self.nil


@dataclass(frozen=True)
class Account:
    """What became of a table's rows."""

    read: int
    counted: int
    set_aside: int
    outside: int


@dataclass
class Opinion:
    """Figures by unit and indicator (absent where nobody reported), accounts by unit and sheet, rows counted elsewhere."""

    figures: dict[str, dict[str, int]] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    duplicates: dict[Key, Key] = field(default_factory=dict)

    def rate(self, unit_id: str) -> str:
        """employed / total in percent with one decimal; - where the total is 0, empty where nobody reported it."""
        figures = self.figures.get(unit_id, {})
        if not figures.get("total"):
            return "-" if "total" in figures else ""
        exact = Decimal(100 * figures["employed"]) / Decimal(figures["total"])
        return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP))


# --- cells ---------------------------------------------------------------------------------------------------------


def text_of(value: object) -> str:
    return " ".join(str(value).split()) if value is not None else ""


def code_of(value: object, list_name: str) -> str | None:
    """A label or a code of the list; None for a blank and for what is not in the list."""
    written = text_of(value).lower()
    return next((code for code, label in LISTS[list_name].items() if written in (code.lower(), label.lower())), None)


def day_of(value: object) -> date | None:
    """A date cell, or text in day/month/year order; a month or a year alone stands for its last day."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, (int, float)):
        return date(int(value), 12, 31) if 1900 <= value <= 2100 else None
    written = text_of(value)
    try:
        if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", written):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(\d{1,2})/(\d{4})", written):
            return date(int(found[2]) + int(found[1]) // 12, int(found[1]) % 12 + 1, 1) - timedelta(days=1)
        return date(int(written), 12, 31) if re.fullmatch(r"\d{4}", written) else None
    except ValueError:
        return None


def number_of(value: object) -> Fraction | None:
    """A number that is not negative; dots between groups of three digits are no decimals."""
    if isinstance(value, (int, float)):
        return Fraction(value) if value >= 0 else None
    written = text_of(value)
    if re.fullmatch(r"\d{1,3}(\.\d{3})+", written):
        return Fraction(written.replace(".", ""))
    return Fraction(written) if re.fullmatch(r"\d+", written) else None


def whole_of(value: object) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and number.denominator == 1 else None


def ticked(value: object) -> bool:
    """x or empty; anything else that does not say no is a yes somebody must look at."""
    return text_of(value).lower() not in ("", "không", "ko", "k", "0", "-", "–", "chưa")


def typing_error(day: date | None, terms: Terms) -> bool:
    return day is not None and (day.year < 1930 or day.year > terms.cutoff.year + 10)


# --- people --------------------------------------------------------------------------------------------------------


class Person:
    """One row of Danh sách, read."""

    def __init__(self, key: Key, commune_id: str, row: Row, terms: Terms) -> None:
        self.key, self.commune_id, self.terms = key, commune_id, terms
        self.name, self.record = text_of(row.get("full_name")).lower(), text_of(row.get("record_id")).lower()
        self.birth, self.sex = row.get("birth"), code_of(row.get("sex"), "sex")
        digits = text_of(row.get("citizen_id"))
        self.citizen_id = digits if re.fullmatch(r"\d{12}", digits) else ""
        self.type = code_of(row.get("release_type"), "release_type")
        self.release, self.back = day_of(row.get("release_date")), day_of(row.get("return_date"))
        self.probation_end, self.end = day_of(row.get("probation_end_date")), day_of(row.get("end_date"))
        self.reason = code_of(row.get("end_reason"), "end_reason")
        self.status = code_of(row.get("employment_status"), "employment_status")
        self.occupation = code_of(row.get("occupation"), "occupation")
        self.updated, self.review = day_of(row.get("employment_updated")), day_of(row.get("expunge_review_date"))
        self.again = day_of(row.get("reoffend_date"))
        self.has_helper = bool(text_of(row.get("helper")))
        self.orgs = {name for name in TICKS if ticked(row.get(f"org_{name}"))}

    @property
    def stay(self) -> date | None:
        """The day the person came: of return and release one is enough."""
        return self.back or self.release

    @property
    def start(self) -> date | None:
        """The first managed day."""
        if self.type == "CONDITIONAL" and self.terms.policy == "after_probation":
            return max(self.probation_end, self.stay) if self.probation_end and self.stay else None
        return max((day for day in (self.release, self.back) if day), default=None)

    @property
    def critical(self) -> bool:
        """The row cannot be counted (being counted in another row apart)."""
        dates = (self.release, self.back, self.probation_end, self.end)
        return bool(not self.name or self.start is None or (self.end and self.end < self.start)
                    or any(typing_error(day, self.terms) for day in dates))

    def managed(self, day: date | None) -> bool:
        return bool(day and self.start and self.start <= day and (self.end is None or self.end > day))

    @property
    def on_probation(self) -> bool:
        d = self.terms.cutoff
        came = max((day for day in (self.release, self.back) if day), default=None)
        return bool(self.type == "CONDITIONAL" and came and came <= d and self.probation_end and self.probation_end > d
                    and (self.end is None or self.end > d))

    @property
    def age(self) -> int | None:
        """Whole years at the cut-off; by the year alone when only that is known; a birth yet to come tells nothing."""
        born, d = day_of(self.birth), self.terms.cutoff
        if born is None:
            return None
        age = d.year - born.year - (self.born_on_a_day and (d.month, d.day) < (born.month, born.day))
        return age if age >= 0 else None

    @property
    def born_on_a_day(self) -> bool:
        return isinstance(self.birth, date) or "/" in text_of(self.birth)


def same_person(one: Person, other: Person) -> bool:
    """The same identity number; else, in one commune, the same name, birth and sex (by year alone: and release date)."""
    if one.citizen_id and other.citizen_id:
        return one.citizen_id == other.citizen_id
    if one.commune_id != other.commune_id or (one.name, one.sex) != (other.name, other.sex):
        return False
    if day_of(one.birth) is None or day_of(one.birth) != day_of(other.birth):
        return False
    return one.born_on_a_day or one.release == other.release


def find_duplicates(people: Iterable[Person]) -> dict[Key, Key]:
    """Row set aside -> the row that counts: of the rows on the books at the cut-off the one with the newest return date."""
    on_books = [one for one in people if not one.critical and (one.managed(one.terms.cutoff) or one.on_probation)]
    on_books.sort(key=lambda one: one.stay or date.min, reverse=True)
    known: list[list[Person]] = []
    lost: dict[Key, Key] = {}
    for one in on_books:
        rows = next((rows for rows in known if any(same_person(other, one) for other in rows)), None)
        if rows:
            lost[one.key] = rows[0].key
            rows.append(one)
        else:
            known.append([one])
    return lost


def person_figures(one: Person, helped_by: set[str]) -> set[str]:
    """The indicators in which a person who is counted is one."""
    terms, d = one.terms, one.terms.cutoff
    found = set()
    if one.managed(terms.previous):
        found.add("opening")
    if terms.covers(one.start):
        found.add("in_new")
    if terms.covers(one.end) and one.end:
        found.add(OUTS[one.reason])
        found |= {"expunged"} if one.reason == "EXPUNGED" else set()
    stayed = one.again and one.start and one.start <= one.again and (one.end is None or one.again <= one.end)
    if terms.covers(one.again) and stayed:
        found.add("reoffended")
    if one.on_probation:
        found.add("probation")
    if not one.managed(d):
        return found
    found |= {"total", BY_TYPE[one.type]} | ({"female"} if one.sex == "F" else set())
    found |= {"under_18"} if one.age is not None and one.age < 18 else set()
    found |= {"helper_assigned"} if one.has_helper else set()
    found |= {"expunge_due"} if one.review and one.review <= d else set()
    found |= {f"org_{name}" for name in helped_by} | ({"org_any"} if helped_by & set(terms.mass_orgs) else set())
    return found | _work_figures(one, d)


def _work_figures(one: Person, d: date) -> set[str]:
    if one.status not in EMPLOYED:
        return {IDLE[one.status]}
    stale = one.updated is None or (d - one.updated).days > 90
    found = {"employed", EMPLOYED[one.status], f"occ_{(one.occupation or 'unknown').lower()}"}
    return found | {"employed_stale"} if stale else found


# --- acts ----------------------------------------------------------------------------------------------------------


@dataclass
class Act:
    """One row of Hỗ trợ or Vay vốn: whom it is about, when, and what became of it."""

    person: Person | None
    day: date | None
    row: Row
    set_aside: bool
    counted: bool = False


class Lists:
    """All lists of people of a run, and whom an act of a workbook means."""

    def __init__(self, returns: Sequence[Return], communes: Mapping[str, str], terms: Terms) -> None:
        self.by_unit = {one.unit_id: [Person((one.unit_id, at), communes[one.unit_id], row, terms)
                                      for at, row in enumerate(one.rows.get("people", ()))]
                        for one in returns if one.level == "hamlet" and not one.blocked}
        self.people = {person.key: person for people in self.by_unit.values() for person in people}
        self.duplicates = find_duplicates(self.people.values())

    def counts(self, person: Person) -> bool:
        return not person.critical and person.key not in self.duplicates

    def meant(self, unit_id: str, row: Row, day: date | None) -> Person | None:
        """The person a row names, in the row that counts for that person; None when nobody or anybody is meant."""
        name, record = text_of(row.get("person")).lower(), text_of(row.get("record_id")).lower()
        named = [one for one in self.by_unit[unit_id] if name and one.name == name]
        if len(named) > 1 and record:
            named = [one for one in named if one.record == record]
        if not named or any(not same_person(named[0], other) for other in named[1:]):
            return None
        # One person in several rows, closed and opened again: the row of the stay that the day falls into.
        found = next((one for one in named if one.managed(day)), named[-1])
        return self.people[self.duplicates[found.key]] if found.key in self.duplicates else found

    def acts(self, unit_id: str, rows: Iterable[Row], when: str, needed: str, terms: Terms) -> list[Act]:
        found = []
        for row in rows:
            day = day_of(row.get(when))
            person = self.meant(unit_id, row, day)
            blank = (code_of(row.get(needed), needed) if needed in LISTS else number_of(row.get(needed))) is None
            aside = person is None or person.critical or day is None or typing_error(day, terms) or blank
            found.append(Act(person, day, row, aside))
        return found


# --- the whole -----------------------------------------------------------------------------------------------------


def give_opinion(returns: Sequence[Return], parents: Mapping[str, str], terms: Terms) -> Opinion:
    """Count everything; `parents` says what each unit lies below ("" for the highest)."""
    opinion = Opinion()
    lists = Lists(returns, parents, terms)
    opinion.duplicates = lists.duplicates
    own: dict[str, dict[str, int]] = {}
    for one in returns:
        keys = HAMLET_KEYS if one.level == "hamlet" else (*OUTREACH_KEYS, *COMMUNE_KEYS)
        if one.blocked:
            read = {sheet: len(one.rows.get(sheet, ())) for sheet in SHEETS["hamlet"]}
            opinion.accounts.update({(one.unit_id, sheet): Account(count, 0, count, 0) for sheet, count in read.items()})
        else:
            own[one.unit_id] = dict.fromkeys(keys, 0)
    for one in returns:
        if one.unit_id in own:
            _count_outreach(one, own[one.unit_id], opinion, terms)
            if one.level == "commune":
                _count_models(one, own[one.unit_id], opinion, terms)
                _count_funds(one, own[one.unit_id], opinion, terms)
    _count_people_and_acts([one for one in returns if one.level == "hamlet" and one.unit_id in own], lists, own, opinion, terms)
    for unit_id, figures in own.items():
        above = unit_id
        while above:
            total = opinion.figures.setdefault(above, {})
            for key, value in figures.items():
                total[key] = total.get(key, 0) + value
            above = parents[above]
    return opinion


def _count_people_and_acts(returns: Sequence[Return], lists: Lists, own: dict[str, dict[str, int]], opinion: Opinion,
                           terms: Terms) -> None:
    support = {one.unit_id: lists.acts(one.unit_id, one.rows.get("support", ()), "support_date", "support_type", terms)
               for one in returns}
    loans = {one.unit_id: lists.acts(one.unit_id, one.rows.get("loans", ()), "loan_date", "amount", terms) for one in returns}
    helped_by = {key: set(person.orgs) for key, person in lists.people.items()}
    _count_support([act for acts in support.values() for act in acts if not act.set_aside], helped_by, own, terms)
    _count_loans([act for acts in loans.values() for act in acts if not act.set_aside], own, terms)
    for key, person in lists.people.items():
        if lists.counts(person):
            for indicator in person_figures(person, helped_by[key]):
                own[key[0]][indicator] += 1
    for one in returns:
        people = lists.by_unit[one.unit_id]
        _account(opinion, one.unit_id, "people", [(not lists.counts(p), p.managed(terms.cutoff)) for p in people])
        for sheet, acts in (("support", support), ("loans", loans)):
            _account(opinion, one.unit_id, sheet, [(act.set_aside, act.counted) for act in acts[one.unit_id]])


def _account(opinion: Opinion, unit_id: str, sheet: str, rows: Sequence[tuple[bool, bool]]) -> None:
    aside, counted = sum(aside for aside, _ in rows), sum(counted and not aside for aside, counted in rows)
    opinion.accounts[unit_id, sheet] = Account(len(rows), counted, aside, len(rows) - counted - aside)


def _count_support(acts: Iterable[Act], helped_by: dict[Key, set[str]], own: dict[str, dict[str, int]], terms: Terms) -> None:
    people: dict[str, set[Key]] = {name: set() for name in SUPPORTS}
    for act in acts:
        if act.person is None or not terms.covers(act.day):
            continue
        org = (code_of(act.row.get("org"), "org") or "").lower()
        if org in TICKS:
            helped_by[act.person.key].add(org)
        act.counted = act.person.managed(act.day)
        name = (code_of(act.row.get("support_type"), "support_type") or "").lower()
        if act.counted and name in SUPPORTS:
            own[act.person.key[0]][f"{name}_times"] += 1
            people[name].add(act.person.key)
    for name, keys in people.items():
        for unit_id, _ in keys:
            own[unit_id][f"{name}_people"] += 1


def _count_loans(acts: Iterable[Act], own: dict[str, dict[str, int]], terms: Terms) -> None:
    borrowers: set[Key] = set()
    owing: set[Key] = set()
    for act in acts:
        if act.person is None or act.day is None:
            continue
        unit, amount = own[act.person.key[0]], int(number_of(act.row.get("amount")) or 0)
        if terms.covers(act.day) and act.person.managed(act.day):
            borrowers.add(act.person.key)
            unit["loan_amount"] += amount
            act.counted = True
        settled = day_of(act.row.get("settled_on"))
        if act.day <= terms.cutoff and not (settled and settled <= terms.cutoff) and act.person.managed(terms.cutoff):
            owing.add(act.person.key)
            unit["loan_balance"] += amount
            act.counted = True
    for keys, indicator in ((borrowers, "loan_people"), (owing, "loan_open")):
        for unit_id, _ in keys:
            own[unit_id][indicator] += 1


def _count_models(one: Return, figures: dict[str, int], opinion: Opinion, terms: Terms) -> None:
    verdicts = []
    for row in one.rows.get("models", ()):
        kind = code_of(row.get("model_type"), "model_type")
        founded, planned, ended = (day_of(row.get(key)) for key in ("founded_on", "planned_by", "ended_on"))
        aside = bool(kind is None or typing_error(founded, terms) or typing_error(ended, terms)
                     or (founded and ended and ended < founded))
        running = ended is None or ended > terms.cutoff
        exists = running and (founded <= terms.cutoff if founded else planned is None)
        overdue = running and not exists and planned is not None and planned < terms.cutoff
        verdicts.append((aside, exists or overdue))
        if not aside and exists and kind:
            figures[f"models_{kind.lower()}"] += 1
            figures["models_total"] += 1
            figures["models_new"] += terms.covers(founded)
            figures["model_participants"] += whole_of(row.get("participants")) or 0
        figures["models_overdue"] += overdue and not aside
    _account(opinion, one.unit_id, "models", verdicts)


def _count_outreach(one: Return, figures: dict[str, int], opinion: Opinion, terms: Terms) -> None:
    verdicts = []
    for row in one.rows.get("outreach", ()):
        day, first, last = (day_of(row.get(key)) for key in ("date", "from", "to"))
        per_week = number_of(row.get("per_week"))
        aside = bool((day is None and first is None) or any(typing_error(one_day, terms) for one_day in (day, first, last))
                     or (first and last and last < first) or (day is None and per_week is None))
        counted, sessions = False, 0
        if not aside and day:
            written = whole_of(row.get("sessions"))
            counted, sessions = terms.covers(day), 1 if written is None else written
        elif not aside and first:
            days = (min(last or terms.cutoff, terms.cutoff) - max(first, terms.previous + timedelta(days=1))).days + 1
            counted, sessions = days > 0, int(Fraction(max(days, 0), 7) * (per_week or 0))
        verdicts.append((aside, counted))
        if counted:
            figures["outreach_sessions"] += sessions
            figures["outreach_people"] += whole_of(row.get("participants")) or 0
    _account(opinion, one.unit_id, "outreach", verdicts)


def _count_funds(one: Return, figures: dict[str, int], opinion: Opinion, terms: Terms) -> None:
    verdicts = []
    for row in one.rows.get("funds", ()):
        day, kind, amount = day_of(row.get("date")), code_of(row.get("kind"), "fund_kind"), number_of(row.get("amount"))
        aside = day is None or typing_error(day, terms) or kind is None or amount is None
        verdicts.append((aside, terms.covers(day)))
        if not aside and terms.covers(day) and kind and amount is not None:
            figures[f"fund_{kind.lower()}"] += int(amount)
    _account(opinion, one.unit_id, "funds", verdicts)
