"""A period's folder is whole or absent, at any moment; a fault publishes nothing and leaves what was there; rules are data."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from journey import EXPECTATIONS, PERIOD, TODAY, book_of, books_below, command, rows_of, run, settings_in, snapshot

from pipeline.demo.make import make_demo
from pipeline.fault import Fault, LockFault, SettingsFault
from pipeline.lock import hold_lock
from pipeline.publish import publishing
from pipeline.restore import KEPT, put_right, restore
from pipeline.swap import swap

DEAD = 2**22 + 1
KILLS, FILES = 60, 20
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no way to begin a process in the middle of a test")


def build(outputs: Path, text: str, error: BaseException | None = None, before: Callable[[], object] = str, files: int = 0) -> None:
    """Publish one file and some that are long together, or come to grief after they are written."""
    with publishing(outputs, PERIOD, lambda: before() and None) as folder:
        (folder / "statistics.csv").write_text(text, encoding="utf-8")
        for number in range(files):
            (folder / f"{number}.xlsx").write_bytes(bytes(2_000_000 // files))
        if error:
            raise error


def build_version(outputs: Path, version: int) -> None:
    """Publish some files in some folders, each of which says which version it is of."""
    with publishing(outputs, PERIOD) as folder:
        for number in range(FILES):
            place = folder / f"X{number % 4:03}"
            place.mkdir(exist_ok=True)
            (place / f"{number}.csv").write_text(str(version), encoding="utf-8")


def version_of(folder: Path) -> int:
    """Return of which version a folder is; it must be whole, and no mixture."""
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.csv")]
    assert len(texts) == FILES
    assert len(set(texts)) == 1
    return int(texts[0])


def names_in(outputs: Path) -> set[str]:
    return {path.relative_to(outputs).as_posix() for folder in (outputs, outputs / KEPT) if folder.exists() for path in folder.iterdir()}


@pytest.fixture(params=["at one instant", "one after the other"])
def at_one_instant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Let folders change names at one instant, and then as if the machine could not."""
    if request.param != "at one instant":
        monkeypatch.setattr("pipeline.restore.swap", lambda *_folders: False)
    return bool(request.param == "at one instant")


def test_a_period_appears_when_it_is_whole_and_not_before(tmp_path: Path) -> None:
    with publishing(tmp_path / "outputs", PERIOD) as folder:
        (folder / "statistics.csv").write_text("1", encoding="utf-8")
        assert not (tmp_path / "outputs" / PERIOD).exists()
    assert snapshot(tmp_path / "outputs") == {f"{PERIOD}/statistics.csv": b"1"}


@pytest.mark.usefixtures("at_one_instant")
def test_an_earlier_publication_of_the_period_is_replaced_whole_and_kept(tmp_path: Path) -> None:
    build(tmp_path, "1")
    (tmp_path / PERIOD / "gone.xlsx").write_text("of a commune that was merged", encoding="utf-8")
    build(tmp_path, "2")
    assert snapshot(tmp_path / PERIOD) == {"statistics.csv": b"2"}
    assert set(snapshot(tmp_path / KEPT)) == {f"{PERIOD}/statistics.csv", f"{PERIOD}/gone.xlsx"}


@pytest.mark.usefixtures("at_one_instant")
def test_one_generation_of_each_period_is_kept(tmp_path: Path) -> None:
    for version in range(1, 5):
        build_version(tmp_path, version)
    with publishing(tmp_path, "2026-06"):
        pass
    assert (version_of(tmp_path / PERIOD), version_of(tmp_path / KEPT / PERIOD)) == (4, 3)
    assert names_in(tmp_path) == {PERIOD, "2026-06", KEPT, f"{KEPT}/{PERIOD}"}


@pytest.mark.parametrize("error", [ValueError("ours"), KeyboardInterrupt(), Fault("ours")])
def test_whatever_stops_the_building_leaves_the_old_folder_and_no_rests(tmp_path: Path, error: BaseException) -> None:
    build(tmp_path, "1")
    with pytest.raises(type(error)):
        build(tmp_path, "half", error)
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}
    assert [path.name for path in tmp_path.iterdir()] == [PERIOD]


def test_what_must_hold_before_the_move_is_asked_when_all_is_written_and_may_refuse_it(tmp_path: Path) -> None:
    build(tmp_path, "1")

    def refuse() -> None:
        assert next(tmp_path.glob(".dang-ghi-*/statistics.csv")).read_text(encoding="utf-8") == "2"
        raise LockFault

    with pytest.raises(LockFault) as refused:
        build(tmp_path, "2", before=refuse)
    assert refused.value.exit_code == 3
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


def test_a_run_whose_lock_was_taken_over_does_not_publish(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "state") as held:
        build(tmp_path / "outputs", "1", before=held.check)
        told = json.loads((tmp_path / "state" / "lock.json").read_text(encoding="utf-8"))
        (tmp_path / "state" / "lock.json").write_text(json.dumps(told | {"token": "another's"}), encoding="utf-8")
        with pytest.raises(LockFault):
            build(tmp_path / "outputs", "2", before=held.check)
    assert snapshot(tmp_path / "outputs") == {f"{PERIOD}/statistics.csv": b"1"}


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_a_fault_also_where_the_workbook_s_writer_says_so(tmp_path: Path, wrapped: bool) -> None:
    from xlsxwriter.exceptions import FileCreateError

    full = OSError(28, "No space left on device")
    build(tmp_path, "1")
    with pytest.raises(Fault, match="Kết quả cũ vẫn giữ nguyên"):
        build(tmp_path, "half", FileCreateError(full) if wrapped else full)
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


def test_a_disk_that_turns_out_full_when_it_is_written_through_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    build(tmp_path, "1")
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(Fault, match="kiểm tra chỗ trống trên đĩa"):
        build(tmp_path, "2")
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


def test_a_filesystem_that_knows_no_way_to_write_a_folder_through_is_published_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def refuse(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    build(tmp_path, "1")
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB."""
    place = tmp_path / "small"
    place.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may not mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("files", [1, 30])
def test_a_disk_that_is_full_leaves_the_old_folder_and_no_rests(small_disk: Path, files: int) -> None:
    build(small_disk, "0")
    build(small_disk, "1")
    with pytest.raises(Fault, match="Kết quả cũ vẫn giữ nguyên"):
        build(small_disk, "2", files=files)
    assert snapshot(small_disk) == {f"{PERIOD}/statistics.csv": b"1", f"{KEPT}/{PERIOD}/statistics.csv": b"0"}
    assert names_in(small_disk) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}


def test_a_disk_that_is_read_only_is_a_fault(small_disk: Path) -> None:
    build(small_disk, "1")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(Fault, match="Không ghi được vào thư mục small"):
        build(small_disk, "2")
    assert snapshot(small_disk) == {f"{PERIOD}/statistics.csv": b"1"}


def test_a_disk_that_turns_read_only_while_it_is_written_is_a_fault(small_disk: Path) -> None:
    build(small_disk, "1")
    with pytest.raises(Fault, match="Kết quả cũ vẫn giữ nguyên"):
        build(small_disk, "2", before=lambda: subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True))
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    assert snapshot(small_disk / PERIOD) == {"statistics.csv": b"1"}
    build(small_disk, "3")
    assert snapshot(small_disk) == {f"{PERIOD}/statistics.csv": b"3", f"{KEPT}/{PERIOD}/statistics.csv": b"1"}


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


def refuse_to_move(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the system refuse to move some folders, as Windows does when a file in them is open in Excel."""
    rename = Path.rename

    def guarded(self: Path, target: Path) -> Path:
        if self.relative_to(self.parents[self.parts[::-1].index("outputs") - 1]).as_posix().startswith(name):
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", guarded)
    monkeypatch.setattr("pipeline.restore.swap", lambda *_folders: False)


@pytest.mark.parametrize("name", [PERIOD, ".dang-ghi", f"{KEPT}/{PERIOD}", f"{KEPT}/.doi"])
def test_a_folder_that_cannot_be_moved_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    outputs = tmp_path / "outputs"
    build(outputs, "0")
    build(outputs, "1")
    refuse_to_move(name, monkeypatch)
    with pytest.raises(Fault, match="đóng các tệp kết quả đang mở"):
        build(outputs, "2")
    assert snapshot(outputs / PERIOD) == {"statistics.csv": b"1"}
    assert snapshot(outputs / KEPT / PERIOD) == {"statistics.csv": b"0"}
    monkeypatch.undo()
    put_right(outputs)
    assert names_in(outputs) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}


def test_an_old_folder_that_cannot_be_kept_at_once_is_kept_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = tmp_path / "outputs"
    build(outputs, "0")
    build(outputs, "1")
    refuse_to_move(f"{KEPT}/.cu", monkeypatch)
    build(outputs, "2")
    monkeypatch.undo()
    put_right(outputs)
    assert snapshot(outputs) == {f"{PERIOD}/statistics.csv": b"2", f"{KEPT}/{PERIOD}/statistics.csv": b"1"}


def test_rests_of_dead_runs_are_cleared_of_any_period_and_those_of_a_run_under_way_are_not(tmp_path: Path) -> None:
    build(tmp_path, "1")
    for rest in (f".dang-ghi-{PERIOD}-{DEAD}", f".dang-ghi-2025-01-{DEAD}", f".dang-ghi-2025-01-{os.getpid()}", ".dang-ghi-2025-01-1"):
        shutil.copytree(tmp_path / PERIOD, tmp_path / rest)
    build(tmp_path, "2")
    assert names_in(tmp_path) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}", ".dang-ghi-2025-01-1"}


def test_an_old_folder_that_a_killed_run_had_moved_aside_comes_back(tmp_path: Path) -> None:
    build(tmp_path, "1")
    (tmp_path / PERIOD).rename(tmp_path / f".cu-{PERIOD}-{DEAD}")
    with pytest.raises(ValueError, match="ours"):
        build(tmp_path, "2", ValueError("ours"))
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}


def begin(act: Callable[[], object]) -> int:
    """Do something in a process of its own; return its number."""
    if child := os.fork():
        return child
    with suppress(BaseException):
        act()
        os._exit(0)
    os._exit(1)


def has_died(child: int) -> bool:
    """Wait for a process; return whether it was killed."""
    status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
    return os.WIFSIGNALED(status)


@needs_fork
def test_a_run_killed_at_any_moment_leaves_the_old_or_the_new_folder(tmp_path: Path, at_one_instant: bool) -> None:
    dice, version, absent = Random(6), 2, 0
    build_version(tmp_path, 1)
    build_version(tmp_path, 2)
    for _ in range(KILLS):
        child = begin(lambda: [build_version(tmp_path, later) for later in count(version + 1)])  # noqa: B023 - it has its copy
        time.sleep(dice.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert has_died(child)
        absent += not (tmp_path / PERIOD).exists()
        found = version_of(tmp_path / PERIOD) if (tmp_path / PERIOD).exists() else 0
        put_right(tmp_path)
        assert version_of(tmp_path / PERIOD) == found or not found
        assert (version_of(tmp_path / PERIOD) >= version, version_of(tmp_path / KEPT / PERIOD)) == (True, version_of(tmp_path / PERIOD) - 1)
        assert names_in(tmp_path) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}
        version = version_of(tmp_path / PERIOD)
    assert not (at_one_instant and absent)
    assert version > 4


STEPS = ("rename", "mkdir", "fsync", "unlink", "rmdir")


def die_at(step: int, act: Callable[[], object]) -> None:
    """Do something, and be killed right before the step of this number, of all that change something on the disk."""
    left = iter(range(step))

    def burning(call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*given: object, **named: object) -> object:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*given, **named)
        return guarded

    for name in STEPS:
        setattr(os, name, burning(getattr(os, name)))
    import pipeline.restore as module

    module.swap = burning(module.swap)
    act()


@needs_fork
def test_a_run_killed_at_each_step_leaves_the_old_or_the_new_folder(tmp_path: Path, at_one_instant: bool) -> None:
    version, absent, steps = 2, 0, 0
    build_version(tmp_path, 1)
    build_version(tmp_path, 2)
    for step in count():
        steps = step
        if not has_died(begin(lambda: die_at(step, lambda: build_version(tmp_path, version + 1)))):  # noqa: B023
            break
        absent += not (tmp_path / PERIOD).exists()
        assert not absent or not at_one_instant
        put_right(tmp_path)
        found = version_of(tmp_path / PERIOD)
        assert found in (version, version + 1)
        assert version_of(tmp_path / KEPT / PERIOD) == found - 1
        assert names_in(tmp_path) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}
        version = found
    assert steps > FILES * 2
    assert absent == (0 if at_one_instant else 1)


@needs_fork
@pytest.mark.usefixtures("at_one_instant")
def test_a_restoring_killed_at_each_step_leaves_both_generations(tmp_path: Path) -> None:
    build_version(tmp_path, 1)
    build_version(tmp_path, 2)
    for step in count():
        died = has_died(begin(lambda: die_at(step, lambda: restore(tmp_path, PERIOD))))  # noqa: B023
        put_right(tmp_path)
        assert {version_of(tmp_path / PERIOD), version_of(tmp_path / KEPT / PERIOD)} == {1, 2}
        assert names_in(tmp_path) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}
        if not died:
            break
    assert step > 0


@needs_fork
def test_whoever_looks_while_a_period_is_replaced_sees_it_whole(tmp_path: Path) -> None:
    build_version(tmp_path, 1)
    if not swap(tmp_path / PERIOD, tmp_path / PERIOD):
        pytest.skip("this machine cannot change names at one instant")
    child, looks = begin(lambda: [build_version(tmp_path, later) for later in range(2, 80)]), 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        folder = os.open(tmp_path / PERIOD, os.O_RDONLY)  # the folder that stands there now, also when it is moved away meanwhile
        with suppress(FileNotFoundError):  # two generations later it is removed
            assert len({read_below(folder, f"X{number % 4:03}/{number}.csv") for number in range(FILES)}) == 1
        os.close(folder)
        looks += 1
    assert looks > 80


def read_below(folder: int, name: str) -> bytes:
    file = os.open(name, os.O_RDONLY, dir_fd=folder)
    try:
        return os.read(file, 100)
    finally:
        os.close(file)


@pytest.mark.usefixtures("at_one_instant")
def test_the_generation_before_can_be_restored_and_that_undone(tmp_path: Path) -> None:
    build_version(tmp_path, 1)
    build_version(tmp_path, 2)
    for now, kept in ((1, 2), (2, 1)):
        restore(tmp_path, PERIOD)
        assert (version_of(tmp_path / PERIOD), version_of(tmp_path / KEPT / PERIOD)) == (now, kept)
        assert names_in(tmp_path) == {PERIOD, KEPT, f"{KEPT}/{PERIOD}"}


def test_a_period_that_was_deleted_can_be_restored(tmp_path: Path) -> None:
    build(tmp_path, "1")
    build(tmp_path, "2")
    shutil.rmtree(tmp_path / PERIOD)
    restore(tmp_path, PERIOD)
    assert snapshot(tmp_path) == {f"{PERIOD}/statistics.csv": b"1"}
    assert names_in(tmp_path) == {PERIOD}


@pytest.mark.parametrize("period", [PERIOD, "2026-04", "", "..", f"../{PERIOD}"])
def test_where_there_is_no_generation_before_a_restoring_is_a_fault(tmp_path: Path, period: str) -> None:
    build(tmp_path / "outputs", "1")
    before = snapshot(tmp_path)
    with pytest.raises(Fault, match="Không có kết quả trước đó"):
        restore(tmp_path / "outputs", period)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", [PERIOD, f"{KEPT}/{PERIOD}"])
def test_a_restoring_that_the_system_refuses_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    outputs = tmp_path / "outputs"
    build(outputs, "1")
    build(outputs, "2")
    before = snapshot(outputs)
    refuse_to_move(name, monkeypatch)
    with pytest.raises(Fault, match="Kết quả hiện có vẫn giữ nguyên"):
        restore(outputs, PERIOD)
    assert snapshot(outputs) == before


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
