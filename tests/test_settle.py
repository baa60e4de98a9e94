"""Watching: a run when workbooks have been left alone for a while, never two at once, and no change that is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from journey import command, folders_in

from pipeline import settle
from pipeline.fault import Fault, LockFault
from pipeline.settle import LONGEST, Settling, watch_inputs

HOME = Path(__file__).parent.parent
QUIET = 0.15
A, B = {"a.xlsx": (1, 1)}, {"a.xlsx": (2, 2)}


def nobody(_name: str) -> bool:
    return False


class Runs:
    """Counts runs, sees to it that they never overlap, and does what a test wants during one."""

    def __init__(self, *during: Callable[[], None]) -> None:
        self.during = list(during)
        self.times: list[float] = []
        self.at_once = 0

    def __call__(self) -> None:
        self.at_once += 1
        assert self.at_once == 1
        self.times.append(time.monotonic())
        try:
            if self.during:
                self.during.pop(0)()
        finally:
            self.at_once -= 1

    def wait_for(self, count: int, seconds: float = 5) -> bool:
        end = time.monotonic() + seconds
        while len(self.times) < count and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.times) >= count


@contextmanager
def watching(inputs: Path, run: Runs, **more: object) -> Iterator[list[str]]:
    """Watch in a thread until the block ends; give what is told."""
    stop, told, inputs = Event(), [], inputs
    inputs.mkdir(exist_ok=True)
    thread = Thread(target=watch_inputs, args=(inputs, QUIET, run, stop), kwargs={"tell": told.append, **more})
    thread.start()
    try:
        assert run.wait_for(1)
        time.sleep(0.1)  # until the folder is watched
        yield told
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive()


def settles(run: Runs, count: int) -> bool:
    """Return whether there are so many runs, and no more after a while."""
    return run.wait_for(count) and not run.wait_for(count + 1, 4 * QUIET)


def test_it_runs_once_at_the_start_and_not_again_without_a_change(tmp_path: Path) -> None:
    run = Runs()
    with watching(tmp_path / "inputs", run):
        assert settles(run, 1)


def test_a_new_a_changed_and_a_removed_workbook_each_lead_to_a_run(tmp_path: Path) -> None:
    run, book = Runs(), tmp_path / "inputs" / "Thôn Đông.xlsx"
    with watching(tmp_path / "inputs", run):
        for count, change in enumerate((lambda: book.write_bytes(b"a"), lambda: book.write_bytes(b"ab"), book.unlink), start=2):
            change()
            assert run.wait_for(count)
        assert settles(run, 4)


def test_it_runs_when_all_has_been_quiet_and_once_for_many_changes(tmp_path: Path) -> None:
    run = Runs()
    with watching(tmp_path / "inputs", run):
        for at in range(8):
            (tmp_path / "inputs" / f"{at}.xlsx").write_bytes(b"a")
            time.sleep(QUIET / 3)
        last = time.monotonic()
        assert settles(run, 2)
    assert run.times[1] - last >= QUIET * 0.6


@pytest.mark.parametrize("name", ["~$a.xlsx", ".~lock.a.xlsx#", "a.tmp", "notes.txt", "_can-sua/a.xlsx", ".an/a.xlsx"])
def test_what_is_no_workbook_leads_to_no_run(tmp_path: Path, name: str) -> None:
    run, path = Runs(), tmp_path / "inputs" / name
    path.parent.mkdir(parents=True)
    with watching(tmp_path / "inputs", run):
        path.write_bytes(b"a")
        assert settles(run, 1)


@pytest.mark.parametrize("name", ["don-vi.xlsx", "xa/a.xlsm", "a.xls", "a.CSV"])
def test_the_register_and_every_kind_of_workbook_count(tmp_path: Path, name: str) -> None:
    run, path = Runs(), tmp_path / "inputs" / name
    with watching(tmp_path / "inputs", run):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"a")
        assert settles(run, 2)


def test_a_folder_that_is_moved_in_counts_by_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "xa 5.2026").mkdir()
    (tmp_path / "xa 5.2026" / "a.xlsx").write_bytes(b"a")
    run = Runs()
    with watching(tmp_path / "inputs", run):
        (tmp_path / "xa 5.2026").rename(tmp_path / "inputs" / "xa 5.2026")
        assert settles(run, 2)
        (tmp_path / "inputs" / "xa 5.2026").rename(tmp_path / "xa 5.2026")
        assert settles(run, 3)


def test_a_change_that_is_taken_back_leads_to_no_run(tmp_path: Path) -> None:
    run = Runs()
    with watching(tmp_path / "inputs", run):
        (tmp_path / "inputs" / "a.xlsx").write_bytes(b"a")
        (tmp_path / "inputs" / "a.xlsx").unlink()
        assert settles(run, 1)


def test_an_open_workbook_is_waited_for(tmp_path: Path) -> None:
    run, inputs = Runs(), tmp_path / "inputs"
    with watching(inputs, run, clock=time.time):
        (inputs / "~$a.xlsx").write_bytes(b"a")
        (inputs / "a.xlsx").write_bytes(b"a")
        assert settles(run, 1)
        (inputs / "~$a.xlsx").unlink()
        assert settles(run, 2)


def test_another_s_open_workbook_and_the_lock_of_a_crash_are_not_waited_for(tmp_path: Path) -> None:
    run, inputs = Runs(), tmp_path / "inputs"
    inputs.mkdir()
    for name in ("b.xlsx", "~$b.xlsx", "~$a.xlsx"):
        (inputs / name).write_bytes(b"b")
    os.utime(inputs / "~$a.xlsx", (time.time() - 8 * 86_400,) * 2)
    with watching(inputs, run, clock=time.time):
        (inputs / "a.xlsx").write_bytes(b"a")
        assert settles(run, 2)


def test_after_ten_minutes_nobody_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "LONGEST", 0.5)
    run, inputs = Runs(), tmp_path / "inputs"
    with watching(inputs, run):
        (inputs / "~$a.xlsx").write_bytes(b"a")
        (inputs / "a.xlsx").write_bytes(b"a")
        changed = time.monotonic()
        assert settles(run, 2)
    assert run.times[1] - changed >= 0.4


def test_a_change_during_a_run_leads_to_another(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    run = Runs(lambda: None, lambda: (inputs / "b.xlsx").write_bytes(b"b") and time.sleep(3 * QUIET))
    with watching(inputs, run):
        (inputs / "a.xlsx").write_bytes(b"a")
        assert settles(run, 3)


def test_a_change_during_the_first_run_is_not_lost(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    run = Runs(lambda: (inputs / "a.xlsx").write_bytes(b"a") and None)
    with watching(inputs, run):
        assert settles(run, 2)


def fail(fault: Fault) -> Callable[[], None]:
    def run() -> None:
        raise fault

    return run


def test_a_fault_of_one_run_is_told_and_the_next_change_leads_to_a_run(tmp_path: Path) -> None:
    run = Runs(fail(Fault("Chưa có sổ nào.")))
    with watching(tmp_path / "inputs", run) as told:
        assert settles(run, 1)
        (tmp_path / "inputs" / "a.xlsx").write_bytes(b"a")
        assert settles(run, 2)
    assert told == ["Chưa có sổ nào."]


def test_a_run_that_another_was_in_the_way_of_is_made_up_for(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "a.xlsx").write_bytes(b"a")
    run = Runs(fail(LockFault()), fail(LockFault()))
    with watching(tmp_path / "inputs", run) as told:
        assert settles(run, 3)
    assert told == [f"{LockFault()}"] * 2


def test_a_folder_that_gives_no_notice_is_looked_at_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "_POLL_MILLISECONDS", 50)
    run = Runs()
    with watching(tmp_path / "inputs", run, poll=True):
        (tmp_path / "inputs" / "a.xlsx").write_bytes(b"a")
        assert settles(run, 2)


def test_a_notice_that_never_came_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle, "_LOOK", 0.3)
    monkeypatch.setattr(settle, "_counts", lambda _path: False)
    run = Runs()
    with watching(tmp_path / "inputs", run):
        (tmp_path / "inputs" / "a.xlsx").write_bytes(b"a")
        assert settles(run, 2)


def test_a_folder_that_is_not_there_is_a_fault_before_anything_runs(tmp_path: Path) -> None:
    run = Runs()
    with pytest.raises(Fault, match="Không thấy thư mục inputs"):
        watch_inputs(tmp_path / "inputs", QUIET, run)
    assert run.times == []


def test_a_machine_that_cannot_watch_is_a_fault_that_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_more: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("watchfiles.watch", refuse)
    with pytest.raises(Fault, match="--poll"):
        watch_inputs(tmp_path, QUIET, Runs())


def test_quiet_is_counted_from_the_last_change_and_the_limit_from_the_first() -> None:
    settling = Settling(30, {})
    settling.note(A, 0)
    settling.note(B, 20)
    settling.note(B, 40)
    assert [settling.is_due(at, nobody) for at in (49, 50)] == [False, True]
    assert not settling.is_due(LONGEST - 1, lambda name: name == "a.xlsx")
    assert settling.is_due(LONGEST, lambda name: name == "a.xlsx")


def test_only_changed_workbooks_are_asked_whether_they_are_open() -> None:
    asked: list[str] = []
    settling = Settling(30, {"a.xlsx": (1, 1), "gone.xlsx": (1, 1), "same.xlsx": (1, 1)})
    settling.note({"a.xlsx": (2, 2), "same.xlsx": (1, 1), "new.xlsx": (1, 1)}, 0)
    assert settling.is_due(30, lambda name: bool(asked.append(name)))
    assert asked == ["a.xlsx", "new.xlsx"]


def test_without_a_change_nothing_is_due() -> None:
    settling = Settling(0, A)
    settling.note(A, 0)
    assert not settling.is_due(1e9, nobody)


def test_watching_a_folder_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    told = command("watch", *folders_in(tmp_path))
    assert told.code == 2
    assert "Không thấy thư mục inputs" in told.err


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C as Unix sends it")
def test_ctrl_c_ends_with_one_sentence_and_0(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    arguments = [sys.executable, "-u", "-m", "pipeline", "watch"]
    with subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                          env={**os.environ, "PYTHONPATH": str(HOME), "PYTHONIOENCODING": "utf-8"}) as watch:
        assert watch.stderr is not None
        assert any("Vẫn tiếp tục canh" in line for line in watch.stderr)
        time.sleep(0.3)
        watch.send_signal(signal.SIGINT)
        out, err = watch.communicate(timeout=10)
    assert (watch.returncode, err) == (0, "")
    assert out.splitlines() == ["Đang canh thư mục inputs. Dừng bằng Ctrl+C.", "Đã thôi canh thư mục inputs."]
