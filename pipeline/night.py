"""The unattended night: one run at a time, nothing done twice, and whatever happens is remembered and told.

Standard library and filelock only: on a night where nothing changed neither numpy, pandas nor Great Expectations is imported.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from pipeline.fault import Fault, where
from pipeline.find import Source, find_workbooks
from pipeline.finding import count_by_severity
from pipeline.ledger import Ledger, RunRecord, SeenFile, Waiting, open_ledger
from pipeline.lock import Held, hold_lock
from pipeline.log import LOG, VIETNAM, logging_to
from pipeline.records import BEGUN, PUBLISHED, READ, STOPPED, UNCHANGED, UNREADABLE, WRITTEN, Records, who_works
from pipeline.settings import Settings
from pipeline.stamp import Look, glance_at, hash_sources, look_closely, reading_rules, same_night
from pipeline.state import load_key
from pipeline.watch import Watch

if TYPE_CHECKING:
    from pipeline.outcome import Outcome

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


def spend(settings: Settings, today: date, watch: Watch | None = None, *, full: bool = False, isolated: bool = True) -> Told:
    """Publish what changed since the last run, or say that nothing did; `full` reads and writes everything again.

    Raises Fault, publishing nothing, when something of our own world is wrong; that too is remembered and mailed.
    """
    records = Records(settings.state, who_works())
    with hold_lock(settings.state) as held, logging_to(settings.state), open_ledger(settings.state) as ledger:
        if held.notice:
            LOG.warning(held.notice)
        records.add(BEGUN, result="full" if full else "")
        with _remembering(settings, ledger, records):
            started = _now()
            told, stamp = _spend(settings, today, watch or Watch(), ledger, held, records, full, isolated)
            _note(ledger, records, started, told, stamp)
    with logging_to(settings.state):  # a slow mail server keeps nobody from running again
        _mail(settings, told.subject, told.summary)
    return told._replace(lines=((held.notice,) if held.notice else ()) + told.lines)


def _spend(settings: Settings, today: date, watch: Watch, ledger: Ledger, held: Held, records: Records, full: bool,
           isolated: bool) -> tuple[Told, str]:
    """Return what is told, and the stamp of what it depended on."""
    now_ns = time.time_ns()
    key = load_key(settings.state)
    rules = reading_rules(key)
    runs = [run for run in ledger.last_runs(20) if run.exit_code in (0, 1) and run.command == "run"]
    sources = find_workbooks(settings.inputs, ledger.accepted() if runs else (), now_ns / 1e9)
    look = Look(glance_at(sources, settings, today, rules, now_ns), "")
    same = None if full else same_night(runs, look, settings)
    files: Mapping[str, SeenFile] = {}
    if same is None:
        files = _hash(ledger, sources, now_ns) if runs else {}
        look = look._replace(content=look_closely(sources, {name: one.sha256 for name, one in files.items()}, settings, today, rules))
        same = None if full or not runs else same_night(runs, look, settings)
    if same:
        LOG.info("Không có gì thay đổi từ lượt chạy trước; giữ nguyên kết quả kỳ %s.", same.period)
        records.add(UNCHANGED, same.period)
        stamp = " ".join([look.glance, *same.stamp.split(" ")[1:]])
        return Told(same.exit_code, (_UNCHANGED, *same.lines.split("\n")), same.subject, same.summary, same.period), stamp
    outcome = _run(settings, today, watch, ledger, held, key, rules, _Seen(sources, files, now_ns), full, isolated)
    hashes = _enter(settings, ledger, records, outcome, _Seen(sources, files, now_ns))
    content = look_closely(sources, hashes, settings, today, rules)
    return _tell(outcome), Look(look.glance, content).stamp(settings, outcome.edition.period)


_UNCHANGED = "Không có gì thay đổi từ lượt chạy trước: kết quả giữ nguyên."


def _hash(ledger: Ledger, sources: Sequence[Source], now_ns: int) -> dict[str, SeenFile]:
    """Hash what is not as it was, and remember it."""
    known = ledger.files()
    files = hash_sources(sources, known, now_ns)
    ledger.change_files({name: one for name, one in files.items() if known.get(name) != one}, known.keys() - files.keys())
    return files


def _run(settings: Settings, today: date, watch: Watch, ledger: Ledger, held: Held, key: bytes, rules: str, seen: _Seen, full: bool,
         isolated: bool) -> Outcome:
    from pipeline.readers import Readers
    from pipeline.run import Tonight, run
    from pipeline.secrets_file import secrets_folder
    from pipeline.workers import Workers

    readers, workers = Readers(settings.workers, isolated=isolated), Workers(settings.workers)
    hashes = {name: one.sha256 for name, one in seen.files.items()}
    try:
        with secrets_folder() as private:
            return run(Tonight(settings, today, watch, seen.sources, hashes, key, rules, ledger, private, readers, workers, held.check,
                               full))
    finally:
        readers.close()
        workers.close()


def _enter(settings: Settings, ledger: Ledger, records: Records, outcome: Outcome, seen: _Seen) -> dict[str, str]:
    """Remember the files as they were read, what waits, and what was done; return the hash of every file."""
    read = outcome.inputs
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


def _tell(outcome: Outcome) -> Told:
    from pipeline.summary import summarise
    from pipeline.tell import subject_of, summary_text

    return Told(outcome.exit_code, tuple(summarise(outcome)), subject_of(outcome), summary_text(outcome), outcome.edition.period, outcome)


def _note(ledger: Ledger, records: Records, started: str, told: Told, stamp: str) -> None:
    """Remember a run that went well."""
    if told.outcome:
        counts = count_by_severity(told.outcome.findings)
        result = f"{counts['critical']} nghiêm trọng, {counts['warning']} cần xem"
        LOG.info("Đã phát hành kỳ %s: %d tệp, %s.", told.period, told.outcome.files, result)
        records.add(PUBLISHED, told.period, result=result)
    ledger.add_run(RunRecord(started, _now(), who_works(), "run", told.period, stamp, told.exit_code, told.subject, told.summary,
                             "\n".join(told.lines[1:] if told.outcome is None else told.lines)))
    records.write(datetime.now(VIETNAM))


@contextmanager
def _remembering(settings: Settings, ledger: Ledger, records: Records) -> Iterator[None]:
    """Remember and tell of a run that publishes nothing; the reason is told on this machine only."""
    started = _now()
    LOG.info("Bắt đầu lượt chạy.")
    try:
        yield
    except BaseException as error:
        fault = error if isinstance(error, Fault) else None
        reason, code = (str(fault), fault.exit_code) if fault else (f"Lỗi ngoài dự kiến ({where(error)}).", 2)
        LOG.error("Dừng, không phát hành: %s", reason)
        records.add(STOPPED, result=f"mã thoát {code}")
        ledger.add_run(RunRecord(started, _now(), who_works(), "run", "", "", code, "", "", reason))
        records.write(datetime.now(VIETNAM))
        if not isinstance(error, KeyboardInterrupt):
            _mail_failure(settings, code)
        raise


def _mail_failure(settings: Settings, code: int) -> None:
    if settings.mail:
        from pipeline.tell import failure_mail

        _mail(settings, *failure_mail(code))


def _mail(settings: Settings, subject: str, text: str) -> None:
    if settings.mail:
        from pipeline.tell import tell

        tell(subject, text, settings.mail)


def _now() -> str:
    return datetime.now(VIETNAM).isoformat(timespec="seconds")
