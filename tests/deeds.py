"""What may befall a worker in the middle of a task, for the tests: workers import it, so it imports nothing but the standard library."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

BAD = 10
"""The number over which a worker comes to grief."""


class UnsendableError(BaseException):
    """An exception that cannot be put into a message."""

    def __reduce__(self) -> str:
        raise RuntimeError


class UnreadableError(Exception):
    """An exception that can be sent and not received."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__("two are one")


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def crash() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(0)


def eat_once() -> None:
    bytearray(3 << 30)


def eat_slowly() -> None:
    held = []
    while True:
        held.append(bytearray(64 << 20))


def spin() -> None:
    while True:
        pass


def ignore_the_signal() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)


def raise_unsendable() -> None:
    raise UnsendableError


def raise_unreadable() -> None:
    raise UnreadableError(1, 2)


def recurse() -> None:
    recurse()


def fill_the_disk() -> None:
    raise OSError(28, "No space left on device")


def do(numbers: Sequence[int], deed: Callable[[], None]) -> list[int]:
    """Answer each number with itself; over the bad one do the deed."""
    for number in numbers:
        if number == BAD:
            deed()
    return list(numbers)


def speak(_: Sequence[int], words: int) -> bytes:
    """Give a long answer, which takes a while to send."""
    return bytes(words)


def do_once(numbers: Sequence[int], mark: Path) -> list[int]:
    """Be killed over the bad number the first time, as a worker is that the system ends for another's hunger."""
    if BAD in numbers and not mark.exists():
        mark.touch()
        kill()
    return list(numbers)
