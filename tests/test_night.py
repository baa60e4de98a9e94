"""The unattended night: what is not done twice, what stands in for a workbook that cannot be counted, what is left behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from grim import come_to_grief
from hostile import pack, unpack
from intake import FORM, PERIOD, SECRET, Row, person, write_units
from journey import cells_of, rows_of
from nights import (
    HARMS,
    LATER,
    TODAY,
    Office,
    differences,
    edit_json,
    is_what_a_full_run_gives,
    lock_of,
    make_units,
    published,
)
from pyarrow import feather

from pipeline.admit import refuse
from pipeline.collect import Job, collect, collect_batch, gather
from pipeline.fault import Fault
from pipeline.find import find_workbooks
from pipeline.ledger import LEDGER_FILE, open_ledger
from pipeline.night import Told, spend
from pipeline.read import read_workbook
from pipeline.readers import Readers
from pipeline.records import READ
from pipeline.secrets_file import PREFIX, secrets_folder
from pipeline.shelf import MANY_SEGMENTS, Shelf
from pipeline.units import REGISTER_FILE, Unit
from pipeline.watch import Watch

HOME = Path(__file__).parent.parent
UNCHANGED = "Không có gì thay đổi từ lượt chạy trước: kết quả giữ nguyên."
HEAVY = ("numpy", "pandas", "great_expectations", "pyarrow", "python_calamine", "xlsxwriter")
EARLIER = {"period": "2024-04", "cutoff": date(2024, 4, 6)}
HELD = b"\x03lan".ljust(165, b" ")
"""A lock file of Excel's; lan has it open."""


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for a copy to be finished."""
    monkeypatch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office after its first night; one person of B3 cannot be counted."""
    office = Office(tmp_path_factory.mktemp("begun") / "office").open()
    office.books[office.name_of("B3")].rows["people"].append({"sex": "Nam", "release_date": date(2023, 1, 1)})
    office.write(office.name_of("B3"))
    office.night()
    return office


@pytest.fixture
def office(begun: Office, tmp_path: Path) -> Office:
    """Return a copy that a test may spoil; it lies in another folder, so its next night is a run."""
    return begun.copy(tmp_path / "office")


# --- nothing, or little, has changed ---------------------------------------------------------------------------------


def times_below(folder: Path) -> dict[str, tuple[int, int]]:
    """Return which file stands at each path, and when it was last changed in any way."""
    return {path.as_posix(): (path.stat().st_ino, path.stat().st_ctime_ns) for path in sorted(folder.rglob("*"))}


def test_a_night_where_nothing_changed_publishes_nothing_and_says_again_what_was_said(office: Office) -> None:
    first, before = office.night(), times_below(office.outputs)
    for _ in range(2):
        again = office.night()
        assert (again.outcome, again.exit_code, again.period) == (None, 1, PERIOD)
        assert again.lines == (UNCHANGED, *first.lines)
        assert (again.subject, again.summary) == (first.subject, first.summary)
    assert times_below(office.outputs) == before


SCRIPT = f"""
import sys
from pipeline.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print("code", end.code)
print("loaded", *sorted(set(sys.modules) & set({HEAVY!r})))
"""


def test_a_night_where_nothing_changed_imports_nothing_heavy(office: Office) -> None:
    spend(office.settings(cutoff=None), date.today(), isolated=False)  # noqa: DTZ011 - as the command does
    arguments = ["run", "--period", PERIOD, "--inputs", office.inputs, "--outputs", office.outputs, "--state", office.state]
    told = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], cwd=office.root, capture_output=True, encoding="utf-8", check=True,
                          env={**os.environ, "PYTHONPATH": str(HOME), "PYTHONIOENCODING": "utf-8"})
    first, *_, code, loaded = told.stdout.splitlines()
    assert (first, code, loaded, told.stderr) == (UNCHANGED, "code 1", "loaded", "")


def test_of_one_changed_workbook_only_it_is_read_and_only_what_stands_above_it_is_written(office: Office, tmp_path: Path) -> None:
    office.add_person("A1")
    told = is_what_a_full_run_gives(office, tmp_path / "beside")
    assert told.outcome is not None
    assert told.outcome.known == set(office.books) - {office.name_of("A1")}
    assert told.outcome.spared == {"B-xa-b/thong-ke.xlsx", "tong-hop-HB-huyen-b.xlsx"}
    assert office.total("A1") == "3"


def test_the_processing_log_names_what_was_read_and_written_and_nothing_else(office: Office) -> None:
    office.night()
    office.add_person("A1")
    before = len(records_of(office))
    office.night()
    done = {(row["action"], row["subject"]) for row in records_of(office)[before:]}
    assert {subject for action, subject in done if action == READ} == {office.name_of("A1")}
    assert {subject for action, subject in done if action == "ghi"} == {f"{PERIOD}/A-xa-a/thong-ke.xlsx",
                                                                        f"{PERIOD}/tong-hop-HA-huyen-a.xlsx"}


def records_of(office: Office) -> list[dict[str, str]]:
    return [row for path in sorted((office.state / "log").glob("xu-ly-*.csv")) for row in rows_of(path)]


def test_a_workbook_that_was_renamed_or_copied_is_not_read_again(office: Office, tmp_path: Path) -> None:
    one, other = office.path(office.name_of("A1")), office.path(office.name_of("B1"))
    one.rename(office.inputs / "đổi tên.xlsx")
    shutil.copy2(other, office.inputs / "bản sao.xlsx")
    told = is_what_a_full_run_gives(office, tmp_path / "beside")
    assert told.outcome is not None
    assert told.outcome.known == {*office.books, "đổi tên.xlsx", "bản sao.xlsx"} - {office.name_of("A1")}
    assert office.codes("B/so_B1.xlsx") | office.codes("bản sao.xlsx") == {"same_workbook_twice"}


def test_a_workbook_that_was_only_touched_changes_nothing(office: Office) -> None:
    office.night()
    for name in office.books:
        os.utime(office.path(name), (1, 1))
    assert office.night().outcome is None


def of_size(path: Path, size: int) -> bytes:
    """Return a workbook's bytes, packed again with a comment that makes them so many."""
    bare = len(pack(unpack(path.read_bytes())))
    return pack(unpack(path.read_bytes()), comment=b"x" * (size - bare))


def test_other_bytes_of_the_same_size_and_time_are_noticed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.stamp.MOMENT", 0)
    path = office.path(office.name_of("A1"))
    path.write_bytes(of_size(path, 60_000))
    office.night()
    assert office.night().outcome is None
    kept = path.stat()
    path.write_bytes(of_size(office.add_person("A1"), 60_000))
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (kept.st_size, kept.st_mtime_ns)
    assert office.night().outcome is not None
    assert office.total("A1") == "3"


def test_a_register_of_the_same_size_and_time_with_other_bytes_is_noticed(office: Office) -> None:
    path = office.inputs / REGISTER_FILE
    path.write_bytes(of_size(path, 20_000))
    office.night()
    kept = path.stat()
    write_units(office.inputs, [*office.units, Unit("A9", "hamlet", "Thôn", "Thôn A9", "A")])
    path.write_bytes(of_size(path, 20_000))
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert office.night().outcome is not None
    assert office.receipt("A9")["status"] == "missing"


# --- what leads to a run ---------------------------------------------------------------------------------------------


def harden(office: Office) -> None:
    edit_json(office.root / "expectations" / "people.json", lambda suite: suite["expectations"][-1].update(severity="critical"))


def reword(office: Office) -> None:
    path = office.root / "expectations" / "messages.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("chưa ghi {column} nên chưa tính", "hãy ghi {column}; chưa tính"),
                    encoding="utf-8-sig")


def name_a_unit(office: Office) -> None:
    write_units(office.inputs, [replace(unit, name="Thôn Mới") if unit.unit_id == "B2" else unit for unit in office.units])


CHANGES: dict[str, Callable[[Office], object]] = {
    "a rule": harden,
    "a finding's wording": reword,
    "the register": name_a_unit,
    "the policy": lambda office: office.given.update(conditional_release_policy="from_release"),
    "the mass organisations": lambda office: office.given.update(mass_orgs=("front",)),
    "the cut-off": lambda office: office.given.update(cutoff=date(2024, 5, 14)),
    "the month": lambda office: setattr(office, "today", TODAY + timedelta(days=30)),
    "an output that was deleted": lambda office: (office.period / "tong-hop-HB-huyen-b.xlsx").unlink(),
    "an output that was edited": lambda office: (office.period / "statistics.csv").write_bytes(b"period\r\n"),
    "another period published again": lambda office: office.night(**EARLIER),
    "a workbook that is gone": lambda office: office.path(office.name_of("B2")).unlink(),
    "a workbook that is new": lambda office: office.write(office.name_of("B2")),
    "a workbook that is open": lambda office: lock_of(office.path(office.name_of("B2"))).write_bytes(HELD),
    "a workbook that is no longer open": lambda office: lock_of(office.path(office.name_of("B2"))).unlink(),
}


@pytest.fixture(scope="module")
def led_to(begun: Office, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Told]:
    """One change after the other, each after a night where nothing changed, and what the night after it told."""
    office, told = begun.copy(tmp_path_factory.mktemp("changes") / "office"), {}
    office.night()
    for name, change in CHANGES.items():
        assert office.night().outcome is None, f"before {name}"
        change(office)
        told[name] = office.night()
    return told


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_the_outputs_depend_on_leads_to_a_run_when_it_changes(led_to: dict[str, Told], change: str) -> None:
    assert led_to[change].outcome is not None


def test_a_changed_form_or_program_makes_every_workbook_be_read_and_written_again(
        office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(HOME / "pipeline", tmp_path / "program", ignore=shutil.ignore_patterns("__pycache__"))
    office.night()
    monkeypatch.setattr("pipeline.stamp._HOME", tmp_path / "program")
    assert office.night().outcome is None
    for change in ("form", "module", "version"):
        if change == "form":
            with (tmp_path / "program" / "form" / "columns.csv").open("a", encoding="utf-8") as file:
                file.write("\n")
        elif change == "module":
            (tmp_path / "program" / "merge.py").write_text("", encoding="utf-8")
        elif change == "version":
            monkeypatch.setattr("pipeline.stamp.__version__", "999")
        told = office.night()
        assert told.outcome is not None, change
        assert (told.outcome.known, told.outcome.spared) == (frozenset(), frozenset()), change
        assert office.night().outcome is None


# --- what cannot be counted as it is now -----------------------------------------------------------------------------

CODES = {"half copied": "file_truncated", "empty": "file_truncated", "a web page": "file_unsupported", "with a password": "file_protected",
         "bits rotten": "file_damaged", "without its unit's code": "unit_missing", "without its header": "header_not_found",
         "open": "file_open", "vanished while it is saved": "file_open", "beside a second": "two_workbooks",
         "in a closed folder": "file_unreadable"}
"""What may be wrong with a workbook that was counted before, and the finding that says so."""
HAMLET_OF = {kind: f"A{at}" for at, kind in enumerate(CODES, 1)}
DELETED = f"A{len(CODES) + 1}"
CLOSED = "kín"


class Nights(NamedTuple):
    """The same office after three nights, and one that never saw a good one."""

    good: Office
    harmed: Office
    repaired: Office
    first: Office


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Let a folder, and its copies, be ones that nobody can look into, whoever runs the tests."""
    hidden = folder.with_name(".giấu")

    def guarded(path: str) -> object:
        if Path(path).name == folder.name:
            raise PermissionError(13, "Permission denied")
        return os.scandir(path)

    folder.rename(hidden)
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.find.os", SimpleNamespace(**{**vars(os), "scandir": guarded}))
        yield
    folder.rmdir()
    hidden.rename(folder)


def harm(office: Office, kind: str) -> None:
    """Spoil a workbook, to which somebody had added a person."""
    path = office.add_person(HAMLET_OF[kind])
    if kind in HARMS:
        HARMS[kind](path)
    elif kind == "open":
        lock_of(path).write_bytes(HELD)
    elif kind == "vanished while it is saved":
        lock_of(path).write_bytes(HELD)
        path.unlink()
    elif kind == "beside a second":
        shutil.copy2(path, path.with_name("bản khác.xlsx"))
        office.add_person(HAMLET_OF[kind])


def repair(office: Office, kind: str) -> None:
    path = office.write(office.name_of(HAMLET_OF[kind]))
    lock_of(path).unlink(missing_ok=True)
    path.with_name("bản khác.xlsx").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """A good night, one where all workbooks of a commune are spoilt, each in another way, and one where they are repaired."""
    root = tmp_path_factory.mktemp("nights")
    office = Office(root / "office", make_units(hamlets=len(CODES) + 1)).open()
    hidden = HAMLET_OF["in a closed folder"]
    office.books[f"{CLOSED}/so_{hidden}.xlsx"] = office.books.pop(office.name_of(hidden))
    (office.inputs / CLOSED).mkdir()
    (office.inputs / f"A/so_{hidden}.xlsx").rename(office.path(office.name_of(hidden)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: None))
        office.night()
        good = office.copy(root / "good")
        office.next_day()
        for kind in CODES:
            harm(office, kind)
        HARMS["half copied"](office.path(office.name_of("A")))
        office.path(office.name_of(DELETED)).unlink()
        first = office.copy(root / "first", state=False)
        with closed(office.inputs / CLOSED):
            is_what_a_full_run_gives(office, root / "beside")
        with closed(first.inputs / CLOSED):
            first.night()
        harmed = office.copy(root / "harmed")
        office.next_day()
        for kind in CODES:
            repair(office, kind)
        office.write(office.name_of("A"))
        office.write(office.name_of(DELETED))
        is_what_a_full_run_gives(office, root / "beside again")
    return Nights(good, harmed, office, first)


def mark(office: Office, unit_id: str) -> object:
    """Return what stands in Ghi chú beside a hamlet in its commune's workbook."""
    name = office.unit(unit_id).full_name
    return next(row[-1] for row in cells_of(office.period / "A-xa-a" / "thong-ke.xlsx", "Theo thôn") if name in row)


@pytest.mark.parametrize("kind", CODES)
def test_of_a_workbook_that_cannot_be_counted_the_last_accepted_version_is_and_says_so(nights: Nights, kind: str) -> None:
    unit_id, office = HAMLET_OF[kind], nights.harmed
    assert [one.figures(unit_id) for one in (nights.good, office)] == [nights.good.figures(unit_id)] * 2
    assert office.total(unit_id) == "2"
    assert office.receipt(unit_id)["status"] == "stale"
    assert office.receipt(unit_id)["sha256"] == nights.good.receipt(unit_id)["sha256"]
    assert mark(office, unit_id) == "Số liệu bản nhận ngày 20/05/2024"
    said = {row["code"]: row for row in rows_of(office.period / "findings.csv") if row["file"] == office.name_of(unit_id)}
    assert set(said) == {CODES[kind], "last_accepted"}
    assert (said[CODES[kind]]["severity"], said["last_accepted"]["severity"]) == ("critical", "warning")
    assert said["last_accepted"]["message"].endswith("dùng số liệu bản nhận ngày 20/05/2024.")
    assert {row["hamlet_id"] for row in said.values()} <= {unit_id, "" if CODES[kind] == "unit_missing" else unit_id}


@pytest.mark.parametrize("kind", CODES)
def test_when_the_workbook_is_repaired_its_new_figures_come_and_the_mark_goes(nights: Nights, kind: str) -> None:
    unit_id, office = HAMLET_OF[kind], nights.repaired
    assert office.total(unit_id) == ("4" if kind == "beside a second" else "3")
    assert (office.receipt(unit_id)["status"], mark(office, unit_id), office.codes(office.name_of(unit_id))) == ("reported", None, set())


@pytest.mark.parametrize("kind", CODES)
def test_on_the_first_night_such_a_workbook_is_blocked_or_missing(nights: Nights, kind: str) -> None:
    unknown = kind in ("without its unit's code", "vanished while it is saved", "in a closed folder")
    assert nights.first.receipt(HAMLET_OF[kind])["status"] == ("missing" if unknown else "blocked")
    assert nights.first.total(HAMLET_OF[kind]) == ""
    assert "last_accepted" not in {row["code"] for row in rows_of(nights.first.period / "findings.csv")}


def test_a_commune_s_own_workbook_is_stood_in_for_as_well(nights: Nights) -> None:
    assert [one.figures("A")["models_total"] for one in nights] == ["1", "1", "1", ""]
    assert nights.harmed.receipt("A")["status"] == "stale"
    assert nights.harmed.codes("A/so_A.xlsx") == {"file_truncated", "last_accepted"}


def test_a_workbook_deleted_on_purpose_is_missing(nights: Nights) -> None:
    assert [(one.receipt(DELETED)["status"], one.total(DELETED)) for one in nights] == [
        ("reported", "2"), ("missing", ""), ("reported", "2"), ("missing", "")]


def test_where_versions_stand_in_every_row_is_accounted_for_and_totals_add_up(nights: Nights) -> None:
    for office in nights:
        for row in rows_of(office.period / "completeness.csv"):
            parts = [int(row[key]) for key in ("rows_read", "rows_counted", "rows_set_aside", "rows_outside")]
            assert parts[0] == sum(parts[1:]), row
        hamlets = [int(total) for unit in office.units if unit.parent_id == "A" and (total := office.total(unit.unit_id))]
        assert office.total("A") == office.total("HA") == (str(sum(hamlets)) if hamlets else "")
        results = [row[-1] for row in cells_of(office.period / "A-xa-a" / "thong-ke.xlsx", "Đối chiếu")]
        assert {"Khớp"} <= set(results) <= {"Khớp", "Đạt", "Kết quả", None}
    assert (nights.good.total("A"), nights.harmed.total("A")) == ("24", "22")


def test_a_version_that_stands_in_night_after_night_keeps_the_day_on_which_it_was_received(office: Office) -> None:
    office.night()
    HARMS["empty"](office.path(office.name_of("A1")))
    for _ in range(3):
        office.next_day()
        (office.period / "index.html").unlink(missing_ok=True)
        office.add_person("B1")
        office.night()
    assert mark(office, "A1") == "Số liệu bản nhận ngày 20/05/2024"
    assert office.night().outcome is None
    with open_ledger(office.state) as ledger:
        assert ledger.accepted()[office.name_of("A1")].last_day == "2024-05-23"


def test_beside_a_good_workbook_of_its_unit_a_broken_one_is_only_reported(office: Office) -> None:
    path = office.path(office.name_of("A1"))
    office.add_person("A1").rename(path.with_name("sửa lại.xlsx"))
    path.write_bytes(b"")
    office.night()
    assert (office.total("A1"), office.receipt("A1")["status"], mark(office, "A1")) == ("3", "reported", None)
    assert office.codes("A/so_A1.xlsx") == {"file_truncated"}
    assert "last_accepted" not in {row["code"] for row in rows_of(office.period / "findings.csv")}


def test_a_second_workbook_that_cannot_be_counted_itself_does_not_take_the_hamlet_away(office: Office) -> None:
    second = office.path("A/a thứ hai.xlsx")
    shutil.copy2(office.add_person("A1"), second)
    HARMS["without its header"](second)
    office.night()
    assert (office.total("A1"), office.receipt("A1")["status"]) == ("3", "reported")
    assert (office.codes("A/so_A1.xlsx"), office.codes("A/a thứ hai.xlsx")) == (set(), {"header_not_found"})


def test_two_workbooks_of_which_neither_can_be_counted_do_not_take_the_hamlet_away(office: Office) -> None:
    names = ["A/lan 1_A1.xlsx", "A/lan 2_A1.xlsx"]
    path = office.add_person("A1")
    for name in names:
        HARMS["without its header"](Path(shutil.copy2(path, office.path(name))))
    path.unlink()
    office.add_person("A2")
    office.night()
    assert (office.total("A1"), office.receipt("A1")["status"], mark(office, "A1")) == ("2", "stale", "Số liệu bản nhận ngày 20/05/2024")
    assert [office.codes(name) for name in names] == [{"header_not_found", "last_accepted"}] * 2


@pytest.mark.parametrize("kept", ["beside", "gone"])
def test_next_month_s_workbook_that_cannot_be_counted_leaves_this_month_s_figures(office: Office, kept: str) -> None:
    book = office.book(office.unit("A1"), 5)
    book.info |= {"period": "2024-06", "cutoff_date": LATER["cutoff"]}
    HARMS["without its header"](office.write("A/thang 6.xlsx", book))
    if kept == "gone":
        office.path("A/so_A1.xlsx").unlink()
    office.night(**LATER)
    assert (office.total("A1", "2024-06"), office.receipt("A1", "2024-06")["status"]) == ("2", "stale")
    assert office.codes("A/thang 6.xlsx", "2024-06") == {"header_not_found"} | ({"last_accepted"} if kept == "gone" else set())


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are text there")
def test_a_file_whose_name_is_no_text_is_counted_like_any_other(office: Office) -> None:
    path = office.add_person("A1")
    Path(os.fsdecode(os.fsencode(path.parent) + b"/s\xe6_A1.xlsx")).write_bytes(path.read_bytes())
    path.unlink()
    office.night()
    assert (office.total("A1"), office.receipt("A1")["file"]) == ("3", "A/s\\xe6_A1.xlsx")
    assert office.night().outcome is None


def test_a_workbook_renamed_and_then_joined_by_a_second_is_stood_in_for_also_on_the_same_day(office: Office) -> None:
    path = office.add_person("A1")
    path = path.rename(path.with_name("tên mới.xlsx"))
    office.night()
    shutil.copy2(office.add_person("A1"), path.with_name("thứ hai.xlsx"))
    office.path(office.name_of("A1")).unlink()
    office.night()
    assert (office.total("A1"), office.receipt("A1")["status"]) == ("3", "stale")


def test_two_workbooks_of_a_unit_that_cannot_be_opened_are_both_named(office: Office) -> None:
    names = ["A/lan 1_A1.xlsx", "A/lan 2_A1.xlsx"]
    office.path(office.name_of("A1")).unlink()
    for name in names:
        office.path(name).write_bytes(b"")
    office.night()
    assert [office.codes(name) for name in names] == [{"file_truncated", "last_accepted"}] * 2
    assert office.total("A1") == "2"


def test_a_lock_that_a_crash_left_behind_does_not_bring_a_deleted_workbook_back(office: Office) -> None:
    path = office.path(office.name_of("A1"))
    lock_of(path).write_bytes(HELD)
    os.utime(lock_of(path), (1, 1))
    office.night()
    assert office.receipt("A1")["status"] == "reported"
    path.unlink()
    office.night()
    assert office.receipt("A1")["status"] == "missing"


def test_without_a_register_a_broken_workbook_s_hamlet_does_not_vanish_either(office: Office, tmp_path: Path) -> None:
    (office.inputs / REGISTER_FILE).unlink()
    office.night()
    assert office.total("A1") == "2"
    office.path(office.name_of("A1")).write_bytes(b"")
    HARMS["without its unit's code"](office.path(office.name_of("A2")))
    is_what_a_full_run_gives(office, tmp_path / "beside")
    assert [office.total(unit_id) for unit_id in ("A1", "A2", "A")] == ["2", "2", "6"]
    assert [office.receipt(unit_id)["status"] for unit_id in ("A1", "A2", "A3")] == ["stale", "stale", "reported"]


# --- files that change, readers that die -----------------------------------------------------------------------------


def unsettled(path: Path, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a file change while it is read, so many times."""
    fstat, left = os.fstat, iter(range(times))

    def changing(handle: int) -> os.stat_result:
        found = fstat(handle)
        if os.path.samestat(found, path.stat()) and next(left, None) is not None:
            with path.open("ab") as file:
                file.write(b"x")
        return found

    monkeypatch.setattr(os, "fstat", changing)


def test_a_file_that_changes_while_it_is_read_is_stood_in_for_and_read_again_the_next_night(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("pipeline.collect.time", SimpleNamespace(sleep=waited.append))
    with monkeypatch.context() as patch:
        unsettled(office.add_person("A1"), 100, patch)
        office.night()
    assert office.codes("A/so_A1.xlsx") == {"file_changing", "last_accepted"}
    assert (office.total("A1"), waited) == ("2", [5.0])
    with open_ledger(office.state) as ledger:
        assert ledger.waiting()["A/so_A1.xlsx"].code == "file_changing"
    office.write("A/so_A1.xlsx")
    office.night()
    assert (office.total("A1"), office.codes("A/so_A1.xlsx")) == ("3", set())
    with open_ledger(office.state) as ledger:
        assert ledger.waiting() == {}


def test_a_file_that_is_whole_a_few_seconds_later_is_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path = office.add_person("A1")
    whole = path.read_bytes()
    path.write_bytes(whole[:len(whole) // 2])
    monkeypatch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: path.write_bytes(whole)))
    office.night()
    assert (office.total("A1"), office.codes("A/so_A1.xlsx")) == ("3", set())


def kill_readers(way: str, victim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every reader come to grief over a workbook."""
    submit = Readers.submit

    def dying(self: Readers, call: Callable[..., object], *arguments: object) -> object:
        return submit(self, come_to_grief, way, victim, call, *arguments) if call is collect_batch else submit(self, call, *arguments)

    monkeypatch.setattr(Readers, "submit", dying)


def test_of_a_workbook_over_which_the_reader_dies_the_last_accepted_version_is_counted_and_all_others_are(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for unit_id in ("A1", "A2", "B1"):
        office.add_person(unit_id)
    kill_readers("abort", "A/so_A1.xlsx", monkeypatch)
    told = office.night(isolated=True)
    assert told.exit_code == 1
    assert office.codes("A/so_A1.xlsx") == {"reader_failed", "last_accepted"}
    assert [office.total(unit_id) for unit_id in ("A1", "A2", "B1")] == ["2", "3", "3"]


@pytest.mark.parametrize(("way", "why"), [("exit", "dừng đột ngột, mã 3"), ("hang", "đọc quá lâu")])
def test_a_reader_that_dies_or_hangs_is_a_finding_on_its_workbook_alone(
        begun: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, why: str) -> None:
    kill_readers(way, "A/so_A1.xlsx", monkeypatch)
    jobs = [Job(number, source) for number, source in enumerate(find_workbooks(begun.inputs))]
    readers = Readers(2, time_limit=2.0)
    try:
        found = gather(collect(jobs, SECRET, readers, tmp_path)).workbooks
    finally:
        readers.close()
    failed = {book.name: trouble.values for book in found for trouble in book.troubles if trouble.code == "reader_failed"}
    assert failed == {"A/so_A1.xlsx": (("why", why),)}
    assert [book.name for book in found if book.sha256] == sorted(set(begun.books) - {"A/so_A1.xlsx"})


# --- what is left behind ---------------------------------------------------------------------------------------------


def people_of(office: Office) -> list[Row]:
    return [row for book in office.books.values() for row in book.rows.get("people", ())]


def texts_in(state: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all that the state folder holds: every file as it is, and every table and value as text."""
    for path in sorted(path for path in state.rglob("*") if path.is_file()):
        yield path.name, path.read_bytes()
        if path.suffix == ".arrow":
            table = feather.read_table(path)
            yield path.name, repr(table.to_pydict()).encode()
            yield path.name, repr(table.schema.metadata).encode()
        elif path.name == LEDGER_FILE:
            with sqlite3.connect(path) as connection:
                yield path.name, "\n".join(connection.iterdump()).encode()
            connection.close()


def test_the_state_folder_holds_no_name_no_identity_number_and_no_note(office: Office) -> None:
    for book in office.books.values():
        for row in book.rows.get("people", ()):
            row |= {"note": "Ghi chú của riêng thôn", "helper": "Bà Trưởng Xóm Trên", "record_id": "HS-7788-XYZ"}
        book.info |= {"prepared_by": "Cán Bộ Lập Biểu"} if book.profile == "hamlet" else {}
    for name in office.books:
        office.write(name)
    told = office.night()
    assert told.outcome is not None
    assert told.outcome.known == {"A/so_A.xlsx", "B/so_B.xlsx"}
    people = [row for row in people_of(office) if "full_name" in row]
    secrets = {str(row[key]) for row in people for key in ("full_name", "citizen_id", "note", "helper", "record_id")} | {"Cán Bộ Lập Biểu"}
    assert len(secrets) > 25
    forms = {text.encode(code) for one in secrets for form in ("NFC", "NFD") for text in [unicodedata.normalize(form, one)]
             for code in ("utf-8", "utf-16-le")} | {str(int(str(row["citizen_id"]))).encode() for row in people}
    searched = 0
    for file, content in texts_in(office.state):
        assert [file for form in forms if form in content] == []
        searched += len(content)
    assert searched > 100_000
    assert {path.stat().st_mode & 0o077 for path in (office.state, *office.state.glob("tables/*"), office.state / LEDGER_FILE)} == {0}


def test_the_private_folder_is_there_while_names_are_needed_and_gone_afterwards(
        office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    seen: list[set[int]] = []
    office.add_person("A1")
    office.night(Watch(lambda stage, _: seen.append({path.stat().st_mode & 0o777 for path in place.glob(f"{PREFIX}*")})))
    assert {0o700} in seen
    assert list(place.iterdir()) == []


def keys_in(state: Path) -> dict[int, list[tuple[int, int]]]:
    """Return the keyed hashes of people in all tables of the state folder, by the day on which they ended."""
    found: dict[int, list[tuple[int, int]]] = {}
    for path in state.glob("tables/*/people.arrow"):
        table = feather.read_table(path).to_pydict()
        for ended, id_key, name_key in zip(table["end_date"], table["id_key"], table["name_key"], strict=True):
            found.setdefault(ended, []).append((id_key, name_key))
    return found


def test_who_was_expunged_before_the_period_leaves_the_state_folder_with_its_next_run(office: Office, tmp_path: Path) -> None:
    ended = date(2024, 4, 20)
    rows = office.books["A/so_A1.xlsx"].rows["people"]
    rows += [person(600, end_date=ended, end_reason="Đã được xóa án tích"), person(601, end_date=ended, end_reason="Chuyển đi nơi khác")]
    office.books["A/so_A2.xlsx"].rows["people"].append(dict(rows[-2]))
    for name in ("A/so_A1.xlsx", "A/so_A2.xlsx"):
        office.write(name)
    told = office.night()
    assert told.outcome is not None
    days = (ended - date(1970, 1, 1)).days
    assert [key for keys in keys_in(office.state)[days] for key in keys].count(0) == 0
    is_what_a_full_run_gives(office, tmp_path / "later", **LATER)
    assert sorted(keys == (0, 0) for keys in keys_in(office.state)[days]) == [False, True, True]
    nameless = [keys for day, found in keys_in(office.state).items() if day != days for keys in found if keys == (0, 0)]
    assert len(nameless) == 1, "but for the one in B3 whose name nobody wrote"
    earlier = is_what_a_full_run_gives(office, tmp_path / "earlier")
    assert earlier.outcome is not None
    assert "person_duplicate" in office.codes("A/so_A1.xlsx") | office.codes("A/so_A2.xlsx")


# --- a state folder in disorder --------------------------------------------------------------------------------------


def arrows(state: Path) -> list[Path]:
    return sorted(state.glob("tables/*/*.arrow"))


def spoil(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(data)


def spoil_a_page(state: Path) -> None:
    data = bytearray((state / LEDGER_FILE).read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    (state / LEDGER_FILE).write_bytes(data)


DISORDER: dict[str, Callable[[Path], object]] = {
    "people lost": lambda state: next(path for path in arrows(state) if path.stem == "people").unlink(),
    "loans lost": lambda state: next(path for path in arrows(state) if path.stem == "loans").unlink(),
    "one bit flipped in each": lambda state: [spoil(path) for path in arrows(state)],
    "cut short": lambda state: [path.write_bytes(path.read_bytes()[:-100]) for path in arrows(state)],
    "not finished": lambda state: [path.unlink() for path in state.glob("tables/*/whole.json")],
    "tables lost": lambda state: shutil.rmtree(state / "tables"),
    "ledger lost": lambda state: (state / LEDGER_FILE).unlink(),
    "ledger garbage": lambda state: (state / LEDGER_FILE).write_bytes(b"no database" * 1000),
}


class Known(NamedTuple):
    """An office, one of whose workbooks was damaged from the first night on, and what it publishes when A1 has a person more."""

    office: Office
    then: dict[str, bytes]


@pytest.fixture(scope="module")
def known(begun: Office, tmp_path_factory: pytest.TempPathFactory) -> Known:
    office = begun.copy(tmp_path_factory.mktemp("known") / "office", state=False)
    HARMS["bits rotten"](office.path(office.name_of("B2")))
    office.night()
    then = office.copy(office.root.with_name("then"), state=False)
    then.add_person("A1")
    then.night()
    return Known(office, published(then.outputs))


@pytest.mark.parametrize("disorder", DISORDER)
def test_a_state_folder_in_disorder_only_makes_workbooks_be_read_again(known: Known, tmp_path: Path, disorder: str) -> None:
    office = known.office.copy(tmp_path / "office")
    DISORDER[disorder](office.state)
    office.add_person("A1")
    told = office.night()
    assert told.outcome is not None
    assert told.outcome.known == ({"B/so_B2.xlsx"} if "ledger" not in disorder else set())
    assert differences(published(office.outputs), known.then) == []
    assert office.night().outcome is None
    with open_ledger(office.state) as ledger:
        assert ledger.versions().keys() >= {one.sha256 for one in ledger.accepted().values()} != set()


def test_a_workbook_that_was_always_damaged_does_not_stop_a_run_for_an_earlier_period(known: Known, tmp_path: Path) -> None:
    office = known.office.copy(tmp_path / "office")
    office.night(**LATER)
    told = is_what_a_full_run_gives(office, tmp_path / "beside", **EARLIER)
    assert told.outcome is not None
    assert told.outcome.known == {"B/so_B2.xlsx"}


def test_tables_do_not_pile_up_in_many_nights(begun: Office, tmp_path: Path) -> None:
    office = begun.copy(tmp_path / "office")
    with open_ledger(office.state) as ledger, secrets_folder(tmp_path) as private:
        day, live = date(2024, 4, 6), {one.sha256 for one in ledger.accepted().values()}
        for night in range(30):
            office.add_person("A1") if night % 2 else office.write("A/so_A1.xlsx", begun.copy(tmp_path / f"{night}").books["A/so_A1.xlsx"])
            source = next(one for one in find_workbooks(office.inputs) if one.name == "A/so_A1.xlsx")
            batches = collect([Job(0, source)], SECRET, Readers(isolated=False), private)
            shelf = Shelf(office.state, ledger, FORM, f"rules {night}")
            live |= {batches[0].workbooks[0].sha256}
            shelf.keep(shelf.put_up(batches, day), live, day)
            assert len(list((office.state / "tables").iterdir())) <= MANY_SEGMENTS + 1
        assert shelf.take_down(dict(enumerate(sorted(live))))[1] == []


# --- what the night after must look at again ---------------------------------------------------------------------------------------------


def test_a_workbook_that_was_only_touched_while_it_was_read_is_counted_the_next_night(
        office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    path, fstat = office.add_person("A1"), os.fstat

    def touching(handle: int) -> os.stat_result:
        found = fstat(handle)
        if os.path.samestat(found, path.stat()):
            os.utime(path)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", touching)
        office.night()
    assert office.codes("A/so_A1.xlsx") == {"file_changing", "last_accepted"}
    office.night()
    assert (office.total("A1"), office.codes("A/so_A1.xlsx")) == ("3", set())


def test_a_workbook_over_which_the_reader_died_is_read_again_the_next_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add_person("A1")
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.collect.read_workbook", lambda source, *more: refuse(source, "reader_failed", why="cần quá nhiều bộ nhớ")
                      if source.name == "A/so_A1.xlsx" else read_workbook(source, *more))
        office.night()
    assert office.codes("A/so_A1.xlsx") == {"reader_failed", "last_accepted"}
    office.night()
    assert (office.total("A1"), office.codes("A/so_A1.xlsx")) == ("3", set())


MEANWHILE: dict[str, Callable[[Office], object]] = {"a rule": harden, "a finding's wording": reword, "the register": name_a_unit}


@pytest.mark.parametrize("change", MEANWHILE)
def test_what_changes_during_a_run_leads_to_another(office: Office, change: str) -> None:
    office.add_person("A1")
    office.night(Watch(lambda stage, _: MEANWHILE[change](office) if stage == "aggregate" else None))
    assert office.night().outcome is not None


@pytest.mark.parametrize("rows", ["more", "other"])
def test_a_workbook_that_changes_between_its_facts_and_its_rows_stops_the_run(office: Office, rows: str) -> None:
    def change() -> None:
        if rows == "more":
            office.add_person("A1")
        else:
            office.books["A/so_A1.xlsx"].rows["people"][-1] = person(599)
            office.write("A/so_A1.xlsx")

    office.night(**LATER)  # after it people are forgotten, so that the rows of PERIOD are read again
    with pytest.raises(Fault, match="vừa bị thay đổi trong lúc đang đọc"):
        office.night(Watch(lambda stage, _: change() if stage == "place" else None))


def test_however_many_runs_failed_a_workbook_that_vanished_while_it_is_saved_is_stood_in_for(office: Office) -> None:
    office.night()
    for _ in range(20):
        with pytest.raises(Fault):
            office.night(previous_cutoff=date(2025, 1, 1))
    path = office.path(office.name_of("A1"))
    lock_of(path).write_bytes(HELD)
    path.unlink()
    office.night()
    assert office.receipt("A1")["status"] == "stale"


def test_a_workbook_deleted_on_purpose_does_not_come_back_when_its_folder_cannot_be_opened(office: Office) -> None:
    office.night()
    office.next_day()
    office.path(office.name_of("A1")).unlink()
    office.night()
    office.next_day()
    with closed(office.inputs / "A"):
        office.night()
    assert [office.receipt(unit_id)["status"] for unit_id in ("A1", "A2")] == ["missing", "stale"]


def test_a_ledger_with_damaged_pages_is_set_aside_at_the_latest_for_the_next_run(office: Office) -> None:
    office.night()
    spoil_a_page(office.state)
    with suppress(Fault, sqlite3.Error):
        office.night()
    office.add_person("A1")
    office.night()
    assert office.total("A1") == "3"
