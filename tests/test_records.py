"""The processing log: lines that are only added, in Vietnam's time, for their owner alone; a failure stops nothing."""

from __future__ import annotations

import csv
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.records import ACTIONS, ERASED, HEADER, PUBLISHED, READ, Records, Row, append, who_works

NIGHT = datetime(2026, 5, 19, 18, 30, 5, tzinfo=UTC)
WHO = "thu-ha@xa-01 (7)"


def lines_of(state: Path, year: int = 2026) -> list[list[str]]:
    with (state / "log" / f"xu-ly-{year}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_run_s_rows_say_who_did_what_to_which_file_and_when(tmp_path: Path) -> None:
    assert append(tmp_path, NIGHT, WHO, [Row(READ, "an-binh/Thôn Đông.xlsx", "ab12", "12 dòng"), Row(PUBLISHED, "2026-05")])
    assert lines_of(tmp_path) == [
        list(HEADER), ["2026-05-20T01:30:05+07:00", WHO, "đọc", "an-binh/Thôn Đông.xlsx", "ab12", "12 dòng"],
        ["2026-05-20T01:30:05+07:00", WHO, "phát hành", "2026-05", "", ""]]


def test_lines_are_added_and_the_header_stands_once(tmp_path: Path) -> None:
    for _ in range(3):
        append(tmp_path, NIGHT, WHO, [Row(ERASED, "a.xlsx")])
    data = (tmp_path / "log" / "xu-ly-2026.csv").read_bytes()
    assert (data.count(b"\xef\xbb\xbf"), data.count(b"time,who"), data.count(b"a.xlsx")) == (1, 1, 3)


def test_the_year_is_vietnam_s(tmp_path: Path) -> None:
    append(tmp_path, datetime(2026, 12, 31, 17, tzinfo=UTC), WHO, [Row(READ, "a.xlsx")])
    assert lines_of(tmp_path, 2027)[1][0] == "2027-01-01T00:00:00+07:00"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_it_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    append(tmp_path, NIGHT, WHO, [Row(READ, "a.xlsx")])
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
    assert (tmp_path / "log" / "xu-ly-2026.csv").stat().st_mode & 0o777 == 0o600


def test_a_run_s_rows_are_written_at_once_and_put_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    records = Records(tmp_path, WHO)
    records.add(READ, "a.xlsx", "ab12")
    records.add(READ, "b.xlsx", "cd34", "3 dòng")
    assert not (tmp_path / "log").exists()
    assert records.write(NIGHT) and records.write(NIGHT)
    assert len(synced) == 1
    assert [line[3:] for line in lines_of(tmp_path)[1:]] == [["a.xlsx", "ab12", ""], ["b.xlsx", "cd34", "3 dòng"]]


def test_nothing_done_leaves_no_file(tmp_path: Path) -> None:
    assert append(tmp_path, NIGHT, WHO, [])
    assert list(tmp_path.iterdir()) == []


def test_what_looks_like_a_formula_is_text(tmp_path: Path) -> None:
    append(tmp_path, NIGHT, "@who", [Row(READ, "=cmd|' /C calc'!A0.xlsx", "", "+1"), Row(READ, 'a,"b"\n.xlsx')])
    assert lines_of(tmp_path)[1][1:] == ["'@who", "đọc", "'=cmd|' /C calc'!A0.xlsx", "", "'+1"]
    assert lines_of(tmp_path)[2][3] == 'a,"b"\n.xlsx'


def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    assert append(tmp_path, NIGHT, WHO, [Row(READ, "a\udcff.xlsx")])
    assert lines_of(tmp_path)[1][3] == "a?.xlsx"


def test_a_line_cut_short_spoils_no_other(tmp_path: Path) -> None:
    append(tmp_path, NIGHT, WHO, [Row(READ, "a.xlsx")])
    with (tmp_path / "log" / "xu-ly-2026.csv").open("ab") as file:
        file.write(b"2026-05-20T01:30:05+07:00,thu-ha")
    append(tmp_path, NIGHT, WHO, [Row(READ, "b.xlsx")])
    assert [line[-3:][0] for line in lines_of(tmp_path) if len(line) == len(HEADER)][1:] == ["a.xlsx", "b.xlsx"]


def test_a_disk_that_refuses_is_a_warning_and_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "log" / "xu-ly-2026.csv").mkdir(parents=True)
    with caplog.at_level(logging.WARNING, "pipeline"):
        assert not append(tmp_path, NIGHT, WHO, [Row(READ, "an-binh/Thôn Đông.xlsx")])
    assert "nhật ký xử lý" in caplog.text
    assert "Thôn Đông" not in caplog.text


def test_a_full_disk_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no full disk here")
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "xu-ly-2026.csv").symlink_to("/dev/full")
    with caplog.at_level(logging.WARNING, "pipeline"):
        assert not append(tmp_path, NIGHT, WHO, [Row(READ, "a.xlsx")])
    assert "Chưa ghi được" in caplog.text


def test_no_state_folder_is_made(tmp_path: Path) -> None:
    assert not append(tmp_path / "state", NIGHT, WHO, [Row(READ, "a.xlsx")])
    assert list(tmp_path.iterdir()) == []


def test_whoever_works_is_named_with_machine_and_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "thu-ha")
    assert who_works().startswith("thu-ha@")
    assert who_works().endswith(f"({os.getpid()})")

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert who_works().startswith("?@")


def test_actions_are_short_words() -> None:
    assert ACTIONS == ("bắt đầu", "đọc", "không đọc được", "ghi", "phát hành", "không thay đổi", "xóa", "dừng")
