"""The shelf: the typed tables that each workbook version last gave, as Arrow files in the state folder.

They hold dates, codes, flags and keyed HMACs: never a name, an identity number or free text. An unchanged workbook
is taken from here instead of being read again, and so is the last accepted version of one that can no longer be read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.find import try_hash
from pipeline.form import Form, Sheet
from pipeline.ledger import Ledger, Version
from pipeline.raw import Trouble
from pipeline.tables import OWNER, blank_table, forget_expunged, join_tables, renumber
from pipeline.tidy.batch import Batch, Table, Workbook
from pipeline.tidy.columns import Array
from pipeline.tidy.notes import SAYING_CODES

FOLDER = "tables"
WHOLE = "whole.json"
"""The hash of every file of a segment, written last: without it a run died here."""
_NO_ROWS = -1
"""Place of a version that gave no row: there is nothing to take down."""
MANY_SEGMENTS = 24
"""With more, a night spends its time opening files: all living tables are written into one again."""
_SHARED = ("letters", "sheet_names", "info_cells")
"""Facts that are the same in most workbooks."""
PASSING = frozenset({"file_changing", "file_open", "reader_failed"})
"""Troubles of the moment: what was found then says nothing of the file's content."""


@dataclass
class Segment:
    """Freshly written tables that the ledger does not know of yet."""

    name: str
    forgotten: str
    versions: dict[str, Version] = field(default_factory=dict)
    layouts: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return all text that the ledger will hold of it."""
        return "\n".join([*self.layouts.values(), *(version.facts for version in self.versions.values())])


class Shelf:
    """Typed tables by content hash. What is taken down has the columns and codes of today's form."""

    def __init__(self, state: Path, ledger: Ledger, form: Form, rules: str) -> None:
        self.folder, self.ledger, self.form, self.rules = state / FOLDER, ledger, form, rules
        self.versions = ledger.versions()
        self.forgotten = ledger.segments()
        self._layouts = ledger.layouts()
        self._shared: dict[str, dict[str, Any]] = {}

    def knows(self, sha256: str) -> bool:
        """Tell whether a version was read by today's rules, so that it need not be read again."""
        return bool(sha256) and sha256 in self.versions and self.versions[sha256].rules == self.rules

    def facts(self, sha256: str, number: int, name: str) -> Workbook | None:
        """Return what is known of a version, as tonight's workbook `number` called `name`."""
        version = self.versions.get(sha256)
        if version is None:
            return None
        known = json.loads(version.facts)
        layout = known.pop("layout")
        if layout not in self._shared:
            self._shared[layout] = json.loads(self._layouts[layout])
        return _workbook(self._shared[layout] | known, number, name)

    def take_down(self, wanted: Mapping[int, str], until: str = "9999") -> tuple[list[Batch], list[int]]:
        """Return the tables of versions (number -> hash), and the numbers of those that must be read again.

        That is where a file is gone or damaged, or where people were forgotten after the day `until` (ISO date).
        """
        by_segment: dict[str, dict[int, str]] = {}
        for number, sha256 in wanted.items():
            if self.versions[sha256].place != _NO_ROWS:
                by_segment.setdefault(self.versions[sha256].segment, {})[number] = sha256
        batches: list[Batch] = []
        failed: list[int] = []
        for segment, members in sorted(by_segment.items()):
            tables = None if self.forgotten.get(segment, "9999") > until else self._read(segment, members)
            if tables is None:
                failed += members
            else:
                batches += tables
        return batches, failed

    def put_up(self, batches: Sequence[Batch], day: date) -> Segment | None:
        """Write the tables of freshly read workbooks as one more segment; None when there is nothing to keep.

        People whose record was expunged by `day` are forgotten. Raises OSError when the disk refuses.
        """
        books = [book for batch in batches for book in batch.workbooks if book.sha256 and not PASSING & {t.code for t in book.troubles}]
        first = {book.sha256: book for book in reversed(books)}
        if not first:
            return None
        filled = {number for batch in batches for table in batch.tables.values() for number in np.unique(table[OWNER]).tolist()}
        places = {book.number: place for place, book in enumerate(first.values()) if book.number in filled}
        segment = Segment(uuid.uuid4().hex, day.isoformat())
        for sha256, book in first.items():
            facts, layout = _facts(book)
            segment.versions[sha256] = Version(self.rules, segment.name, places.get(book.number, _NO_ROWS), facts)
            segment.layouts[_hash(layout)] = layout
        self._write(segment.name, forget_expunged(renumber(join_tables(batches), places), self.form, day))
        return segment

    def discard(self, segment: Segment | None) -> None:
        """Remove freshly written tables."""
        if segment:
            shutil.rmtree(self.folder / segment.name, ignore_errors=True)

    def keep(self, segment: Segment | None, live: Iterable[str], day: date) -> None:
        """Enter a segment in the ledger, forget all versions that are not live, and delete files without a living version.

        When there are too many segments, or people to forget in one, all that lives is written into one segment again.
        """
        if segment:
            self._enter(segment)
        self._sweep(live)
        if len(self.forgotten) > MANY_SEGMENTS or any(one < day.isoformat() for one in self.forgotten.values()):
            with suppress(OSError):  # a full disk: what is published stays so, and the next run tries again
                self._renew(day)

    def _enter(self, segment: Segment) -> None:
        self.ledger.add_segment(segment.name, segment.forgotten, segment.versions, segment.layouts)
        self.versions |= segment.versions
        self._layouts |= segment.layouts

    def _sweep(self, live: Iterable[str]) -> None:
        used = self.ledger.keep_versions(live)
        self.versions, self.forgotten = self.ledger.versions(), self.ledger.segments()
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in used:
                shutil.rmtree(path, ignore_errors=True)

    def _renew(self, day: date) -> None:
        hashes = sorted(self.versions)
        batches, failed = self.take_down(dict(enumerate(hashes)))
        latest = max(day.isoformat(), *self.forgotten.values())
        segment = Segment(uuid.uuid4().hex, latest)
        for at in sorted(set(range(len(hashes))) - set(failed)):
            old = self.versions[hashes[at]]
            segment.versions[hashes[at]] = old._replace(segment=segment.name, place=at if old.place != _NO_ROWS else _NO_ROWS)
        self._write(segment.name, forget_expunged(join_tables(batches), self.form, date.fromisoformat(latest)))
        self._enter(segment)
        self._sweep(segment.versions)

    def _read(self, segment: str, members: Mapping[int, str]) -> list[Batch] | None:
        """Read one segment; the same version under two numbers comes twice."""
        rounds: list[dict[int, int]] = []
        for number, sha256 in members.items():
            place = self.versions[sha256].place
            free = next((one for one in rounds if place not in one), None)
            if free is None:
                rounds.append(free := {})
            free[place] = number
        tables = self._load(segment)
        return None if tables is None else [Batch([], renumber(tables, places)) for places in rounds]

    def _load(self, segment: str) -> dict[str, Table] | None:
        import pyarrow as pa
        from pyarrow import feather

        tables: dict[str, Table] = {}
        try:
            for name, sha256 in json.loads((self.folder / segment / WHOLE).read_text(encoding="utf-8")).items():
                data = (self.folder / segment / f"{name}.arrow").read_bytes()
                if hashlib.sha256(data).hexdigest() != sha256:  # Arrow does not check what it reads, and may crash over it
                    return None
                if sheet := self.form.sheet.get(name):
                    tables[name] = _align(feather.read_table(pa.py_buffer(data)), sheet, self.form)
        except (OSError, pa.ArrowException, AttributeError, KeyError, ValueError):
            return None
        return tables

    def _write(self, segment: str, tables: Mapping[str, Table]) -> None:
        import pyarrow as pa
        from pyarrow import feather

        folder = self.folder / segment
        folder.mkdir(parents=True, mode=0o700)
        for key, table in tables.items():
            columns = {name: _to_arrow(name, values, self.form.sheet[key], self.form) for name, values in table.items()}
            feather.write_feather(pa.table(columns), folder / f"{key}.arrow", compression="lz4")
        whole = {path.stem: try_hash(path) for path in sorted(folder.iterdir())}
        (folder / WHOLE).write_text(_json(whole), encoding="utf-8")
        for path in folder.iterdir():
            _sync(path)


def _codes(name: str, sheet: Sheet, form: Form) -> Sequence[str]:
    """Return the code list of a column whose values are positions in one."""
    column = sheet.by_key.get(name)
    return SAYING_CODES if name == "note_says" else form.codes(column.list) if column and column.type == "code" else ()


def _to_arrow(name: str, values: Array, sheet: Sheet, form: Form) -> object:
    import pyarrow as pa

    codes = _codes(name, sheet, form)
    return pa.DictionaryArray.from_arrays(pa.array(values, mask=values < 0), pa.array(codes, pa.string())) if codes else pa.array(values)


def _align(table: object, sheet: Sheet, form: Form) -> Table:
    """Return a kept table with the columns of today's form, codes as positions in today's lists."""
    kept: Table = {}
    for name in table.column_names:  # type: ignore[attr-defined]
        column = table.column(name).combine_chunks()  # type: ignore[attr-defined]
        if hasattr(column, "dictionary"):
            codes = _codes(name, sheet, form)
            today = np.array([*(codes.index(code) if code in codes else -1 for code in column.dictionary.to_pylist()), -1], np.int8)
            kept[name] = today[column.indices.fill_null(-1).to_numpy(zero_copy_only=False)]
        else:
            kept[name] = column.to_numpy(zero_copy_only=False)
    blank = blank_table(sheet, len(kept["source_row"]))
    return {name: kept.get(name, values).astype(values.dtype, copy=False) for name, values in blank.items()}


def _facts(book: Workbook) -> tuple[str, str]:
    """Return a workbook's facts and its layout as JSON, without its number and name, which are the file's and not the content's."""
    facts = asdict(book) | {"nil": sorted(book.nil), "refused": sorted(book.refused), "troubles": [list(one) for one in book.troubles]}
    layout = _json({key: facts.pop(key) for key in _SHARED})
    return _json({key: value for key, value in facts.items() if key not in ("number", "name")} | {"layout": _hash(layout)}), layout


def _workbook(known: dict[str, Any], number: int, name: str) -> Workbook:
    known["nil"], known["refused"] = frozenset(known["nil"]), frozenset(known["refused"])
    known["troubles"] = [Trouble(*one[:5])._replace(values=tuple((key, value) for key, value in one[5])) for one in known["troubles"]]
    known["info_cells"] = {key: (row, letter) for key, (row, letter) in known["info_cells"].items()}
    return Workbook(number=number, name=name, **known)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _sync(path: Path) -> None:
    """Put a file on the disk for good."""
    with suppress(OSError), path.open("rb+") as file:
        os.fsync(file.fileno())
