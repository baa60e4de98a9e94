"""The lock: one run at a time, with a name; the dead and the hung are taken over, by one, and publish nothing afterwards."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.fault import Fault, LockFault
from pipeline.lock import LIMIT_HOURS, hold_lock
from pipeline.log import VIETNAM

DEAD = 2**22 + 1
HOME = Path(__file__).parent.parent
CHILD = """
import sys
from pathlib import Path
from pipeline.fault import Fault
from pipeline.lock import hold_lock

def say(*words):
    print(*words, sep="|", flush=True)

def attempt(act):
    try:
        act()
    except Fault as fault:
        say(type(fault).__name__, fault.exit_code, fault)

def hold():
    with hold_lock(Path(sys.argv[1])) as held:
        say("held", held.notice)
        while (word := sys.stdin.readline().strip()) == "check":
            attempt(lambda: (held.check(), say("ours")))
    say("free")

while sys.stdin.readline().strip() == "hold":
    attempt(hold)
"""


class Run:
    """Another run, in a process of its own."""

    def __init__(self, state: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", CHILD, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env={**os.environ, "PYTHONPATH": str(HOME), "PYTHONUTF8": "1"}, encoding="utf-8", bufsize=1)

    def say(self, word: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(word + "\n")

    def hear(self) -> list[str]:
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n").split("|")

    def ask(self, word: str) -> list[str]:
        """Say hold, check or drop; return what it answers: held, ours or free, or the fault."""
        self.say(word)
        return self.hear()

    def end(self) -> None:
        """Kill it as a power cut would."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Begin other runs over the same state folder."""
    runs: list[Run] = []

    def one() -> Run:
        runs.append(Run(tmp_path))
        return runs[-1]

    yield one
    for run in runs:
        run.end()


def owner(state: Path) -> dict[str, Any]:
    said = json.loads((state / "lock.json").read_text(encoding="utf-8"))
    assert isinstance(said, dict)
    return said


def change_owner(state: Path, **more: object) -> None:
    (state / "lock.json").write_text(json.dumps(owner(state) | more), encoding="utf-8")


def hours_ago(hours: float) -> str:
    return (datetime.now(VIETNAM) - timedelta(hours=hours)).isoformat()


def test_only_one_run_holds_the_lock(tmp_path: Path) -> None:
    with hold_lock(tmp_path), pytest.raises(LockFault) as refused, hold_lock(tmp_path):
        pass
    assert refused.value.exit_code == 3


def test_the_lock_is_free_again_after_a_run_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold_lock(tmp_path):
        raise ZeroDivisionError
    with hold_lock(tmp_path) as held:
        assert held.notice == ""


@pytest.mark.parametrize("name", ["lock", "lock.takeover", "lock.json", "lock.json.moi"])
def test_a_lock_that_cannot_be_opened_is_a_fault_with_exit_code_2(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(Fault) as refused, hold_lock(tmp_path):
        pass
    assert refused.value.exit_code == 2


def test_who_holds_the_lock_stands_beside_it_for_its_owner_alone_and_goes_with_it(tmp_path: Path) -> None:
    with hold_lock(tmp_path) as held:
        said = owner(tmp_path)
        assert (said["user"], said["host"], said["pid"]) == (getpass.getuser(), platform.node(), os.getpid())
        assert abs(datetime.fromisoformat(said["started"]) - datetime.now(VIETNAM)) < timedelta(minutes=1)
        assert said["started"].endswith("+07:00")
        assert os.name == "nt" or stat.S_IMODE((tmp_path / "lock.json").stat().st_mode) == 0o600
        held.check()
    assert not (tmp_path / "lock.json").exists()


def test_a_second_run_ends_at_once_and_says_who_holds_the_lock(tmp_path: Path, begin: Callable[[], Run]) -> None:
    first = begin()
    assert first.ask("hold") == ["held", ""]
    began = time.monotonic()
    with pytest.raises(LockFault) as refused, hold_lock(tmp_path):
        pass
    assert time.monotonic() - began < 1
    who = re.escape(f"{getpass.getuser()} trên máy {platform.node()}")
    assert re.fullmatch(rf"Khóa do {who}, bắt đầu lúc \d\d:\d\d ngày \d\d/\d\d/\d{{4}} \(tiến trình {first.process.pid}\) giữ\. "
                        r"Một lượt chạy khác đang làm việc; hãy chờ lượt đó xong rồi chạy lại\.", str(refused.value))
    assert first.ask("check") == ["ours"]
    assert first.ask("drop") == ["free"]


UNREADABLE = [b"", b"{", b"[]", b'{"pid": 1}', b'{"started": 5}', b"\xff\xfe", b'{"started": "9999-12-31T23:59:00-12:00"}']


@pytest.mark.parametrize("said", UNREADABLE)
def test_where_it_does_not_say_who_the_refusal_names_nobody(tmp_path: Path, said: bytes) -> None:
    with hold_lock(tmp_path):
        (tmp_path / "lock.json").write_bytes(said)
        with pytest.raises(LockFault) as refused, hold_lock(tmp_path):
            pass
    assert str(refused.value) == str(LockFault())


def test_a_run_that_was_killed_is_taken_over_with_a_notice(tmp_path: Path, begin: Callable[[], Run]) -> None:
    dead = begin()
    dead.ask("hold")
    dead.end()
    with hold_lock(tmp_path) as held:
        assert re.fullmatch(r"Lượt chạy trước \(của .+ trên máy .+, bắt đầu lúc \d\d:\d\d ngày \d\d/\d\d/\d{4}\) đã dừng giữa chừng; "
                            r"lượt này tiếp quản\.", held.notice)
        assert owner(tmp_path)["pid"] == os.getpid()
        held.check()
    with hold_lock(tmp_path) as held:
        assert held.notice == ""


@pytest.mark.parametrize("said", UNREADABLE)
def test_a_run_that_was_killed_while_it_wrote_its_name_is_taken_over(tmp_path: Path, said: bytes) -> None:
    (tmp_path / "lock.json").write_bytes(said)
    with hold_lock(tmp_path) as held:
        assert held.notice == "Lượt chạy trước đã dừng giữa chừng; lượt này tiếp quản."


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be removed there")
def test_a_run_that_hangs_is_taken_over_after_the_limit_and_may_not_publish(tmp_path: Path, begin: Callable[[], Run]) -> None:
    hung = begin()
    hung.ask("hold")
    change_owner(tmp_path, started=hours_ago(LIMIT_HOURS + 0.1))
    with hold_lock(tmp_path) as held:
        assert "tiếp quản" in held.notice
        assert hung.ask("check")[:2] == ["LockFault", "3"]
        assert hung.ask("drop") == ["free"]
        held.check()
        assert begin().ask("hold")[0] == "LockFault"
    assert begin().ask("hold") == ["held", ""]


@pytest.mark.parametrize(("hours", "changes"), [(LIMIT_HOURS - 0.1, {}), (-72, {}), (0, {"host": "another", "pid": DEAD})])
def test_a_run_that_may_be_at_work_is_left_alone(tmp_path: Path, begin: Callable[[], Run], hours: float,
                                                 changes: dict[str, object]) -> None:
    first = begin()
    first.ask("hold")
    change_owner(tmp_path, started=hours_ago(hours), **changes)
    with pytest.raises(LockFault), hold_lock(tmp_path):
        pass
    assert first.ask("check") == ["ours"]


@pytest.mark.parametrize("hours", [-72, 72])
def test_a_clock_that_was_set_keeps_nobody_from_taking_over_a_dead_run(tmp_path: Path, begin: Callable[[], Run], hours: int) -> None:
    dead = begin()
    dead.ask("hold")
    dead.end()
    change_owner(tmp_path, started=hours_ago(hours))
    with hold_lock(tmp_path) as held:
        assert "tiếp quản" in held.notice


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be removed there")
def test_a_lock_that_outlived_its_process_is_taken_over(tmp_path: Path, begin: Callable[[], Run]) -> None:
    share = begin()
    share.ask("hold")
    change_owner(tmp_path, pid=DEAD)
    with hold_lock(tmp_path) as held:
        assert "tiếp quản" in held.notice


def test_where_the_lock_s_file_cannot_be_removed_the_holder_keeps_it(tmp_path: Path, begin: Callable[[], Run],
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "in use", str(path))

    hung = begin()
    hung.ask("hold")
    change_owner(tmp_path, started=hours_ago(LIMIT_HOURS + 1))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(LockFault, match=f"tiến trình {hung.process.pid}"), hold_lock(tmp_path):
            pass
    assert hung.ask("check") == ["ours"]


@pytest.mark.skipif(os.name == "nt", reason="what is open cannot be removed there")
def test_of_several_takers_one_wins_and_nobody_before_it_may_publish(tmp_path: Path, begin: Callable[[], Run]) -> None:
    runs = [begin() for _ in range(6)]
    holder = runs[0]
    assert holder.ask("hold") == ["held", ""]
    for _ in range(15):
        change_owner(tmp_path, started=hours_ago(LIMIT_HOURS + 1))
        takers = [run for run in runs if run is not holder]
        for run in takers:
            run.say("hold")
        answers = [run.hear() for run in takers]
        assert sorted(answer[0] for answer in answers) == ["LockFault"] * 4 + ["held"]
        assert holder.ask("check")[0] == "LockFault"
        assert holder.ask("drop") == ["free"]
        holder = next(run for run, answer in zip(takers, answers, strict=True) if answer[0] == "held")
        assert holder.ask("check") == ["ours"]


def test_of_several_that_find_a_dead_run_one_wins(tmp_path: Path, begin: Callable[[], Run]) -> None:
    runs = [begin() for _ in range(8)]
    while len(runs) > 1:
        for run in runs:
            run.say("hold")
        answers = [run.hear() for run in runs]
        assert sorted(answer[0] for answer in answers) == ["LockFault"] * (len(runs) - 1) + ["held"]
        winner = next(run for run, answer in zip(runs, answers, strict=True) if answer[0] == "held")
        winner.end()
        runs.remove(winner)


def test_a_lock_whose_name_was_removed_is_not_published_under(tmp_path: Path) -> None:
    with hold_lock(tmp_path) as held:
        (tmp_path / "lock.json").unlink()
        with pytest.raises(LockFault, match="không phát hành gì"):
            held.check()


def test_a_full_disk_is_a_fault_and_leaves_the_lock_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", refuse)
        with pytest.raises(Fault, match="Không khóa được") as refused, hold_lock(tmp_path):
            pass
    assert refused.value.exit_code == 2
    with hold_lock(tmp_path):
        pass


@pytest.mark.parametrize("error", [KeyError("no such uid"), OSError("no name"), ImportError("pwd")])
def test_an_account_without_a_name_may_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nameless() -> str:
        raise error

    monkeypatch.setattr("getpass.getuser", nameless)
    with hold_lock(tmp_path):
        assert owner(tmp_path)["user"] == "không rõ"
