"""Read: cells as typed, with sheet and row; no interpretation beyond whose column it is.

The only module that knows python-calamine. Row numbers are Excel's own.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.find import Source, hash_file, try_hash
from pipeline.form import Form
from pipeline.locate import column_letter, count_rows, locate_table, plain
from pipeline.raw import Cell, RawTable, RawWorkbook, Trouble
from pipeline.text import fold

_VERSION = re.compile(rb'name="template_version"[^>]*><vt:lpwstr>([^<]{1,20})<')


def read_workbook(source: Source, form: Form) -> RawWorkbook:
    """Read one workbook. Whatever is wrong with it is a trouble, never an exception."""
    if not source.supported:
        return RawWorkbook(source, try_hash(source.path), troubles=(
            Trouble("file_unsupported", values=(("kind", source.path.suffix.lower()),)),))
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        sha256 = hash_file(source.path)
        with CalamineWorkbook.from_path(source.path) as workbook:
            return _read_sheets(source, sha256, workbook, form)
    except PasswordError:
        return RawWorkbook(source, try_hash(source.path), troubles=(Trouble("file_protected"),))
    except (CalamineError, OSError, ValueError):
        return RawWorkbook(source, try_hash(source.path), troubles=(Trouble("file_unreadable"),))


def read_rows(path: Path, sheet_name: str) -> list[list[Cell]] | None:
    """Return a sheet's cells from row 1 (names matched folded), None when the workbook has no such sheet.

    Raises OSError when the file cannot be read as a workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            for name in workbook.sheet_names:
                if fold(name) == fold(sheet_name):
                    return workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)  # type: ignore[return-value]
    except (CalamineError, ValueError) as error:
        raise OSError(str(type(error).__name__)) from error
    return None


def _read_sheets(source: Source, sha256: str, workbook: Any, form: Form) -> RawWorkbook:
    names, troubles = _match_sheets(workbook.sheet_names, form)
    if not any(form.sheet[key].columns for key in names):
        return RawWorkbook(source, sha256, troubles=(Trouble("file_not_ours"),))
    profile = "commune" if "people" not in names and {"models", "funds"} & set(names) else "hamlet"
    troubles += _missing_sheets(names, form, profile)
    info, info_cells = _read_info(_grid(workbook, names.get("info")), form)
    tables: dict[str, RawTable] = {}
    refused: dict[str, int] = {}
    for sheet in form.data_sheets(profile):
        if sheet.key not in names:
            continue
        grid = _grid(workbook, names[sheet.key])
        table, found = locate_table(grid, sheet)
        troubles += found
        if table and not any(t.sheet == sheet.key for t in troubles if t.code == "sheet_ambiguous"):
            tables[sheet.key] = table
        else:
            refused[sheet.key] = count_rows(grid, sheet)
    return RawWorkbook(source, sha256, profile, info, info_cells, tables, names, tuple(troubles),
                       _template_version(source.path), refused)


def _match_sheets(names: Sequence[str], form: Form) -> tuple[dict[str, str], list[Trouble]]:
    keys = {_fold_name(sheet.name): sheet.key for sheet in form.sheets}
    found: dict[str, str] = {}
    troubles = []
    for name in names:
        key = keys.get(_fold_name(name))
        if key and key in found and form.sheet[key].columns:
            troubles.append(Trouble("sheet_ambiguous", key))
        elif key:
            found[key] = name
    return found, troubles


def _fold_name(name: str) -> str:
    """Return a sheet's name without case, accents and spaces."""
    return fold(name).replace(" ", "")


def _missing_sheets(names: Mapping[str, str], form: Form, profile: str) -> list[Trouble]:
    wanted = [s for s in form.sheets if profile in s.profiles and s.columns and s.key not in names]
    return [Trouble("sheet_missing_key" if sheet.required else "sheet_missing", sheet.key) for sheet in wanted]


def _grid(workbook: Any, name: str | None) -> list[list[Cell]]:
    if name is None:
        return []
    grid: list[list[Cell]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return grid


def _read_info(grid: list[list[Cell]], form: Form) -> tuple[dict[str, Cell], dict[str, tuple[int, str]]]:
    """Read Thông tin: each label's value is the next cell to its right."""
    keys = dict(form.sheet["info"].by_header)
    for sheet in form.sheets:
        keys[fold(f"Không phát sinh: {sheet.name}")] = f"nil_{sheet.key}"
    info: dict[str, Cell] = {}
    cells: dict[str, tuple[int, str]] = {}
    for number, row in enumerate(grid, start=1):
        for position, cell in enumerate(row[:-1]):
            key = keys.get(fold(cell)) if isinstance(cell, str) and cell else None
            if key and key not in info:
                info[key] = plain(row[position + 1])
                cells[key] = (number, column_letter(position + 1))
                break
    return info, cells


def _template_version(path: Path) -> str:
    """Return the version that the template command wrote into the document's properties; empty when there is none."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = _VERSION.search(archive.read("docProps/custom.xml"))
    except (OSError, KeyError, zipfile.BadZipFile):
        return ""
    return found[1].decode("ascii", "replace") if found else ""
