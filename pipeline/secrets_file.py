"""The night's names and numbers on their way from the workers to the tripwire: a private folder that ends with the run."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.alive import is_alive
from pipeline.fault import Fault
from pipeline.text import as_text

PREFIX = "thncd-rieng-"
_NAME, _NUMBER = "n", "s"
_LONGEST = 200
"""A cell longer than this is a remark, not a name."""


@dataclass(frozen=True)
class Secrets:
    """What must not leave the workbooks: names and identity numbers as typed."""

    names: Iterable[str]
    numbers: Iterable[str] = ()


@contextmanager
def secrets_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give a folder that only its owner can open, in the machine's folder for temporary files; it is gone afterwards.

    Not in the state folder, which holds no name at any time. What a killed run left is removed first.
    Raises Fault when it cannot be made.
    """
    place = parent or Path(tempfile.gettempdir())
    _clear_rests(place)
    try:
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    except OSError as error:
        raise Fault(f"Không tạo được thư mục tạm của máy: {error.strerror}.") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_rests(place: Path) -> None:
    for rest in place.glob(f"{PREFIX}*"):
        pid = rest.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(rest, ignore_errors=True)


def append_secrets(path: Path, names: Iterable[object], numbers: Iterable[object]) -> None:
    """Append what one task saw, each once: a line is a letter for the kind, a tab, the cell's text (UTF-8, mode 600).

    Give each worker a file of its own; cells that are no text are written as Excel would show them.
    """
    lines = {f"{_NAME}\t{text}" for cell in names if (text := _text(cell))}
    lines |= {f"{_NUMBER}\t{text}" for cell in numbers if (text := _text(cell))}
    if not lines:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in sorted(lines)))


def read_secrets(folder: Path) -> Secrets:
    """Read what all workers of this run wrote below `folder`."""
    found: dict[str, set[str]] = {_NAME: set(), _NUMBER: set()}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        for line in path.read_text(encoding="utf-8").splitlines():
            kind, _, text = line.partition("\t")
            if kind in found:
                found[kind].add(text)
    return Secrets(frozenset(found[_NAME]), frozenset(found[_NUMBER]))


def _text(cell: object) -> str:
    text = as_text(cell)
    return text if len(text) <= _LONGEST else ""
