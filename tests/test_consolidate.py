"""A rollup from the communes' thong-ke.xlsx says what a run from the hamlet workbooks says, and counts no doubtful file."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from journey import PERIOD, TODAY, book_of, cells_of, change_info, command, folders_in, rows_of, run, settings_in, snapshot
from openpyxl import Workbook, load_workbook

from pipeline.consolidate import consolidate
from pipeline.demo.make import make_demo
from pipeline.fault import Fault
from pipeline.finding import Finding
from pipeline.outcome import Outcome
from pipeline.register import read_register
from pipeline.units import LEVELS
from pipeline.write.checksum import checksum_rows
from pipeline.write.register import write_register

SENT = ("X001", "X003", "X004")
"""X002 hands in nothing; a hamlet of X001 is missing and one of X003 is stale."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district office that holds the hamlet workbooks: its run is the truth."""
    root = tmp_path_factory.mktemp("office")
    make_demo(root / "inputs", communes=4, hamlets=2, people=6, districts=2, seed=5)
    shutil.rmtree(book_of(root / "inputs", "X002").parent)
    book_of(root / "inputs", "X001-02").unlink()
    change_info(book_of(root / "inputs", "X003-01"), "period", "2026-04")
    assert run(settings_in(root), TODAY).exit_code == 0
    return root


def deliver(office: Path, root: Path) -> Path:
    """Lay the communes' files and the register into another office's inputs."""
    (root / "inputs").mkdir()
    shutil.copy(office / "inputs" / "don-vi.xlsx", root / "inputs")
    for folder in (path for path in (office / "outputs" / PERIOD).iterdir() if path.is_dir()):
        shutil.copytree(folder, root / "inputs" / folder.name[:4])
    return root


@pytest.fixture(scope="module")
def rolled(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another office that got the communes' files alone."""
    root = deliver(office, tmp_path_factory.mktemp("rolled"))
    consolidate(settings_in(root), [], isolated=False)
    return root


@pytest.fixture
def desk(office: Path, tmp_path: Path) -> Path:
    """Return an office whose files a test may spoil."""
    return deliver(office, tmp_path)


def parcel(root: Path, unit_id: str = "X003") -> Path:
    return root / "inputs" / unit_id / "thong-ke.xlsx"


def roll(root: Path, **more: object) -> Outcome:
    return consolidate(settings_in(root, **more), [], isolated=False)


def reseal(path: Path, keys: Mapping[str, str], figures: Mapping[str, int] | None = None) -> None:
    """Change sealed keys and figures the way a forger would: everywhere, and the checksum with them."""
    book = load_workbook(path, data_only=True)
    seal = {row[0].value: row[2] for row in book["Thuyết minh"].iter_rows() if row[0].value}
    for key, value in keys.items():
        seal[key].value = value
    data = book["Số liệu"]
    names = [cell.value for cell in data[1]]
    for row in data.iter_rows(min_row=2):
        for at, name in enumerate(names):
            if name in keys:
                row[at].value = keys[name]
        if row[names.index("indicator")].value in (figures or {}):
            _print_too(book, row[names.index("indicator")].value, figures[row[names.index("indicator")].value])
            row[names.index("value")].value = figures[row[names.index("indicator")].value]
    rows = [[cell.value for cell in row] for row in data.iter_rows(min_row=2)]
    seal["checksum"].value = checksum_rows(rows, {key: str(cell.value or "") for key, cell in seal.items()})
    book.save(path)


def _print_too(book: Workbook, indicator: str, value: int) -> None:
    from pipeline.form import load_form
    from pipeline.write.commune_form import form_rows

    line = [row.indicator.key for row in form_rows(load_form()) if row.indicator is not None].index(indicator) + 1
    next(row for row in book["Tổng hợp"].iter_rows() if row[0].value == str(line))[3].value = value


def change_cell(path: Path, sheet: str, row: int, column: int) -> None:
    """Change one figure by hand and save."""
    book = load_workbook(path, data_only=True)
    cell = book[sheet].cell(row, column)
    cell.value = int(cell.value or 0) + 1
    book.save(path)


def total(root: Path, unit_id: str) -> str:
    return next(row["value"] for row in rows_of(root / "outputs" / PERIOD / "statistics.csv")
                if (row["unit_id"], row["indicator"]) == (unit_id, "total"))


def statuses(root: Path) -> dict[str, str]:
    return {row["unit_id"]: row["status"] for row in rows_of(root / "outputs" / PERIOD / "completeness.csv")}


def said(outcome: Outcome, code: str) -> list[Finding]:
    return [finding for finding in outcome.findings if finding.code == code]


def assert_left_out(root: Path, office: Path, status: str = "blocked") -> None:
    """X003 is not counted, the other communes are, and what is above sums the others."""
    assert total(root, "X003") == ""
    assert {unit: total(root, unit) for unit in ("X001", "X004")} == {unit: total(office, unit) for unit in ("X001", "X004")}
    assert int(total(root, "T01")) == int(total(office, "X001")) + int(total(office, "X004"))
    assert (statuses(root)["X003"], statuses(root)["X001"]) == (status, "reported")


def test_every_line_above_the_hamlets_is_the_same_byte_for_byte(office: Path, rolled: Path) -> None:
    ran, consolidated = ((root / "outputs" / PERIOD / "statistics.csv").read_bytes().split(b"\r\n") for root in (office, rolled))
    assert [line for line in ran if b",hamlet," not in line] == consolidated
    assert len(consolidated) > 500


@pytest.mark.parametrize("sheet", ["Tổng hợp", "Tiến độ", "Số liệu"])
def test_every_rollup_workbook_shows_the_same_cells(office: Path, rolled: Path, sheet: str) -> None:
    names = sorted(path.name for path in (office / "outputs" / PERIOD).glob("tong-hop-*.xlsx"))
    assert names == sorted(path.name for path in (rolled / "outputs" / PERIOD).glob("tong-hop-*.xlsx"))
    assert len(names) == 3
    for name in names:
        assert cells_of(office / "outputs" / PERIOD / name, sheet) == cells_of(rolled / "outputs" / PERIOD / name, sheet)


def test_a_rollup_says_who_sent_nothing_and_who_is_behind(rolled: Path) -> None:
    assert statuses(rolled) == {"X001": "reported", "X002": "missing", "X003": "stale", "X004": "reported"}


def test_a_file_that_was_only_opened_and_saved_still_counts(desk: Path, office: Path) -> None:
    load_workbook(parcel(desk), data_only=True).save(parcel(desk))
    assert roll(desk).exit_code == 0
    assert total(desk, "X003") == total(office, "X003")


def test_files_given_by_name_are_told_apart_by_their_folders(desk: Path) -> None:
    files = [parcel(desk, unit_id) for unit_id in SENT]
    outcome = consolidate(settings_in(desk), files, isolated=False)
    assert [one.file for one in outcome.receipts if one.file] == [f"{unit_id}/thong-ke.xlsx" for unit_id in SENT]


def test_a_folder_given_by_name_stands_for_all_files_in_it(desk: Path) -> None:
    outcome = consolidate(settings_in(desk), [desk / "inputs"], isolated=False)
    assert outcome.files == len(SENT)
    assert {one.status for one in outcome.receipts if one.file} <= {"reported", "nil", "stale"}


def test_a_district_s_own_rollup_is_no_file_of_a_commune(office: Path, desk: Path) -> None:
    shutil.copy(next((office / "outputs" / PERIOD).glob("tong-hop-*.xlsx")), desk / "inputs")
    assert roll(desk).files == len(SENT)


def test_a_workbook_of_another_kind_is_not_ours(desk: Path, office: Path) -> None:
    Workbook().save(parcel(desk))
    outcome = roll(desk)
    assert [finding.file for finding in said(outcome, "book_not_ours")] == ["X003/thong-ke.xlsx"]
    assert outcome.exit_code == 1
    assert_left_out(desk, office, "missing")


def test_a_file_cut_short_is_said_to_be(desk: Path, office: Path) -> None:
    parcel(desk).write_bytes(parcel(desk).read_bytes()[:2000])
    assert len(said(roll(desk), "file_truncated")) == 1
    assert_left_out(desk, office, "missing")


def test_a_figure_changed_by_hand_breaks_the_seal(desk: Path, office: Path) -> None:
    change_cell(parcel(desk), "Số liệu", 2, 8)
    found = said(roll(desk), "book_edited")
    assert [(finding.commune_id, finding.sheet) for finding in found] == [("X003", "Số liệu")]
    assert_left_out(desk, office)


def test_a_figure_changed_on_the_printed_form_is_noticed(desk: Path, office: Path) -> None:
    rows = cells_of(parcel(desk), "Tổng hợp")
    change_cell(parcel(desk), "Tổng hợp", next(at for at, row in enumerate(rows, start=1) if row[0] == "1"), 4)
    assert [finding.sheet for finding in said(roll(desk), "book_printed_differs")] == ["Tổng hợp"]
    assert_left_out(desk, office)


@pytest.mark.parametrize(("code", "keys"), [
    ("book_period_differs", {"cutoff": "2026-05-13"}),
    ("book_policy_differs", {"policy": "from_release"}),
    ("book_orgs_differ", {"mass_orgs": "women,youth"}),
])
def test_figures_made_by_other_rules_are_not_mixed(desk: Path, office: Path, code: str, keys: dict[str, str]) -> None:
    reseal(parcel(desk), keys)
    assert [finding.commune_id for finding in said(roll(desk), code)] == ["X003"]
    assert_left_out(desk, office)


def test_two_different_files_of_a_commune_are_both_left_out(desk: Path, office: Path) -> None:
    (desk / "inputs" / "again").mkdir()
    load_workbook(parcel(desk), data_only=True).save(desk / "inputs" / "again" / "thong-ke.xlsx")
    found = said(roll(desk), "commune_twice")
    assert [finding.file for finding in found] == ["X003/thong-ke.xlsx", "again/thong-ke.xlsx"]
    assert_left_out(desk, office)


def test_a_file_copied_twice_counts_once(desk: Path, office: Path) -> None:
    shutil.copytree(parcel(desk).parent, desk / "inputs" / "copy")
    outcome = roll(desk)
    assert [(finding.severity, finding.file) for finding in said(outcome, "book_twice_same")] == [("info", "copy/thong-ke.xlsx")]
    assert outcome.exit_code == 0
    assert total(desk, "T01") == total(office, "T01")


def test_a_commune_that_the_register_does_not_know_is_left_out(desk: Path, office: Path) -> None:
    reseal(parcel(desk), {"unit_id": "X099"})
    assert [finding.commune_id for finding in said(roll(desk), "unit_unknown")] == ["X099"]
    assert_left_out(desk, office, "missing")


def test_a_commune_that_has_ended_at_the_cut_off_is_outside(desk: Path, office: Path) -> None:
    units = read_register(desk / "inputs").units
    write_register(desk / "inputs" / "don-vi.xlsx", [
        replace(unit, valid_to=date(2026, 4, 30)) if "X003" in (unit.unit_id, unit.parent_id) else unit for unit in units])
    outcome = roll(desk)
    assert [(finding.severity, finding.commune_id) for finding in said(outcome, "unit_outside")] == [("info", "X003")]
    assert "X003" not in statuses(desk)
    assert int(total(desk, "T01")) == int(total(office, "X001")) + int(total(office, "X004"))


def test_figures_that_do_not_add_up_are_left_out_though_the_seal_is_right(desk: Path, office: Path) -> None:
    served = next(row[7] for row in cells_of(parcel(desk), "Số liệu") if row[6] == "total_served")
    assert isinstance(served, int)
    reseal(parcel(desk), {}, {"total_served": served + 1})
    found = said(roll(desk), "sum_differs")
    assert [(finding.commune_id, finding.file, finding.sheet) for finding in found] == [("X003", "X003/thong-ke.xlsx", "Số liệu")]
    assert_left_out(desk, office)


def test_without_a_register_the_files_say_who_is_above(desk: Path, office: Path) -> None:
    (desk / "inputs" / "don-vi.xlsx").unlink()
    roll(desk)
    assert total(desk, "C02") == total(office, "C02")
    assert {row["expected"] for row in rows_of(desk / "outputs" / PERIOD / "statistics.csv") if row["level"] != "commune"} == {""}
    assert {row["level"] for row in rows_of(desk / "outputs" / PERIOD / "statistics.csv")} <= {*LEVELS.values()}


def test_a_rollup_never_replaces_what_a_run_published(desk: Path, office: Path) -> None:
    shutil.copytree(office / "outputs", desk / "outputs")
    before = snapshot(desk / "outputs")
    with pytest.raises(Fault, match="lệnh run"):
        roll(desk)
    assert snapshot(desk / "outputs") == before


def test_a_rollup_replaces_its_own_earlier_one(desk: Path, office: Path) -> None:
    roll(desk)
    parcel(desk).unlink()
    roll(desk)
    assert_left_out(desk, office, "missing")


def test_without_any_file_nothing_is_published(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    told = command("rollup", *folders_in(tmp_path))
    assert (told.code, "thong-ke.xlsx" in told.err) == (2, True)
    assert not (tmp_path / "outputs").exists()


def test_with_no_file_that_counts_nothing_is_published(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    Workbook().save(tmp_path / "inputs" / "a.xlsx")
    told = command("rollup", *folders_in(tmp_path))
    assert (told.code, "a.xlsx" in told.err) == (2, True)
    assert not (tmp_path / "outputs").exists()
