"""Chaos: runs killed at any moment, disks full or read-only, two runs at once, clocks set back, inputs that never keep still.

The number of kills is THNCD_KILLS (a dozen unless told otherwise).
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from intake import edit_workbook
from journey import PERIOD, TODAY, book_of, folders_in, rows_of, settings_in, snapshot

from pipeline.demo.make import make_demo
from pipeline.night import Told, spend
from pipeline.restore import KEPT
from pipeline.secrets_file import PREFIX
from pipeline.settings import Settings

HOME = Path(__file__).parent.parent
KILLS = int(os.environ.get("THNCD_KILLS", "12"))
CHANGED = "X001-01"
SECONDS = 120
pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such signals and mounts here")


@dataclass(frozen=True)
class Office:
    """A folder with a commune's inputs, of which one workbook has two versions, and its outputs, state and temporary files."""

    root: Path

    @property
    def settings(self) -> Settings:
        return settings_in(self.root)

    @property
    def period(self) -> Path:
        return self.root / "outputs" / PERIOD

    @property
    def temp(self) -> Path:
        return self.root / "temp"

    @property
    def book(self) -> Path:
        return book_of(self.root / "inputs", CHANGED)

    def put(self, version: int) -> None:
        """Put a version of the workbook into inputs/, as a program that saves does."""
        fresh = self.root / "fresh"
        fresh.write_bytes((self.root / f"{version}.xlsx").read_bytes())
        fresh.replace(self.book)

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Start a run as the schedule does, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipeline", "run", *folders_in(self.root), *more], cwd=self.root, start_new_session=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(HOME), "TMPDIR": str(self.temp)})

    def command(self, *more: str) -> subprocess.CompletedProcess[str]:
        """Run as the schedule does."""
        with self.start(*more) as run:
            out, err = run.communicate(timeout=SECONDS)
        return subprocess.CompletedProcess("run", run.returncode, out, err)

    def spend(self, today: date = TODAY) -> Told:
        """Run in this process."""
        return spend(self.settings, today, isolated=False)

    def published(self) -> dict[str, object]:
        """Return what is published, without the durations; nothing when nothing is."""
        found: dict[str, object] = dict(snapshot(self.period))
        if "run.json" in found:
            found["run.json"] = json.loads((self.period / "run.json").read_text(encoding="utf-8")) | {"durations": {}}
        return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[dict[str, object], dict[str, object]]]:
    """Make an office, and learn what it publishes of either version."""
    office = Office(tmp_path_factory.mktemp("made"))
    make_demo(office.root / "inputs", hamlets=3, people=6, seed=4)
    office.temp.mkdir()
    shutil.copy(office.book, office.root / "0.xlsx")
    edit_workbook(office.book, drop_a_person)
    shutil.copy(office.book, office.root / "1.xlsx")
    known = []
    for version in (0, 1):
        office.put(version)
        office.spend()
        known.append(office.published())
    assert known[0] != known[1]
    shutil.rmtree(office.root / "outputs")
    shutil.rmtree(office.root / "state")
    return office.root, (known[0], known[1])


def drop_a_person(book: object) -> None:
    sheet = book["Danh sách"]  # type: ignore[index]
    for cell in sheet[5]:
        cell.value = None


@pytest.fixture
def known(made: tuple[Path, tuple[dict[str, object], dict[str, object]]]) -> tuple[dict[str, object], dict[str, object]]:
    return made[1]


@pytest.fixture
def office(made: tuple[Path, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office that has not published anything yet; temporary files of this process lie in it too."""
    shutil.copytree(made[0], tmp_path / "office")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "office" / "temp"))
    monkeypatch.setattr("pipeline.collect.time", SimpleNamespace(sleep=lambda seconds: None))
    return Office(tmp_path / "office")


def assert_nothing_is_left(office: Office) -> None:
    """No half-built folder, no names, no lock, no tables that the ledger does not know, no damage to the ledger."""
    outputs = office.root / "outputs"
    names = {path.name for folder in (outputs, outputs / KEPT) if folder.exists() for path in folder.iterdir()}
    assert names <= {PERIOD, KEPT}
    assert not list(office.temp.glob(f"{PREFIX}*"))
    state = office.root / "state"
    assert not (state / "lock.json").exists()
    with closing(sqlite3.connect(state / "ledger.sqlite")) as ledger:
        assert ledger.execute("pragma integrity_check").fetchone() == ("ok",)
        segments = {name for name, in ledger.execute("select segment from segments")}
    assert {path.name for path in (state / "tables").iterdir()} <= segments


# Kills.


LATE = ("Ghi kết quả", "tripwire", "Soát", "Phát hành")
"""Stages, as a run tells of them, in which it writes and publishes."""


def kill_sometime(run: subprocess.Popen[str], seconds: float, dice: random.Random) -> None:
    """Kill a run and all its workers: at some moment of so many seconds, or shortly after it began to write or to publish."""
    if dice.random() < 0.5:
        with suppress(subprocess.TimeoutExpired):
            run.wait(dice.uniform(0, seconds))
    elif run.stderr:
        stage = dice.choice(LATE)
        next((line for line in run.stderr if line.strip().startswith(stage)), "")
        time.sleep(dice.uniform(0, seconds / 15))
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)


def test_a_run_killed_at_any_moment_leaves_the_old_or_the_new_publication(
        office: Office, known: tuple[dict[str, object], dict[str, object]]) -> None:
    dice, now, seconds, told = random.Random(11), -1, 3.0, Counter[str]()
    for number in range(KILLS):
        if number % 6 == 0:  # never published before
            shutil.rmtree(office.root / "outputs", ignore_errors=True)
            shutil.rmtree(office.root / "state", ignore_errors=True)
            now = -1
        target = 1 - max(now, 0)
        office.put(target)
        since = time.monotonic()
        with office.start() as run:
            kill_sometime(run, seconds, dice)
        if run.returncode == 0:
            seconds = time.monotonic() - since
        found, left = office.published(), (office.root / "state" / "lock.json").exists()
        assert found in ((known[target], known[now]) if now >= 0 else (known[target], {})), f"kill {number}"
        told["killed" if run.returncode == -signal.SIGKILL else "ended before"] += 1
        told["new" if found == known[target] else "old" if found else "absent"] += 1
        told["taken over"] += left
        assert ("lượt này tiếp quản" in recover(office, number)) == left
        assert office.published() == known[target]
        assert_nothing_is_left(office)
        now = target
    print(f"\n{dict(told)}")  # noqa: T201 - a long run by hand wants to be told of
    assert told["killed"] >= KILLS // 3


def recover(office: Office, number: int) -> str:
    """Run to the end, now and then as the schedule does; return what is said."""
    if number % 4 == 3:
        again = office.command()
        assert again.returncode == 0, again.stderr
        return again.stdout
    after = office.spend()
    assert after.exit_code == 0
    return "\n".join(after.lines)


def below(session: int) -> list[int]:
    """Return the processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text(encoding="utf-8", errors="replace").rsplit(")", 1)[1].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_no_worker_outlives_a_run_whose_main_process_alone_is_killed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.temp.mkdir()
    make_demo(tmp_path / "inputs", communes=4, hamlets=1, people=1)
    with office.start() as run:
        until = time.monotonic() + SECONDS
        while not list(office.root.glob("outputs/.dang-ghi-*/*/*.xlsx")) and time.monotonic() < until:
            time.sleep(0.02)
        assert len(below(run.pid)) > 2
        run.kill()
    until = time.monotonic() + 10
    while (left := below(run.pid)) and time.monotonic() < until:
        time.sleep(0.1)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert left == []


# Disks.


@pytest.fixture
def mounted(office: Office) -> Iterator[Callable[[str, str], Path]]:
    """Put a small disk in the place of one of the office's folders, with what is in it."""
    places: list[Path] = []

    def mount(name: str, size: str) -> Path:
        place, aside = office.root / name, office.root / f"{name}.aside"
        place.mkdir(exist_ok=True)
        shutil.copytree(place, aside)
        try:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", place], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this user may not mount a small disk")
        places.append(place)
        shutil.copytree(aside, place, dirs_exist_ok=True)
        shutil.rmtree(aside)
        return place

    yield mount
    for place in places:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(place: Path, leave: int = 0) -> Path:
    """Fill a disk but for some bytes."""
    ballast, free = place / "ballast", os.statvfs(place)
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        for _ in range(free.f_bavail - leave // free.f_frsize):
            file.write(bytes(free.f_frsize))
    return ballast


def is_one_sentence(text: str) -> bool:
    """Tell whether a message is one line in Vietnamese that no program but ours has written."""
    lines = [line for line in text.splitlines() if line and line not in STAGES]
    return len(lines) == 1 and any(letter in lines[0] for letter in "ảạếệđấộợư") and not re.search("Traceback|ngoài dự kiến", text)


STAGES = ("Tìm sổ", "Đọc sổ (1)", "Đọc sổ (4)", "Nhận đơn vị", "Gộp số liệu", "Kiểm tra", "Tính chỉ tiêu", "Đối chiếu", "Ghi kết quả (3)",
          "Soát dữ liệu cá nhân", "tripwire", "Phát hành")


@pytest.mark.parametrize(("name", "size", "leave"), [
    ("outputs", "400k", 0), ("outputs", "400k", 100_000), ("state", "1m", 0), ("temp", "200k", 12_000)])
def test_a_full_disk_publishes_nothing_and_room_is_all_that_the_next_run_needs(
        office: Office, known: tuple[dict[str, object], dict[str, object]], mounted: Callable[[str, str], Path],
        name: str, size: str, leave: int) -> None:
    office.put(0)
    assert office.spend().exit_code == 0
    place = mounted(name, size)
    ballast = fill(place, leave)
    office.put(1)
    told = office.command()
    assert told.returncode == 2
    assert told.stdout == ""
    assert is_one_sentence(told.stderr), told.stderr
    assert office.published() == known[0]
    ballast.unlink()
    assert office.spend().exit_code == 0
    assert office.published() == known[1]
    assert_nothing_is_left(office)


@pytest.mark.parametrize("name", ["outputs", "state"])
def test_a_read_only_disk_publishes_nothing(office: Office, known: tuple[dict[str, object], dict[str, object]],
                                            mounted: Callable[[str, str], Path], name: str) -> None:
    office.put(0)
    assert office.spend().exit_code == 0
    place = mounted(name, "2m")
    subprocess.run(["mount", "-o", "remount,ro", place], check=True)
    office.put(1)
    told = office.command()
    subprocess.run(["mount", "-o", "remount,rw", place], check=True)
    assert told.returncode == 2
    assert is_one_sentence(told.stderr), told.stderr
    assert office.published() == known[0]
    assert office.spend().exit_code == 0
    assert office.published() == known[1]
    assert_nothing_is_left(office)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
@pytest.mark.parametrize("name", ["outputs", "state"])
def test_a_folder_that_may_not_be_written_publishes_nothing(office: Office, known: tuple[dict[str, object], dict[str, object]],
                                                            name: str) -> None:
    office.put(0)
    assert office.spend().exit_code == 0
    office.put(1)
    (office.root / name).chmod(0o500)
    told = office.command()
    (office.root / name).chmod(0o700)
    assert told.returncode == 2 or name == "state"  # the owner of the state folder opens it to himself again
    assert office.published() == known[told.returncode == 0]


# Two at once, and clocks.


def test_a_second_run_ends_at_once_and_says_who_is_at_work(office: Office, known: tuple[dict[str, object], dict[str, object]]) -> None:
    office.put(0)
    with office.start() as first:
        until = time.monotonic() + SECONDS
        while not (office.root / "state" / "lock.json").exists() and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg(first.pid, signal.SIGSTOP)
        since = time.monotonic()
        second = office.command()
        took = time.monotonic() - since
        os.killpg(first.pid, signal.SIGCONT)
        out, _ = first.communicate(timeout=SECONDS)
    assert second.returncode == 3
    assert f"tiến trình {first.pid}" in second.stderr
    assert took < 5
    assert first.returncode == 0
    assert "tiếp quản" not in out
    assert office.published() == known[0]
    assert_nothing_is_left(office)


def test_a_clock_set_back_loses_no_change(office: Office, known: tuple[dict[str, object], dict[str, object]]) -> None:
    office.put(0)
    assert office.spend().exit_code == 0
    earlier = TODAY - timedelta(days=31)
    for step, version in enumerate((1, 0, 1)):
        office.put(version)
        future = time.time() + (90 - 30 * step) * 86_400
        os.utime(office.book, (future, future))
        assert office.spend(earlier - timedelta(days=step)).exit_code == 0
        assert office.published() == known[version]
    os.utime(office.book, (future, future))
    office.book.write_bytes((office.root / "0.xlsx").read_bytes())  # in place, and with the very times it had
    os.utime(office.book, (future, future))
    assert office.spend(earlier).exit_code == 0
    assert office.published() == known[0]


# Inputs that change meanwhile.


def rewrite_in_place(path: Path, data: bytes, dice: random.Random) -> None:
    """Write a file as a copy over the network does: a piece at a time."""
    with path.open("r+b", buffering=0) as file:
        if dice.random() < 0.5:
            file.truncate()
        for at in range(0, len(data), 4096):
            file.write(data[at:at + 4096])
            time.sleep(dice.choice((0, 0, 0, 0.001)))
        file.truncate()


def rewrite_by_rename(path: Path, data: bytes, _: random.Random) -> None:
    fresh = path.with_name("dang-luu.tmp")
    fresh.write_bytes(data)
    fresh.replace(path)


def remove_and_write(path: Path, data: bytes, _: random.Random) -> None:
    path.unlink()
    time.sleep(0.002)
    path.write_bytes(data)


@pytest.mark.parametrize("rewrite", [rewrite_in_place, rewrite_by_rename, remove_and_write])
def test_inputs_that_never_keep_still_give_one_version_or_the_other(
        office: Office, known: tuple[dict[str, object], dict[str, object]], rewrite: Callable[[Path, bytes, random.Random], None]) -> None:
    office.put(0)
    assert office.spend().exit_code == 0
    book, dice, over = office.book, random.Random(5), threading.Event()
    versions = [(office.root / f"{at}.xlsx").read_bytes() for at in (0, 1)]

    def never_rest() -> None:
        while not over.is_set():
            rewrite(book, dice.choice(versions), dice)
            time.sleep(dice.choice((0, 0.005, 0.05)))

    figures = [statistics(one) for one in known]
    if rewrite is remove_and_write:  # seen when it is gone, it has not been handed in
        book.unlink()
        office.spend()
        figures.append(statistics(office.published()))
        book.write_bytes(versions[0])
    restless = threading.Thread(target=never_rest)
    restless.start()
    try:
        for _ in range(5):
            assert office.spend().exit_code in (0, 1)
            assert statistics(office.published()) in figures
            assert "blocked" not in {row["status"] for row in rows_of(office.period / "completeness.csv")}
    finally:
        over.set()
        restless.join()
    office.put(1)
    assert office.spend().exit_code == 0
    assert office.published() == known[1]
    assert_nothing_is_left(office)


def statistics(published: dict[str, object]) -> object:
    return published["statistics.csv"]
