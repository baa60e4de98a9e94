"""Purging: only what nobody needs is planned, planning removes nothing, carrying out removes the plan and no more."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.purge import REASONS, Rest, carry_out, plan_purge
from pipeline.secrets_file import PREFIX

TODAY = date(2026, 5, 20)
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
                 "state/key", "state/log/pipeline.log", "state/log/pipeline.log.1", "state/log/pipeline.log.2"):
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
        (f"tmp/{PREFIX}{DEAD}-x", "unfinished"), ("state/log/pipeline.log.1", "log")]
    assert {rest.reason for rest in plan(office)} == set(REASONS)
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
    assert len(gone) == 3


def test_folders_that_are_not_there_hold_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert plan_purge(tmp_path / "a", tmp_path / "b", tmp_path / "c", TODAY) == []
