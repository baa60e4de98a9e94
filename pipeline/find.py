"""Find: which files below inputs/ are workbooks of ours."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.fault import Fault
from pipeline.units import REGISTER_FILE

READABLE = frozenset({".xlsx", ".xlsm"})
UNSUPPORTED = frozenset({".xls", ".xlsb", ".ods", ".csv", ".xlt", ".xltx", ".xltm", ".et"})
"""Spreadsheets that we know of and cannot read yet: said, never passed over."""
RETURNED_FOLDER = "_can-sua"
"""Marked copies that went back to staff: never read as input."""


@dataclass(frozen=True)
class Source:
    """One workbook file. `name` is its path below inputs/, with forward slashes."""

    name: str
    path: Path
    supported: bool = True


def find_workbooks(inputs: Path) -> tuple[Source, ...]:
    """List the workbooks below `inputs` at any depth, in the order of their names.

    Raises Fault when there is no such folder.
    """
    if not inputs.is_dir():
        raise Fault(f"Không thấy thư mục {inputs.name}. Hãy tạo thư mục này và chép các sổ vào, hoặc chạy lệnh init.")
    return tuple(sorted(_walk(inputs, ""), key=lambda source: source.name))


def as_source(path: Path) -> Source:
    """Return a single file given by name as a source."""
    return Source(path.name, path, path.suffix.lower() in READABLE)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def try_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; empty when it cannot be read."""
    try:
        return hash_file(path)
    except OSError:
        return ""


def _walk(folder: Path, below: str) -> Iterator[Source]:
    for entry in os.scandir(folder):
        if entry.name.startswith(("~$", ".")):
            continue
        name = below + entry.name
        if entry.is_dir():
            if entry.name != RETURNED_FOLDER:
                yield from _walk(folder / entry.name, name + "/")
            continue
        suffix = Path(entry.name).suffix.lower()
        if name != REGISTER_FILE and suffix in READABLE | UNSUPPORTED:
            yield Source(name, folder / entry.name, suffix in READABLE)
