"""Taking a copy: links, pipes, folders, files that change or are open; who holds them; what a worker may use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.guard import MAX_FILE, Refusal, Snapshot, lock_holder, take

HOME = Path(__file__).parent.parent
DAY = 86_400


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    (tmp_path / "copies").mkdir()
    return tmp_path / "copies"


def code(taken: Snapshot | Refusal) -> str:
    assert isinstance(taken, Refusal)
    return taken.code


def test_a_copy_has_the_bytes_and_a_name_that_readers_know(tmp_path: Path, copies: Path) -> None:
    path = tmp_path / "SỔ THÔN.XLSX"
    path.write_bytes(b"PK something")
    taken = take(path, copies, 17)
    assert taken == Snapshot(copies / "000017.xlsx", hashlib.sha256(b"PK something").hexdigest(), 12)
    assert (copies / "000017.xlsx").read_bytes() == b"PK something"


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="no such links here")
def test_a_link_is_not_followed(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "other.txt").write_text("secret")
    (tmp_path / "a.xlsx").symlink_to(tmp_path / "other.txt")
    (tmp_path / "loop.xlsx").symlink_to(tmp_path / "loop.xlsx")
    assert [code(take(tmp_path / name, copies, 1)) for name in ("a.xlsx", "loop.xlsx")] == ["file_suspicious"] * 2
    assert not list(copies.iterdir())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path, copies: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert code(take(tmp_path / "pipe.xlsx", copies, 1)) == "file_unreadable"


def test_a_folder_and_a_file_that_went_away_are_refused(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "folder.xlsx").mkdir()
    assert [code(take(tmp_path / name, copies, 1)) for name in ("folder.xlsx", "gone.xlsx")] == ["file_unreadable"] * 2


def test_a_huge_file_is_not_read(tmp_path: Path, copies: Path) -> None:
    with (tmp_path / "huge.xlsx").open("wb") as file:
        file.truncate(MAX_FILE * 100)
    taken = take(tmp_path / "huge.xlsx", copies, 1)
    assert taken == Refusal("file_too_large", (("what", "tệp 5000 MB"),))


def test_an_empty_file_is_a_copy_not_finished(tmp_path: Path, copies: Path) -> None:
    (tmp_path / "empty.xlsx").touch()
    assert code(take(tmp_path / "empty.xlsx", copies, 1)) == "file_truncated"


@pytest.mark.parametrize("change", ["size", "time"])
def test_a_file_that_changes_while_it_is_read_waits(tmp_path: Path, copies: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK" * 50)
    seen: list[os.stat_result] = []

    def fstat(handle: int) -> os.stat_result:
        seen.append(os.stat(handle))  # the real one is patched away
        if len(seen) == 1 and change == "size":
            with path.open("ab") as file:
                file.write(b"more")
        elif len(seen) == 1:
            os.utime(path, (1, 1))
        return seen[-1]

    monkeypatch.setattr(os, "fstat", fstat)
    assert code(take(path, copies, 1)) == "file_changing"


def test_a_file_kept_by_another_program_names_the_holder(tmp_path: Path, copies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refused)
    assert code(take(tmp_path / "a.xlsx", copies, 1)) == "file_unreadable"
    (tmp_path / ".~lock.a.xlsx#").write_text(",lan,pc-3,01.05.2024 08:00,file:///a;")
    assert take(tmp_path / "a.xlsx", copies, 1) == Refusal("file_open", (("who", "lan"),))


def owner_file(name: str) -> bytes:
    """Return what Excel writes beside an open workbook."""
    narrow = name.encode("ascii", "replace")
    data = bytes([len(narrow)]) + narrow.ljust(54, b" ") + bytes([len(name), 0]) + name.encode("utf-16-le")
    return data.ljust(165, b" ")


@pytest.mark.parametrize(("lock", "content", "who"), [
    ("~$so.xlsx", owner_file("Nguyễn Thị Lan"), "Nguyễn Thị Lan"),
    ("~$so.xlsx", b"\x03lan".ljust(55, b" "), "lan"),
    ("~$so.xlsx", b"", ""),
    ("~$so.xlsx", b"\xff" * 165, ""),
    (".~lock.so.xlsx#", "Trần Văn B,pc-1/b,pc-1,01.05.2024 08:00,file:///b;".encode(), "Trần Văn B"),
    (".~lock.so.xlsx#", b"\xff\xfe\n\x00", "��"),
])
def test_the_holder_is_who_the_lock_file_says(tmp_path: Path, lock: str, content: bytes, who: str) -> None:
    (tmp_path / lock).write_bytes(content)
    assert lock_holder(tmp_path / "so.xlsx") == who


def test_nobody_holds_a_workbook_without_a_lock_or_with_an_old_one(tmp_path: Path) -> None:
    path, lock = tmp_path / "so.xlsx", tmp_path / "~$so.xlsx"
    assert lock_holder(path) is None
    lock.write_bytes(owner_file("lan"))
    since = lock.stat().st_mtime
    assert lock_holder(path, now=since + 6 * DAY) == "lan"
    assert lock_holder(path, now=since + 8 * DAY) is None
    assert lock_holder(tmp_path / "other.xlsx", now=since) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_worker_is_limited_and_silent() -> None:
    script = ("import os, sys; from pipeline.limits import limit_worker; limit_worker(300)\n"
              "print('never seen', file=sys.stderr); os.write(2, b'nor this')\n"
              "try: bytearray(600 << 20); print('room')\n"
              "except MemoryError: print('limited', os.environ['RUST_BACKTRACE'])\n")
    told = subprocess.run([sys.executable, "-c", script], cwd=HOME, capture_output=True, text=True, check=True,
                          env={**os.environ, "RUST_BACKTRACE": "1"})
    assert (told.stdout.strip(), told.stderr) == (("limited 0" if sys.platform == "linux" else told.stdout.strip()), "")
