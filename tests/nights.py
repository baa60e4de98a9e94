"""Nights for the tests: an office of small workbooks in two communes, runs over it, and what they left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hostile_files import sector_zeroed, stream
from intake import CUTOFF, EXPECTATIONS, PERIOD, SECRET, Book, act, commune_book, edit_workbook, hamlet_book, loan, person, write_units
from journey import change_info, rows_of, snapshot
from openpyxl.cell import MergedCell

from pipeline.find import RETURNED_FOLDER
from pipeline.night import Told, spend
from pipeline.settings import Settings
from pipeline.units import REGISTER_FILE, Unit
from pipeline.watch import Watch

TODAY = date(2024, 5, 20)
LATER = {"period": "2024-06", "cutoff": date(2024, 6, 6)}
"""Settings of the period after; its previous cut-off is the published one of PERIOD."""
HAMLETS = 3
_ROOM = 20
"""Numbers of people that one workbook may take."""


def make_units(communes: Iterable[str] = "AB", hamlets: int = HAMLETS) -> tuple[Unit, ...]:
    """Return a district above each commune, and the communes' hamlets."""
    units: list[Unit] = []
    for one in communes:
        units += [Unit(f"H{one}", "district", "Huyện", f"Huyện {one}"), Unit(one, "commune", "Xã", f"Xã {one}", f"H{one}")]
        units += [Unit(f"{one}{n}", "hamlet", "Thôn", f"Thôn {one}{n}", one) for n in range(1, hamlets + 1)]
    return tuple(units)


@dataclass
class Office:
    """A folder with inputs, outputs, state and expectations, and the workbooks that should lie in inputs/, by name."""

    root: Path
    units: tuple[Unit, ...] = field(default_factory=make_units)
    books: dict[str, Book] = field(default_factory=dict)
    today: date = TODAY
    given: dict[str, object] = field(default_factory=dict)
    """Settings of this office."""

    @property
    def inputs(self) -> Path:
        return self.root / "inputs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def period(self) -> Path:
        return self.outputs / PERIOD

    @property
    def state(self) -> Path:
        return self.root / "state"

    def open(self) -> Office:
        """Write the register, the rules, the key and a workbook for every unit."""
        self.state.mkdir(mode=0o700, parents=True)
        (self.state / "key").write_bytes(SECRET)
        write_units(self.inputs, self.units)
        shutil.copytree(EXPECTATIONS, self.root / "expectations")
        for unit in self.units:
            if unit.level in ("hamlet", "commune"):
                self.write(f"{unit.parent_id if unit.level == 'hamlet' else unit.unit_id}/so_{unit.unit_id}.xlsx", self.book(unit))
        return self

    def book(self, unit: Unit, people: int = 2) -> Book:
        """Return a unit's workbook; nobody stands in two of them."""
        if unit.level == "commune":
            made = commune_book(unit)
            made.rows = {"models": [{"name": "Đội tự quản", "model_type": "Câu lạc bộ", "founded_on": date(2023, 1, 1)}]}
            return made
        commune = next(one for one in self.units if one.unit_id == unit.parent_id)
        first = _ROOM * [one.unit_id for one in self.units].index(unit.unit_id)
        made = hamlet_book(unit, commune, first)
        rows = [person(first + at) for at in range(people)]
        made.rows = {"people": rows, "support": [act(rows[0])], "loans": [loan(rows[0])]} if rows else {}
        return made

    def unit(self, unit_id: str) -> Unit:
        return next(unit for unit in self.units if unit.unit_id == unit_id)

    def name_of(self, unit_id: str) -> str:
        """Return the name of a unit's workbook as it was first written."""
        return next(name for name in self.books if name.endswith(f"so_{unit_id}.xlsx"))

    def path(self, name: str) -> Path:
        return self.inputs / name

    def write(self, name: str, book: Book | None = None) -> Path:
        """Write a workbook, or write it again."""
        self.books[name] = book or self.books[name]
        self.books[name].write(self.path(name))
        return self.path(name)

    def add_person(self, unit_id: str) -> Path:
        """Write a unit's workbook with one person more."""
        name = self.name_of(unit_id)
        rows = self.books[name].rows["people"]
        first = _ROOM * [one.unit_id for one in self.units].index(unit_id)
        rows.append(person(first + len(rows)))
        return self.write(name)

    def settings(self, **given: object) -> Settings:
        """Return the settings of a run for PERIOD, unless told otherwise."""
        told: dict[str, Any] = {"period": PERIOD, "cutoff": CUTOFF, **self.given, **given}
        return Settings(inputs=self.inputs, outputs=self.outputs, state=self.state, expectations=self.root / "expectations", **told)

    def night(self, watch: Watch | None = None, *, full: bool = False, isolated: bool = False, **given: object) -> Told:
        """Run once."""
        return spend(self.settings(**given), self.today, watch, full=full, isolated=isolated)

    def next_day(self) -> None:
        self.today += timedelta(days=1)

    def copy(self, root: Path, *, state: bool = True) -> Office:
        """Return a copy; without its state it keeps the key, and so the identities."""
        shutil.copytree(self.root, root, ignore=None if state else lambda folder, _: [] if Path(folder) != self.root else ["state"])
        if not state:
            (root / "state").mkdir(mode=0o700)
            shutil.copy2(self.state / "key", root / "state" / "key")
        books = {name: replace(one, rows=_copied(one), info=dict(one.info)) for name, one in self.books.items()}
        return replace(self, root=root, books=books, given=dict(self.given))

    def figures(self, unit_id: str, period: str = PERIOD) -> dict[str, str]:
        """Return a unit's figures by indicator as published; empty for what nobody reported."""
        rows = rows_of(self.outputs / period / "statistics.csv")
        return {row["indicator"]: row["value"] for row in rows if row["unit_id"] == unit_id}

    def total(self, unit_id: str, period: str = PERIOD) -> str:
        return self.figures(unit_id, period)["total"]

    def receipt(self, unit_id: str, period: str = PERIOD) -> dict[str, str]:
        """Return a unit's line of completeness.csv."""
        return next(row for row in rows_of(self.outputs / period / "completeness.csv") if row["unit_id"] == unit_id)

    def codes(self, name: str, period: str = PERIOD) -> set[str]:
        """Return the findings about a workbook."""
        return {row["code"] for row in rows_of(self.outputs / period / "findings.csv") if row["file"] == name}


def _copied(book: Book) -> dict[str, list[dict[str, object]]]:
    return {sheet: [dict(row) for row in rows] for sheet, rows in book.rows.items()}


def published(outputs: Path, period: str = PERIOD) -> dict[str, bytes]:
    """Return every file of a published period; of run.json all but how long things took."""
    files = snapshot(outputs / period)
    if "run.json" in files:
        told = json.loads(files["run.json"])
        files["run.json"] = json.dumps(told | {"durations": None}, ensure_ascii=False, indent=1).encode()
    return files


def differences(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the names of files that are not the same, byte for byte; a text's first differing line with it."""
    return [f"{name}: {_first_difference(one.get(name), other.get(name))}" for name in sorted(one.keys() | other.keys())
            if one.get(name) != other.get(name)]


def _first_difference(one: bytes | None, other: bytes | None) -> str:
    if one is None or other is None:
        return "only there" if one is None else "only here"
    if one.startswith(b"PK"):
        return "other bytes"
    pairs = zip([*one.decode().splitlines(), ""], [*other.decode().splitlines(), ""], strict=False)
    return next((f"{here!r} != {there!r}" for here, there in pairs if here != there), "other length")


def is_what_a_full_run_gives(office: Office, beside: Path, **given: object) -> Told:
    """Spend a night, and a full one on a copy of all that was there before; both must publish the same bytes."""
    twin = office.copy(beside)
    told, full = office.night(**given), twin.night(full=True, **given)
    assert full.outcome is not None
    assert (told.exit_code, told.period) == (full.exit_code, full.period)
    assert differences(published(office.outputs, told.period), published(twin.outputs, told.period)) == []
    return told


def edit_json(path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change a suite."""
    suite = json.loads(path.read_text(encoding="utf-8"))
    edit(suite)
    path.write_text(json.dumps(suite, ensure_ascii=False, indent=2), encoding="utf-8")


def lock_of(path: Path) -> Path:
    """Return the lock file that Excel puts beside an open workbook."""
    return path.with_name(f"~${path.name}")


def workbooks_in(inputs: Path) -> list[str]:
    """Return the workbooks below inputs/, without the register and what went back to staff."""
    return sorted(name for path in inputs.rglob("*.xlsx") if not path.name.startswith("~$")
                  and (name := path.relative_to(inputs).as_posix()) != REGISTER_FILE and RETURNED_FOLDER not in path.parts)


def _destroy_header(path: Path) -> None:
    edit_workbook(path, lambda book: [setattr(cell, "value", None) for row in book["Danh sách"]["A1:Z4"] for cell in row
                                      if not isinstance(cell, MergedCell)])


HARMS: dict[str, Callable[[Path], object]] = {
    "half copied": lambda path: path.write_bytes(path.read_bytes()[:path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "a web page": lambda path: path.write_bytes(b"<html><body><table><tr><td>1</td></tr></table></body></html>"),
    "with a password": lambda path: path.write_bytes(stream("EncryptedPackage")),
    "bits rotten": lambda path: path.write_bytes(sector_zeroed(path.read_bytes())),
    "without its unit's code": lambda path: change_info(path, "hamlet_id", None),
    "without its header": _destroy_header,
}
"""What befalls a hamlet's workbook so that it cannot be counted, and what does it."""
