"""The log: plain lines in Vietnam's time, small files, no values from rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.fault import Fault
from pipeline.log import LOG, logging_to


def lines_in(state: Path) -> list[str]:
    return (state / "log" / "pipeline.log").read_text(encoding="utf-8").splitlines()


def test_a_line_says_when_in_vietnam_how_serious_and_what(tmp_path: Path) -> None:
    with logging_to(tmp_path) as log:
        log.info("Đã đọc %d tệp", 12)
        log.warning("hai\ndòng")
    first, second = lines_in(tmp_path)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00 INFO Đã đọc 12 tệp", first)
    assert second.endswith("WARNING hai dòng")


def test_an_exception_leaves_its_kind_and_place_and_not_its_message(tmp_path: Path) -> None:
    with logging_to(tmp_path) as log:
        try:
            raise ValueError("Nguyễn Đức Thịnh")
        except ValueError:
            log.exception("Chưa gửi được thư")
    assert re.search(r"ERROR Chưa gửi được thư \(ValueError tại test_log\.py:\d+\)$", lines_in(tmp_path)[0])


def test_another_night_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for _ in range(2):
        with logging_to(tmp_path) as log:
            log.info("Bắt đầu")
    assert len(lines_in(tmp_path)) == 2


def test_the_files_stay_small_and_few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.log._BYTES", 2000)
    with logging_to(tmp_path) as log:
        for at in range(400):
            log.info("dòng %d", at)
    files = sorted((tmp_path / "log").iterdir())
    assert [path.name for path in files] == ["pipeline.log", *(f"pipeline.log.{at}" for at in range(1, 6))]
    assert max(path.stat().st_size for path in files) <= 2000


def test_outside_of_a_run_nothing_is_written(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        pass
    assert not LOG.handlers
    assert list((tmp_path / "log").iterdir()) == []


def test_a_disk_that_refuses_a_line_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to(tmp_path) as log:
        (tmp_path / "log" / "pipeline.log").mkdir()
        log.info("Bắt đầu")
    assert capsys.readouterr().err == ""


def test_a_state_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(Fault, match="nhật ký"), logging_to(tmp_path / "state"):
        pass
