"""Write the folder of a rollup that was consolidated from the communes' workbooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pipeline.outcome import Outcome
from pipeline.publish import publishing
from pipeline.rollup import Statistics
from pipeline.watch import Watch
from pipeline.workers import Workers
from pipeline.write.csv_files import write_completeness, write_findings, write_run, write_statistics
from pipeline.write.everything import rollup_books, spread, write_rollup


def publish_rollup(outputs: Path, statistics: Statistics, hashes: Mapping[str, tuple[tuple[str, str], ...]], outcome: Outcome,
                   facts: Mapping[str, object], watch: Watch, workers: Workers, still_ours: Callable[[], None]) -> None:
    """Write one workbook per unit above the communes, and the tables, into outputs/<period>/, whole or not at all."""
    with publishing(outputs, outcome.edition.period, still_ours) as folder:
        books = list(rollup_books(statistics, outcome.edition, hashes, outcome.findings))
        watch.stage("write", len(books))

        def write_tables() -> None:
            write_statistics(folder / "statistics.csv", statistics, outcome.edition)
            write_findings(folder / "findings.csv", outcome.findings, outcome.edition.period)
            write_completeness(folder / "completeness.csv", outcome.receipts)

        spread([(write_rollup, folder, book, notes) for book, notes in books], len(books), workers, watch, write_tables)
        watch.stage("")
        write_run(folder / "run.json", {**facts, "durations": watch.durations})
