"""Earlier: the last accepted version of workbooks that cannot be counted as they are now, so that no hamlet vanishes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pipeline.choose import refused
from pipeline.ledger import Accepted
from pipeline.shelf import Shelf
from pipeline.tidy.batch import Batch, Workbook


class Earlier:
    """Takes earlier versions from the shelf, each under a number of its own after tonight's."""

    def __init__(self, shelf: Shelf, accepted: Mapping[str, Accepted], first_number: int) -> None:
        self._shelf, self._accepted, self._next = shelf, accepted, first_number
        self._taken: dict[str, tuple[Workbook, str] | None] = {}
        self._batches: dict[int, list[Batch]] = {}

    def of_workbook(self, name: str) -> tuple[Workbook, str] | None:
        """Return the version last counted of the workbook called so, and the day (ISO date) it was first counted."""
        if name not in self._taken:
            self._taken[name] = self._take(name) if name in self._accepted else None
        return self._taken[name]

    def of_unit(self, unit_id: str, rather: Collection[str] = ()) -> tuple[Workbook, str] | None:
        """Return the version last counted of any workbook of a unit, of one of these names where it can be.

        None where two different ones were counted last on one day.
        """
        mine = {name: one for name, one in self._accepted.items() if one.unit_id == unit_id}
        known = sorted(((mine[name].last_day, mine[name].day), mine[name].sha256, name) for name in mine.keys() & set(rather) or mine)
        newest = {sha256 for days, sha256, _ in known if days == known[-1][0]}
        return self.of_workbook(known[-1][2]) if len(newest) == 1 else None

    def instead(self, books: Iterable[Workbook]) -> list[Workbook]:
        """Return the workbooks, those that cannot be opened replaced by their earlier versions, which know their period."""
        return [known[0] if refused(book) and (known := self.of_workbook(book.name)) else book for book in books]

    def batches(self, numbers: Iterable[int]) -> list[Batch]:
        """Return the rows of the versions that go by these numbers."""
        return [batch for number in numbers for batch in self._batches.get(number, ())]

    def _take(self, name: str) -> tuple[Workbook, str] | None:
        accepted, number = self._accepted[name], self._next
        facts = self._shelf.facts(accepted.sha256, number, name)
        batches, failed = self._shelf.take_down({number: accepted.sha256}) if facts else ([], [number])
        if facts is None or failed:
            return None
        self._next += 1
        self._batches[number] = batches
        return facts, accepted.day
