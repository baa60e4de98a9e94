"""The whole journey on one screen: find, read, tidy, merge, validate, aggregate, roll up, write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline import __version__
from pipeline.collect import Collected, Job, collect, gather
from pipeline.earlier import Earlier
from pipeline.edition import choose_edition, period_before
from pipeline.fault import Fault, SettingsFault
from pipeline.find import Source
from pipeline.finding import Finding, Place, count_by_severity, load_catalogue, order
from pipeline.form import FORM_VERSION, load_form
from pipeline.ledger import Ledger
from pipeline.outcome import Outcome
from pipeline.place import Intake, place_workbooks
from pipeline.readers import Failure, Readers, answer
from pipeline.register import read_register
from pipeline.remember import Memory
from pipeline.settings import Settings
from pipeline.shelf import Shelf
from pipeline.state import published_cutoffs
from pipeline.statistics import Edition, Receipt
from pipeline.tables import forget_expunged
from pipeline.tell import SUMMARY_FILE, summary_text
from pipeline.tidy.batch import Batch, Workbook
from pipeline.units import Register
from pipeline.watch import Watch
from pipeline.word import Speaker
from pipeline.workers import Workers

PATIENCE = 5.0
"""Seconds after which a file that was being copied is looked at once more."""


@dataclass(frozen=True)
class Tonight:
    """All that one run works with."""

    settings: Settings
    today: date
    watch: Watch
    sources: Sequence[Source]
    hashes: Mapping[str, str]
    """Content hash by name, of files that a run has seen before."""
    key: bytes
    rules: str
    """Hash of what decides how a workbook is read."""
    ledger: Ledger
    private: Path
    """A folder for copies and names that ends with the run."""
    readers: Readers
    workers: Workers
    still_ours: Callable[[], None] = lambda: None
    """Raises Fault when another run took over the lock."""
    full: bool = False
    """Read and write everything again."""
    patience: float = PATIENCE


def run(tonight: Tonight) -> Outcome:
    """Turn the workbooks in inputs/ into the outputs of one period.

    Raises Fault, publishing nothing, when something of our own world is wrong.
    """
    form, settings = load_form(), tonight.settings
    speaker = Speaker(form, load_catalogue(settings.expectations_folder / "messages.csv"))
    if not tonight.sources:
        raise Fault(f"Chưa có sổ nào trong thư mục {settings.inputs.name}. Hãy chép các sổ .xlsx vào rồi chạy lại.")
    shelf = Shelf(settings.state, tonight.ledger, form, tonight.rules)
    accepted = tonight.ledger.accepted()
    earlier = Earlier(shelf, accepted, len(tonight.sources))
    books, known, fresh, register = _read(tonight, shelf)
    tonight.watch.stage("place")
    edition = choose_edition(earlier.instead(books), settings, tonight.today, published_cutoffs(settings.outputs))
    intake = place_workbooks(books, register, edition, speaker, earlier)
    if not intake.placed:
        raise Fault(f"Không có sổ nào tính được cho kỳ {edition.period}." + _first_reasons(intake))
    kept, lost = shelf.take_down(known, edition.previous_cutoff.isoformat())
    fresh += _read_again(tonight, {number: known[number] for number in lost})
    memory = Memory(tonight.ledger, shelf, tonight.sources, tonight.hashes, accepted, tonight.today, tonight.full)
    unread = frozenset(tonight.sources[number].name for number in known.keys() - set(lost))
    with memory.keeping(fresh, edition):
        fresh += [*kept, *earlier.batches(one.book.number for one in intake.placed if one.received)]
        collected = Collected(books, forget_expunged(gather(fresh).tables, form, edition.previous_cutoff))
        fresh.clear()  # of 90,000 workbooks, each copy of the rows is a gigabyte
        kept.clear()
        return _count_and_write(tonight, edition, collected, intake, speaker, memory, unread)


def _read(tonight: Tonight, shelf: Shelf) -> tuple[list[Workbook], dict[int, str], list[Batch], Register]:
    """Return every workbook's facts, which versions are on the shelf (number -> hash), what was read, and the units."""
    tonight.watch.stage("find")
    asked = tonight.readers.submit(read_register, tonight.settings.inputs)
    known: dict[int, str] = {}
    books: list[Workbook] = []
    jobs: list[Job] = []
    for number, source in enumerate(tonight.sources):
        sha256 = tonight.hashes.get(source.name, "")
        facts = None if tonight.full or source.holder is not None or not shelf.knows(sha256) else shelf.facts(sha256, number, source.name)
        if facts:
            known[number] = sha256
            books.append(facts)
        else:
            jobs.append(Job(number, source))
    tonight.watch.stage("read", len(jobs))
    fresh = collect(jobs, tonight.key, tonight.readers, tonight.private, _import_heavy, tonight.watch.step, tonight.patience)
    register = answer(asked)
    if isinstance(register, Failure):
        raise SettingsFault(f"Không đọc được sổ đơn vị ({register.why}). Hãy mở bằng Excel, lưu lại rồi chạy lại.")
    books += [book for batch in fresh for book in batch.workbooks]
    return sorted(books, key=lambda book: book.number), known, fresh, register


def _read_again(tonight: Tonight, versions: Mapping[int, str]) -> list[Batch]:
    """Read workbooks (number -> hash) whose tables are not on the shelf as this period needs them."""
    jobs = [Job(number, tonight.sources[number]) for number in versions]
    batches = collect(jobs, tonight.key, tonight.readers, tonight.private)
    if any(book.sha256 != versions[book.number] for batch in batches for book in batch.workbooks):
        raise Fault("Có sổ vừa bị thay đổi trong lúc đang đọc. Hãy chạy lại.")
    return batches


def _count_and_write(tonight: Tonight, edition: Edition, collected: Collected, intake: Intake, speaker: Speaker, memory: Memory,
                     unread: frozenset[str]) -> Outcome:
    from pipeline.account import account_rows, write_receipts
    from pipeline.aggregate import aggregate
    from pipeline.judge import drop_repeated, judge_tables
    from pipeline.merge import merge_tables
    from pipeline.prove import SUITE, prove, read_published
    from pipeline.publish import publishing
    from pipeline.rollup import roll_up
    from pipeline.validate import SUITES, load_suites
    from pipeline.write.everything import write_everything

    settings, watch, form, placed = tonight.settings, tonight.watch, speaker.form, intake.placed
    watch.stage("merge")
    suites = load_suites(settings.expectations_folder, (*SUITES, SUITE))
    frames = merge_tables(collected, placed, form)
    collected.tables.clear()
    watch.stage("validate")
    judged = judge_tables(frames, placed, edition, suites, speaker)
    watch.stage("aggregate")
    counted = aggregate(judged, len(placed), edition)
    accounts = account_rows(judged, counted, placed, form)
    statistics = roll_up(counted, placed, intake.register, edition, form)
    receipts = write_receipts(accounts, placed, intake.register, edition, form)
    watch.stage("prove")
    last_month = period_before(edition.period)
    before = read_published(settings.outputs / last_month / "statistics.csv") or memory.figures(last_month)
    proved = _refuse_broken(prove(statistics, edition.mass_orgs, suites[SUITE], speaker.catalogue, before))
    missing = [speaker.catalogue.say("unit_not_reported", place, unit=name) for place, name in _missing(intake, receipts, edition)]
    findings = tuple(order([*drop_repeated(intake.findings, judged.findings), *proved, *missing]))
    outcome = Outcome(edition, settings.outputs / edition.period, findings, receipts, len(collected.workbooks),
                      {kind: accounts.total(kind) for kind in ("read", "counted", "set_aside", "outside")},
                      {book.name: book.sha256 for book in collected.workbooks}, unread)
    with publishing(settings.outputs, edition.period, tonight.still_ours) as folder:
        reuse = memory.reuse(outcome.folder)
        write_everything(folder, statistics, edition, intake, counted, accounts, receipts, findings, speaker, watch, tonight.workers, reuse)
        (folder / SUMMARY_FILE).write_text(summary_text(outcome), encoding="utf-8")
        _write_run(folder, settings, outcome, watch)
        watch.stage("tripwire")
        _look_for_names(tonight, folder, intake, memory)
        watch.stage("publish")
        memory.note_written(folder, reuse)
    memory.note(collected.workbooks, placed, statistics, edition)
    return replace(outcome, spared=frozenset(reuse.spared))


def _refuse_broken(proved: list[Finding]) -> list[Finding]:
    """Return what was found about the finished figures; figures that do not add up are a fault of ours."""
    for finding in proved:
        if finding.severity == "critical":
            raise Fault(f"Số liệu tính ra không khớp nên không phát hành: {finding.message} Hãy báo người phụ trách kỹ thuật.")
    return proved


def _look_for_names(tonight: Tonight, folder: Path, intake: Intake, memory: Memory) -> None:
    """Stop here when a name or number of tonight's workbooks stands in what is about to be published or kept."""
    from pipeline.allowed import allowed_texts
    from pipeline.collect import NAMES
    from pipeline.secrets_file import read_secrets
    from pipeline.tripwire import Tripwire, refuse

    secrets = read_secrets(tonight.private / NAMES)
    if not secrets.names and not secrets.numbers:
        return
    settings = tonight.settings
    files = [name for source in tonight.sources for name in (source.name, source.holder) if name]
    tripwire = Tripwire(secrets, allowed_texts(settings.expectations_folder, intake.register.units, files))
    refuse([*tripwire.scan_folder(folder), *tripwire.scan_folder(settings.state, skip={"lock", "lock.json", "key"}),
            *tripwire.scan_bytes("ledger.sqlite", memory.facts().encode())])


def _import_heavy() -> None:
    """Import pandas and Great Expectations while the workers read."""
    from pipeline.validate import prepare

    prepare()


def _first_reasons(intake: Intake) -> str:
    reasons = [f" {finding.file}: {finding.message}" for finding in order(intake.findings) if finding.severity != "warning"]
    return "".join(reasons[:3])


def _missing(intake: Intake, receipts: Sequence[Receipt], edition: Edition) -> Iterator[tuple[Place, str]]:
    """Yield where and who, for every hamlet of the register without a workbook."""
    for receipt in receipts:
        if receipt.status == "missing":
            unit = intake.register.find(receipt.unit_id, edition.cutoff)
            parent = intake.register.parent(unit, edition.cutoff) if unit else None
            yield Place(commune_id=parent.unit_id if parent else "", hamlet_id=receipt.unit_id), receipt.unit_name


def _write_run(folder: Path, settings: Settings, outcome: Outcome, watch: Watch) -> None:
    from pipeline.write.csv_files import write_run

    watch.stage("")
    edition = outcome.edition
    write_run(folder / "run.json", {
        "command": "run", "program_version": __version__, "form_version": FORM_VERSION, "period": edition.period,
        "cutoff": edition.cutoff.isoformat(), "previous_cutoff": edition.previous_cutoff.isoformat(),
        "settings": {"conditional_release_policy": edition.policy, "mass_orgs": list(edition.mass_orgs),
                     "cutoff_preset": settings.cutoff_preset},
        "inputs": dict(outcome.inputs),
        "counts": {"workbooks": outcome.files, "rows": outcome.rows, "findings": count_by_severity(outcome.findings)},
        "durations": watch.durations, "exit_code": outcome.exit_code,
    })
