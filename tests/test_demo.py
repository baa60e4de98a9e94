"""What the demo and the sample promise: the same for the same seed, people nobody can be, rows without fault."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from pipeline.demo.cases import Row
from pipeline.demo.communes import Book, Month, make_commune, make_units
from pipeline.demo.make import make_demo
from pipeline.demo.mistakes import KINDS
from pipeline.demo.people import People, identity_number
from pipeline.demo.planting import FIRST_ROW, Planter
from pipeline.demo.sample import make_sample, sample_books, sample_units
from pipeline.demo.stays import make_window, plainly_after
from pipeline.fault import SettingsFault
from pipeline.form import load_form
from pipeline.text import fold
from pipeline.units import Unit, build_register

INPUTS = Path(__file__).parent.parent / "inputs"
MONTH = Month("2026-05", make_window(date(2026, 5, 14)))
TICKS = {"org_women": "Hội Liên hiệp Phụ nữ", "org_youth": "Đoàn Thanh niên", "org_veterans": "Hội Cựu chiến binh",
         "org_elderly": "Hội Người cao tuổi", "org_farmers": "Hội Nông dân", "org_front": "Mặt trận Tổ quốc",
         "org_other": "Tổ chức khác"}
AT_WORK = {"Có việc làm ổn định", "Có việc làm không ổn định", "Có việc làm"}
CONDITIONAL = "Tha tù trước thời hạn có điều kiện"


def demo_books(seed: int = 3, communes: int = 4, people: int = 14) -> list[list[Book]]:
    rng = random.Random(seed)
    units = make_units(rng, communes, 9, 2, after_merger=True)
    source, made = People(rng), []
    for commune in (unit for unit in units if unit.level == "commune"):
        hamlets = [unit for unit in units if unit.parent_id == commune.unit_id]
        made.append(make_commune(rng, source, commune, hamlets, people, MONTH))
    return made


def all_clean_books() -> list[Book]:
    return [book for commune in demo_books() for book in commune] + sample_books()


def cutoff_of(book: Book) -> date:
    return day(book.info["cutoff_date"])


def day(value: object) -> date:
    assert isinstance(value, date)
    return value


def amount(value: object) -> int:
    assert isinstance(value, int)
    return value


def birth_year(row: Row) -> int:
    return row["birth"] if isinstance(row["birth"], int) else day(row["birth"]).year


def start_of(row: Row) -> date:
    return max(day(row["probation_end_date"] or row["release_date"]), day(row["return_date"]))


def managed(row: Row, on: date) -> bool:
    return start_of(row) <= on and (row["end_date"] is None or on < day(row["end_date"]))


def people_rows(books: list[Book]) -> Iterator[tuple[Book, Row]]:
    for book in books:
        for row in book.rows.get("people", ()):
            yield book, row


def events(book: Book) -> Iterator[tuple[str, Row, Row]]:
    """Yield (sheet, event, person) for each event, the person found as a reader must find it."""
    for sheet in ("support", "loans"):
        for event in book.rows.get(sheet, ()):
            named = [row for row in book.rows["people"] if fold(str(row["full_name"])) == fold(str(event["person"]))]
            if len(named) > 1:
                named = [row for row in named if row["record_id"] == event["record_id"]]
            assert len(named) == 1
            assert named[0]["full_name"] == event["person"]
            yield sheet, event, named[0]


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.xlsx"))}


def test_the_same_seed_writes_the_same_bytes_in_one_process_or_two(tmp_path: Path) -> None:
    one = make_demo(tmp_path / "one", communes=2, hamlets=3, people=5, mistakes=6, seed=7)
    two = make_demo(tmp_path / "two", communes=2, hamlets=3, people=5, mistakes=6, seed=7, workers=2)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")
    assert one == two
    assert one.workbooks == len(files_of(tmp_path / "one")) - 1 == 8


def test_another_seed_writes_other_people() -> None:
    names = [[row["full_name"] for _, row in people_rows(books)] for books in (demo_books(1)[0], demo_books(2)[0])]
    assert names[0] != names[1]


@pytest.mark.parametrize(("cutoff", "level"), [(date(2024, 5, 6), "district"), (date(2026, 5, 14), "cluster")])
def test_the_register_of_a_demo_stands_at_its_cutoff(cutoff: date, level: str) -> None:
    units = make_units(random.Random(1), 5, 4, 2, after_merger=cutoff >= date(2025, 7, 1))
    register = build_register(units)
    levels = Counter(unit.level for unit in register.at(cutoff))
    assert levels == {"province": 1, level: 2, "commune": 5, "hamlet": 20}
    assert all(register.parent(unit, cutoff) for unit in units if unit.level != "province")


def test_folders_and_units_of_many_communes_are_distinct() -> None:
    units = make_units(random.Random(1), 1500, 1, 3, after_merger=True)
    build_register(units)
    assert len({fold(unit.name) for unit in units if unit.level == "commune"}) == 1500


def test_identity_numbers_are_reserved_unique_and_agree_with_birth_and_sex() -> None:
    numbers = []
    for _, row in people_rows(all_clean_books()):
        born = birth_year(row)
        number = row["citizen_id"]
        if number is not None:
            expected = {("Nam", 19): "0", ("Nữ", 19): "1", ("Nam", 20): "2", ("Nữ", 20): "3"}[str(row["sex"]), born // 100]
            assert str(number).startswith(f"000{expected}{born % 100:02d}")
            assert len(str(number)) == 12
            numbers.append(number)
    assert len(numbers) > 300
    assert identity_number("F", date(2003, 1, 1), 42) == "000303000042"
    of_one_demo = [row["citizen_id"] for books in demo_books() for _, row in people_rows(books) if row["citizen_id"]]
    assert len(of_one_demo) == len(set(of_one_demo))


def test_nobody_is_on_the_lists_twice() -> None:
    for books in (*demo_books(), sample_books()):
        keys = Counter((fold(str(row["full_name"])), birth_year(row)) for _, row in people_rows(books))
        assert max(keys.values()) == 1
        records = Counter((book.unit.parent_id, row["record_id"]) for book, row in people_rows(books))
        assert max(records.values()) == 1


def test_names_are_whole_and_composed() -> None:
    for _, row in people_rows(all_clean_books()):
        name = str(row["full_name"])
        assert unicodedata.is_normalized("NFC", name)
        assert 2 <= len(name.split()) <= 5


def test_required_cells_are_filled_and_codes_are_labels() -> None:
    form = load_form()
    for book in all_clean_books():
        for key, rows in book.rows.items():
            for row in rows:
                for column in form.sheet[key].columns:
                    value = row.get(column.key)
                    assert value is not None or not column.required, (key, column.key)
                    if column.list and value is not None:
                        assert value in {code.label for code in form.lists[column.list]}


def test_dates_of_a_case_are_in_order() -> None:
    for book, row in people_rows(all_clean_books()):
        cutoff = cutoff_of(book)
        release, returned = day(row["release_date"]), day(row["return_date"])
        assert release <= returned
        assert (row["probation_end_date"] is not None) == (row["release_type"] == CONDITIONAL)
        assert (row["end_date"] is None) == (row["end_reason"] is None)
        if row["probation_end_date"]:
            assert day(row["probation_end_date"]) > release
        if row["end_date"]:
            assert start_of(row) < day(row["end_date"]) <= cutoff
        if row["end_reason"] == "Phạm tội mới":
            assert row["reoffend_date"] is not None
        if row["reoffend_date"]:
            assert start_of(row) <= day(row["reoffend_date"]) <= cutoff
        if row["expunge_review_date"] and managed(row, cutoff):
            assert (cutoff - day(row["expunge_review_date"])).days < 180
        born = birth_year(row)
        assert 18 <= release.year - born <= 70


def test_work_has_an_occupation_and_no_date_to_come() -> None:
    fresh = []
    for book, row in people_rows(all_clean_books()):
        assert (row["employment_status"] in AT_WORK) == (row["occupation"] is not None)
        if row["employment_updated"]:
            assert day(row["return_date"]) <= day(row["employment_updated"]) <= cutoff_of(book)
            fresh.append((cutoff_of(book) - day(row["employment_updated"])).days <= 90)
    assert sum(fresh) > 0.8 * len(fresh)


def test_events_are_of_people_managed_that_day() -> None:
    seen = Counter[str]()
    for book in all_clean_books():
        for sheet, event, person in events(book):
            on = day(event["support_date" if sheet == "support" else "loan_date"])
            assert managed(person, on)
            assert on <= cutoff_of(book)
            seen[sheet] += 1
        rows = [tuple(sorted(row.items(), key=str)) for row in book.rows.get("support", ())]
        assert len(rows) == len(set(rows))
    assert min(seen.values()) > 20


def test_ticks_and_support_rows_go_together() -> None:
    for book in all_clean_books():
        acts = {(person["record_id"], event["org"]) for sheet, event, person in events(book) if sheet == "support"}
        for row in book.rows.get("people", ()):
            for column, org in TICKS.items():
                assert (row.get(column) == "x") == ((row["record_id"], org) in acts)


def test_loans_keep_the_rules_of_the_decision() -> None:
    for book in all_clean_books():
        borrowers = Counter(person["record_id"] for sheet, _, person in events(book) if sheet == "loans")
        assert not borrowers or max(borrowers.values()) == 1
        for sheet, event, person in events(book):
            if sheet == "loans":
                on = day(event["loan_date"])
                assert 10_000_000 <= amount(event["amount"]) <= 100_000_000
                assert (on - day(person["release_date"])).days <= 5 * 365
                assert event["purpose"] and event["program"] and event["lender"]
                assert event["settled_on"] is None or on < day(event["settled_on"]) <= cutoff_of(book)


def test_outreach_models_and_funds_make_sense() -> None:
    for book in all_clean_books():
        cutoff = cutoff_of(book)
        for row in book.rows.get("outreach", ()):
            dated = row.get("date") is not None and row.get("sessions") is not None
            assert dated != (row.get("from") is not None and row.get("per_week") is not None)
            assert day(row.get("date") or row.get("from")) <= cutoff
        for row in book.rows.get("models", ()):
            assert (row["founded_on"] is None) == (row["planned_by"] is not None)
            assert row["founded_on"] is None or day(row["founded_on"]) <= cutoff
            assert row["planned_by"] is None or day(row["planned_by"]) > cutoff
        money = Counter[str]()
        for row in book.rows.get("funds", ()):
            assert day(row["date"]) <= cutoff
            money[str(row["kind"])] += amount(row["amount"])
        assert money["Đã chi"] <= money["Được cấp"] <= money["Dự toán"]


def test_empty_sheets_and_no_others_are_ticked_as_nil() -> None:
    ticked = 0
    for book in all_clean_books():
        for sheet in load_form().data_sheets(book.profile):
            assert (sheet.key in book.nil) == (not book.rows.get(sheet.key))
        ticked += "people" in book.nil
    assert ticked > 1


def test_dates_to_come_cannot_be_taken_for_month_first() -> None:
    cutoff = date(2026, 5, 14)
    assert plainly_after(date(2026, 6, 5), cutoff) == date(2026, 6, 6)
    assert plainly_after(date(2026, 12, 4), cutoff) == date(2026, 12, 6)
    for book, row in people_rows(all_clean_books()):
        for value in row.values():
            if isinstance(value, date) and value > cutoff_of(book):
                assert value == plainly_after(value, cutoff_of(book))


def test_every_kind_of_case_occurs() -> None:
    rows = [row for books in demo_books() for _, row in people_rows(books)]
    cutoff, previous = MONTH.window.cutoff, MONTH.window.previous
    assert previous == date(2026, 4, 14)
    assert any(day(row["return_date"]) > cutoff for row in rows)
    assert any(start_of(row) > cutoff >= day(row["return_date"]) for row in rows)
    assert any(row["end_date"] and day(row["end_date"]) <= previous for row in rows)
    assert any(row["end_date"] and day(row["end_date"]) > previous for row in rows)
    assert any(previous < start_of(row) <= cutoff for row in rows)
    assert any(isinstance(row["birth"], int) for row in rows)
    assert any(row["citizen_id"] is None for row in rows)
    books = [book for commune in demo_books() for book in commune]
    assert any(row["settled_on"] for book in books for row in book.rows.get("loans", ()))
    assert any(row["record_id"] for book in books for row in book.rows.get("support", ()))


def test_people_are_as_many_as_asked_for_on_average() -> None:
    made = demo_books(communes=20)
    hamlets = sum(book.profile == "hamlet" for commune in made for book in commune)
    people = sum(len(book.rows.get("people", ())) for commune in made for book in commune)
    assert 0.8 * 14 < people / hamlets < 1.1 * 14


def test_mistakes_are_as_many_as_asked_for_each_in_a_row_of_its_own(tmp_path: Path) -> None:
    summary = make_demo(tmp_path, communes=2, hamlets=6, people=10, mistakes=50, seed=5)
    assert len(summary.planted) == 50
    assert len({(one.file, one.sheet, one.row) for one in summary.planted}) == 50
    assert len({one.kind for one in summary.planted}) > 35
    assert all((tmp_path / one.file).is_file() and one.row >= FIRST_ROW for one in summary.planted)


def test_a_mistake_changes_its_own_row_and_nothing_else() -> None:
    clean, spoilt = demo_books(), demo_books()
    planter = Planter(random.Random(1), MONTH.window.cutoff)
    planted = [one for commune in spoilt for one in planter.plant(commune, 30)]
    places = {(one.file, one.sheet, one.row) for one in planted}
    assert {one.kind for one in planted} == set(KINDS)
    assert len(KINDS) >= 20
    form = load_form()
    changed = set()
    for before, after in zip((b for c in clean for b in c), (b for c in spoilt for b in c), strict=True):
        for key, rows in after.rows.items():
            old = before.rows[key]
            for at, row in enumerate(rows):
                if at >= len(old) or row != old[at]:
                    changed.add((after.file, form.sheet[key].name, FIRST_ROW + at))
    assert changed == places


def test_a_demo_with_mistakes_is_the_clean_one_but_for_them(tmp_path: Path) -> None:
    make_demo(tmp_path / "clean", hamlets=8, people=6, seed=9)
    spoilt = make_demo(tmp_path / "spoilt", hamlets=8, people=6, mistakes=2, seed=9)
    clean, other = files_of(tmp_path / "clean"), files_of(tmp_path / "spoilt")
    assert {name for name in clean if clean[name] != other[name]} == {one.file for one in spoilt.planted}


def test_too_many_mistakes_or_too_few_units_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="lỗi mẫu"):
        make_demo(tmp_path / "one", hamlets=1, people=1, mistakes=100)
    with pytest.raises(SettingsFault):
        make_demo(tmp_path / "two", communes=0)


def sample_people(commune: str) -> list[Row]:
    return [row for book, row in people_rows(sample_books()) if book.info["commune_id"] == commune]


def test_the_first_sample_commune_reports_what_the_report_of_may_2024_says() -> None:
    rows = [row for row in sample_people("HD") if managed(row, date(2024, 5, 6))]
    at_work = [row for row in rows if row["employment_status"] in AT_WORK]
    assert len(rows) == 12
    assert len(at_work) == 6
    assert {row["occupation"] for row in at_work} == {"Thợ xây", "Thợ mộc", "Lao động tự do"}
    assert all(row["helper"] for row in sample_people("HD"))
    assert not [row for row in sample_people("HD") if any(row.get(column) for column in TICKS)]
    books = [book for book in sample_books() if book.info["commune_id"] == "HD"]
    assert {row["org"] for book in books for row in book.rows.get("support", ())} == {"Công an xã", "Chi bộ"}
    assert not [row for book in books for key in ("loans", "funds") for row in book.rows.get(key, ())]
    own = next(book for book in books if book.profile == "commune")
    assert [row["name"] for row in own.rows["models"]] == ["Tổ tự quản hỗ trợ tái hòa nhập cộng đồng"]
    assert [row["per_week"] for row in own.rows["outreach"]] == [2]
    assert own.nil == ("funds",)
    assert len(sample_people("HD")) > len(rows) + 2


def test_the_second_sample_commune_has_every_organisation_and_its_planned_models() -> None:
    cutoff = date(2026, 5, 14)
    rows = [row for row in sample_people("CM") if managed(row, cutoff)]
    assert 20 <= len(rows) <= 30
    assert all(any(row.get(column) == "x" for row in rows) for column in TICKS)
    books = [book for book in sample_books() if book.info["commune_id"] == "CM"]
    assert len(books) == 9
    models = next(book for book in books if book.profile == "commune").rows["models"]
    assert [row["model_type"] for row in models if row["founded_on"]] == ["Quản lý, giáo dục (3+)", "Câu lạc bộ"]
    assert [row["planned_by"] for row in models if not row["founded_on"]] == [date(2026, 5, 20)] * 2
    loans = [row for book in books for row in book.rows.get("loans", ())]
    assert any(row["settled_on"] for row in loans) and any(day(row["loan_date"]) > date(2026, 4, 14) for row in loans)


def test_sample_units_stand_each_in_its_own_time() -> None:
    register = build_register(sample_units())
    assert {unit.unit_id for unit in register.at(date(2024, 5, 6)) if unit.level != "hamlet"} == {"BG", "TY", "HD"}
    assert {unit.unit_id for unit in register.at(date(2026, 5, 14)) if unit.level != "hamlet"} == {"HP", "CM"}
    commune = register.find("HD", date(2024, 5, 6))
    assert isinstance(commune, Unit)
    assert (commune.full_name, commune.gso_code) == ("Xã Hợp Đức", "07330")


def test_sample_names_are_plainly_invented() -> None:
    assert all("Mẫu" in str(row["full_name"]).split() for _, row in people_rows(sample_books()))


def test_the_committed_inputs_are_what_the_sample_writes(tmp_path: Path) -> None:
    make_sample(tmp_path)
    written = files_of(tmp_path)
    assert {name: (INPUTS / name).read_bytes() for name in written} == written
