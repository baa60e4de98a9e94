"""Readers that die in spite of every check: one task's grief is no other's loss, and no night hangs."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import deeds
import hostile
import pytest
from hostile import STRINGS, changed, row
from intake import FORM, SECRET, hamlet_book
from nights import make_units

from pipeline.collect import Job, collect, gather
from pipeline.fault import Fault
from pipeline.find import Source, find_workbooks
from pipeline.read import read_workbook
from pipeline.readers import Failure, Readers, answer
from pipeline.tidy.batch import Workbook

TASKS = 60
GRIEF: dict[str, tuple[Callable[[], None], str]] = {
    "killed": (deeds.kill, "bị hệ điều hành dừng"),
    "crashed": (deeds.crash, "gặp sự cố"),
    "aborted": (os.abort, "quá nhiều bộ nhớ"),
    "left": (deeds.leave, "quá lâu"),
    "too much memory": (deeds.eat_once, "quá nhiều bộ nhớ"),
    "ever more memory": (deeds.eat_slowly, "(quá lâu|quá nhiều bộ nhớ)"),
    "endless": (deeds.spin, "quá lâu"),
    "deaf": (deeds.ignore_the_signal, "quá lâu"),
    "unsendable exception": (deeds.raise_unsendable, "lỗi bên trong chương trình đọc: UnsendableError"),
    "unreadable exception": (deeds.raise_unreadable, "lỗi bên trong chương trình đọc: UnreadableError"),
    "endless recursion": (deeds.recurse, "lỗi bên trong chương trình đọc: RecursionError"),
}
DEADLY: dict[str, hostile.Maker] = {
    "slash in an attribute": row(b'<row r="900"><c r="XFD1048576" x="/"><v>1</v></c></row>'),
    "small letters": row(b'<row r="900"><c r="xfd1048576"><v>1</v></c></row>'),
    "cells without references": row(b'<row r="1048570">' + b"<c><v>1</v></c>" * 16_000 + b"</row>"),
    "count far behind": changed(STRINGS, lambda part: re.sub(rb'uniqueCount="\d+"', b" " * 5000 + b'uniqueCount="4000000000"', part)),
    "count behind a comment": changed(STRINGS, lambda part: re.sub(rb'uniqueCount="\d+"', b'uniqueCount="4000000000"', part).replace(
        b"<sst ", b"<!--" + b"x" * 5000 + b"--><sst ", 1)),
}
"""Workbooks that kill python-calamine 0.9 and are written so that a look with patterns may miss it."""
needs_limits = pytest.mark.skipif(os.name == "nt", reason="no such signals and limits here")


@pytest.fixture
def readers() -> Iterator[Readers]:
    made = Readers(2, time_limit=1, patience=1)
    yield made
    made.close()


def workers() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.name == "pebble_pool_worker" and child.pid]


def kill_workers() -> None:
    for pid in workers():
        os.kill(pid, signal.SIGKILL)


@needs_limits
@pytest.mark.parametrize("grief", GRIEF)
def test_the_other_tasks_give_their_answers(readers: Readers, grief: str) -> None:
    deed, why = GRIEF[grief]
    since = time.monotonic()
    found = dict(enumerate(told for _, told in readers.spread(deeds.do, ([at] for at in range(TASKS)), deed)))
    failure = found.pop(deeds.BAD)
    assert isinstance(failure, Failure)
    assert re.search(why, failure.why)
    assert found == {at: [at] for at in range(TASKS) if at != deeds.BAD}
    assert time.monotonic() - since < 15


@needs_limits
def test_of_a_task_of_many_only_the_culprit_fails(readers: Readers) -> None:
    tasks = [list(range(at, at + 15)) for at in range(0, TASKS, 15)]
    found = list(readers.spread(deeds.do, tasks, deeds.kill))
    assert [told for task, told in found if isinstance(told, list) for told in told] == [at for at in range(TASKS) if at != deeds.BAD]
    assert [list(task) for task, told in found if isinstance(told, Failure)] == [[deeds.BAD]]
    assert [list(task) for task, _ in found if len(task) > 1] == tasks[1:]


@needs_limits
def test_a_task_whose_worker_was_killed_for_another_s_hunger_is_done_after_all(readers: Readers, tmp_path: Path) -> None:
    tasks = [list(range(at, at + 15)) for at in range(0, TASKS, 15)]
    found = [told for _, told in readers.spread(deeds.do_once, tasks, tmp_path / "mark")]
    assert not [told for told in found if isinstance(told, Failure)]
    assert sum(map(len, found)) == TASKS


def test_a_fault_of_ours_passes_and_a_disk_that_is_full_is_one(readers: Readers) -> None:
    for one in (readers, Readers(isolated=False)):
        with pytest.raises(Fault, match=r"thư mục tạm của máy: No space left on device\. .*Kết quả cũ vẫn giữ nguyên"):
            answer(one.submit(deeds.do, [deeds.BAD], deeds.fill_the_disk))


def test_without_isolation_too_an_error_is_a_failure() -> None:
    told = answer(Readers(isolated=False).submit(deeds.do, [deeds.BAD], deeds.raise_unsendable))
    assert isinstance(told, Failure)
    assert told.why.startswith("lỗi bên trong chương trình đọc: UnsendableError tại ")


@needs_limits
def test_workers_killed_while_they_are_idle_are_replaced(readers: Readers) -> None:
    assert answer(readers.submit(deeds.do, [1], deeds.kill)) == [1]
    kill_workers()
    time.sleep(0.4)
    assert [told for _, told in readers.spread(deeds.do, [[2], [3]], deeds.kill)] == [[2], [3]]


@needs_limits
def test_workers_killed_as_they_start_are_replaced(readers: Readers) -> None:
    def kill_for_a_while() -> None:
        for _ in range(10):
            kill_workers()
            time.sleep(0.05)

    assert [told for _, told in readers.spread(deeds.do, [[at] for at in range(6)], deeds.spin, meanwhile=kill_for_a_while)] == [
        [at] for at in range(6)]


@needs_limits
@pytest.mark.parametrize("pause", [0.05, 0.1])
def test_workers_killed_while_they_speak_leave_nobody_mute(readers: Readers, pause: float) -> None:
    def kill_after_a_pause() -> None:
        time.sleep(pause)
        kill_workers()

    since = time.monotonic()
    found = [told for _, told in readers.spread(deeds.speak, [[at] for at in range(6)], 40_000_000, meanwhile=kill_after_a_pause)]
    assert sum(isinstance(told, Failure) for told in found) <= 2
    assert all(len(told) == 40_000_000 for told in found if not isinstance(told, Failure))
    assert time.monotonic() - since < 20


@needs_limits
def test_a_machine_on_which_no_worker_ever_answers_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.readers._prepare", deeds.kill)
    readers = Readers(1, time_limit=1, patience=1)
    with pytest.raises(Fault, match="không chạy được chương trình đọc sổ"):
        answer(readers.submit(deeds.do, [1], deeds.kill))
    readers.close()


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good workbooks, and among them those that kill a reader."""
    folder = tmp_path_factory.mktemp("books")
    units = make_units("A", 8 + len(DEADLY))
    for number, unit in enumerate(units[2:]):
        hamlet_book(unit, units[1], number).write(folder / f"{unit.unit_id}.xlsx")
    for path, make in zip(sorted(folder.iterdir()), DEADLY.values(), strict=False):
        path.write_bytes(make(path.read_bytes()))
    return folder


def read_all(folder: Path, readers: Readers, private: Path, meanwhile: Callable[[], None] = lambda: None) -> list[Workbook]:
    jobs = [Job(number, source) for number, source in enumerate(find_workbooks(folder))]
    collected = gather(collect(jobs, SECRET, readers, private, meanwhile))
    assert len(collected.tables["people"]["source_row"]) == sum(book.rows_read.get("people", 0) for book in collected.workbooks)
    return collected.workbooks


@needs_limits
def test_a_workbook_that_kills_its_reader_is_the_only_one_lost(books: Path, tmp_path: Path) -> None:
    readers = Readers(2)
    found = read_all(books, readers, tmp_path)
    readers.close()
    told = [{trouble.code for trouble in book.troubles} for book in found]
    assert all(codes & {"reader_failed", "file_suspicious", "file_damaged", "file_too_large"} for codes in told[:len(DEADLY)])
    assert told[len(DEADLY):] == [set()] * 8
    assert [book.rows_read["people"] for book in found[len(DEADLY):]] == [1] * 8
    assert not [path for path in tmp_path.rglob("*.xlsx") if path.stat().st_size == 0]


@needs_limits
def test_reading_goes_on_when_all_workers_are_killed_from_outside(books: Path, tmp_path: Path) -> None:
    readers = Readers(2)
    found = read_all(books, readers, tmp_path, kill_workers)
    readers.close()
    assert [book.rows_read["people"] for book in found[len(DEADLY):]] == [1] * 8


def test_a_reader_without_memory_says_so(books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pipeline.read._read_copy", refuse)
    path = max(books.iterdir())
    raw = read_workbook(Source(path.name, path), FORM, tmp_path)
    assert [(trouble.code, dict(trouble.values)["why"]) for trouble in raw.troubles] == [("reader_failed", "cần quá nhiều bộ nhớ")]
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_cannot_be_written_is_nobody_s_workbook(books: Path, tmp_path: Path) -> None:
    path = max(books.iterdir())
    with pytest.raises(OSError):
        read_workbook(Source(path.name, path), FORM, tmp_path / "gone")


