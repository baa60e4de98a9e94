"""A period's folder is complete or absent; a fault publishes nothing and leaves what was there; rules are data."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey import EXPECTATIONS, PERIOD, TODAY, book_of, books_below, command, rows_of, settings_in, snapshot

from pipeline.demo.make import make_demo
from pipeline.fault import Fault, SettingsFault
from pipeline.publish import publishing
from pipeline.run import run


def build(outputs: Path, text: str, error: BaseException | None = None) -> None:
    """Publish one file, or come to grief after it is written."""
    with publishing(outputs, PERIOD) as folder:
        (folder / "statistics.csv").write_text(text, encoding="utf-8")
        if error:
            raise error


def test_a_period_appears_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    with publishing(tmp_path / "outputs", PERIOD) as folder:
        (folder / "statistics.csv").write_text("1", encoding="utf-8")
        assert not (tmp_path / "outputs" / PERIOD).exists()
    assert snapshot(tmp_path / "outputs") == {f"{PERIOD}/statistics.csv": b"1"}


def test_an_earlier_publication_of_the_period_is_replaced_whole(tmp_path: Path) -> None:
    build(tmp_path, "1")
    (tmp_path / PERIOD / "gone.xlsx").write_text("of a commune that was merged", encoding="utf-8")
    build(tmp_path, "2")
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"2"}


@pytest.mark.parametrize("error", [ValueError("ours"), KeyboardInterrupt(), Fault("ours")])
def test_whatever_stops_the_building_leaves_the_old_folder_and_no_rests(tmp_path: Path, error: BaseException) -> None:
    build(tmp_path, "1")
    with pytest.raises(type(error)):
        build(tmp_path, "half", error)
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}
    assert [path.name for path in tmp_path.iterdir()] == [PERIOD]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_a_fault_also_where_the_workbook_s_writer_says_so(tmp_path: Path, wrapped: bool) -> None:
    from xlsxwriter.exceptions import FileCreateError

    full = OSError(28, "No space left on device")
    build(tmp_path, "1")
    with pytest.raises(Fault, match="Kết quả cũ vẫn giữ nguyên"):
        build(tmp_path, "half", FileCreateError(full) if wrapped else full)
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


def test_an_outputs_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("", encoding="utf-8")
    with pytest.raises(Fault, match="Không ghi được vào thư mục outputs"):
        build(tmp_path / "outputs", "1")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is read-only to this user")
def test_a_read_only_outputs_folder_is_a_fault(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Fault, match="Không ghi được vào thư mục"):
            build(tmp_path, "1")
    finally:
        tmp_path.chmod(0o700)


def refuse(refused: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system refuse to move some folders, as it does when a file in them is open elsewhere."""
    rename = Path.rename

    def guarded(self: Path, target: Path) -> Path:
        if refused(self):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", guarded)


@pytest.mark.parametrize("name", [PERIOD, ".dang-ghi"])
def test_an_old_folder_that_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    build(tmp_path, "1")
    refuse(lambda path: path.name.startswith(name), monkeypatch)
    with pytest.raises(Fault, match="đóng các tệp kết quả đang mở"):
        build(tmp_path, "2")
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}
    assert [path.name for path in tmp_path.iterdir()] == [PERIOD]


def test_rests_of_a_run_that_was_killed_are_cleared(tmp_path: Path) -> None:
    build(tmp_path, "1")
    shutil.copytree(tmp_path / PERIOD, tmp_path / f".dang-ghi-{PERIOD}-1")
    shutil.copytree(tmp_path / PERIOD, tmp_path / f".cu-{PERIOD}-1")
    build(tmp_path, "2")
    assert [path.name for path in tmp_path.iterdir()] == [PERIOD]


def test_an_old_folder_that_a_killed_run_had_moved_aside_comes_back(tmp_path: Path) -> None:
    build(tmp_path, "1")
    (tmp_path / PERIOD).rename(tmp_path / f".cu-{PERIOD}-1")
    with pytest.raises(ValueError, match="ours"):
        build(tmp_path, "2", ValueError("ours"))
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commune whose period is published."""
    root = tmp_path_factory.mktemp("published")
    make_demo(root / "inputs", hamlets=2, people=5, seed=4)
    shutil.copytree(EXPECTATIONS, root / "expectations")
    run(settings_in(root), TODAY)
    return root


@pytest.fixture
def office(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy that a test may spoil, as the working folder."""
    shutil.copytree(published, tmp_path / "office")
    monkeypatch.chdir(tmp_path / "office")
    return tmp_path / "office"


def edit_suite(office: Path, name: str, edit: Callable[[dict[str, Any]], object]) -> None:
    path = office / "expectations" / f"{name}.json"
    suite = json.loads(path.read_text(encoding="utf-8"))
    edit(suite)
    path.write_text(json.dumps(suite), encoding="utf-8")


def rule(column: str, code: str, severity: str = "warning") -> dict[str, Any]:
    return {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": column}, "severity": severity,
            "meta": {"code": code}}


def forget_the_communes(office: Path) -> None:
    from pipeline.units import Unit
    from pipeline.write.register import write_register

    write_register(office / "inputs" / "don-vi.xlsx", [Unit("T02", "province", "Tỉnh", "Khác")])


def empty_inputs(office: Path) -> None:
    for path in books_below(office / "inputs"):
        path.unlink()


def drop_columns_of_the_register(office: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Đơn vị"
    book.active.append(["Ghi chú"])
    book.save(office / "inputs" / "don-vi.xlsx")


FAULTS: dict[str, Callable[[Path], object]] = {
    "inputs": lambda office: shutil.rmtree(office / "inputs"),
    "sổ nào": empty_inputs,
    "Chưa sổ nào ghi Kỳ báo cáo": lambda office: [path.write_bytes(b"") for path in books_below(office / "inputs")],
    "Không có sổ nào tính được cho kỳ 2026-05": forget_the_communes,
    "don-vi.xlsx": lambda office: (office / "inputs" / "don-vi.xlsx").write_bytes(b"no workbook"),
    "tiêu đề": drop_columns_of_the_register,
    "Không đọc được pipeline.toml": lambda office: (office / "pipeline.toml").write_text("inputs = ", encoding="utf-8"),
    "không hiểu mục “input”": lambda office: (office / "pipeline.toml").write_text("input = 'x'", encoding="utf-8"),
    "cutoff_preset": lambda office: (office / "pipeline.toml").write_text("cutoff_preset = 'sometime'", encoding="utf-8"),
    "expectations/people.json": lambda office: (office / "expectations" / "people.json").write_text("{", encoding="utf-8"),
    "expectations/loans.json": lambda office: (office / "expectations" / "loans.json").unlink(),
    "cột no_such_column": lambda office: edit_suite(
        office, "people", lambda suite: suite["expectations"].append(rule("no_such_column", "sex_missing"))),
    "không có loại quy tắc expect_nothing": lambda office: edit_suite(
        office, "people", lambda suite: suite["expectations"].append({**rule("sex", "sex_missing"), "type": "expect_nothing"})),
    "phải có type, kwargs và meta.code": lambda office: edit_suite(
        office, "people", lambda suite: suite["expectations"].append({**rule("sex", "sex_missing"), "meta": {}})),
    "Mã phát hiện no_such_code không có": lambda office: edit_suite(
        office, "people", lambda suite: suite["expectations"].append(rule("probation_end_date", "no_such_code"))),
    "Không đọc được expectations/messages.csv": lambda office: (office / "expectations" / "messages.csv").write_bytes(b"code\xff\xfe"),
}


@pytest.mark.parametrize("words", FAULTS)
def test_a_fault_publishes_nothing_and_says_what_is_wrong(office: Path, words: str) -> None:
    before = snapshot(office / "outputs")
    FAULTS[words](office)
    told = command("run")
    assert told.code == 2
    assert told.out == ""
    assert words in told.err, told.err
    assert "Traceback" not in told.err
    assert snapshot(office / "outputs") == before
    assert [path.name for path in (office / "outputs").iterdir()] == [PERIOD]


def findings(office: Path, code: str) -> list[dict[str, str]]:
    return [row for row in rows_of(office / "outputs" / PERIOD / "findings.csv") if row["code"] == code]


def test_a_rule_added_to_a_suite_is_a_finding_at_the_next_run(office: Path) -> None:
    edit_suite(office, "people", lambda suite: suite["expectations"].append(rule("note", "note_missing")))
    with (office / "expectations" / "messages.csv").open("a", encoding="utf-8", newline="") as file:
        file.write('note_missing,warning,Chưa ghi chú,"Dòng {row}, cột {column}: chưa ghi.",Ghi chú thêm.\r\n')
    assert command("run").code == 0
    found = findings(office, "note_missing")
    assert len(found) > 3
    assert {(row["severity"], row["column"], row["sheet"]) for row in found} == {("warning", "Ghi chú", "Danh sách")}
    assert found[0]["message"] == f"Dòng {found[0]['row']}, cột Ghi chú: chưa ghi."


def blank_a_work_status(office: Path) -> None:
    from openpyxl import load_workbook

    path = book_of(office / "inputs", "X001-01")
    book = load_workbook(path)
    column = next(cell.column for cell in book["Danh sách"][4] if str(cell.value).startswith("Tình trạng việc làm"))
    book["Danh sách"].cell(5, column).value = None
    book.save(path)


def test_a_severity_changed_in_a_suite_changes_what_is_counted(office: Path) -> None:
    blank_a_work_status(office)
    command("run")
    assert [row["severity"] for row in findings(office, "employment_missing")] == ["warning"]

    def harden(suite: dict[str, Any]) -> None:
        for spec in suite["expectations"]:
            if spec["meta"]["code"] == "employment_missing":
                spec["severity"] = "critical"

    edit_suite(office, "people", harden)
    assert command("run").code == 1
    assert [row["severity"] for row in findings(office, "employment_missing")] == ["critical"]
    aside = {row["unit_id"]: row["rows_set_aside"] for row in rows_of(office / "outputs" / PERIOD / "completeness.csv")}
    assert int(aside["X001-01"]) >= 1


def test_a_rule_taken_out_of_a_suite_is_judged_no_more(office: Path) -> None:
    blank_a_work_status(office)
    edit_suite(office, "people", lambda suite: suite.update(
        expectations=[spec for spec in suite["expectations"] if spec["meta"]["code"] != "employment_missing"]))
    command("run")
    assert findings(office, "employment_missing") == []


def test_a_catalogue_with_a_repeated_code_is_a_fault(office: Path) -> None:
    path = office / "expectations" / "messages.csv"
    path.write_text(path.read_text(encoding="utf-8-sig") + "sex_missing,warning,a,b,c\n", encoding="utf-8")
    with pytest.raises(SettingsFault, match="sex_missing"):
        run(settings_in(office, expectations=office / "expectations"), TODAY)
