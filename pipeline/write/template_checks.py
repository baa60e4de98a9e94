"""What the cells of the standard workbook accept, and what they say when chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pipeline.form import Column

_TITLE_LIMIT, _MESSAGE_LIMIT = 32, 255
"""Excel refuses longer ones."""


def validation(column: Column) -> dict[str, object]:
    """Return the column's input message and what it accepts; other input is asked about, not refused.

    A clerk may paste another spelling: the reader knows the aliases and says what it cannot read.
    """
    return {**_accepted(column), **message(column.header, column.help)}


def _accepted(column: Column) -> dict[str, object]:
    match column.type:
        case "code":
            return listed(f"=dm_{column.list}")
        case "tick":
            return ticks()
        case "date":
            return dated()
        case "citizen_id":
            return _asking("Số căn cước phải đủ 12 chữ số.", validate="length", criteria="==", value=12)
        case "money" | "count" | "rate":
            return _asking("Ô này ghi số không âm, không ghi chữ.", validate="decimal", criteria=">=", value=0)
    return {"validate": "any"}


def listed(source: str | Sequence[str], error: str = "Nên chọn một mục trong danh sách thả xuống.") -> dict[str, object]:
    """Return a drop-down."""
    return _asking(error, validate="list", source=source)


def ticks() -> dict[str, object]:
    """Return the check of a cell to tick."""
    return listed(["x"], "Chỉ đánh dấu x hoặc để trống.")


def dated() -> dict[str, object]:
    """Return the check of a date cell."""
    error = "Ghi ngày dạng ngày/tháng/năm, ví dụ 06/05/2024, từ năm 1930 trở đi."
    return _asking(error, validate="date", criteria="between", minimum=date(1930, 1, 1), maximum=date(2100, 12, 31))


def _asking(error: str, **check: object) -> dict[str, object]:
    """Return a check that asks before it takes other input."""
    return {**check, "error_type": "warning", "error_title": "Xem lại ô này", "error_message": error}


def message(title: str, text: str) -> dict[str, object]:
    """Return the message shown when the cell is chosen, within Excel's limits."""
    return {"input_title": shorten(title, _TITLE_LIMIT), "input_message": shorten(text, _MESSAGE_LIMIT)}


def shorten(text: str, limit: int) -> str:
    """Return text of at most `limit` characters, cut after a word."""
    return text if len(text) <= limit else text[:limit - 1].rsplit(" ", 1)[0] + "…"
