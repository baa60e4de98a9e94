"""Remember: what a run leaves in the state folder for the next one, entered only when its outputs are published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.fault import Fault
from pipeline.find import Source
from pipeline.ledger import Accepted, Ledger
from pipeline.shelf import Segment, Shelf
from pipeline.write.reuse import Reuse

if TYPE_CHECKING:
    from pipeline.choose import Placed
    from pipeline.rollup import Statistics
    from pipeline.statistics import Edition
    from pipeline.tidy.batch import Batch, Workbook


class Memory:
    """What earlier runs left, and what this one will."""

    def __init__(self, ledger: Ledger, shelf: Shelf, sources: Sequence[Source], hashes: Mapping[str, str],
                 accepted: Mapping[str, Accepted], today: date, full: bool) -> None:
        self.ledger, self.shelf, self.sources, self.hashes, self.accepted = ledger, shelf, sources, hashes, accepted
        self.today, self.full = today, full
        self._segment: Segment | None = None
        self._period = ""

    @contextmanager
    def keeping(self, fresh: Sequence[Batch], edition: Edition) -> Iterator[None]:
        """Put up tonight's tables; they go again when the outputs are not published.

        Raises Fault when the disk refuses.
        """
        self._period = edition.period
        try:
            self._segment = self.shelf.put_up(fresh, edition.previous_cutoff)
        except OSError as error:
            raise Fault(f"Không ghi được vào thư mục trạng thái: {error.strerror}. Kết quả cũ vẫn giữ nguyên.") from error
        del fresh
        try:
            yield
        except BaseException:
            self.shelf.discard(self._segment)
            raise

    def facts(self) -> str:
        """Return all text that tonight's tables bring into the ledger."""
        return self._segment.text() if self._segment else ""

    def figures(self, period: str) -> dict[str, dict[str, float]]:
        """Return the figures of a period's units from the communes up, as they were when it was last published."""
        return {unit_id: json.loads(indicators) for unit_id, indicators in self.ledger.figures(period).items()}

    def reuse(self, old: Path) -> Reuse:
        """Return which workbooks of the period as it is published need not be written again."""
        return Reuse(old, {} if self.full else self.ledger.written(self._period), self.shelf.rules)

    def note_written(self, folder: Path, reuse: Reuse) -> None:
        """Enter what was written, before it is moved into place: the entry only ever spares work where the file is just so."""
        self.ledger.replace_written(self._period, reuse.written(folder))

    def note(self, books: Sequence[Workbook], placed: Sequence[Placed], statistics: Statistics, edition: Edition) -> None:
        """Enter the versions that were counted, tonight's tables and the figures from the communes up; forget what nobody refers to."""
        today = self.today.isoformat()
        here = {source.name for source in self.sources}
        there = {name: one._replace(last_day=today) for name, one in self.accepted.items() if name in here}
        counted = {one.book.name: Accepted(one.unit.unit_id, one.book.sha256, today, today)
                   for one in placed if not one.blocked and not one.received}
        self.ledger.accept(there | counted)
        live = {one.sha256 for one in self.ledger.accepted().values()} | {book.sha256 for book in books} | set(self.hashes.values())
        self.shelf.keep(self._segment, live, edition.previous_cutoff)
        self.ledger.replace_figures(edition.period, (
            (unit.unit_id, unit.level, json.dumps(statistics.figures(at).values)) for at, unit in enumerate(statistics.units)
            if unit.level != "hamlet"))
