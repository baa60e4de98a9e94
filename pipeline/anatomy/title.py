"""What stands above a table: its titles, the cut-off or period they state, and the units they name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from pipeline.anatomy.grid import Grid
from pipeline.anatomy.values import Statement, Title
from pipeline.raw import Cell
from pipeline.text import as_text, tone_neutral

_DAY = r"(?:ngày\s*)?(\d{1,2})\s*(?:[/.\-–]|\s*tháng\s*)\s*(\d{1,2})\s*(?:[/.\-–]|\s*năm\s*)\s*(\d{4})\b"
_CUTOFF = re.compile(rf"\b(?:đến|tới|chốt|chốt ngày|den)(?: hết)?[\s:]*{_DAY}")
_ANY_DAY = re.compile(rf"{_DAY}")
_MONTH = re.compile(r"\b(?:(?:tháng|kỳ|kỳ báo cáo|thang)[\s:]*(\d{1,2})\s*(?:[/.\-–]|\s*năm\s*)\s*(\d{4})\b"
                    r"|(?:kỳ|kỳ báo cáo)[\s:]*(\d{4})\s*[-/]\s*(\d{1,2})\b|\bt\s?(\d{1,2})\s*[/.\-]\s*(\d{4})\b)")
_ENDINGS = """
tháng năm tính đến kỳ từ về theo trên có trong của quý ngày thôn xã huyện tỉnh phường quận thành thị tổ khu khối tdp xóm bản ấp ban và
đã chấp được người hội chủ nghĩa báo danh giai lập đơn"""
_STOPS = frozenset(_ENDINGS.split())
_UNIT = re.compile(
    r"(?<!\w)(thôn|làng|xóm|buôn|ấp|phum|sóc|bản|tổ dân phố|tdp|khu phố|khối phố|khu dân cư|tiểu khu|khóm|xã|phường|thị trấn"
    r"|huyện|quận|thị xã|thành phố|tỉnh)(?!\w)[ \t]*[:.]?[ \t]*", re.IGNORECASE)
_NO_UNIT_BEFORE = re.compile(r"(?:văn|biên|cơ|bài|kịch|toàn|cấp|công an|ubnd cấp|liên|an ninh) \Z")
_NO_UNIT_AFTER = re.compile(r"(?:hội|giao|viên|trưởng|phó|tổng hợp|sao|quốc|lập|ủy|uỷ)\b")
_PART = re.compile(r"[\w’'\-]+\.?")
_LONGEST_NAME = 5
"""Words."""


def read_title(grid: Grid, rows: Sequence[int]) -> Title:
    """Read what the rows above a header state. The day a list was signed on is no cut-off: only one that is counted to."""
    texts: list[tuple[int, str]] = []
    cutoffs: dict[date, int] = {}
    periods: dict[str, int] = {}
    units: list[Statement] = []
    for row in rows:
        cells = [_as_title(one.cell) for one in grid.filled(row)]
        texts += [(row + 1, cell) for cell in cells]
        for text in (*cells, " ".join(cells)) if len(cells) > 1 else cells:
            for day in _cutoffs_in(text):
                cutoffs.setdefault(day, row + 1)
            for period in _periods_in(text):
                periods.setdefault(period, row + 1)
        units += [unit for cell in cells for unit in _units_in(cell, row + 1)]
    cutoff = next(iter(cutoffs)) if len(cutoffs) == 1 else None
    period = next(iter(periods)) if len(periods) == 1 else ""
    return Title(tuple(texts), cutoff, cutoffs[cutoff] if cutoff else 0, period, periods.get(period, 0), tuple(dict.fromkeys(units)),
                 len(cutoffs) > 1 or len(periods) > 1)


def _as_title(cell: Cell) -> str:
    return f"{cell.day}/{cell.month}/{cell.year}" if isinstance(cell, datetime | date) else as_text(cell)


def _cutoffs_in(text: str) -> list[date]:
    found = []
    for day, month, year in _CUTOFF.findall(tone_neutral(text)):
        try:
            found.append(date(int(year), int(month), int(day)))
        except ValueError:
            continue
    return found


def _periods_in(text: str) -> list[str]:
    """Return the months stated, days left aside: "ngày 06 tháng 5 năm 2024" states no period."""
    found = []
    for groups in _MONTH.findall(_ANY_DAY.sub(" ", tone_neutral(text))):
        month, year = (groups[0], groups[1]) if groups[0] else (groups[3], groups[2]) if groups[2] else (groups[4], groups[5])
        if 1 <= int(month) <= 12 and 1990 <= int(year) <= 2100:
            found.append(f"{year}-{int(month):02d}")
    return found


def _units_in(text: str, row: int) -> list[Statement]:
    """Return the units that a title names, as written: "XÃ HỢP ĐỨC", "Thôn: Đông"; not "xã hội", not "văn bản"."""
    found = []
    for match in _UNIT.finditer(text):
        before, after = tone_neutral(text[:match.start()]), text[match.end():]
        if _NO_UNIT_BEFORE.search(f"{before} ") or _NO_UNIT_AFTER.match(tone_neutral(after)):
            continue
        name = _name_at(after)
        if name:
            found.append(Statement(row, match.group(1), name))
    return found


def _name_at(text: str) -> str:
    """Return the name that a text begins with: words with a capital, or numbers, up to a mark or a word of titles."""
    words: list[str] = []
    at = 0
    while len(words) < _LONGEST_NAME:
        part = _PART.match(text, at)
        if not part:
            break
        word = part.group(0)
        # "tháng", "năm" end a name also in capitals; "Tổ" and the like only begin another unit.
        if not (word[0].isupper() or word[0].isdecimal()) or tone_neutral(word) in _STOPS:
            break
        words.append(word.rstrip("."))
        at = part.end()
        if word.endswith(".") or text[at:at + 1] != " ":
            break
        at += 1
    return " ".join(words).strip("-'’ ")
