"""Write one period's whole folder: a workbook per commune, one per unit above, and the tables."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.form import load_form
from pipeline.statistics import CommuneBook, Edition, Figures, Receipt, RollupBook

if TYPE_CHECKING:  # workers import this module: nothing here may bring pandas into them
    from pipeline.account import Ledger
    from pipeline.aggregate import Counted
    from pipeline.choose import Placed
    from pipeline.finding import Finding
    from pipeline.place import Intake
    from pipeline.rollup import Statistics
    from pipeline.units import Unit
    from pipeline.watch import Watch
    from pipeline.word import Speaker
    from pipeline.workers import Workers
    from pipeline.write.reuse import Reuse

Task = tuple[Any, ...]
FEW = 4
"""Up to so many workbooks are written in this process: starting workers would take longer."""


def write_everything(folder: Path, statistics: Statistics, edition: Edition, intake: Intake, counted: Counted, ledger: Ledger,
                     receipts: Sequence[Receipt], findings: Sequence[Finding], speaker: Speaker, watch: Watch, workers: Workers,
                     reuse: Reuse) -> None:
    """Write every output of DESIGN §5 below `folder`, but for the workbooks that can be copied."""
    from pipeline.write.csv_files import write_completeness, write_findings, write_statistics

    titles = {code: wording.title for code, wording in speaker.catalogue.wordings.items()}
    books = _commune_books(statistics, edition, intake, counted, ledger, receipts, findings)
    rollups = rollup_books(statistics, edition, _hashes(intake), [f for f in findings if not f.commune_id])
    communes = {one.commune.unit_id for one in intake.placed if one.commune}
    total = len(communes) + sum(1 for _ in units_above(statistics))
    watch.stage("write", total)

    def write_tables() -> None:
        write_statistics(folder / "statistics.csv", statistics, edition)
        write_findings(folder / "findings.csv", findings, edition.period)
        write_completeness(folder / "completeness.csv", receipts)

    tasks: Iterator[Task] = ((write_commune, folder, book, notes, titles) for book, notes in books
                             if not reuse.take(folder, commune_path(book), (book, notes, titles)))
    above: Iterator[Task] = ((write_rollup, folder, book, notes) for book, notes in rollups
                             if not reuse.take(folder, rollup_path(book), (book, notes)))
    spread(chain(tasks, above), total, workers, watch, write_tables)


def spread(tasks: Iterable[Task], total: int, workers: Workers, watch: Watch, meanwhile: Callable[[], None]) -> None:
    """Run (function, *arguments) in worker processes, a few at a time so that memory stays small.

    `meanwhile` runs here once, as soon as the workers have something to do.
    """
    if total <= FEW:
        for call, *arguments in tasks:
            call(*arguments)
            watch.step(1)
        meanwhile()
        return
    tasks = iter(tasks)
    waiting: deque[Future[None]] = deque(workers.submit(*task) for task in islice(tasks, 8 * workers.count))
    meanwhile()
    while waiting:
        waiting.popleft().result()
        watch.step(1)
        waiting.extend(workers.submit(*task) for task in islice(tasks, 1))


def units_above(statistics: Statistics) -> Iterator[int]:
    """Yield the rows of the units above the communes of which something was reported."""
    for at, unit in enumerate(statistics.units):
        if unit.level not in ("hamlet", "commune") and statistics.reported[at].any():
            yield at


def write_commune(folder: Path, book: CommuneBook, notes: Mapping[str, str], titles: Mapping[str, str]) -> None:
    """Write one commune's thong-ke.xlsx; called in a worker."""
    from pipeline.write.commune_book import write_commune_book

    place = folder / commune_path(book)
    place.parent.mkdir(exist_ok=True)
    write_commune_book(place, load_form(), book, notes, titles)


def commune_path(book: CommuneBook) -> str:
    """Return where a commune's workbook stands below the period's folder."""
    return f"{book.commune.unit.folder}/thong-ke.xlsx"


def rollup_path(book: RollupBook) -> str:
    """Return where an upper unit's workbook stands below the period's folder."""
    return f"tong-hop-{book.parent.unit.folder}.xlsx"


def write_rollup(folder: Path, book: RollupBook, notes: Mapping[str, str]) -> None:
    """Write one upper unit's tong-hop-….xlsx; called in a worker."""
    from pipeline.write.rollup_book import write_rollup_book

    write_rollup_book(folder / rollup_path(book), load_form(), book, notes)


def rollup_books(statistics: Statistics, edition: Edition, hashes: Mapping[str, tuple[tuple[str, str], ...]],
                 findings: Sequence[Finding]) -> Iterator[tuple[RollupBook, dict[str, str]]]:
    """Yield the rollup of every unit above the communes of which something was reported, and its notes."""
    for at in units_above(statistics):
        unit = statistics.units[at]
        children = tuple(statistics.figures(row) for row in statistics.below.get(unit.unit_id, []))
        communes = set(_communes_below(statistics, unit.unit_id))
        used = tuple(sorted(pair for commune in communes for pair in hashes.get(commune, ())))
        mine = tuple(finding for finding in findings if not finding.commune_id or finding.commune_id in communes)
        yield RollupBook(edition, statistics.figures(at), children, used, mine), _notes(statistics, at)


def _notes(statistics: Statistics, at: int) -> dict[str, str]:
    """Return what Thuyết minh also says of a unit: the program's version and the receiving unit."""
    notes = {"program_version": __version__}
    parent = statistics.at.get(statistics.parent_ids[at])
    return notes if parent is None else {**notes, "parent_name": statistics.units[parent].full_name}


def _confirmed(placed: Iterable[Placed]) -> dict[str, str]:
    """Return the period that each stale workbook last confirmed, and when an earlier version that is counted was received."""
    placed = list(placed)
    return {**{f"confirmed.{one.unit.unit_id}": one.book.period for one in placed if one.stale and one.book.period},
            **{f"received.{one.unit.unit_id}": one.received for one in placed if one.received}}


def _communes_below(statistics: Statistics, unit_id: str) -> Iterator[str]:
    for row in statistics.below.get(unit_id, []):
        unit: Unit = statistics.units[row]
        if unit.level == "commune":
            yield unit.unit_id
        else:
            yield from _communes_below(statistics, unit.unit_id)


def _hashes(intake: Intake) -> dict[str, tuple[tuple[str, str], ...]]:
    hashes: dict[str, tuple[tuple[str, str], ...]] = {}
    for one in intake.placed:
        if one.commune:
            hashes[one.commune.unit_id] = (*hashes.get(one.commune.unit_id, ()), (one.book.name, one.book.sha256))
    return hashes


def _commune_books(statistics: Statistics, edition: Edition, intake: Intake, counted: Counted, ledger: Ledger,
                   receipts: Sequence[Receipt], findings: Sequence[Finding]) -> Iterator[tuple[CommuneBook, dict[str, str]]]:
    by_commune: dict[str, list[int]] = {}
    for at, one in enumerate(intake.placed):
        if one.commune:
            by_commune.setdefault(one.commune.unit_id, []).append(at)
    receipts_of: dict[str, list[Receipt]] = {}
    for receipt in receipts:
        receipts_of.setdefault(receipt.unit_id, []).append(receipt)
    findings_of: dict[str, list[Finding]] = {}
    for finding in findings:
        findings_of.setdefault(finding.commune_id, []).append(finding)
    for unit_id, mine in by_commune.items():
        at = statistics.at[unit_id]
        rows = statistics.below.get(unit_id, [])
        accounts = tuple(account for place in mine for account in ledger.accounts[place])
        handed = [receipt for row in rows for receipt in receipts_of.get(statistics.units[row].unit_id, ())]
        own_at = next((place for place in mine if intake.placed[place].unit.unit_id == unit_id), None)
        own = None if own_at is None else _own(statistics, intake.placed[own_at], counted, own_at)
        notes = _notes(statistics, at) | _confirmed(intake.placed[place] for place in mine)
        yield CommuneBook(edition, statistics.figures(at), tuple(statistics.figures(row) for row in rows), own, accounts,
                          (*handed, *receipts_of.get(unit_id, ())), tuple(findings_of.get(unit_id, ())),
                          int(sum(counted.scheduled[place] for place in mine))), notes


def _own(statistics: Statistics, placed: Placed, counted: Counted, at: int) -> Figures | None:
    if placed.blocked:
        return None
    values = {one.key: float(counted.values[one.key][at]) for one in statistics.form.indicators if one.born == "both"}
    return Figures(placed.unit, placed.unit.unit_id, values, {"commune": 1, "both": 1}, {"commune": 1, "both": 1}, "reported")
