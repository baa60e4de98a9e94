"""Load the form: what the standard workbook looks like, as frozen values.

The form is data (pipeline/form/*.csv), reviewable by a clerk. It gives the blank template, its
instructions and drop-downs, the reader's header map, the code lists of the suites, and the tables.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from pipeline.fault import SettingsFault
from pipeline.form_values import Code, Column, Form, Indicator, Sheet, TableColumn
from pipeline.text import fold

__all__ = ["FORM_VERSION", "Code", "Column", "Form", "Indicator", "Sheet", "TableColumn", "load_form"]

FORM_FOLDER = Path(__file__).parent / "form"
FORM_VERSION = "2026.1"
"""Written into each template; a workbook of another version is reported."""
TYPES = frozenset({"serial", "record_id", "unit_id", "text", "personal", "name", "birth", "date", "period", "code",
                   "tick", "citizen_id", "count", "rate", "money"})


@lru_cache(maxsize=4)
def load_form(folder: Path = FORM_FOLDER) -> Form:
    """Read the form's CSV files.

    Raises SettingsFault naming file and line for a repeated key, an unknown list, sheet or type,
    or a header that means two columns of one sheet.
    """
    lists = _load_lists(folder / "codes.csv")
    columns = _load_columns(folder / "columns.csv", lists)
    sheets = _load_sheets(folder / "sheets.csv", columns)
    indicators = _load_indicators(folder / "indicators.csv")
    tables = _load_tables(folder / "tables.csv", {i.key for i in indicators})
    return Form(sheets, lists, indicators, tables)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                yield line, {key: (value or "").strip() for key, value in row.items() if key}
    except OSError as error:
        raise SettingsFault(f"Không đọc được tệp biểu mẫu {path.name}: {error.strerror}.") from error


def _refuse(path: Path, line: int, why: str) -> SettingsFault:
    return SettingsFault(f"Biểu mẫu {path.name}, dòng {line}: {why}.")


def _whole(path: Path, line: int, text: str, otherwise: int) -> int:
    if not text:
        return otherwise
    if not text.isdecimal():
        raise _refuse(path, line, f"“{text}” phải là số nguyên")
    return int(text)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _load_lists(path: Path) -> dict[str, tuple[Code, ...]]:
    lists: dict[str, list[Code]] = {}
    meaning: dict[tuple[str, str], str] = {}
    for line, row in _rows(path):
        code = Code(row["list"], row["code"], row["label"], _split(row["aliases"]),
                    _whole(path, line, row["order"], 0))
        if any(other.code == code.code for other in lists.get(code.list, ())):
            raise _refuse(path, line, f"mã {code.code} bị trùng trong danh mục {code.list}")
        for name in (code.code, code.label, *code.aliases):
            if meaning.setdefault((code.list, name.casefold()), code.code) != code.code:
                raise _refuse(path, line, f"“{name}” có hai nghĩa trong danh mục {code.list}")
        lists.setdefault(code.list, []).append(code)
    return {name: tuple(sorted(codes, key=lambda code: code.order)) for name, codes in lists.items()}


def _load_columns(path: Path, lists: dict[str, tuple[Code, ...]]) -> dict[str, list[tuple[int, Column]]]:
    sheets: dict[str, list[tuple[int, Column]]] = {}
    for line, row in _rows(path):
        column = Column(row["sheet"], row["key"], row["header"], row["type"], row["list"], row["required"] == "yes",
                        row["required_if"], _split(row["aliases"]), _whole(path, line, row["width"], 12), row["help"],
                        row["example"])
        if column.type not in TYPES:
            raise _refuse(path, line, f"kiểu {column.type} không có")
        if (column.type == "code") != bool(column.list) or (column.list and column.list not in lists):
            raise _refuse(path, line, f"danh mục {column.list or '(trống)'} không có")
        _refuse_two_meanings(path, line, column, [other for _, other in sheets.get(column.sheet, ())])
        sheets.setdefault(column.sheet, []).append((line, column))
    return sheets


def _refuse_two_meanings(path: Path, line: int, column: Column, others: Sequence[Column]) -> None:
    names = {fold(name) for name in (column.header, *column.aliases)}
    for other in others:
        if other.key == column.key:
            raise _refuse(path, line, f"khóa {column.key} bị trùng trong sheet {column.sheet}")
        common = names & {fold(name) for name in (other.header, *other.aliases)}
        if common:
            raise _refuse(path, line, f"tiêu đề “{min(common)}” vừa là {other.key} vừa là {column.key}")


def _load_sheets(path: Path, columns: dict[str, list[tuple[int, Column]]]) -> tuple[Sheet, ...]:
    sheets: list[Sheet] = []
    for line, row in _rows(path):
        mine = tuple(column for _, column in columns.get(row["sheet"], ()))
        sheet = Sheet(row["sheet"], row["name"], _split(row["profile"]), row["grain"], row["required"] == "yes",
                      row["title"], row["hint"], mine)
        if any(sheet.key == other.key or fold(sheet.name) == fold(other.name) for other in sheets):
            raise _refuse(path, line, f"sheet {sheet.key} bị trùng")
        sheets.append(sheet)
    for name, found in columns.items():
        if name not in {sheet.key for sheet in sheets}:
            raise _refuse(path.with_name("columns.csv"), found[0][0], f"sheet {name} không có")
    return tuple(sheets)


def _load_indicators(path: Path) -> tuple[Indicator, ...]:
    indicators: dict[str, tuple[int, Indicator]] = {}
    for line, row in _rows(path):
        one = Indicator(row["key"], row["label"], row["unit"], row["group"], row["parent"], row["relation"], row["born"],
                        row["additive"] == "yes", row["definition"])
        if one.key in indicators:
            raise _refuse(path, line, f"chỉ tiêu {one.key} bị trùng")
        if one.relation not in ("", "chia_ra", "trong_do") or bool(one.relation) != bool(one.parent):
            raise _refuse(path, line, f"quan hệ của {one.key} phải là chia_ra hoặc trong_do, kèm chỉ tiêu cha")
        if one.born not in ("hamlet", "commune", "both"):
            raise _refuse(path, line, f"nơi phát sinh của {one.key} phải là hamlet, commune hoặc both")
        indicators[one.key] = (line, one)
    for line, one in indicators.values():
        if one.parent and one.parent not in indicators:
            raise _refuse(path, line, f"chỉ tiêu cha {one.parent} không có")
    return tuple(one for _, one in indicators.values())


def _load_tables(path: Path, known: set[str]) -> dict[str, tuple[TableColumn, ...]]:
    tables: dict[str, list[TableColumn]] = {}
    for line, row in _rows(path):
        column = TableColumn(row["table"], row["indicator"], tuple(p.strip() for p in row["header"].split(">")), row["unit"])
        if column.indicator not in known:
            raise _refuse(path, line, f"chỉ tiêu {column.indicator} không có")
        tables.setdefault(column.table, []).append(column)
    return {name: tuple(columns) for name, columns in tables.items()}
