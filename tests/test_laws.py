"""The laws of DESIGN §4, on invented worlds of blank, odd and repeated rows, against a second opinion (oracle.py)."""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from journey import run
from oracle import ADDITIVE, COMMUNE_KEYS, LISTS, OUT_KEYS, PARTITIONS, PARTS, PEOPLE_KEYS, Row, Terms
from worlds import EXPECTATIONS, FORM, Book, Journey, World, as_read, info_of, make_units, make_world, read_back, travel

from pipeline.demo.make import make_demo
from pipeline.find import Source
from pipeline.outcome import Outcome
from pipeline.read import read_workbook
from pipeline.register import read_register
from pipeline.settings import POLICIES, Settings
from pipeline.write.template import write_workbook

INPUTS = Path(__file__).parent.parent / "inputs"
LEVELS = ("hamlet", "commune", "district", "province")
OCCUPATIONS = {f"occ_{code.lower()}": label for code, label in LISTS["occupation"].items()}
STEADY = settings(deadline=None, derandomize=True, database=None, phases=(Phase.explicit, Phase.generate))
"""The same examples at every run; a smaller seed makes no smaller world, so nothing is shrunk."""
Test = TypeVar("Test", bound=Callable[..., None])


@lru_cache(maxsize=64)
def journey(seed: int, policy: str) -> Journey:
    """Return what the pipeline makes of one invented world; the laws look at the same worlds."""
    return travel(make_world(seed).under(policy))


def on_worlds(count: int) -> Callable[[Test], Test]:
    """Give a law `count` pairs of a world and a policy, always the same ones."""
    def decorate(test: Test) -> Test:
        worlds = given(seed=st.integers(0, 3), policy=st.sampled_from(POLICIES))
        return settings(STEADY, max_examples=count)(worlds(test))
    return decorate


def children(found: Journey, level: str) -> dict[str, list[str]]:
    """Return the units right below each unit of a level."""
    units = found.world.units
    above = [unit.unit_id for unit in units if unit.level == level]
    return {unit_id: [one.unit_id for one in units if one.parent_id == unit_id] for unit_id in above}


def differences(found: Journey) -> list[tuple[str, str, object, object]]:
    """Return unit, indicator, the oracle's figure and the pipeline's, where they are not the same."""
    opinion, figures = found.world.opinion, found.figures
    wrong: list[tuple[str, str, object, object]] = []
    for unit in found.world.units:
        expected, given_ = opinion.figures.get(unit.unit_id, {}), dict(figures[unit.unit_id])
        rate = given_.pop("employed_rate", None)
        shown = f"{rate:.1f}" if rate is not None else "-" if given_.get("total") == 0 else ""
        keys = sorted(expected.keys() | given_.keys())
        wrong += [(unit.unit_id, key, expected.get(key), given_.get(key)) for key in keys if expected.get(key) != given_.get(key)]
        if shown != opinion.rate(unit.unit_id):
            wrong.append((unit.unit_id, "employed_rate", opinion.rate(unit.unit_id), shown))
    accounts = opinion.accounts.keys() | found.accounts.keys()
    return wrong + [(*key, opinion.accounts.get(key), found.accounts.get(key)) for key in sorted(accounts)
                    if opinion.accounts.get(key) != found.accounts.get(key)]


# --- figures -------------------------------------------------------------------------------------------------------


@on_worlds(8)
def test_every_figure_and_every_account_is_what_the_design_says(seed: int, policy: str) -> None:
    assert differences(journey(seed, policy)) == []


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("cutoff", "previous"), [(date(2024, 5, 6), date(2024, 4, 6)), (date(2024, 3, 31), date(2024, 2, 29))])
def test_every_order_of_dates_around_the_period_is_counted_as_the_design_says(policy: str, cutoff: date, previous: date) -> None:
    found = travel(edge_world(Terms(cutoff, previous, policy)))
    assert differences(found) == []
    assert min(found.figures["A"][key] for key in ("total", "opening", "in_new", "out_moved", "probation", "reoffended")) > 20


def edge_world(terms: Terms) -> World:
    """Return one row for every choice of release, return, probation end and end around both ends of the period."""
    edges = [day + timedelta(days=n) for day in (terms.previous, terms.cutoff) for n in (-1, 0, 1)]
    lists: dict[str, list[Row]] = {"A-1": [], "A-2": [], "A-3": []}
    for at, (kind, probation, end) in enumerate(product(("Đặc xá", "CONDITIONAL"), (None, *edges), (None, *edges))):
        for release, back in product((None, *edges[::2]), (None, *edges)):
            if kind == "CONDITIONAL" or probation is None:
                rows = lists[f"A-{at % 3 + 1}"]
                rows.append({"full_name": f"Người thứ {len(rows)}", "birth": date(1980, 1, 1), "sex": None,
                             "citizen_id": f"{at % 3:06d}{len(rows):06d}", "release_type": kind, "release_date": release,
                             "return_date": back, "probation_end_date": probation, "end_date": end,
                             "end_reason": "Chuyển đi nơi khác" if end else None, "reoffend_date": end})
    return lists_of(lists, terms)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_act_model_and_sum_dated_around_the_period_is_counted_as_the_design_says(policy: str) -> None:
    found = travel(world_of_acts(Terms(date(2024, 5, 6), date(2024, 4, 6), policy)))
    assert differences(found) == []
    keys = ("visit_times", "loan_open", "models_overdue", "outreach_sessions", "fund_spent")
    assert min(found.figures["A"][key] for key in keys) > 1


def world_of_acts(terms: Terms) -> World:
    """Return acts of four people, models, sessions, schedules and funds for every choice of days around the period."""
    edges = [day + timedelta(days=n) for day in (terms.previous, terms.cutoff) for n in (-1, 0, 1)]
    stays = ((date(2023, 1, 1), None), (edges[4], None), (date(2023, 1, 1), edges[1]), (date(2023, 1, 1), edges[4]))
    people: list[Row] = [{"full_name": f"Người thứ {at}", "release_date": start, "return_date": start, "end_date": end}
                         for at, (start, end) in enumerate(stays)]
    who = [row["full_name"] for row in people]
    support: list[Row] = [{"person": name, "support_date": day, "support_type": "Thăm hỏi, động viên", "org": "Hội Nông dân"}
                          for name, day in product(who, edges)]
    loans: list[Row] = [{"person": name, "loan_date": day, "amount": 1_000_000, "settled_on": settled}
                        for name, day, settled in product(who, edges, (None, *edges))]
    outreach: list[Row] = [{"date": day, "sessions": 1, "participants": 10} for day in edges]
    outreach += [{"from": first, "to": last, "per_week": 3} for first, last in product(edges, (None, *edges))]
    models: list[Row] = [{"model_type": "Câu lạc bộ", "founded_on": founded, "planned_by": planned, "ended_on": ended,
                          "participants": 1} for founded, planned, ended in product((None, *edges), repeat=3)]
    funds: list[Row] = [{"date": day, "kind": "Đã chi", "amount": 500_000} for day in edges]
    units = {unit.unit_id: unit for unit in make_units()}
    hamlet = Book("A-1.xlsx", units["A-1"], {"people": people, "support": support, "loans": loans, "outreach": outreach})
    commune = Book("A.xlsx", units["A"], {"models": models, "outreach": outreach, "funds": funds})
    return World(tuple(units.values()), (hamlet, commune), terms)


# --- laws ----------------------------------------------------------------------------------------------------------


@on_worlds(8)
def test_hamlets_sum_to_their_commune_and_its_own_workbook_adds_only_what_it_tells(seed: int, policy: str) -> None:
    found = journey(seed, policy)
    for commune, hamlets in children(found, "commune").items():
        for key in PEOPLE_KEYS:
            summed = sum(found.figures[hamlet].get(key, 0) for hamlet in hamlets)
            assert found.figures[commune].get(key, 0) == summed, (commune, key)
        for key in ("outreach_sessions", "outreach_people"):
            assert found.figures[commune].get(key, 0) >= sum(found.figures[hamlet].get(key, 0) for hamlet in hamlets)
        assert not any(key in found.figures[hamlet] for hamlet in hamlets for key in COMMUNE_KEYS)


@on_worlds(8)
@pytest.mark.parametrize("level", ["district", "province"])
def test_communes_sum_to_their_district_and_districts_to_their_province(level: str, seed: int, policy: str) -> None:
    found = journey(seed, policy)
    for above, below in children(found, level).items():
        for key in ADDITIVE:
            assert found.figures[above].get(key, 0) == sum(found.figures[unit].get(key, 0) for unit in below), (above, key)


@on_worlds(8)
def test_every_breakdown_sums_to_its_parent(seed: int, policy: str) -> None:
    for unit_id, figures in journey(seed, policy).figures.items():
        for parent, breakdowns in PARTITIONS.items():
            for parts in breakdowns:
                assert sum(figures.get(part, 0) for part in parts) == figures.get(parent, 0), (unit_id, parent, parts)


@on_worlds(8)
def test_no_part_is_more_than_its_parent(seed: int, policy: str) -> None:
    for unit_id, figures in journey(seed, policy).figures.items():
        for parent, parts in PARTS.items():
            for part in parts:
                assert figures.get(part, 0) <= figures.get(parent, 0), (unit_id, parent, part)


def test_the_form_and_the_design_know_the_same_breakdowns_and_parts() -> None:
    assert {(parent, parts) for parent, parts in FORM.partitions()} == {
        (parent, parts) for parent, breakdowns in PARTITIONS.items() for parts in breakdowns}
    assert set(FORM.parts()) == {(parent, part) for parent, parts in PARTS.items() for part in parts}
    assert {one.key for one in FORM.indicators if one.additive} == set(ADDITIVE)
    assert {one.key for one in FORM.indicators if not one.additive} == {"employed_rate"}


@on_worlds(8)
def test_people_helped_by_any_organisation_lie_between_the_most_helpful_one_and_all_together(seed: int, policy: str) -> None:
    found = journey(seed, policy)
    for unit_id, figures in found.figures.items():
        by_org = [figures.get(f"org_{name}", 0) for name in found.world.terms.mass_orgs]
        assert max(by_org) <= figures.get("org_any", 0) <= min(figures.get("total", 0), sum(by_org)), unit_id


@on_worlds(8)
def test_opening_and_arrivals_less_departures_are_the_total(seed: int, policy: str) -> None:
    for unit_id, figures in journey(seed, policy).figures.items():
        out = sum(figures.get(key, 0) for key in OUT_KEYS)
        assert figures.get("opening", 0) + figures.get("in_new", 0) - out == figures.get("total", 0), unit_id


@on_worlds(8)
def test_every_row_read_is_counted_set_aside_or_outside_the_dates(seed: int, policy: str) -> None:
    found = journey(seed, policy)
    assert found.accounts
    for (unit_id, sheet), account in found.accounts.items():
        rows = next(book.rows.get(sheet, ()) for book in found.world.books if book.unit.unit_id == unit_id)
        assert account.read == len(rows) == account.counted + account.set_aside + account.outside, (unit_id, sheet)


@on_worlds(8)
def test_every_row_set_aside_has_a_critical_finding_and_no_other_row_has_one(seed: int, policy: str) -> None:
    found = journey(seed, policy)
    names = {sheet.name: sheet.key for sheet in FORM.sheets}
    units = {book.file: book.unit.unit_id for book in found.world.books}
    said: dict[tuple[str, str], set[int]] = {}
    for one in found.findings:
        if one.severity == "critical" and one.row:
            said.setdefault((units[one.file], names[one.sheet]), set()).add(one.row)
    blocked = {placed.unit.unit_id for placed in found.intake.placed if placed.blocked}
    for (unit_id, sheet), account in found.accounts.items():
        if unit_id not in blocked:
            assert len(said.get((unit_id, sheet), ())) == account.set_aside, (unit_id, sheet)


@settings(STEADY, max_examples=4)
@given(seed=st.integers(100, 10**6), ties=st.booleans(), policy=st.sampled_from(POLICIES))
@example(seed=1, ties=True, policy="after_probation")
def test_another_order_of_files_and_rows_changes_no_byte_of_the_statistics(seed: int, ties: bool, policy: str) -> None:
    world = make_world(seed, ties).under(policy)
    assert travel(world.shuffled(random.Random(seed))).csv() == travel(world).csv()


# --- one person, one row -------------------------------------------------------------------------------------------

TERMS = Terms(date(2024, 5, 6), date(2024, 4, 6))
PERSON: Row = {
    "full_name": "Nguyễn Văn Thử", "birth": date(1985, 3, 9), "sex": "Nam", "citizen_id": "000085000001",
    "release_type": "Đặc xá", "release_date": date(2023, 8, 30), "return_date": date(2023, 9, 1),
    "employment_status": "Có việc làm", "occupation": "Lái xe"}
ON_TERMS = {"release_type": LISTS["release_type"]["CONDITIONAL"], "probation_end_date": date(2024, 3, 1)}
"""Released on conditions: both rows of the person have the same first managed day, the end of probation."""


def lists_of(lists: dict[str, list[Row]], terms: Terms = TERMS) -> World:
    """Return a world of hamlets that have nothing but lists of people."""
    units = {unit.unit_id: unit for unit in make_units()}
    books = [Book(f"{unit_id}.xlsx", units[unit_id], {"people": rows}) for unit_id, rows in lists.items()]
    return World(tuple(units.values()), tuple(books), terms)


@pytest.mark.parametrize("more", [{}, {"citizen_id": None}, ON_TERMS], ids=["by number", "by name", "on conditions"])
def test_a_person_in_two_hamlets_is_counted_once_where_the_return_is_newest_and_the_finding_says_so(more: Row) -> None:
    older, newer = {**PERSON, **more}, {**PERSON, **more, "return_date": date(2023, 12, 4)}
    for lists, counted in (({"A-1": [older], "A-2": [newer]}, "A-2"), ({"A-1": [newer], "A-2": [older]}, "A-1")):
        found = travel(lists_of(lists))
        other = "A-1" if counted == "A-2" else "A-2"
        assert [found.figures[unit]["total"] for unit in (counted, other, "A", "D1", "P")] == [1, 0, 1, 1, 1]
        assert differences(found) == []
        said, = (one for one in found.findings if one.severity == "critical")
        assert (said.code, said.hamlet_id, said.row) == ("person_duplicate", other, 5)
        assert "ngày về địa phương mới nhất" in said.message
        assert f"Thôn A{counted[-1]}" in said.message


def test_the_same_number_in_two_communes_is_one_person() -> None:
    found = travel(lists_of({"A-1": [PERSON], "C-1": [{**PERSON, "return_date": date(2023, 12, 4)}]}))
    assert [found.figures[unit]["total"] for unit in ("A", "C", "P")] == [0, 1, 1]


def test_the_same_name_in_two_communes_or_with_another_number_is_two_people() -> None:
    nameless = {**PERSON, "citizen_id": None}
    assert travel(lists_of({"A-1": [nameless], "C-1": [nameless]})).figures["P"]["total"] == 2
    other = {**PERSON, "citizen_id": "000085000002"}
    assert travel(lists_of({"A-1": [PERSON], "A-2": [other]})).figures["P"]["total"] == 2


def test_who_moved_in_the_period_leaves_one_hamlet_and_enters_the_other_and_is_no_duplicate() -> None:
    gone = {**PERSON, "end_date": date(2024, 4, 20), "end_reason": "Chuyển đi nơi khác"}
    found = travel(lists_of({"A-1": [gone], "B-1": [{**PERSON, "return_date": date(2024, 4, 20)}]}))
    keys = ("opening", "in_new", "out_moved", "total")
    assert [[found.figures[unit][key] for key in keys] for unit in ("A", "B", "D1")] == [[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 1, 1]]
    assert not any(one.code in ("person_duplicate", "person_similar") for one in found.findings)


@pytest.mark.parametrize("change", [{"helper": "Trưởng thôn"}, {"org_women": "x"}, {"sex": "Nữ"}, {"birth": 2008},
                                    {"employment_updated": date(2024, 4, 1)}, {"reoffend_date": date(2024, 4, 9)}])
def test_which_of_two_rows_with_one_return_counts_does_not_hang_on_their_order(change: Row) -> None:
    rows: list[Row] = [PERSON, {**PERSON, **change}]
    assert travel(lists_of({"A-1": rows})).csv() == travel(lists_of({"A-1": rows[::-1]})).csv()


# --- real files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [3, 5])
def test_rows_in_memory_are_what_reading_a_written_workbook_gives(seed: int, tmp_path: Path) -> None:
    world = make_world(seed)
    for at, book in enumerate(world.books[::4]):
        info, path = info_of(book, world), tmp_path / f"{at}.xlsx"
        write_workbook(path, FORM, book.unit.level, info, book.rows, book.nil)
        read, made = read_workbook(Source(book.file, path), FORM), as_read(book, info)
        assert read.tables == made.tables
        assert (read.profile, read.sheet_names.items() >= made.sheet_names.items()) == (made.profile, True)
        assert {key: value for key, value in read.info.items() if value != ""} == {
            key: value for key, value in made.info.items() if value != ""}
        assert read.troubles == ()


def run_in(folder: Path, inputs: Path, **more: str) -> Outcome:
    told = Settings(inputs, folder / "outputs", folder / "state", EXPECTATIONS, workers=1, **more)  # type: ignore[arg-type]
    return run(told, date(2026, 5, 20))


def published(outcome: Outcome) -> bytes:
    return (outcome.folder / "statistics.csv").read_bytes()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def figures_of(content: bytes) -> dict[str, dict[str, str]]:
    """Return value by unit and indicator, as printed."""
    found: dict[str, dict[str, str]] = {}
    for row in rows_of(content):
        found.setdefault(row["unit_id"], {})[row["indicator"]] = row["value"]
    return found


def world_of(inputs: Path, outcome: Outcome) -> World:
    """Read the inputs back with another library, as far as their units are valid at the cut-off."""
    edition = outcome.edition
    units = {unit.unit_id: unit for unit in read_register(inputs).at(edition.cutoff)}
    files = (receipt.file for receipt in outcome.receipts if receipt.file)
    books = [read_back(inputs / file, file, units) for file in files]
    terms = Terms(edition.cutoff, edition.previous_cutoff, edition.policy, edition.mass_orgs)
    return World(tuple(units.values()), tuple(books), terms)


def assert_agrees(inputs: Path, outcome: Outcome) -> None:
    """The printed statistics, and the rows of completeness, are the oracle's."""
    world = world_of(inputs, outcome)
    opinion = world.opinion
    for unit_id, printed in figures_of(published(outcome)).items():
        expected = {key: str(value) for key, value in opinion.figures.get(unit_id, {}).items()}
        expected |= {"employed_rate": opinion.rate(unit_id)}
        assert {key: value for key, value in printed.items() if value} == {key: value for key, value in expected.items() if value}
    for receipt in outcome.receipts:
        accounts = [account for (unit_id, _), account in opinion.accounts.items() if unit_id == receipt.unit_id]
        assert receipt.rows_read == sum(one.read for one in accounts)
        assert receipt.rows_counted == sum(one.counted for one in accounts)
        assert receipt.rows_set_aside == sum(one.set_aside for one in accounts)
        assert receipt.rows_outside == sum(one.outside for one in accounts)


def test_the_seed_report_is_reproduced_from_its_workbooks(tmp_path: Path) -> None:
    outcome = run_in(tmp_path, INPUTS, period="2024-05")
    assert (outcome.edition.period, outcome.edition.cutoff) == ("2024-05", date(2024, 5, 6))
    figures = figures_of(published(outcome))["HD"]
    assert {key: figures[key] for key in ("total", "employed", "org_any", "models_total", "outreach_sessions")} == {
        "total": "12", "employed": "6", "org_any": "0", "models_total": "1", "outreach_sessions": "8"}
    assert {OCCUPATIONS[key] for key in OCCUPATIONS if figures[key] != "0"} == {"Thợ xây", "Thợ mộc", "Lao động tự do"}
    assert figures["occ_unknown"] == "0"
    assert [figures[key] for key in ("fund_planned", "fund_received", "fund_spent")] == ["0", "0", "0"]
    assert {row["cutoff"] for row in rows_of(published(outcome))} == {"2024-05-06"}
    assert_agrees(INPUTS, outcome)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_run_over_files_full_of_mistakes_prints_the_figures_of_the_design(policy: str, tmp_path: Path) -> None:
    make_demo(tmp_path / "inputs", communes=3, hamlets=3, people=14, districts=2, mistakes=46, seed=11)
    outcome = run_in(tmp_path, tmp_path / "inputs", conditional_release_policy=policy)
    assert outcome.exit_code == 1
    assert_agrees(tmp_path / "inputs", outcome)


def test_another_order_and_other_names_of_files_change_no_byte_of_the_published_statistics(tmp_path: Path) -> None:
    make_demo(tmp_path / "inputs", communes=2, hamlets=3, people=10, mistakes=20, seed=5)
    rename_all(tmp_path / "inputs", tmp_path / "renamed", random.Random(5))
    one, other = (run_in(tmp_path / name, tmp_path / name) for name in ("inputs", "renamed"))
    assert published(one) == published(other)
    assert [receipt.file for receipt in one.receipts] != [receipt.file for receipt in other.receipts]


def rename_all(inputs: Path, target: Path, rng: random.Random) -> None:
    """Copy the workbooks under other names, into one folder or below it, in another order."""
    target.mkdir()
    shutil.copy(inputs / "don-vi.xlsx", target)
    paths = sorted(inputs.glob("*/*.xlsx"))
    for at, path in enumerate(rng.sample(paths, len(paths))):
        to = target / ("muộn" if at % 3 else "") / f"sổ {rng.randrange(10**9)}.xlsx"
        to.parent.mkdir(exist_ok=True)
        shutil.copy(path, to)
