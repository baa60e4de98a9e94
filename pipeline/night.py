"""The unattended night: one run at a time, nothing done twice, and whatever happens is remembered and told.

Standard library and filelock only: on a night where nothing changed neither numpy, pandas nor Great Expectations is imported.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from pipeline.fault import Fault, where
from pipeline.find import Source, find_workbooks
from pipeline.finding import count_by_severity
from pipeline.ledger import Ledger, RunRecord, SeenFile, Waiting, is_damage, open_ledger, set_aside
from pipeline.lock import Held, hold_lock
from pipeline.log import LOG, VIETNAM, logging_to
from pipeline.records import BEGUN, PUBLISHED, READ, STOPPED, UNCHANGED, UNREADABLE, WRITTEN, Records, who_works
from pipeline.settings import Settings
from pipeline.stamp import Look, glance_at, hash_sources, look_closely, reading_rules, same_night, terms_of
from pipeline.state import load_key
from pipeline.watch import Watch

if TYPE_CHECKING:
    from pipeline.outcome import Outcome

PASSING = ("file_changing", "reader_failed")
"""Findings of the moment: what a file is by its content does not tell that it will be so again."""
WAITING = ("file_open", "file_changing", "file_truncated")
"""Findings of workbooks that are only not ready: status says what waits."""


class Told(NamedTuple):
    """What a run says at its end."""

    exit_code: int
    lines: tuple[str, ...]
    subject: str
    summary: str
    period: str
    outcome: Outcome | None = None
    """None when nothing had changed."""


class _Seen(NamedTuple):
    """What lies in inputs/ tonight."""

    sources: tuple[Source, ...]
    files: Mapping[str, SeenFile]
    now_ns: int


@dataclass
class Entry:
    """A run under way: its lock, the ledger, and what is written down of it."""

    command: str
    held: Held
    ledger: Ledger
    records: Records
    started: str = field(default_factory=lambda: _now())

    def close(self, told: Told, stamp: str = "") -> None:
        """Remember a run that went well."""
        if told.outcome:
            counts = count_by_severity(told.outcome.findings)
            result = f"{counts['critical']} nghiêm trọng, {counts['warning']} cần xem"
            LOG.info("Đã phát hành kỳ %s: %d tệp, %s.", told.period, told.outcome.files, result)
            self.records.add(PUBLISHED, told.period, result=result)
        self._enter(told, stamp)

    def fail(self, error: BaseException) -> int:
        """Remember a run that publishes nothing; return its exit code. The reason is told on this machine only."""
        fault = error if isinstance(error, Fault) else None
        stopped = isinstance(error, KeyboardInterrupt)
        reason = str(fault) if fault else "Đã dừng theo yêu cầu." if stopped else f"Lỗi ngoài dự kiến ({where(error)})."
        code = fault.exit_code if fault else 2
        LOG.error("Dừng, không phát hành: %s", reason)
        self.records.add(STOPPED, result=f"mã thoát {code}")
        if not is_damage(error):
            self._enter(Told(code, (reason,), "", "", ""), "")
        return code

    def _enter(self, told: Told, stamp: str) -> None:
        self.ledger.add_run(RunRecord(self.started, _now(), who_works(), self.command, told.period, stamp, told.exit_code, told.subject,
                                      told.summary, "\n".join(told.lines)))
        self.records.write(datetime.now(VIETNAM))


@contextmanager
def recording(settings: Settings, command: str) -> Iterator[Entry]:
    """Hold the lock for a run of `command`, and write down how it goes, whatever happens.

    Raises LockFault when another run holds the lock.
    """
    with hold_lock(settings.state) as held, logging_to(settings.state), open_ledger(settings.state) as ledger:
        LOG.info("Bắt đầu lượt chạy.")
        if held.notice:
            LOG.warning(held.notice)
        entry = Entry(command, held, ledger, Records(settings.state, who_works()))
        entry.records.add(BEGUN, result=command)
        try:
            yield entry
        except BaseException as error:
            code = entry.fail(error)
            if settings.mail and not isinstance(error, KeyboardInterrupt):
                from pipeline.tell import failure_mail, tell

                tell(*failure_mail(code), settings.mail)
            raise


def spend(settings: Settings, today: date, watch: Watch | None = None, *, full: bool = False, isolated: bool = True) -> Told:
    """Publish what changed since the last run, or say that nothing did; `full` reads and writes everything again.

    Raises Fault, publishing nothing, when something of our own world is wrong; that too is remembered and mailed.
    """
    try:
        told, notice = _spend_once(settings, today, watch or Watch(), full, isolated)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise
        LOG.warning("Sổ trạng thái bị hỏng: đã để riêng, lập sổ mới và chạy lại từ đầu.")
        set_aside(settings.state)
        told, notice = _spend_once(settings, today, watch or Watch(), full, isolated)
    mail_about(settings, told)
    news = () if told.outcome else (_UNCHANGED,)
    return told._replace(lines=(*filter(None, [notice]), *news, *told.lines))


def _spend_once(settings: Settings, today: date, watch: Watch, full: bool, isolated: bool) -> tuple[Told, str]:
    with recording(settings, "run") as entry:
        told, stamp = _spend(settings, today, watch, entry, full, isolated)
        entry.close(told, stamp)
        return told, entry.held.notice


def mail_about(settings: Settings, told: Told) -> None:
    """Mail the summary where the office has set that up; a slow mail server keeps nobody from running again."""
    if settings.mail:
        from pipeline.tell import tell

        with logging_to(settings.state):
            tell(told.subject, told.summary, settings.mail)


def tell_of(outcome: Outcome) -> Told:
    """Return what is told of a run that published."""
    from pipeline.summary import summarise
    from pipeline.tell import subject_of, summary_text

    return Told(outcome.exit_code, tuple(summarise(outcome)), subject_of(outcome), summary_text(outcome), outcome.edition.period, outcome)


def _spend(settings: Settings, today: date, watch: Watch, entry: Entry, full: bool, isolated: bool) -> tuple[Told, str]:
    """Return what is told, and the stamp of what it depended on."""
    ledger = entry.ledger
    now_ns = time.time_ns()
    key = load_key(settings.state)
    rules = reading_rules(key)
    terms, runs = terms_of(settings, today, rules), ledger.last_good_runs("run")
    sources = find_workbooks(settings.inputs, lambda: ledger.accepted().keys() & ledger.files().keys(), now_ns / 1e9)
    look = Look(glance_at(sources, terms, now_ns), "")
    same = None if full else same_night(runs, look, settings)
    files: Mapping[str, SeenFile] = {}
    if same is None:
        files = _hash(ledger, sources, now_ns) if runs else {}
        look = look._replace(content=look_closely(sources, {name: one.sha256 for name, one in files.items()}, terms))
        same = None if full or not runs else same_night(runs, look, settings)
    if same:
        LOG.info("Không có gì thay đổi từ lượt chạy trước; giữ nguyên kết quả kỳ %s.", same.period)
        entry.records.add(UNCHANGED, same.period)
        stamp = " ".join([look.glance, *same.stamp.split(" ")[1:]])
        return Told(same.exit_code, tuple(same.lines.split("\n")), same.subject, same.summary, same.period), stamp
    seen = _Seen(sources, files, now_ns)
    outcome = _run(settings, today, watch, entry, key, rules, seen, full, isolated)
    content = look_closely(sources, _note(entry, outcome, seen), terms)
    passing = any(finding.code in PASSING for finding in outcome.findings)  # the next night must look again
    return tell_of(outcome), "" if passing else Look(look.glance, content).stamp(settings, outcome.edition.period)


_UNCHANGED = "Không có gì thay đổi từ lượt chạy trước: kết quả giữ nguyên."


def _hash(ledger: Ledger, sources: Sequence[Source], now_ns: int) -> dict[str, SeenFile]:
    """Hash what is not as it was, and remember it."""
    known = ledger.files()
    files = hash_sources(sources, known, now_ns)
    gone = known.keys() - {source.name for source in sources}
    ledger.change_files({name: one for name, one in files.items() if known.get(name) != one}, gone)
    return files


def _run(settings: Settings, today: date, watch: Watch, entry: Entry, key: bytes, rules: str, seen: _Seen, full: bool,
         isolated: bool) -> Outcome:
    from pipeline.readers import Readers
    from pipeline.run import Tonight, run
    from pipeline.secrets_file import secrets_folder
    from pipeline.workers import Workers

    readers, workers = Readers(settings.workers, isolated=isolated), Workers(settings.workers)
    hashes = {name: one.sha256 for name, one in seen.files.items()}
    try:
        with secrets_folder() as private:
            return run(Tonight(settings, today, watch, seen.sources, hashes, key, rules, entry.ledger, private, readers, workers,
                               entry.held.check, full))
    finally:
        readers.close()
        workers.close()


def _note(entry: Entry, outcome: Outcome, seen: _Seen) -> dict[str, str]:
    """Remember the files as they were read, what waits, and what was done; return the hash of every file."""
    ledger, records, read = entry.ledger, entry.records, outcome.inputs
    fresh = {source.name: SeenFile(source.size, source.mtime_ns, source.ctime_ns, seen.now_ns, read[source.name])
             for source in seen.sources if source.name not in outcome.known and read.get(source.name) and source.size >= 0}
    ledger.change_files(fresh, ())
    since = _now()
    ledger.replace_waiting({f.file: Waiting(f.code, f.message, since) for f in outcome.findings if f.code in WAITING})
    for source in seen.sources:
        if not read.get(source.name):
            records.add(UNREADABLE, source.name)
        elif source.name not in outcome.known:
            records.add(READ, source.name, read[source.name])
    for path, one in ledger.written(outcome.edition.period).items():
        if path not in outcome.spared:
            records.add(WRITTEN, f"{outcome.edition.period}/{path}", one.sha256)
    return {name: one.sha256 for name, one in seen.files.items()} | {name: sha256 for name, sha256 in read.items() if sha256}


def _now() -> str:
    return datetime.now(VIETNAM).isoformat(timespec="seconds")
