"""Read the unit register, inputs/don-vi.xlsx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pipeline.fault import SettingsFault
from pipeline.locate import filled
from pipeline.raw import Cell
from pipeline.read import read_rows
from pipeline.text import as_text, fold
from pipeline.tidy.dates import NO_DATE, from_days, parse_date
from pipeline.units import LEVELS, REGISTER_COLUMNS, REGISTER_FILE, REGISTER_SHEET, Register, Unit, build_register

_REQUIRED = ("unit_id", "level", "name")


def read_register(inputs: Path) -> Register:
    """Read the register beside the workbooks; without one, an empty register that is not given.

    Raises SettingsFault naming the row and column of what is wrong.
    """
    path = inputs / REGISTER_FILE
    if not path.is_file():
        return Register(given=False)
    try:
        grid = read_rows(path, REGISTER_SHEET)
    except OSError as error:
        raise SettingsFault(f"Không mở được sổ đơn vị {REGISTER_FILE}. Hãy mở bằng Excel, lưu lại rồi chạy lại.") from error
    if grid is None:
        raise SettingsFault(f"Sổ đơn vị {REGISTER_FILE} không có sheet {REGISTER_SHEET}.")
    header, positions = _find_columns(grid)
    rows = [(number, row) for number, row in enumerate(grid[header + 1:], start=header + 2)
            if any(filled(row[position]) for position in positions.values())]
    return build_register(_unit(number, row, positions) for number, row in rows)


def _find_columns(grid: Sequence[Sequence[Cell]]) -> tuple[int, dict[str, int]]:
    keys = {fold(header): key for key, header in REGISTER_COLUMNS.items()}
    for number, row in enumerate(grid[:30]):
        found = {keys[fold(cell)]: at for at, cell in enumerate(row) if isinstance(cell, str) and fold(cell) in keys}
        if all(key in found for key in _REQUIRED):
            return number, found
    shown = ", ".join(REGISTER_COLUMNS[key] for key in _REQUIRED)
    raise SettingsFault(f"Sổ đơn vị {REGISTER_FILE}: không thấy dòng tiêu đề có các cột {shown}.")


def _unit(number: int, row: Sequence[Cell], positions: Mapping[str, int]) -> Unit:
    def text(key: str) -> str:
        cell = row[positions[key]] if key in positions and positions[key] < len(row) else None
        return as_text(cell)

    def day(key: str) -> date | None:
        parsed = parse_date(row[positions[key]] if key in positions else None)
        if parsed.code or (parsed.days == NO_DATE and text(key)):
            raise SettingsFault(f"Sổ đơn vị {REGISTER_FILE}, dòng {number}, cột {REGISTER_COLUMNS[key]}: không đọc được ngày.")
        return None if parsed.days == NO_DATE else from_days(parsed.days)

    level = LEVELS.get(fold(text("level")), text("level") if text("level") in LEVELS.values() else "")
    return Unit(text("unit_id"), level, text("type"), text("name"), text("parent_id"), day("valid_from"), day("valid_to"),
                text("gso_code"), number)
