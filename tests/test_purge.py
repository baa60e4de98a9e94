"""Purging: only what nobody needs is planned, planning removes nothing, carrying out removes the plan and no more."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.fault import Fault, LockFault
from pipeline.ledger import LEDGER_FILE, Accepted, RunRecord, SeenFile, Version, open_ledger
from pipeline.lock import hold_lock
from pipeline.purge import Rest, carry_out, plan_purge, purge
from pipeline.secrets_file import PREFIX

TODAY = date(2026, 5, 20)
NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)
DEAD = 2**22 + 1


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders as they stand after some months: in each, something to keep and something to remove."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    for name in ("inputs/an-binh/Thôn Đông.xlsx", "inputs/an-binh/_can-sua/Thôn Đông.xlsx", "inputs/an-binh/_can-sua/Thôn Đoài.xlsx",
                 "inputs/hop-duc/_can-sua/Thôn Hạ.xlsx", f"outputs/.dang-ghi-2026-05-{DEAD}/a.csv",
                 f"outputs/.dang-ghi-2026-05-{os.getpid()}/a.csv", f"outputs/.cu-2026-04-{DEAD}/a.csv", f"outputs/.cu-2026-05-{DEAD}/a.csv",
                 "outputs/2026-05/a.csv", "outputs/.ghi-chu", "outputs/.truoc/2026-05/a.csv", f"outputs/.truoc/.cu-2026-04-{DEAD}/a.csv",
                 f"tmp/{PREFIX}{DEAD}-x/1.txt", f"tmp/{PREFIX}{os.getpid()}-x/1.txt",
                 "state/key", "state/log/pipeline.log", "state/log/pipeline.log.1", "state/log/pipeline.log.2",
                 "state/log/xu-ly-2023.csv", "state/log/xu-ly-2024.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("12345")
    for name, day in (("pipeline.log", 1), ("pipeline.log.1", 18), ("pipeline.log.2", 19), ("../key", 1)):
        when = datetime(2026, 2, day, 12, tzinfo=UTC).timestamp()
        os.utime(tmp_path / "state" / "log" / name, (when, when))
    return tmp_path


def plan(office: Path) -> list[Rest]:
    return plan_purge(office / "state", office / "inputs", office / "outputs", TODAY)


def told(office: Path) -> list[tuple[str, str]]:
    return [(rest.path.relative_to(office).as_posix(), rest.reason) for rest in plan(office)]


def files_of(office: Path) -> set[str]:
    return {path.relative_to(office).as_posix() for path in office.rglob("*")}


def test_what_nobody_needs_is_planned_and_nothing_else(office: Path) -> None:
    assert told(office) == [
        ("inputs/an-binh/_can-sua/Thôn Đoài.xlsx", "returned"), ("inputs/hop-duc/_can-sua/Thôn Hạ.xlsx", "returned"),
        (f"outputs/.cu-2026-05-{DEAD}", "unfinished"), (f"outputs/.dang-ghi-2026-05-{DEAD}", "unfinished"),
        (f"tmp/{PREFIX}{DEAD}-x", "unfinished"), ("state/log/pipeline.log.1", "log"), ("state/log/xu-ly-2023.csv", "records")]
    assert {rest.size for rest in plan(office)} == {5}


def test_planning_removes_nothing(office: Path) -> None:
    before = files_of(office)
    plan(office)
    assert files_of(office) == before


def test_carrying_out_removes_the_plan_and_no_more(office: Path) -> None:
    before, planned = files_of(office), plan(office)
    assert carry_out(planned) == (planned, [])
    gone = before - files_of(office)
    roots = {rest.path.relative_to(office).as_posix() for rest in planned} | {"inputs/hop-duc/_can-sua"}
    assert all(name in roots or name.rpartition("/")[0] in roots for name in gone)
    assert roots <= gone
    assert plan(office) == []


def test_a_link_is_removed_and_not_what_it_points_at(office: Path) -> None:
    far = office / "far"
    far.mkdir()
    (far / "a.csv").write_text("a")
    (office / "outputs" / f".dang-ghi-2026-06-{DEAD}").symlink_to(far, target_is_directory=True)
    carry_out(plan(office))
    assert (far / "a.csv").exists()
    assert not (office / "outputs" / f".dang-ghi-2026-06-{DEAD}").is_symlink()


def test_what_cannot_be_removed_is_told(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(shutil, "rmtree", refuse)
    gone, kept = carry_out(plan(office))
    assert [rest.reason for rest in kept] == ["unfinished"] * 3
    assert len(gone) == 4


def test_folders_that_are_not_there_hold_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert plan_purge(tmp_path / "a", tmp_path / "b", tmp_path / "c", TODAY) == []


def told_of(office: Path, *, really: bool = False, days: int = 90, moment: datetime = NOW) -> list[str]:
    return [line.replace(f"{office}{os.sep}", "") for line in
            purge(office / "state", office / "inputs", office / "outputs", moment, days, really)]


FORGOTTEN = [
    "Số liệu đã đọc của những bản sổ không còn dùng: 2 mục, 2 kB", "Trạng thái của sổ không còn trong thư mục sổ quá 90 ngày: 1 sổ",
    "  an-binh/Đoài.xlsx (lần cuối 18/02/2026)", "Bản sổ cũ không còn dùng, trong sổ trạng thái: 2 bản",
    "Lượt chạy cũ quá 400 ngày, trong sổ trạng thái: 2 lượt"]


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).isoformat()


@pytest.fixture
def years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder after two years: a workbook that is there, one gone of late, one gone for long, and what they left."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    for name in ("inputs/an-binh/Đông.xlsx", "inputs/an-binh/Hạ.xlsx", "outputs/2026-05/a.csv", "state/tables/one/people.arrow",
                 "state/tables/two/people.arrow", "state/tables/dead/people.arrow"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(1000))
    with open_ledger(tmp_path / "state") as ledger:
        ledger.add_segment("one", "", {"old": Version("r", "one", 0, "{}"), "gone": Version("r", "one", 1, "{}")})
        ledger.add_segment("two", "", {"here": Version("r", "two", 0, "{}"), "late": Version("r", "two", 1, "{}"),
                                       "unread": Version("r", "two", 2, "{}")})
        ledger.change_files({"an-binh/Hạ.xlsx": SeenFile(1, 2, 3, 4, "unread")}, [])
        ledger.accept({"an-binh/Đông.xlsx": Accepted("H1", "here", day(400), day(200)),
                       "an-binh/Bắc.xlsx": Accepted("H2", "late", day(90), day(90)),
                       "an-binh/Đoài.xlsx": Accepted("H3", "gone", day(400), day(91))})
        for ago in (900, 401, 399, 1):
            ledger.add_run(RunRecord(f"{day(ago)}T01:30:00+07:00", "", "ai@may (1)", "run", "", "", 0, "", "", ""))
    return tmp_path


def test_what_is_to_be_forgotten_is_told_with_counts_and_left_alone(years: Path) -> None:
    before = {path: path.read_bytes() for path in years.rglob("*") if path.is_file()}
    assert told_of(years) == [*FORGOTTEN, "", "Chưa xóa gì. Thêm --yes để xóa."]
    assert {path: path.read_bytes() for path in years.rglob("*") if path.is_file()} == before


def test_forgetting_leaves_what_something_still_refers_to(years: Path) -> None:
    assert told_of(years, really=True) == [*FORGOTTEN, "", "Đã xóa."]
    with open_ledger(years / "state") as ledger:
        assert sorted(ledger.accepted()) == ["an-binh/Bắc.xlsx", "an-binh/Đông.xlsx"]
        assert sorted(ledger.versions()) == ["here", "late", "unread"]
        assert [run.started[:10] for run in ledger.last_runs()] == [day(1), day(399)]
    assert [path.name for path in (years / "state" / "tables").iterdir()] == ["two"]
    assert told_of(years) == ["Không có gì cần xóa."]


def test_what_was_removed_stands_in_the_processing_log(years: Path) -> None:
    orphan = years / "inputs" / "an-binh" / "_can-sua" / "Đoài.xlsx"
    orphan.parent.mkdir()
    orphan.write_bytes(b"a marked copy whose workbook is gone")
    told_of(years, really=True)
    with (years / "state" / "log" / "xu-ly-2026.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["time"] for row in rows} == {"2026-05-20T16:00:00+07:00"}
    assert [(row["action"], row["subject"], row["sha256"], row["result"]) for row in rows] == [
        ("xóa", "an-binh/_can-sua/Đoài.xlsx", "", "bản đánh dấu không còn sổ gốc bên cạnh"),
        ("xóa", "", "", "số liệu đã đọc của những bản sổ không còn dùng: 2"),
        ("xóa", "an-binh/Đoài.xlsx", "gone", "trạng thái của sổ không còn"),
        ("xóa", "", "", "bản sổ cũ trong sổ trạng thái: 2"), ("xóa", "", "", "lượt chạy cũ trong sổ trạng thái: 2")]


def test_while_not_one_workbook_is_to_be_seen_none_is_taken_for_gone(years: Path) -> None:
    shutil.rmtree(years / "inputs")
    for make in (lambda: None, (years / "inputs").mkdir):
        make()
        told = told_of(years, really=True)
        assert any(line.startswith("Giữ trạng thái của 2 sổ đã lâu không thấy") for line in told)
        with open_ledger(years / "state") as ledger:
            assert len(ledger.accepted()) == 3


def test_a_workbook_in_a_folder_that_cannot_be_opened_is_not_gone(years: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (years / "inputs" / "xa").mkdir()
    (years / "inputs" / "xa" / "Tây.xlsx").write_bytes(b"a")
    with open_ledger(years / "state") as ledger:
        ledger.accept({"xa/Tây.xlsx": Accepted("H4", "west", day(400), day(300))})
    scan = os.scandir

    def refuse(place: str) -> object:
        if str(place).endswith("xa"):
            raise PermissionError(13, "denied")
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    assert not [line for line in told_of(years) if "Tây" in line]


def test_generations_replaced_long_ago_go(office: Path) -> None:
    before = office / "outputs" / ".truoc"
    for name in ("2026-04", f".cu-2026-03-{DEAD}"):
        (before / name).mkdir(parents=True)
        (before / name / "a.csv").write_text("12345")
        os.utime(before / name, (0, 0))  # published long ago, replaced just now
    now = datetime.now().astimezone()
    assert not [rest for rest in plan_purge(office / "state", office / "inputs", office / "outputs", now.date()) if rest.reason == "before"]
    later = now + timedelta(days=91)
    assert "  outputs/.truoc/2026-04" in told_of(office, really=True, moment=later)
    assert not (before / "2026-04").exists()
    assert (before / f".cu-2026-03-{DEAD}").exists()


def test_a_run_under_way_is_not_disturbed(years: Path) -> None:
    with hold_lock(years / "state"):
        assert told_of(years)[-1] == "Chưa xóa gì. Thêm --yes để xóa."
        with pytest.raises(LockFault):
            told_of(years, really=True)
    with open_ledger(years / "state") as ledger:
        assert len(ledger.accepted()) == 3


@pytest.mark.parametrize("really", [False, True])
def test_where_there_is_no_state_none_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, really: bool) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    orphan = tmp_path / "inputs" / "_can-sua" / "Đông.xlsx"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"a marked copy whose workbook is gone")
    assert told_of(tmp_path, really=really)[0] == "Bản đánh dấu không còn sổ gốc bên cạnh: 1 mục, 0 kB"
    assert orphan.exists() is not really
    assert not (tmp_path / "state").exists()


def test_tables_without_a_ledger_are_left_to_the_next_run(years: Path) -> None:
    (years / "state" / LEDGER_FILE).unlink()
    assert told_of(years, really=True) == ["Không có gì cần xóa."]
    assert not (years / "state" / LEDGER_FILE).exists()
    assert len(list((years / "state" / "tables").iterdir())) == 3


def test_a_ledger_that_cannot_be_read_stops_the_purge(years: Path) -> None:
    (years / "state" / LEDGER_FILE).write_bytes(b"no database" * 1000)
    with pytest.raises(Fault, match="sổ trạng thái"):
        told_of(years, really=True)
    assert len(list((years / "state" / "tables").iterdir())) == 3


def test_of_many_the_first_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "inputs" / "_can-sua").mkdir(parents=True)
    for at in range(33):
        (tmp_path / "inputs" / "_can-sua" / f"{at:02d}.xlsx").write_bytes(b"a")
    lines = told_of(tmp_path)
    assert len(lines) == 1 + 20 + 1 + 2
    assert lines[21] == "  … và 13 mục khác"


@pytest.mark.skipif(sys.platform != "linux", reason="where open files can be listed")
def test_nothing_is_held_open(years: Path) -> None:
    def held() -> set[str]:
        return {os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.exists()}  # noqa: PTH115

    told_of(years)
    told_of(years, really=True)
    assert not [path for path in held() if path.startswith(str(years))]
