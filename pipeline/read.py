"""Read: cells as typed, with sheet and row; no interpretation beyond whose column it is.

The only module that knows python-calamine. Row numbers are Excel's own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.admit import Admitted, admit, flag_troubles, refuse, tame_errors
from pipeline.fault import where
from pipeline.find import Source
from pipeline.form import Form
from pipeline.locate import column_letter, count_rows, locate_table, plain
from pipeline.raw import Cell, RawTable, RawWorkbook, Trouble
from pipeline.text import fold

MAX_BOX = 20_000_000
"""Cells of the box around all that is written in a sheet: about 1 GB. 353,000 at the most in real workbooks."""


def read_workbook(source: Source, form: Form, desk: Path | None = None) -> RawWorkbook:
    """Read one workbook from a private copy made in `desk`. Whatever is wrong with it is a trouble, never an exception.

    Raises OSError when the copy cannot be written: that is nobody's workbook.
    """
    if desk is None:
        with tempfile.TemporaryDirectory() as folder:
            return read_workbook(source, form, Path(folder))
    try:
        admitted = admit(source, desk, form)
        if isinstance(admitted, RawWorkbook):
            return admitted
        try:
            return _read_copy(source, admitted, form)
        finally:
            admitted.snapshot.path.unlink(missing_ok=True)
    except (KeyboardInterrupt, SystemExit, OSError):
        raise
    except MemoryError:
        return refuse(source, "reader_failed", why="cần quá nhiều bộ nhớ")
    except Exception as error:
        return refuse(source, "reader_failed", why=f"lỗi bên trong chương trình đọc: {where(error)}")
    except BaseException:  # a panic of the reader, which must not cross to another process
        return refuse(source, "reader_failed", why="chương trình đọc gặp sự cố")


def _read_copy(source: Source, admitted: Admitted, form: Form) -> RawWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    sha256 = admitted.snapshot.sha256
    try:
        with CalamineWorkbook.from_path(admitted.snapshot.path) as workbook:
            return _read_sheets(source, admitted, workbook, form)
    except PasswordError:
        return refuse(source, "file_protected", sha256)
    except _TooLargeError as error:
        return refuse(source, "file_too_large", sha256, what=str(error))
    except (CalamineError, OSError, ValueError):
        if tame_errors(admitted):  # the reader refuses a sheet for one error value that it does not know
            return _read_copy(source, admitted, form)
        return refuse(source, "file_unreadable", sha256)


class _TooLargeError(Exception):
    """A stray cell far from the table: the box between would fill the memory."""


def read_rows(path: Path, sheet_name: str) -> list[list[Cell]] | None:
    """Return a sheet's cells from row 1 (names matched folded), None when the workbook has no such sheet.

    Raises OSError when the file cannot be read as a workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            for name in workbook.sheet_names:
                if fold(name) == fold(sheet_name):
                    return _grid(workbook, name)
    except (CalamineError, ValueError, _TooLargeError) as error:
        raise OSError(str(type(error).__name__)) from error
    return None


def _read_sheets(source: Source, admitted: Admitted, workbook: Any, form: Form) -> RawWorkbook:
    sha256 = admitted.snapshot.sha256
    names, troubles = _match_sheets(workbook.sheet_names, form)
    if not any(form.sheet[key].columns for key in names):
        return refuse(source, "file_not_ours", sha256)
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
    troubles += flag_troubles(admitted.inspection, names, tables)
    return RawWorkbook(source, sha256, profile, info, info_cells, tables, names, tuple(troubles),
                       admitted.inspection.template_version, refused)


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
    sheet = workbook.get_sheet_by_name(name)
    if sheet.total_height * sheet.total_width > MAX_BOX:
        raise _TooLargeError(f"một sheet trải trên {sheet.total_height + 1} dòng, {sheet.total_width + 1} cột")
    grid: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
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

