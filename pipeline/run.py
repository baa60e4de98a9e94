"""The whole journey on one screen: find, read, tidy, merge, validate, aggregate, roll up, write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline import __version__
from pipeline.collect import Collected, Workers, collect
from pipeline.edition import choose_edition, period_before
from pipeline.fault import Fault
from pipeline.find import find_workbooks
from pipeline.finding import Finding, Place, count_by_severity, load_catalogue, order
from pipeline.form import FORM_VERSION, load_form
from pipeline.log import LOG, logging_to
from pipeline.place import Intake, place_workbooks
from pipeline.register import read_register
from pipeline.settings import Settings
from pipeline.state import hold_lock, load_key, published_cutoffs
from pipeline.statistics import Edition, Receipt
from pipeline.tell import SUMMARY_FILE, summary_text, tell
from pipeline.watch import Watch
from pipeline.word import Speaker


@dataclass(frozen=True)
class Outcome:
    """What a run did; everything a person is told at the end."""

    edition: Edition
    folder: Path
    findings: tuple[Finding, ...]
    receipts: tuple[Receipt, ...]
    files: int
    rows: dict[str, int]

    @property
    def exit_code(self) -> int:
        """Return 0 when nothing is critical, else 1."""
        return 1 if count_by_severity(self.findings)["critical"] else 0


def run(settings: Settings, today: date, watch: Watch | None = None) -> Outcome:
    """Turn the workbooks in inputs/ into the outputs of one period.

    Raises Fault, publishing nothing, when something of our own world is wrong.
    """
    watch = watch or Watch()
    workers = Workers(settings.workers)
    try:
        with hold_lock(settings.state), logging_to(settings.state):
            outcome = _logged(settings, today, watch, workers)
    finally:
        workers.close()
    with logging_to(settings.state):  # a slow mail server keeps nobody from running again
        tell(outcome, settings.mail)
    return outcome


def _logged(settings: Settings, today: date, watch: Watch, workers: Workers) -> Outcome:
    """Run, and leave a line in the log of how it began and how it ended; counts only."""
    LOG.info("Bắt đầu lượt chạy.")
    try:
        outcome = _run(settings, today, watch, workers)
    except Fault as fault:
        LOG.error("Dừng, không phát hành: %s", fault)
        raise
    counts = count_by_severity(outcome.findings)
    LOG.info("Đã phát hành kỳ %s: %d tệp, %d nghiêm trọng, %d cần xem.", outcome.edition.period, outcome.files, counts["critical"],
             counts["warning"])
    return outcome


def _run(settings: Settings, today: date, watch: Watch, workers: Workers) -> Outcome:
    form = load_form()
    speaker = Speaker(form, load_catalogue(settings.expectations_folder / "messages.csv"))
    watch.stage("find")
    register = read_register(settings.inputs)
    sources = find_workbooks(settings.inputs)
    if not sources:
        raise Fault(f"Chưa có sổ nào trong thư mục {settings.inputs.name}. Hãy chép các sổ .xlsx vào rồi chạy lại.")
    watch.stage("read", len(sources))
    collected = collect(sources, load_key(settings.state), workers, _import_heavy, watch.step)
    watch.stage("place")
    edition = choose_edition(collected.workbooks, settings, today, published_cutoffs(settings.outputs))
    intake = place_workbooks(collected.workbooks, register, edition, speaker)
    if not intake.placed:
        raise Fault(f"Không có sổ nào tính được cho kỳ {edition.period}." + _first_reasons(intake))
    return _count_and_write(settings, edition, collected, intake, speaker, watch, workers)


def _count_and_write(settings: Settings, edition: Edition, collected: Collected, intake: Intake, speaker: Speaker, watch: Watch,
                     workers: Workers) -> Outcome:
    from pipeline.account import account_rows, write_receipts
    from pipeline.aggregate import aggregate
    from pipeline.judge import drop_repeated, judge_tables
    from pipeline.merge import merge_tables
    from pipeline.prove import SUITE, prove, read_published
    from pipeline.publish import publishing
    from pipeline.rollup import roll_up
    from pipeline.validate import SUITES, load_suites
    from pipeline.write.everything import write_everything

    form, placed = speaker.form, intake.placed
    watch.stage("merge")
    suites = load_suites(settings.expectations_folder, (*SUITES, SUITE))
    frames = merge_tables(collected, placed, form)
    watch.stage("validate")
    judged = judge_tables(frames, placed, edition, suites, speaker)
    watch.stage("aggregate")
    counted = aggregate(judged, len(placed), edition)
    ledger = account_rows(judged, counted, placed, form)
    statistics = roll_up(counted, placed, intake.register, edition, form)
    receipts = write_receipts(ledger, placed, intake.register, edition, form)
    watch.stage("prove")
    before = read_published(settings.outputs / period_before(edition.period) / "statistics.csv")
    proved = prove(statistics, edition.mass_orgs, suites[SUITE], speaker.catalogue, before)
    broken = [finding for finding in proved if finding.severity == "critical"]
    if broken:
        raise Fault(f"Số liệu tính ra không khớp nên không phát hành: {broken[0].message} Hãy báo người phụ trách kỹ thuật.")
    missing = [speaker.catalogue.say("unit_not_reported", place, unit=name) for place, name in _missing(intake, receipts, edition)]
    findings = tuple(order([*drop_repeated(intake.findings, judged.findings), *proved, *missing]))
    with publishing(settings.outputs, edition.period) as folder:
        write_everything(folder, statistics, edition, intake, counted, ledger, receipts, findings, speaker, watch, workers)
        outcome = Outcome(edition, settings.outputs / edition.period, findings, receipts, len(collected.workbooks),
                          {kind: ledger.total(kind) for kind in ("read", "counted", "set_aside", "outside")})
        (folder / SUMMARY_FILE).write_text(summary_text(outcome), encoding="utf-8")
        watch.stage("publish")
        _write_run(folder, settings, outcome, collected, watch)
    return outcome


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


def _write_run(folder: Path, settings: Settings, outcome: Outcome, collected: Collected, watch: Watch) -> None:
    from pipeline.write.csv_files import write_run

    watch.stage("")
    edition = outcome.edition
    write_run(folder / "run.json", {
        "command": "run", "program_version": __version__, "form_version": FORM_VERSION, "period": edition.period,
        "cutoff": edition.cutoff.isoformat(), "previous_cutoff": edition.previous_cutoff.isoformat(),
        "settings": {"conditional_release_policy": edition.policy, "mass_orgs": list(edition.mass_orgs),
                     "cutoff_preset": settings.cutoff_preset},
        "inputs": {book.name: book.sha256 for book in collected.workbooks},
        "counts": {"workbooks": outcome.files, "rows": outcome.rows, "findings": count_by_severity(outcome.findings)},
        "durations": watch.durations, "exit_code": outcome.exit_code,
    })
