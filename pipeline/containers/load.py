"""Load: the sheets of the containers that python-calamine reads, each looked through before, so that no file takes the
process with it: the reader reserves memory for the box around all that is written, and dies when there is not enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.archive import Archive, open_archive
from pipeline.containers import biff, biff12, looks, ods
from pipeline.containers.compound import workbook_stream, wrap
from pipeline.containers.sheet import Grid, Look, Merge, cut, level
from pipeline.guard import inspect
from pipeline.parts import check_part
from pipeline.raw import Cell
from pipeline.refusal import Refused, refuse
from pipeline.scan import MAX_CELLS


class _Sheet(NamedTuple):
    """One sheet as the reader gives it; `number` counts all sheets, also charts."""

    number: int
    name: str
    visible: bool
    rows: list[list[Cell]]
    merges: list[Merge]


def load_xlsx(copy: Path, data: bytes, judged: bool) -> list[Grid]:
    """Return the sheets of an .xlsx or .xlsm; `judged` says that the guard has let it through already."""
    if not judged:
        refusal = inspect(copy).refusal
        if refusal:
            raise Refused(refusal)
    archive = open_archive(data)
    seen = {} if looks.is_ours(archive) else looks.look(archive)
    return [Grid.of(s.name, s.visible, s.rows, s.merges, seen.get(s.name, Look())) for s in _read_copy(copy, data, "xlsx")]


def load_xls(copy: Path, data: bytes) -> list[Grid]:
    """Return the sheets of an .xls. The reader gets the records alone, in the plainest of shells."""
    book = biff.look_through(workbook_stream(data))
    return [Grid.of(s.name, s.visible, s.rows, s.merges, book.looks[s.number])
            for s in _read_copy(copy, wrap("Workbook", book.stream), "xls") if s.number < len(book.looks)]


def load_xlsb(copy: Path, data: bytes) -> list[Grid]:
    """Return the sheets of an .xlsb."""
    seen = biff12.look_through(_checked(data))
    grids = []
    for sheet in _read_copy(copy, data, "xlsb"):
        found = seen[sheet.number]
        for (row, column), cell in found.cells.items():
            sheet.rows.extend([] for _ in range(row - len(sheet.rows)))
            sheet.rows[row - 1].extend([""] * (column - len(sheet.rows[row - 1])))
            sheet.rows[row - 1][column - 1] = cell
        grids.append(Grid.of(sheet.name, sheet.visible, level(sheet.rows), found.merges, found.look))
    return grids


def load_ods(copy: Path, data: bytes) -> list[Grid]:
    """Return the sheets of an .ods."""
    seen = ods.look_through(_checked(data))
    return [Grid.of(s.name, s.visible, s.rows, seen[s.number][1], seen[s.number][0]) for s in _read_copy(copy, data, "ods")]


def _checked(data: bytes) -> Archive:
    """Judge an archive's directory and every part of XML in it."""
    archive = open_archive(data)
    for name in archive.text_parts:
        if name.endswith((".xml", ".rels")):
            check_part(archive.entries[name].shown, archive.read(name))
    return archive


def _read_copy(copy: Path, data: bytes, suffix: str) -> list[_Sheet]:
    """Read what is loaded with the extension that the reader goes by. Raises OSError when there is no room for a copy."""
    if copy.suffix == f".{suffix}" and suffix == "xlsx":
        return list(_read(copy))
    named = copy.with_name(f"{copy.name}.{suffix}")
    try:
        named.write_bytes(data)
        return list(_read(named))
    finally:
        named.unlink(missing_ok=True)


def _read(path: Path) -> Iterator[_Sheet]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    cells = 0
    with _refusing(), CalamineWorkbook.from_path(path) as workbook:
        _check_names([about.name for about in workbook.sheets_metadata])
        for number, about in enumerate(workbook.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(about.name)
            height, width = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            cells += height * width
            if cells > MAX_CELLS:
                refuse("file_too_large", what=f"một sheet trải trên {height} dòng, {width} cột")
            read: list[list[Cell]] = sheet.to_python(skip_empty_area=False) if height else []  # type: ignore[assignment]
            rows = [list(map(_plain, row)) if any(row) else row for row in read]
            merges = [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
            yield _Sheet(number, about.name, about.visible == SheetVisibleEnum.Visible, rows, merges)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn whatever the reader throws into a refusal; its messages may hold what a person typed."""
    from python_calamine import PasswordError

    try:
        yield
    except (Refused, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except PasswordError:
        refuse("file_protected")
    except BaseException:  # a panic of the reader is no Exception
        refuse("file_unreadable")


def _check_names(names: Sequence[str]) -> None:
    """Refuse two sheets of one name: the reader gives one of them twice."""
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        first = seen.setdefault(name.casefold(), number)
        if first != number:
            refuse("sheet_twice", name=f"sheet thứ {first} và sheet thứ {number}")


def _plain(cell: Cell) -> Cell:
    if type(cell) is str:
        return cut(cell)
    return float(cell) if type(cell) is int else cell
