"""Find: which files below inputs/ are workbooks of ours."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.fault import Fault
from pipeline.holder import lock_holder
from pipeline.units import REGISTER_FILE

READABLE = frozenset({".xlsx", ".xlsm"})
UNSUPPORTED = frozenset({".xls", ".xlsb", ".ods", ".csv", ".xlt", ".xltx", ".xltm", ".et"})
"""Spreadsheets that we know of and cannot read yet: said, never passed over."""
RETURNED_FOLDER = "_can-sua"
"""Marked copies that went back to staff: never read as input."""
_PLAIN = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Source(NamedTuple):
    """One workbook file. `name` is its path below inputs/, with forward slashes."""

    name: str
    at: Path | str
    supported: bool = True
    size: int = -1
    """-1 for what is no plain file, or was not asked."""
    mtime_ns: int = 0
    ctime_ns: int = 0
    holder: str | None = None
    """Who has it open, as the lock file beside it says ("" when that does not say); None when nobody does."""

    @property
    def path(self) -> Path:
        """Return where the file stands; a night makes 90,000 sources and opens few of them."""
        return Path(self.at)


def find_workbooks(inputs: Path, counted: Callable[[], Iterable[str]] = tuple, now: float | None = None) -> tuple[Source, ...]:
    """List the workbooks below `inputs` at any depth, in the order of their names.

    A folder that cannot be opened is listed like a file that cannot. `counted` names workbooks that were there the last time
    and counted: of those that are gone, the ones in such a folder, or with a lock file still there (a program is saving it),
    are listed too.
    `now`, in seconds since 1970, tells locks that a crash left behind.
    Raises Fault when there is no such folder.
    """
    if not inputs.is_dir():
        raise Fault(f"Không thấy thư mục {inputs.name}. Hãy tạo thư mục này và chép các sổ vào, hoặc chạy lệnh init.")
    walk = _Walk(inputs, now)
    found = list(walk.below(str(inputs), ""))
    names = {source.name for source in found}
    for name in counted() if walk.closed or walk.locked else ():
        if name in names:
            continue
        gone = Source(name, inputs / name)
        if name.startswith(tuple(walk.closed)):
            found.append(gone)
        elif name in walk.locked and (held := _held(gone, now)).holder is not None:  # no lock that a crash left behind
            found.append(held)
    return tuple(sorted(found, key=lambda source: source.name))


def as_source(path: Path) -> Source:
    """Return a single file given by name as a source."""
    return Source(path.name, path, path.suffix.lower() in READABLE)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def try_hash(path: Path) -> str:
    """Return the SHA-256 of a plain file's bytes; empty when it cannot be read. No pipe is waited for."""
    try:
        with os.fdopen(os.open(path, _PLAIN), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else ""
    except OSError:
        return ""


class _Walk:
    """One walk below inputs/: what could not be opened, and which workbooks a lock file speaks of."""

    def __init__(self, inputs: Path, now: float | None) -> None:
        self.now = now
        self.closed: list[str] = []
        self.locked: set[str] = set()
        self._seen = {inputs.resolve()}

    def below(self, folder: str, above: str) -> Iterator[Source]:
        """Yield the workbooks of a folder and of the folders in it."""
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            if not above:
                raise Fault(f"Không đọc được thư mục {Path(folder).name}: {error.strerror}.") from error
            self.closed.append(above)
            yield Source(above, folder)
            return
        locked = {name for entry in entries for name in _locks(entry.name)}
        self.locked |= {above + _printable(name) for name in locked}
        for entry in entries:
            if not entry.name.startswith(("~$", ".")):
                yield from self._one(entry, above, entry.name in locked)

    def _one(self, entry: os.DirEntry[str], above: str, locked: bool) -> Iterator[Source]:
        name = above + _printable(entry.name)
        suffix = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - 90,000 times a night
        ours = name != REGISTER_FILE and (suffix in READABLE or suffix in UNSUPPORTED)
        if entry.is_dir() and not ours:
            if entry.name != RETURNED_FOLDER and self._is_new(entry):
                yield from self.below(entry.path, name + "/")
        elif ours:
            source = Source(name, entry.path, suffix in READABLE, *_stat(entry))
            yield _held(source, self.now) if locked else source

    def _is_new(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether a folder is to be walked: a link to one that is walked anyway, or to one above, never ends."""
        if not entry.is_symlink():
            return True
        place = Path(entry.path).resolve()
        if any(place == seen or place in seen.parents or seen in place.parents for seen in self._seen):
            return False
        self._seen.add(place)
        return True


def _printable(name: str) -> str:
    """Return a file's name as text that can be written down: of one from another system, unpacked, bytes may be no text."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


def _locks(name: str) -> Iterator[str]:
    """Yield the workbook that a lock file speaks of."""
    if name.startswith("~$"):
        yield name[2:]
    elif name.startswith(".~lock.") and name.endswith("#"):
        yield name[7:-1]


def _held(source: Source, now: float | None) -> Source:
    return source._replace(holder=lock_holder(source.path, now))


def _stat(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    try:
        kept = entry.stat(follow_symlinks=False)
    except OSError:
        return -1, 0, 0
    return (kept.st_size, kept.st_mtime_ns, kept.st_ctime_ns) if stat.S_ISREG(kept.st_mode) else (-1, 0, 0)
