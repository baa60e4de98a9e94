"""Invented worlds, and the way of their rows through the pipeline: in memory, as reading would have handed them over."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import oracle
from openpyxl import load_workbook  # type: ignore[import-untyped, unused-ignore]
from oracle import LISTS, TICKS, Row, Terms

from pipeline.account import Ledger, account_rows
from pipeline.aggregate import aggregate
from pipeline.collect import Collected
from pipeline.find import Source
from pipeline.finding import Finding, load_catalogue
from pipeline.form import FORM_VERSION, Sheet, load_form
from pipeline.judge import Judged, judge_tables
from pipeline.locate import column_letter, plain
from pipeline.merge import merge_tables
from pipeline.place import Intake, place_workbooks
from pipeline.raw import Cell, RawTable, RawWorkbook
from pipeline.rollup import Statistics, roll_up
from pipeline.settings import Settings
from pipeline.statistics import Edition
from pipeline.text import fold
from pipeline.tidy.columns import Tidier
from pipeline.tidy.workbooks import tidy_batch
from pipeline.units import Unit, build_register
from pipeline.validate import load_suites
from pipeline.word import Speaker
from pipeline.write.csv_files import write_statistics
from pipeline.write.template_formats import TEXT_TYPES

FORM = load_form()
EXPECTATIONS = Settings().expectations_folder
SPEAKER = Speaker(FORM, load_catalogue(EXPECTATIONS / "messages.csv"))
SUITES = load_suites(EXPECTATIONS)
TIDIER = Tidier(FORM)
SECRET = b"a secret of tests, 32 bytes long"
FIRST_ROW = 5
"""The Excel row of a sheet's first row of data."""


@dataclass(frozen=True)
class Book:
    """One workbook before it is written: whose, and the rows of each sheet by key."""

    file: str
    unit: Unit
    rows: Mapping[str, Sequence[Row]]
    nil: frozenset[str] = frozenset()


@dataclass(frozen=True)
class World:
    """Units, their workbooks and the period they are counted for."""

    units: tuple[Unit, ...]
    books: tuple[Book, ...]
    terms: Terms

    @property
    def edition(self) -> Edition:
        terms = self.terms
        return Edition(f"{terms.cutoff:%Y-%m}", terms.cutoff, terms.previous, terms.policy, terms.mass_orgs)

    @property
    def opinion(self) -> oracle.Opinion:
        """Return what the oracle says of this world."""
        returns = [oracle.Return(book.unit.unit_id, book.unit.level, book.rows, book.nil) for book in self.books]
        return oracle.give_opinion(returns, {unit.unit_id: unit.parent_id for unit in self.units}, self.terms)

    def under(self, policy: str) -> World:
        """Return the same world, counted under another policy."""
        return replace(self, terms=replace(self.terms, policy=policy))

    def shuffled(self, rng: random.Random) -> World:
        """Return the same world with other file names, in another order, and every sheet's rows in another order."""
        books = [replace(book, file=f"{rng.random():.9f}/{at}.xlsx", rows={key: rng.sample(rows, len(rows))
                 for key, rows in book.rows.items()}) for at, book in enumerate(self.books)]
        return replace(self, books=tuple(rng.sample(books, len(books))))


@dataclass(frozen=True)
class Journey:
    """What the pipeline made of a world."""

    world: World
    statistics: Statistics
    ledger: Ledger
    intake: Intake
    judged: Judged

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (*self.intake.findings, *self.judged.findings)

    @property
    def figures(self) -> dict[str, dict[str, float]]:
        """Return value by unit and indicator; what was not reported is absent."""
        return {unit.unit_id: dict(self.statistics.figures(at).values) for at, unit in enumerate(self.statistics.units)}

    @property
    def accounts(self) -> dict[tuple[str, str], oracle.Account]:
        keys = {sheet.name: sheet.key for sheet in FORM.sheets}
        return {(one.unit_id, keys[one.sheet]): oracle.Account(one.read, one.counted, one.set_aside, one.outside)
                for accounts in self.ledger.accounts for one in accounts}

    def csv(self) -> bytes:
        """Return the bytes of statistics.csv."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / "statistics.csv"
            write_statistics(path, self.statistics, self.world.edition)
            return path.read_bytes()


def travel(world: World) -> Journey:
    """Take a world's rows from reading's hands to the rolled-up statistics, as the run does."""
    edition, register = world.edition, build_register(world.units)
    raws = [as_read(book, info_of(book, world)) for book in sorted(world.books, key=lambda book: book.file)]
    batch = tidy_batch(raws, range(len(raws)), FORM, TIDIER, SECRET)
    intake = place_workbooks(batch.workbooks, register, edition, SPEAKER)
    frames = merge_tables(Collected(batch.workbooks, batch.tables), intake.placed, FORM)
    judged = judge_tables(frames, intake.placed, edition, SUITES, SPEAKER)
    counted = aggregate(judged, len(intake.placed), edition)
    ledger = account_rows(judged, counted, intake.placed, FORM)
    return Journey(world, roll_up(counted, intake.placed, intake.register, edition, FORM), ledger, intake, judged)


def info_of(book: Book, world: World) -> dict[str, object]:
    """Return Thông tin as the template command fills it in."""
    hamlet = book.unit.level == "hamlet"
    own = {"hamlet_id": book.unit.unit_id, "hamlet_name": book.unit.full_name} if hamlet else {}
    commune_id = book.unit.parent_id if hamlet else book.unit.unit_id
    commune = next(unit for unit in world.units if unit.unit_id == commune_id)
    return {**own, "commune_id": commune_id, "commune_name": commune.full_name, "period": world.edition.period,
            "cutoff_date": world.terms.cutoff}


def as_read(book: Book, info: Mapping[str, object]) -> RawWorkbook:
    """Return what reading gives for a workbook that was written with these rows."""
    sheets = FORM.data_sheets(book.unit.level)
    read = {key: cell_of(value, key not in ("cutoff_date", "prepared_on")) for key, value in info.items()}
    read |= {f"nil_{sheet.key}": "x" if sheet.key in book.nil else "" for sheet in sheets}
    return RawWorkbook(
        Source(book.file, Path(book.file)), hashlib.sha256(repr((read, book.rows)).encode()).hexdigest(), book.unit.level, read,
        tables={sheet.key: table_of(sheet, book.rows.get(sheet.key, ())) for sheet in sheets},
        sheet_names={sheet.key: sheet.name for sheet in FORM.sheets if book.unit.level in sheet.profiles},
        template_version=FORM_VERSION)


def table_of(sheet: Sheet, rows: Sequence[Row]) -> RawTable:
    """Return a sheet's rows as reading gives them: blank rows left out, every cell as it is read back."""
    judged = [column.key for column in sheet.columns if column.type != "serial"]
    kept = [(at, row) for at, row in enumerate(rows, start=FIRST_ROW) if any(cell_of(row.get(key)) != "" for key in judged)]
    cells = {column.key: [cell_of(row.get(column.key), column.type in TEXT_TYPES) for _, row in kept] for column in sheet.columns}
    letters = {column.key: column_letter(at) for at, column in enumerate(sheet.columns)}
    return RawTable(sheet.key, [at for at, _ in kept], cells, letters)


def cell_of(value: object, as_text: bool = False) -> Cell:
    """Return a typed value as reading gives it back."""
    if value is None:
        return ""
    if as_text:
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else plain(str(value))
    return float(value) if isinstance(value, (int, float)) else plain(value)


def read_back(path: Path, file: str, units: Mapping[str, Unit]) -> Book:
    """Read a written workbook with another library than the pipeline's: rows by the hidden keys."""
    sheets = {fold(sheet.name): sheet.key for sheet in FORM.sheets if sheet.columns}
    rows: dict[str, list[Row]] = {}
    info: dict[str, object] = {}
    for page in load_workbook(path, data_only=True).worksheets:
        key = sheets.get(fold(page.title))
        if key == "info":
            info = {str(row[3]): row[1] for row in page.iter_rows(values_only=True)}
        elif key:
            names, _, *body = page.iter_rows(min_row=FIRST_ROW - 2, values_only=True)
            rows[key] = [{name: _day(value) for name, value in zip(names, row, strict=True) if name} for row in body if any(row)]
    nil = frozenset(key[4:] for key, value in info.items() if key.startswith("nil_") and value == "x")
    return Book(file, units[str(info.get("hamlet_id") or info["commune_id"])], rows, nil)


def _day(value: object) -> object:
    return value.date() if isinstance(value, datetime) else value


PERIODS = ((date(2024, 5, 6), date(2024, 4, 6)), (date(2024, 3, 31), date(2024, 2, 29)), (date(2024, 2, 29), date(2024, 1, 31)),
           (date(2026, 1, 14), date(2025, 12, 14)), (date(2023, 12, 5), date(2023, 11, 5)),
           (date(2025, 2, 28), date(2025, 1, 31)))
"""Cut-off and previous cut-off: the seed's, month ends, a new year, a leap year."""
NAMES = [f"{family} {middle} {given}"
         for family in ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô")
         for middle in ("Văn", "Thị", "Đức", "Hữu", "Minh", "Quang", "Xuân", "Thanh", "Ngọc", "Công")
         for given in ("An", "Bình", "Cường", "Dũng", "Giang", "Hải", "Hùng", "Khánh", "Lâm", "Phúc", "Sơn", "Tùng", "Việt")]
SAME = ("full_name", "birth", "sex", "citizen_id", "release_type", "release_date", "probation_end_date")
"""What a person keeps in a second row."""


def make_units() -> tuple[Unit, ...]:
    """Return a province of two districts, three communes and nine hamlets."""
    units = [Unit("P", "province", "Tỉnh", "Thử"), Unit("D1", "district", "Huyện", "Một", "P"),
             Unit("D2", "district", "Huyện", "Hai", "P")]
    for commune, district in (("A", "D1"), ("B", "D1"), ("C", "D2")):
        units.append(Unit(commune, "commune", "Xã", f"Xã {commune}", district))
        units += [Unit(f"{commune}-{n}", "hamlet", "Thôn", f"Thôn {commune}{n}", commune) for n in (1, 2, 3)]
    return tuple(units)


def make_world(seed: int, ties: bool = False) -> World:
    """Invent a world, the same for the same seed.

    `ties` writes people twice with one return date, where the rule that the newest return counts does not decide.
    """
    return _Maker(random.Random(seed), ties).world()


class _Maker:
    """Draws rows; blank and odd cells, edges of the period and repeated people are as likely as plain ones."""

    def __init__(self, rng: random.Random, ties: bool) -> None:
        self.rng, self.ties = rng, ties
        self.d, self.p0 = rng.choice(PERIODS)
        self.names = rng.sample(NAMES, len(NAMES))
        self.number = 0
        self.repeated: set[object] = set()

    def world(self) -> World:
        rng, units, books = self.rng, make_units(), []
        lists = {unit.unit_id: self.people() for unit in units if unit.level == "hamlet"}
        self.repeat_people(lists)
        for unit in units:
            people = lists.get(unit.unit_id, [])
            if unit.level == "hamlet" and rng.random() > 0.08:
                books.append(self.book(unit, {"people": people, "support": self.support(people), "loans": self.loans(people),
                                              "outreach": self.outreach()}))
            elif unit.level == "commune" and rng.random() > 0.2:
                books.append(self.book(unit, {"models": self.models(), "outreach": self.outreach(), "funds": self.funds()}))
        orgs = tuple(rng.sample(TICKS, rng.randint(1, 6))) if rng.random() < 0.4 else Terms(self.d, self.p0).mass_orgs
        return World(units, tuple(books), Terms(self.d, self.p0, mass_orgs=orgs))

    def book(self, unit: Unit, rows: Mapping[str, Sequence[Row]]) -> Book:
        nil = frozenset(key for key, found in rows.items() if not found and self.rng.random() < 0.7)
        return Book(f"{unit.parent_id}/THNCD_{unit.unit_id}.xlsx", unit, rows, nil)

    # Cells.

    def maybe(self, value: object, blank: float = 0.15) -> object:
        return None if self.rng.random() < blank else value

    def code(self, name: str, odd: float = 0.08) -> object:
        """Return a label of a list, now and then its code, a blank, or a text that is not in the list."""
        if self.rng.random() < odd:
            return self.rng.choice((None, "chưa rõ lắm"))
        code, label = self.rng.choice(list(LISTS[name].items()))
        return code if self.rng.random() < 0.1 else label

    def day(self, before: int = 900, after: int = 60) -> date:
        """Return a day: at an edge of the period, in it, or so many days before and after its end."""
        roll = self.rng.random()
        if roll < 0.25:
            return self.rng.choice((self.p0, self.d)) + timedelta(days=self.rng.randint(-1, 1))
        if roll < 0.45:
            return self.p0 + timedelta(days=self.rng.randint(1, (self.d - self.p0).days))
        return self.d + timedelta(days=self.rng.randint(-before, after))

    def typed(self, day: date, odd: float = 0.06) -> object:
        """Return a date as a date cell, as text, incomplete, or spoilt."""
        roll = self.rng.random()
        if roll < odd:
            return self.rng.choice((None, "không rõ", "31/02/2023", "âm lịch", date(self.d.year + 11, 1, 1), "15/06/1824",
                                    f"{day:%m/%Y}", str(day.year)))
        return f"{day.day}/{day.month}/{day.year}" if roll < odd + 0.1 else day

    # Rows.

    def people(self) -> list[dict[str, object]]:
        count = self.rng.choice((0, 3, 8, 14, 20))
        rows = [self.person() for _ in range(count)]
        for row in self.rng.sample(rows, count // 8):  # namesakes, told apart by their records
            self.rng.choice([one for one in rows if one is not row])["full_name"] = row["full_name"]
        return rows

    def person(self) -> dict[str, object]:
        rng = self.rng
        self.number += 1
        release = self.day()
        back = release + timedelta(days=rng.randint(-2, 20)) if rng.random() < 0.8 else self.day()
        conditional = rng.random() < 0.4
        kind = LISTS["release_type"]["CONDITIONAL"] if conditional else self.code("release_type", 0.15)
        born = date(rng.randint(1950, 2004), rng.randint(1, 12), rng.randint(1, 28))
        if rng.random() < 0.2:
            born = self.d.replace(year=self.d.year - 18, day=min(self.d.day, 28)) + timedelta(days=rng.randint(-1, 400))
        row: dict[str, object] = {
            "stt": self.number, "record_id": f"HS-{self.number:04d}", "full_name": self.maybe(self.names[self.number], 0.03),
            "birth": rng.choice((*(born,) * 6, born.year, None, "chưa rõ", self.d + timedelta(days=200))),
            "sex": self.code("sex"),
            "citizen_id": self.maybe(f"0000{born.year % 100:02d}{self.number:06d}", 0.3),
            "release_type": kind, "release_date": self.typed(release), "return_date": self.typed(back, 0.1),
            "probation_end_date": self.typed(self.day(300, 300), 0.15) if conditional or rng.random() < 0.05 else None,
            "employment_status": self.code("employment_status"), "occupation": self.code("occupation", 0.2),
            "employment_updated": self.typed(self.d - timedelta(days=rng.choice((0, 10, 89, 90, 91, 200, -5))), 0.1),
            "helper": self.maybe("Trưởng thôn", 0.3), "expunge_review_date": self.maybe(self.typed(self.day(100, 400)), 0.4),
            "reoffend_date": self.maybe(self.typed(self.day(200, 20)), 0.85),
            "end_date": None, "end_reason": self.maybe(self.code("end_reason"), 0.97),
        }
        if rng.random() < 0.3:
            end = max(release, back) + timedelta(days=rng.randint(-20, 700)) if rng.random() < 0.5 else self.day(60, 30)
            row |= {"end_date": self.typed(end), "end_reason": self.code("end_reason", 0.15)}
        return row | {f"org_{name}": rng.choice(("x", "X", "không", "thỉnh thoảng")) for name in TICKS if rng.random() < 0.15}

    def repeat_people(self, lists: Mapping[str, list[dict[str, object]]]) -> None:
        """Put some people into a second row: written twice, or moved to another hamlet."""
        for home, rows in lists.items():
            for row in self.rng.sample(rows, len(rows) // 5):
                away = self.rng.choice([unit_id for unit_id in lists if unit_id != home])
                if row["full_name"] and isinstance(row["birth"], date) and isinstance(row["return_date"], date) \
                        and row["full_name"] not in self.repeated:
                    self.repeated.add(row["full_name"])
                    if self.rng.random() < 0.5 and row["citizen_id"]:
                        self.move(row, lists[away])
                    else:
                        self.write_twice(row, row["return_date"], home, away, lists)

    def write_twice(self, row: Row, back: date, home: str, away: str, lists: Mapping[str, list[dict[str, object]]]) -> None:
        """Write a person into a second list, known there by number or, inside the commune, by name."""
        near = f"{home[0]}-{int(home[-1]) % 3 + 1}"
        by_number = bool(row["citizen_id"]) and self.rng.random() < 0.6
        again, place = self.person(), away if by_number else near
        again |= {key: row[key] for key in SAME} | {"citizen_id": row["citizen_id"] if by_number else None}
        again["return_date"] = back + timedelta(days=self.rng.choice((-400, -40, -3, 3, 15, 200)))
        if self.ties:
            place, changed = self.rng.choice((home, near)), self.rng.choice(("helper", "org_women", "sex", "occupation"))
            again = {**row, changed: again.get(changed)}
        lists[place].append(again)

    def move(self, row: dict[str, object], there: list[dict[str, object]]) -> None:
        """Close a person's row as moved, and open one in another hamlet on that day or soon after."""
        day = self.day(60, 5)
        row |= {"end_date": day, "end_reason": LISTS["end_reason"]["MOVED"]}
        there.append({**self.person(), **{key: row[key] for key in SAME},
                      "return_date": day + timedelta(days=self.rng.randint(0, 5))})

    def reference(self, people: Iterable[Row]) -> dict[str, object]:
        """Return how an act names its person: by the name, with the record where it repeats; now and then by nobody's name."""
        rows = list(people)
        if not rows or self.rng.random() < 0.06:
            return {"person": self.rng.choice((None, "Không Có Trong Sổ"))}
        row = self.rng.choice(rows)
        repeated = sum(one["full_name"] == row["full_name"] for one in rows) > 1
        return {"person": row["full_name"], "record_id": row["record_id"] if repeated and self.rng.random() < 0.8 else None}

    def support(self, people: Sequence[Row]) -> list[Row]:
        return [{**self.reference(people), "support_date": self.typed(self.day(120, 10)),
                 "support_type": self.code("support_type"), "org": self.code("org"),
                 "amount": self.rng.choice((None, 300000, "ba trăm"))}
                for _ in range(self.rng.choice((0, 10, 25)))]

    def loans(self, people: Sequence[Row]) -> list[Row]:
        amounts = (10_000_000, 50_000_000, "20.000.000", "35000000", None, "nhiều")
        return [{**self.reference(people), "loan_date": self.typed(self.day(500, 20)), "amount": self.rng.choice(amounts),
                 "settled_on": self.maybe(self.typed(self.day(200, 60)), 0.6)} for _ in range(self.rng.choice((0, 5, 12)))]

    def outreach(self) -> list[Row]:
        return [self.session() for _ in range(self.rng.choice((0, 4, 8)))]

    def session(self) -> Row:
        """Return a dated session, a schedule, or now and then both in one row."""
        rng, first = self.rng, self.day(100, 20)
        row: dict[str, object] = {"channel": "Loa truyền thanh", "participants": rng.choice((None, 30, 45, "60", "đông"))}
        if rng.random() < 0.5:
            row |= {"date": self.typed(self.day(60, 10)), "sessions": rng.choice((None, 1, 2, 3))}
        if "date" not in row or rng.random() < 0.1:
            last = first + timedelta(days=rng.randint(-3, 60))
            row |= {"from": self.typed(first, 0.1), "to": self.maybe(last, 0.4), "per_week": rng.choice((1, 2, 3, 1.5, 7, None))}
        return row

    def models(self) -> list[Row]:
        return [{"model_id": f"MH-{at}", "name": self.maybe(f"Mô hình {at}"), "model_type": self.code("model_type"),
                 "founded_on": self.maybe(self.typed(self.day(1500, 30)), 0.35),
                 "planned_by": self.maybe(self.typed(self.day(60, 60)), 0.5),
                 "ended_on": self.maybe(self.typed(self.day(300, 30)), 0.7), "participants": self.rng.choice((None, 3, 7, "5"))}
                for at in range(self.rng.choice((0, 4, 8)))]

    def funds(self) -> list[Row]:
        return [{"date": self.typed(self.day(60, 10)), "source": "Quỹ", "kind": self.code("fund_kind"),
                 "amount": self.rng.choice((1_500_000, 20_000_000, "3.000.000", None, "ít"))}
                for _ in range(self.rng.choice((0, 5, 10)))]
