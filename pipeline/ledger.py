"""The ledger: what the state folder knows of files, workbook versions, figures and runs, in one SQLite file. No personal value."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.fault import Fault

LEDGER_FILE = "ledger.sqlite"
_LAYOUT = 2
_TABLES = """
CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, ctime_ns INTEGER, seen_ns INTEGER,
                                  sha256 TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS segments (segment TEXT PRIMARY KEY, forgotten TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS versions (sha256 TEXT PRIMARY KEY, rules TEXT, segment TEXT, place INTEGER, facts TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS layouts (layout TEXT PRIMARY KEY, facts TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accepted (name TEXT PRIMARY KEY, unit_id TEXT, sha256 TEXT, day TEXT, last_day TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS written (period TEXT, path TEXT, signature TEXT, sha256 TEXT, PRIMARY KEY (period, path)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (period TEXT, unit_id TEXT, level TEXT, indicators TEXT, PRIMARY KEY (period, unit_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting (name TEXT PRIMARY KEY, code TEXT, reason TEXT, since TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (number INTEGER PRIMARY KEY, started TEXT, finished TEXT, who TEXT, command TEXT, period TEXT,
                                 stamp TEXT, exit_code INTEGER, subject TEXT, summary TEXT, lines TEXT);
"""


class SeenFile(NamedTuple):
    """A file as it was when it was last hashed; times in nanoseconds since 1970."""

    size: int
    mtime_ns: int
    ctime_ns: int
    seen_ns: int
    sha256: str


class Version(NamedTuple):
    """Where the typed tables of one workbook version are kept, the rules it was read by, and its facts as JSON.

    What most workbooks share (where columns stand) is one of the layouts, which the facts refer to by hash.
    """

    rules: str
    segment: str
    place: int
    facts: str


class Accepted(NamedTuple):
    """The last version of a workbook that was counted; days are ISO dates."""

    unit_id: str
    sha256: str
    day: str
    """When this version was first counted."""
    last_day: str
    """When the workbook was last there, counted or not: purge goes by it."""


class Written(NamedTuple):
    """A workbook of a published period: what it was made from, and what it became."""

    signature: str
    sha256: str


class Waiting(NamedTuple):
    """A workbook that could not be taken at the last run: a finding's code and message, and since when (ISO time)."""

    code: str
    reason: str
    since: str


class RunRecord(NamedTuple):
    """One run as remembered; times are ISO with Vietnam's offset."""

    started: str
    finished: str
    who: str
    """user@host (pid)."""
    command: str
    period: str
    """Empty when nothing was published."""
    stamp: str
    """What the run depended on; empty when the next run must look again."""
    exit_code: int
    subject: str
    summary: str
    lines: str
    """What was printed at the end; of a fault its one sentence."""


class Ledger:
    """The open ledger; every method that writes is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def files(self) -> dict[str, SeenFile]:
        """Return every file seen, by name below inputs/."""
        rows = self._db.execute("SELECT name, size, mtime_ns, ctime_ns, seen_ns, sha256 FROM files")
        return {row[0]: SeenFile(*row[1:]) for row in rows}

    def change_files(self, seen: Mapping[str, SeenFile], gone: Iterable[str]) -> None:
        """Remember these files and forget those that are gone."""
        with self._db:
            self._db.executemany("DELETE FROM files WHERE name = ?", ((name,) for name in gone))
            self._db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)", ((name, *one) for name, one in seen.items()))

    def versions(self) -> dict[str, Version]:
        """Return every workbook version kept, by content hash."""
        return {row[0]: Version(*row[1:]) for row in self._db.execute("SELECT sha256, rules, segment, place, facts FROM versions")}

    def segments(self) -> dict[str, str]:
        """Return up to which day (ISO date, empty for none) expunged people were forgotten in each segment."""
        return dict(self._db.execute("SELECT segment, forgotten FROM segments"))

    def layouts(self) -> dict[str, str]:
        """Return the facts as JSON that many workbooks share, by hash."""
        return dict(self._db.execute("SELECT layout, facts FROM layouts"))

    def add_segment(self, segment: str, forgotten: str, versions: Mapping[str, Version], layouts: Mapping[str, str] | None = None) -> None:
        """Remember a segment and the versions in it; older tables of the same versions are no longer referred to."""
        with self._db:
            self._db.executemany("INSERT OR IGNORE INTO layouts VALUES (?, ?)", (layouts or {}).items())
            self._db.execute("INSERT INTO segments VALUES (?, ?)", (segment, forgotten))
            self._db.executemany("INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?)",
                                 ((sha256, *one) for sha256, one in versions.items()))

    def keep_versions(self, hashes: Iterable[str]) -> set[str]:
        """Forget all other versions, and segments without one; return the segments that are left."""
        with self._db:
            self._db.execute("CREATE TEMP TABLE IF NOT EXISTS live (sha256 TEXT PRIMARY KEY) WITHOUT ROWID")
            self._db.execute("DELETE FROM live")
            self._db.executemany("INSERT OR IGNORE INTO live VALUES (?)", ((sha256,) for sha256 in hashes))
            self._db.execute("DELETE FROM versions WHERE sha256 NOT IN (SELECT sha256 FROM live)")
            self._db.execute("DELETE FROM segments WHERE segment NOT IN (SELECT segment FROM versions)")
        return {segment for segment, in self._db.execute("SELECT segment FROM segments")}

    def accepted(self) -> dict[str, Accepted]:
        """Return the last counted version of each workbook, by name below inputs/."""
        return {row[0]: Accepted(*row[1:]) for row in self._db.execute("SELECT name, unit_id, sha256, day, last_day FROM accepted")}

    def accept(self, accepted: Mapping[str, Accepted]) -> None:
        """Remember counted versions; a version that was counted before keeps its day."""
        with self._db:
            self._db.executemany(
                "INSERT INTO accepted VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET unit_id = excluded.unit_id, "
                "day = CASE WHEN sha256 = excluded.sha256 THEN day ELSE excluded.day END, sha256 = excluded.sha256, "
                "last_day = excluded.last_day", ((name, *one) for name, one in accepted.items()))

    def forget_accepted(self, names: Iterable[str]) -> None:
        """Forget the last counted version of these workbooks."""
        with self._db:
            self._db.executemany("DELETE FROM accepted WHERE name = ?", ((name,) for name in names))

    def written(self, period: str) -> dict[str, Written]:
        """Return every workbook written for a period, by its path below outputs/<period>/."""
        rows = self._db.execute("SELECT path, signature, sha256 FROM written WHERE period = ?", (period,))
        return {row[0]: Written(*row[1:]) for row in rows}

    def replace_written(self, period: str, written: Mapping[str, Written]) -> None:
        """Remember exactly these workbooks of a period."""
        with self._db:
            self._db.execute("DELETE FROM written WHERE period = ?", (period,))
            self._db.executemany("INSERT INTO written VALUES (?, ?, ?, ?)", ((period, path, *one) for path, one in written.items()))

    def replace_figures(self, period: str, figures: Iterable[tuple[str, str, str]]) -> None:
        """Remember exactly these figures of a period: unit_id, level, {indicator: value} as JSON."""
        with self._db:
            self._db.execute("DELETE FROM figures WHERE period = ?", (period,))
            self._db.executemany("INSERT INTO figures VALUES (?, ?, ?, ?)", ((period, *one) for one in figures))

    def figures(self, period: str) -> dict[str, str]:
        """Return {indicator: value} as JSON of every unit of a period, by unit_id."""
        return dict(self._db.execute("SELECT unit_id, indicators FROM figures WHERE period = ?", (period,)))

    def waiting(self) -> dict[str, Waiting]:
        """Return the workbooks that could not be taken at the last run, by name below inputs/."""
        return {row[0]: Waiting(*row[1:]) for row in self._db.execute("SELECT name, code, reason, since FROM waiting ORDER BY name")}

    def replace_waiting(self, waiting: Mapping[str, Waiting]) -> None:
        """Remember exactly these waiting workbooks; one that waited before keeps its since."""
        known = self.waiting()
        with self._db:
            self._db.execute("DELETE FROM waiting")
            self._db.executemany("INSERT INTO waiting VALUES (?, ?, ?, ?)", (
                (name, one.code, one.reason, known[name].since if name in known else one.since) for name, one in waiting.items()))

    def add_run(self, record: RunRecord) -> None:
        """Remember a run."""
        with self._db:
            self._db.execute("INSERT INTO runs (started, finished, who, command, period, stamp, exit_code, subject, summary, lines) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", record)

    def last_runs(self, count: int = 10) -> list[RunRecord]:
        """Return the newest runs, newest first."""
        rows = self._db.execute("SELECT started, finished, who, command, period, stamp, exit_code, subject, summary, lines FROM runs "
                                "ORDER BY number DESC LIMIT ?", (count,))
        return [RunRecord(*row) for row in rows]

    def last_good_runs(self, command: str, count: int = 20) -> list[RunRecord]:
        """Return the newest runs of a command that published, newest first."""
        rows = self._db.execute("SELECT started, finished, who, command, period, stamp, exit_code, subject, summary, lines FROM runs "
                                "WHERE command = ? AND exit_code IN (0, 1) ORDER BY number DESC LIMIT ?", (command, count))
        return [RunRecord(*row) for row in rows]

    def forget_runs(self, before: str) -> int:
        """Forget runs that began before an ISO time, but never the newest; return how many."""
        with self._db:
            return self._db.execute("DELETE FROM runs WHERE started < ? AND number < (SELECT max(number) FROM runs)", (before,)).rowcount


@contextmanager
def open_ledger(state: Path) -> Iterator[Ledger]:
    """Open the ledger of a state folder, made at the first run and readable by its owner alone.

    One of another layout or damaged is set aside: what it knows can be read again from the workbooks.
    Raises Fault when it cannot be opened.
    """
    path = state / LEDGER_FILE
    try:
        connection = _connect(path)
    except (sqlite3.Error, OSError) as error:
        raise Fault(f"Không mở được sổ trạng thái {LEDGER_FILE} ({type(error).__name__}). "
                    "Hãy kiểm tra quyền ghi và chỗ trống của thư mục trạng thái.") from error
    try:
        yield Ledger(connection)
    finally:
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except _Unusable:
        set_aside(path.parent)
        return _open(path)


def set_aside(state: Path) -> None:
    """Put a damaged ledger out of the way; the next one is made anew."""
    path = state / LEDGER_FILE
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    path.replace(path.with_suffix(".hong"))


def is_damage(error: BaseException) -> bool:
    """Tell whether an error says that the ledger's file itself is damaged, and not only locked, full or read-only."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


class _Unusable(Exception):
    """The file is no ledger of this layout."""


def _open(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=5)
    try:
        if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, _LAYOUT):
            raise _Unusable
        connection.execute("PRAGMA journal_mode = DELETE")  # a write-ahead log does not work on a network share
        connection.executescript(_TABLES)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
    except (sqlite3.DatabaseError, _Unusable) as error:
        connection.close()
        if isinstance(error, sqlite3.OperationalError):  # locked, full, read-only: the file itself may be well
            raise
        raise _Unusable from error
    return connection
