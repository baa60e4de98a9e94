"""Lock: one run at a time, and who it is; what a run that died or hangs left locked is taken over.

Three files of the state folder: `lock`, which the machine holds locked as long as the run lives; `lock.json`, which says who
that is; `lock.takeover`, locked for the instant in which the other two change, so that of several runs one wins.
"""

from __future__ import annotations

import getpass
import json
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.alive import is_alive
from pipeline.fault import Fault, LockFault
from pipeline.log import VIETNAM
from pipeline.state import open_state

if TYPE_CHECKING:
    from filelock import BaseFileLock

LIMIT_HOURS = 12
"""A run that holds the lock longer hangs: a whole province's night takes minutes."""
_PATIENCE = 10
"""Seconds to wait while another run looks at the lock, which takes it thousandths of one."""


class Owner(NamedTuple):
    """Who holds the lock, as lock.json says; the account, machine and process, nothing about anybody's data."""

    user: str
    host: str
    pid: int
    started: datetime
    token: str

    def __str__(self) -> str:
        """Name them as in a sentence."""
        return f"{self.user} trên máy {self.host}, bắt đầu lúc {self.started:%H:%M} ngày {self.started:%d/%m/%Y}"

    def is_gone(self) -> bool:
        """Return whether the run is dead, or has held the lock for too long; a clock that was set back proves nothing."""
        dead = self.host == platform.node() and not is_alive(self.pid)
        return dead or datetime.now(VIETNAM) - self.started > timedelta(hours=LIMIT_HOURS)


@dataclass(frozen=True)
class Held:
    """The lock in our hands."""

    path: Path
    token: str
    notice: str = ""
    """Whom we took it over from, for staff; empty in an ordinary run."""

    def is_ours(self) -> bool:
        """Return whether nobody has taken it over meanwhile."""
        owner = _read_owner(self.path)
        return owner is not None and owner.token == self.token

    def check(self) -> None:
        """Raise LockFault when somebody has taken over: a run that was asleep must not publish."""
        if not self.is_ours():
            raise LockFault("Lượt chạy này đã dừng quá lâu và một lượt chạy khác đã tiếp quản; lượt này không phát hành gì.")


@contextmanager
def hold_lock(folder: Path) -> Iterator[Held]:
    """Hold the one-run-at-a-time lock of a state folder.

    Raises LockFault, naming the holder, when another run holds it; Fault when the folder cannot be written.
    """
    path = open_state(folder) / "lock"
    try:
        with _alone(path):
            lock, held = _take(path)
    except OSError as error:
        raise Fault(f"Không khóa được thư mục trạng thái {folder.name}: {error.strerror}.") from error
    try:
        yield held
    finally:
        _let_go(lock, held)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other runs from looking at the lock or changing it."""
    from filelock import FileLock, Timeout

    gate = FileLock(path.with_name("lock.takeover"), timeout=_PATIENCE)
    try:
        gate.acquire()
    except Timeout:
        raise _refused(None) from None
    try:
        yield
    finally:
        gate.release()


def _take(path: Path) -> tuple[BaseFileLock, Held]:
    """Lock, and write down who we are."""
    last, left = _read_owner(path), _info(path).exists()
    lock = _try_lock(path)
    if lock is None and last and last.is_gone():
        with suppress(OSError):  # Windows removes nothing that is open: the holder then keeps it
            path.unlink()
            lock = _try_lock(path)
    if lock is None:
        raise _refused(last)
    held = Held(path, secrets.token_hex(16), _notice(last) if left else "")
    try:
        _write_owner(path, Owner(_user(), platform.node(), os.getpid(), datetime.now(VIETNAM), held.token))
    except BaseException:
        lock.release()
        raise
    return lock, held


def _try_lock(path: Path) -> BaseFileLock | None:
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


def _let_go(lock: BaseFileLock, held: Held) -> None:
    """Unlock; lock.json goes too, unless it is another's by now. What cannot be removed is taken for a dead run's next time."""
    try:
        with suppress(OSError, LockFault), _alone(held.path):
            if held.is_ours():
                _info(held.path).unlink()
            lock.release()
    finally:
        lock.release()


def _refused(owner: Owner | None) -> LockFault:
    plain = str(LockFault())
    return LockFault(f"Khóa do {owner} (tiến trình {owner.pid}) giữ. {plain}" if owner else plain)


def _notice(last: Owner | None) -> str:
    whose = f" (của {last})" if last else ""
    return f"Lượt chạy trước{whose} đã dừng giữa chừng; lượt này tiếp quản."


def _info(path: Path) -> Path:
    return path.with_name("lock.json")


def _read_owner(path: Path) -> Owner | None:
    """Return who holds the lock or held it last; None when it does not say, or not in a way that can be read."""
    try:
        said = json.loads(_info(path).read_text(encoding="utf-8"))
        started = datetime.fromisoformat(said["started"]).astimezone(VIETNAM)
        return Owner(str(said["user"]), str(said["host"]), int(said["pid"]), started, str(said["token"]))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _write_owner(path: Path, owner: Owner) -> None:
    """Write lock.json whole or not at all, for its owner alone."""
    fresh = path.with_name("lock.json.moi")
    said = owner._asdict() | {"started": owner.started.isoformat(timespec="seconds")}
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False)
    fresh.replace(_info(path))


def _user() -> str:
    """Return the account's name; a service may have none."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        return "không rõ"
