"""The ledger: what it remembers, and what becomes of a file that is no ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pipeline.fault import Fault
from pipeline.ledger import LEDGER_FILE, Accepted, RunRecord, SeenFile, Version, Waiting, Written, open_ledger


def record(started: str, **more: object) -> RunRecord:
    return RunRecord(started, started, "ai@may (1)", "run", "2026-05", "", 0, "", "", "")._replace(**more)  # type: ignore[arg-type]


def test_it_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with open_ledger(tmp_path):
        pass
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_files_are_remembered_and_forgotten(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.change_files({"a.xlsx": SeenFile(1, 2, 3, 4, "x"), "b.xlsx": SeenFile(5, 6, 7, 8, "y")}, [])
        ledger.change_files({"a.xlsx": SeenFile(9, 2, 3, 4, "z")}, ["b.xlsx"])
    with open_ledger(tmp_path) as ledger:
        assert ledger.files() == {"a.xlsx": SeenFile(9, 2, 3, 4, "z")}


def test_a_segment_goes_with_its_last_version(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.add_segment("one", "", {"x": Version("r", "one", 0, "{}"), "y": Version("r", "one", 1, "{}")})
        ledger.add_segment("two", "2026-04-14", {"y": Version("r", "two", 0, "{}"), "z": Version("r", "two", 1, "{}")})
        assert ledger.keep_versions(["x", "z"]) == {"one", "two"}
        assert ledger.keep_versions(["z", "unheard of"]) == {"two"}
        assert ledger.segments() == {"two": "2026-04-14"}
        assert list(ledger.versions()) == ["z"]


def test_a_version_counted_again_keeps_its_day(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.accept({"a.xlsx": Accepted("H1", "x", "2026-05-01", "2026-05-01")})
        ledger.accept({"a.xlsx": Accepted("H1", "x", "2026-05-02", "2026-05-02")})
        assert ledger.accepted() == {"a.xlsx": Accepted("H1", "x", "2026-05-01", "2026-05-02")}
        ledger.accept({"a.xlsx": Accepted("H1", "y", "2026-05-03", "2026-05-03")})
        assert ledger.accepted()["a.xlsx"].day == "2026-05-03"
        ledger.forget_accepted(["a.xlsx"])
        assert ledger.accepted() == {}


def test_what_was_written_is_kept_by_period(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.replace_written("2026-04", {"A/thong-ke.xlsx": Written("s", "h")})
        ledger.replace_written("2026-05", {"A/thong-ke.xlsx": Written("t", "i"), "B/thong-ke.xlsx": Written("u", "j")})
        ledger.replace_written("2026-05", {"B/thong-ke.xlsx": Written("v", "k")})
        assert ledger.written("2026-05") == {"B/thong-ke.xlsx": Written("v", "k")}
        assert ledger.written("2026-04") == {"A/thong-ke.xlsx": Written("s", "h")}
        ledger.replace_figures("2026-05", [("H1", "hamlet", '{"total": 3}')])
        assert ledger.figures("2026-05") == {"H1": '{"total": 3}'}


def test_a_workbook_that_still_waits_keeps_its_since(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.replace_waiting({"a.xlsx": Waiting("file_open", "đang mở", "2026-05-01T01:30:00+07:00")})
        ledger.replace_waiting({"a.xlsx": Waiting("file_changing", "đang chép", "2026-05-02T01:30:00+07:00")})
        assert ledger.waiting() == {"a.xlsx": Waiting("file_changing", "đang chép", "2026-05-01T01:30:00+07:00")}


def test_the_newest_run_is_never_forgotten(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        for day in ("2026-01-01", "2026-02-01", "2026-03-01"):
            ledger.add_run(record(day))
        assert ledger.forget_runs("2026-12-31") == 2
        assert [run.started for run in ledger.last_runs()] == ["2026-03-01"]


def test_another_layout_is_set_aside(tmp_path: Path) -> None:
    with open_ledger(tmp_path) as ledger:
        ledger.add_run(record("2026-01-01"))
    with sqlite3.connect(tmp_path / LEDGER_FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with open_ledger(tmp_path) as ledger:
        assert ledger.last_runs() == []
    assert (tmp_path / "ledger.hong").exists()


def test_a_damaged_ledger_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).write_bytes(b"no database" * 1000)
    with open_ledger(tmp_path) as ledger:
        assert ledger.files() == {}


def test_a_folder_where_the_ledger_should_stand_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).mkdir()
    with pytest.raises(Fault, match="sổ trạng thái"), open_ledger(tmp_path):
        pass
