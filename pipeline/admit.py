"""Admit: let a file in to be read, as a private copy whose content was judged; or say why not."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pipeline.find import Source
from pipeline.form import Form
from pipeline.guard import FlagCount, Inspection, Refusal, Snapshot, examine
from pipeline.raw import RawTable, RawWorkbook, Trouble

_CODES = {"error": "cell_error", "uncached": "formula_without_value", "formula": "formula_in_cell"}
_KINDS = {"error": "báo lỗi", "uncached": "có công thức chưa có kết quả", "formula": "có công thức"}
_ERROR_CELL = re.compile(rb"(<(?:\w+:)?c\b[^>]*\bt\s*=\s*[\"']e[\"'][^>]*>(?:(?!</?(?:\w+:)?[cv][\s>]).)*<(?:\w+:)?v>)[^<]*(<)", re.DOTALL)
_numbers = count()


@dataclass(frozen=True)
class Admitted:
    """A workbook that may be read: its private copy, and what its content checks found."""

    snapshot: Snapshot
    inspection: Inspection


def admit(source: Source, desk: Path, form: Form) -> Admitted | RawWorkbook:
    """Copy a source to the private folder `desk` and judge it; what must not be read comes back with its trouble."""
    if not source.supported:
        return refuse(source, "file_unsupported", kind=source.path.suffix.lower())
    if source.holder is not None:
        return refuse(source, "file_open", who=source.holder or "không rõ ai")
    taken = examine(source.path, desk, next(_numbers), _drop_downs(form))
    if isinstance(taken, Refusal):
        return _refused(source, taken)
    snapshot, found = taken
    if found.refusal:
        return _refused(source, found.refusal, snapshot.sha256)
    return Admitted(snapshot, found)


def refuse(source: Source, code: str, sha256: str = "", **values: object) -> RawWorkbook:
    """Return a workbook of which nothing is known but why."""
    return RawWorkbook(source, sha256, troubles=(Trouble(code, values=tuple(values.items())),))


def tame_errors(admitted: Admitted) -> bool:
    """Write one well-known error in place of every error value of a copy; return whether that changed anything.

    Excel keeps adding kinds (#SPILL!, #CALC!). Each such cell is named by its own trouble, whatever the error is called.
    """
    if not any(count.kind == "error" for count in admitted.inspection.counts):
        return False
    path = admitted.snapshot.path
    with zipfile.ZipFile(path) as archive:
        before = {name: archive.read(name) for name in archive.namelist()}
    after = {name: _ERROR_CELL.sub(rb"\1#VALUE!\2", part) if name.endswith(".xml") else part for name, part in before.items()}
    if after != before:
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in after.items():
                archive.writestr(name, part)
    return after != before


def flag_troubles(inspection: Inspection, sheet_names: Mapping[str, str], tables: Mapping[str, RawTable]) -> Iterator[Trouble]:
    """Say which cells of our columns hold an error or a formula, and what else the file holds that a reader does not see.

    A column of formulas whose results are there is one trouble: its first cell, and how many more there are.
    """
    keys = {name: key for key, name in sheet_names.items()}
    formulas: dict[tuple[str, str], list[str]] = {}
    for flag in inspection.cells:
        key, letter = keys.get(flag.sheet, ""), flag.cell.rstrip("0123456789")
        column = _column(tables.get(key), letter)
        if not column:
            continue
        if flag.kind == "formula":
            formulas.setdefault((key, column), []).append(flag.cell)
        else:
            yield Trouble(_CODES[flag.kind], key, int(flag.cell[len(letter):]), column, letter)
    for (key, column), cells in formulas.items():
        letter = cells[0].rstrip("0123456789")
        more = f" và {len(cells) - 1} ô khác cùng cột" if len(cells) > 1 else ""
        yield Trouble("formula_in_cell", key, int(cells[0][len(letter):]), column, letter, (("more", more),))
    yield from _not_listed(inspection, keys, tables)
    yield from (Trouble(note) for note in inspection.notes)


def _not_listed(inspection: Inspection, keys: Mapping[str, str], tables: Mapping[str, RawTable]) -> Iterator[Trouble]:
    """Say how many cells of a kind there are where not all are named."""
    for one in inspection.counts:
        shown = _shown(inspection, one)
        if keys.get(one.sheet) in tables and shown < one.number:
            yield Trouble("cells_not_listed", keys[one.sheet], values=(("count", one.number), ("kind", _KINDS[one.kind]), ("shown", shown)))


def _shown(inspection: Inspection, one: FlagCount) -> int:
    return sum(flag.sheet == one.sheet and flag.kind == one.kind for flag in inspection.cells)


def _column(table: RawTable | None, letter: str) -> str:
    """Return the key of the column that a letter stands for in a sheet's table; empty outside it."""
    return next((key for key, at in table.letters.items() if at == letter), "") if table else ""


def _refused(source: Source, refusal: Refusal, sha256: str = "") -> RawWorkbook:
    return refuse(source, refusal.code, sha256, **dict(refusal.values))


_lists: dict[int, Mapping[str, frozenset[str]]] = {}


def _drop_downs(form: Form) -> Mapping[str, frozenset[str]]:
    """Return the code lists, by their defined names, that each sheet's drop-downs of our template refer to."""
    if id(form) not in _lists:
        _lists[id(form)] = _list_names(form)
    return _lists[id(form)]


def _list_names(form: Form) -> Mapping[str, frozenset[str]]:
    return {sheet.name: frozenset(f"dm_{c.list}" for c in sheet.columns if c.type == "code") for sheet in form.sheets if sheet.columns}
