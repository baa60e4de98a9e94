"""The command line: Vietnamese help, one sentence for every fault, an exit code that schedules can trust."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from journey import PERIOD, book_of, books_below, change_info, command, folders_in, snapshot
from openpyxl import load_workbook

from pipeline import __version__
from pipeline.cli import cli
from pipeline.demo.make import make_demo
from pipeline.lock import hold_lock

HOME = Path(__file__).parent.parent
COMMANDS = sorted(cli.commands)
ENGLISH = ("Usage", "Options", "OPTIONS", "ARGS", "Show", "default", "Commands", "INTEGER", "TEXT", "required")
HEAVY = ("pandas", "numpy", "great_expectations", "xlsxwriter", "pyarrow", "openpyxl", "python_calamine")


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commune without mistakes, published once."""
    root = tmp_path_factory.mktemp("clean")
    make_demo(root / "inputs", hamlets=2, people=4, seed=2)
    return root


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commune in which a release date cannot be read."""
    root = tmp_path_factory.mktemp("spoiled")
    make_demo(root / "inputs", hamlets=2, people=6, seed=2)
    book = load_workbook(book_of(root / "inputs", "X001-01"))
    headers = [cell.value for cell in book["Danh sách"][4]]
    for header in ("Ngày chấp hành xong", "Ngày về địa phương"):
        at = next(place for place, one in enumerate(headers, start=1) if str(one).startswith(header))
        book["Danh sách"].cell(5, at).value = "đầu năm ngoái"
    book.save(book_of(root / "inputs", "X001-01"))
    return root


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_explains_itself_in_vietnamese(name: str) -> None:
    told = command(*filter(None, [name]), "--help")
    assert told.code == 0
    assert told.out.startswith("Cách dùng: pipeline")
    assert "Hiện hướng dẫn này." in told.out
    assert not [word for word in ENGLISH if re.search(rf"\b{word}\b", told.out)]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    described = cli.commands[name]
    assert described.help
    assert all(one.help and one.help.endswith(".") for one in described.params if isinstance(one, click.Option))


def test_the_version_is_told() -> None:
    assert command("--version").out.strip() == __version__


@pytest.mark.parametrize(("arguments", "word"), [
    ([], "run"), (["nope"], "rollup"), (["--nope"], "--nope"), (["run", "--nope"], "--nope"), (["run", "more"], "thừa"),
    (["run", "--cutoff", "2026-31-12"], "--cutoff"), (["run", "--period"], "--period"), (["check"], "FILE"), (["demo"], "DIR"),
    (["init"], "DIR"), (["demo", "x", "--communes", "hai"], "--communes"),
    (["run", "--previous-cutoff", "x"], "--previous-cutoff"),
])
def test_wrong_usage_is_said_in_one_sentence(arguments: list[str], word: str) -> None:
    told = command(*arguments)
    assert (told.code, told.out) == (2, "")
    assert word in told.err
    assert told.err.rstrip().endswith("--help")
    assert told.err.count("\n") == 1
    assert not [english for english in (*ENGLISH, "Error", "Traceback") if english in told.err]


@pytest.mark.parametrize(("arguments", "word"), [
    (["run", "--period", "2026-13"], "2024-05"), (["run", "--inputs", "nowhere"], "nowhere"),
    (["check", "nofile.xlsx"], "nofile.xlsx"),
    (["run", "--cutoff", "2026-05-14", "--previous-cutoff", "2026-05-14"], "trước"), (["demo", "x", "--communes", "0"], "1 xã"),
    (["demo", "x", "--period", "2026"], "2024-05"), (["rollup", "nofile.xlsx"], "nofile.xlsx"),
])
def test_a_fault_is_said_in_one_sentence(arguments: list[str], word: str, tmp_path: Path,
                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = command(*arguments)
    assert (told.code, told.out) == (2, "")
    assert word in told.err
    assert "Traceback" not in told.err
    assert not Path("outputs").exists()


def test_a_clean_run_ends_with_0_and_says_what_it_did(clean: Path) -> None:
    told = command("run", *folders_in(clean))
    lines = told.out.splitlines()
    assert told.code == 0
    assert lines[0] == f"Kỳ {PERIOD}: số liệu sau ngày 14/04/2026 đến hết ngày 14/05/2026."
    assert re.fullmatch(r"Đã đọc 3 tệp, \d+ dòng: tính \d+, để riêng 0, ngoài kỳ \d+\.", lines[1])
    assert lines[2].startswith("Phát hiện: 0 nghiêm trọng, 0 cần xem, 0 ghi nhận")
    assert lines[-1] == f"Kết quả: {clean / 'outputs' / PERIOD}"
    assert told.err.splitlines()[:2] == ["Tìm sổ", "Đọc sổ (3)"]


def test_the_closing_lines_name_who_is_missing_and_who_is_behind(clean: Path, tmp_path: Path) -> None:
    make_demo(tmp_path / "inputs", hamlets=3, people=4, seed=2)
    book_of(tmp_path / "inputs", "X001-02").unlink()
    change_info(book_of(tmp_path / "inputs", "X001-03"), "period", "2026-04")
    told = command("run", *folders_in(tmp_path))
    assert told.code == 0
    assert re.search(r"^Chưa nộp \(1\): Thôn .+ \(X001-02\)\.$", told.out, re.MULTILINE)
    assert re.search(r"^Chưa cập nhật \(1\): Thôn .+ \(X001-03\)\.$", told.out, re.MULTILINE)


def test_a_run_with_critical_findings_publishes_and_ends_with_1(spoiled: Path) -> None:
    told = command("run", *folders_in(spoiled))
    assert told.code == 1
    assert (spoiled / "outputs" / PERIOD / "run.json").is_file()
    assert "Phát hiện: 0 nghiêm trọng" not in told.out


@pytest.mark.parametrize("name", ["run", "rollup"])
def test_a_second_run_ends_with_3_and_changes_nothing(spoiled: Path, name: str) -> None:
    before = snapshot(spoiled / "outputs") if (spoiled / "outputs").exists() else {}
    with hold_lock(spoiled / "state"):
        told = command(name, *folders_in(spoiled))
    assert (told.code, told.out) == (3, "")
    assert told.err.rstrip().endswith("Một lượt chạy khác đang làm việc; hãy chờ lượt đó xong rồi chạy lại.")
    assert (snapshot(spoiled / "outputs") if (spoiled / "outputs").exists() else {}) == before


def test_a_crash_ends_with_2_and_tells_no_value(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_given: object, **_more: object) -> None:
        raise ValueError("Nguyễn Văn Mẫu, 000085123456")

    monkeypatch.setattr("pipeline.night.spend", crash)
    told = command("run", *folders_in(clean))
    assert (told.code, told.out) == (2, "")
    assert "ValueError" in told.err
    assert "test_cli.py" in told.err
    assert not [word for word in ("Mẫu", "0000", "Traceback") if word in told.err]


def test_an_interrupted_run_ends_with_2(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.night.spend", interrupt)
    told = command("run", *folders_in(clean))
    assert (told.code, "Đã dừng theo yêu cầu" in told.err) == (2, True)


def test_check_says_sheet_cell_message_and_fix_and_writes_nothing(spoiled: Path, tmp_path: Path) -> None:
    told = command("check", book_of(spoiled / "inputs", "X001-01"), "--inputs", spoiled / "inputs", "--state", tmp_path / "s",
                   "--outputs", tmp_path / "o")
    assert told.code == 1
    assert re.match(r"1 nghiêm trọng, \d+ cần xem, \d+ ghi nhận\.", told.out)
    assert "THNCD_X001-01_2026-05.xlsx › Danh sách" in told.out
    found = re.search(r"^  \[NGHIÊM TRỌNG\] ô [A-Z]+5: Dòng 5: .+\n      → Ghi .+$", told.out, re.MULTILINE)
    assert found
    assert list(tmp_path.iterdir()) == []


def test_check_tells_files_of_one_name_apart(spoiled: Path, tmp_path: Path) -> None:
    for unit_id in ("X001-01", "X001-02"):
        (tmp_path / unit_id).mkdir()
        (tmp_path / unit_id / "so.xlsx").write_bytes(book_of(spoiled / "inputs", unit_id).read_bytes())
    files = [tmp_path / unit_id / "so.xlsx" for unit_id in ("X001-01", "X001-02", "X001-01")]
    told = command("check", *files, "--inputs", spoiled / "inputs")
    assert told.code == 1
    assert re.findall(r"^.*so\.xlsx.*$", told.out, re.MULTILINE) == [f"{tmp_path.as_posix()}/X001-01/so.xlsx › Danh sách"]


def test_check_of_a_clean_workbook_ends_with_0(clean: Path) -> None:
    told = command("check", *books_below(clean / "inputs"), "--inputs", clean / "inputs")
    assert (told.code, told.out) == (0, "Không có phát hiện nào. Sổ dùng được.\n")


def test_template_writes_a_workbook_for_every_hamlet_and_commune(clean: Path, tmp_path: Path) -> None:
    told = command("template", "--to", tmp_path / "blank", "--period", "2026-06", *folders_in(clean))
    assert told.code == 0
    assert sorted(path.name for path in books_below(tmp_path / "blank")) == [
        "THNCD_X001-01_2026-06.xlsx", "THNCD_X001-02_2026-06.xlsx", "THNCD_X001_2026-06.xlsx"]
    assert told.out == f"Đã ghi 3 sổ mẫu vào {tmp_path / 'blank'}.\n"


def test_template_keeps_a_workbook_that_is_there_already(clean: Path, tmp_path: Path) -> None:
    command("template", "X001-02", "--to", tmp_path, "--period", "2026-06", *folders_in(clean))
    book = books_below(tmp_path)[0]
    book.write_bytes(b"a month's work")
    told = command("template", "--to", tmp_path, "--period", "2026-06", *folders_in(clean))
    assert (told.code, told.out) == (0, f"Đã ghi 2 sổ mẫu vào {tmp_path}. Giữ nguyên 1 sổ đã có.\n")
    assert book.read_bytes() == b"a month's work"


def test_template_writes_only_the_units_that_are_named(clean: Path, tmp_path: Path) -> None:
    assert command("template", "X001-02", "--to", tmp_path, "--period", "2026-06", *folders_in(clean)).code == 0
    assert [path.name for path in books_below(tmp_path)] == ["THNCD_X001-02_2026-06.xlsx"]


def test_a_blank_template_handed_in_as_it_is_is_no_nil_return(clean: Path, tmp_path: Path) -> None:
    command("template", "X001-02", "--to", tmp_path, "--period", "2026-06", *folders_in(clean))
    told = command("check", *books_below(tmp_path), "--inputs", clean / "inputs")
    assert told.code == 1
    assert "THNCD_X001-02_2026-06.xlsx › Danh sách\n  [NGHIÊM TRỌNG]" in told.out


def test_a_unit_that_the_register_does_not_know_gets_no_template(clean: Path, tmp_path: Path) -> None:
    told = command("template", "X999", "--to", tmp_path / "blank", *folders_in(clean))
    assert (told.code, "X999" in told.err) == (2, True)
    assert books_below(tmp_path) == []


def test_an_empty_register_is_to_be_filled_before_templates_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    command("init", ".")
    told = command("template")
    assert (told.code, "don-vi.xlsx chưa có thôn hoặc xã nào" in told.err) == (2, True)


def test_without_a_register_template_gives_an_empty_one_and_a_blank_of_each_kind(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    assert command("template", "--to", tmp_path / "blank", *folders_in(tmp_path)).code == 0
    names = sorted(path.name for path in (tmp_path / "blank").iterdir())
    assert names == ["THNCD_mau-thon.xlsx", "THNCD_mau-xa.xlsx", "don-vi.xlsx"]


def test_init_makes_a_working_folder_and_overwrites_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("init", "office").code == 0
    made = snapshot(tmp_path / "office")
    assert {"pipeline.toml", "inputs/don-vi.xlsx", "expectations/messages.csv", "expectations/people.json"} <= set(made)
    assert (tmp_path / "office" / "outputs").is_dir()
    (tmp_path / "office" / "pipeline.toml").write_text("cutoff_preset = 'day5'\n", encoding="utf-8")
    (tmp_path / "office" / "expectations" / "people.json").write_text("{}", encoding="utf-8")
    before = snapshot(tmp_path / "office")
    told = command("init", "office")
    assert (told.code, told.out) == (0, "Thư mục office đã có đủ.\n")
    assert snapshot(tmp_path / "office") == before


def test_a_folder_fresh_from_init_and_demo_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    command("init", ".")
    assert command("run").code == 2
    assert command("demo", "inputs", "--hamlets", 1, "--people", 3).code == 0
    assert command("run").code == 0
    assert (tmp_path / "outputs" / PERIOD / "statistics.csv").is_file()
    assert (tmp_path / ".pipeline").is_dir()


def test_the_sample_is_the_committed_inputs(tmp_path: Path) -> None:
    told = command("demo", tmp_path / "sample", "--sample")
    assert told.code == 0
    tracked = subprocess.run(["git", "ls-files", "inputs"], cwd=HOME, capture_output=True, text=True, check=True).stdout.split()
    assert snapshot(tmp_path / "sample") == {name.removeprefix("inputs/"): (HOME / name).read_bytes() for name in tracked}


def test_a_demo_tells_where_its_mistakes_are(tmp_path: Path) -> None:
    told = command("demo", tmp_path / "inputs", "--hamlets", 2, "--people", 6, "--mistakes", 3)
    assert told.code == 0
    assert len(re.findall(r"^  lỗi gài: .+ › .+, dòng \d+, cột .+ \(\w+\)$", told.out, re.MULTILINE)) == 3


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["run", "--nope"]])
def test_help_and_wrong_usage_load_nothing_heavy(arguments: list[str]) -> None:
    probe = ("import sys\nfrom pipeline.cli import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
             f"print(*[name for name in {HEAVY} if name in sys.modules], file=sys.stderr)")
    told = subprocess.run([sys.executable, "-c", probe, *arguments], cwd=HOME, capture_output=True, encoding="utf-8", check=True)
    assert told.stderr.splitlines()[-1] == ""


def test_a_log_is_utf_8_whatever_the_machine_s_code_page() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    arguments = [sys.executable, "-m", "pipeline", "--help"]
    told = subprocess.run(arguments, cwd=HOME, capture_output=True, env=environment, check=True)
    assert told.stdout.decode("utf-8").startswith("Cách dùng")


def test_the_schedule_can_be_read_before_it_is_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = command("schedule", "--at", "01:30", "--print")
    assert told.code == 0
    assert "01:30" in told.out or "30 1 * * *" in told.out
    assert "Đặt lịch" in told.out
    assert list(tmp_path.iterdir()) == []


def test_a_time_that_is_none_is_refused() -> None:
    told = command("schedule", "--at", "25:00", "--print")
    assert (told.code, told.out) == (2, "")
    assert "giờ:phút" in told.err


def test_purge_lists_first_and_removes_only_when_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    orphan = tmp_path / "inputs" / "_can-sua" / "THNCD_X1-01_2024-05.xlsx"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"a marked copy whose workbook is gone")
    told = command("purge")
    assert told.code == 0
    assert orphan.name in told.out
    assert orphan.exists()
    assert command("purge", "--yes").code == 0
    assert not orphan.exists()
    assert "Không có gì cần xóa." in command("purge").out


def test_a_run_leaves_a_summary_and_a_line_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("demo", "inputs", "--hamlets", "1", "--people", "1").code == 0
    assert command("run").code == 0
    assert "TÓM TẮT LƯỢT CHẠY" in (tmp_path / "outputs" / "2026-05" / "tom-tat.txt").read_text(encoding="utf-8")
    log = (tmp_path / ".pipeline" / "log" / "pipeline.log").read_text(encoding="utf-8")
    assert "Đã phát hành kỳ 2026-05" in log


def test_the_generation_before_comes_back_on_request_and_goes_again(clean: Path) -> None:
    command("run", *folders_in(clean))
    shutil.rmtree(clean / "outputs" / ".truoc", ignore_errors=True)
    told = command("restore", PERIOD, "--outputs", clean / "outputs", "--state", clean / "state")
    assert (told.code, "--" in told.err) == (2, False)
    (clean / "outputs" / ".truoc" / PERIOD).mkdir(parents=True)
    before = sorted(path.name for path in (clean / "outputs" / PERIOD).iterdir())
    assert command("restore", PERIOD, "--outputs", clean / "outputs", "--state", clean / "state").code == 0
    assert list((clean / "outputs" / PERIOD).iterdir()) == []
    assert command("restore", PERIOD, "--outputs", clean / "outputs", "--state", clean / "state").code == 0
    assert sorted(path.name for path in (clean / "outputs" / PERIOD).iterdir()) == before
