"""Our own sheets as staff would draw them themselves: other titles, headers, orders, sections, totals, signatures; with the truth."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from anatomies import BLANK, FOOTER, NO_SERIAL, PREPARED, TOTAL, D, Drawn, H, N, S, T, crowd, day, motto, sign

from pipeline.anatomy.lexicon import load_aliases
from pipeline.anatomy.values import Kind
from pipeline.form import Column, Sheet, load_form
from pipeline.raw import Cell

FORM = load_form()
ALIASES = load_aliases()
SHEETS = [sheet for sheet in FORM.sheets if sheet.key not in ("guide", "info", "lists")]
TITLES = ("UBND XÃ HỢP ĐỨC", "DANH SÁCH NGƯỜI CHẤP HÀNH XONG HÌNH PHẠT TÙ", "Thôn Đông, xã Hợp Đức", "(Tính đến ngày 06/5/2024)",
          "Tháng 5 năm 2024", "Đơn vị tính: Người", "(Kèm theo Công văn số ...../CV-UBND ngày ... tháng ... năm 2024 của UBND xã Hợp Đức)")
SECTIONS: tuple[tuple[Cell, ...], ...] = (
    ("I. Thôn Đông",), ("II", "Thôn Tây"), ("", "Thôn Đông"), ("A. Đặc xá",), ("", "Chấp hành xong án phạt tù:"),
    ("III. TDP 3 (05 người)",))
NOTES = ("", "", "", "đi làm ăn xa", "Chủ tịch UBND xã xác nhận ngày 15 tháng 4 năm 2024", "Tổng cộng 3 lần", "Ghi chú: theo dõi thêm", "x")
HELPERS = ("Trưởng thôn", "Công an xã", "Tổ tự quản thôn", "Bí thư chi bộ", "Người lập biểu")


@dataclass(frozen=True)
class Scene:
    """A perturbed sheet: what was drawn, whose records stand where, which position means what."""

    sheet: Sheet
    drawn: Drawn
    keys: dict[int, str]


def perturb(rng: random.Random) -> Scene:
    """Return one of our sheets, perturbed."""
    sheet = rng.choice(SHEETS)
    columns: list[Column | str] = list(sheet.columns)
    if "stt" not in sheet.by_key and rng.random() < 0.6:
        columns.insert(0, "STT")
    if rng.random() < 0.4:
        first, rest = columns[:1], columns[1:]
        rng.shuffle(rest)
        columns = first + rest
    for number in range(rng.choice((0, 0, 1, 3))):
        columns.insert(rng.randint(0, len(columns)), rng.choice((f"Cột thêm {'abc'[number]}", "")))
    drawn = Drawn()
    if rng.random() < 0.2:
        motto(drawn, width=len(columns))
    for _ in range(rng.randint(0, 4)):
        _title(drawn, rng, len(columns))
    depth = _header(drawn, rng, columns)
    if rng.random() < 0.15:
        drawn.merges.clear()
        drawn.kinds = [kind if any(row) else BLANK for row, kind in zip(drawn.rows, drawn.kinds, strict=True)]
    if rng.random() < 0.1:
        drawn.put(Kind.HINT, *("(*)" if rng.random() < 0.5 else "" for _ in columns[1:]), "(ngày/tháng/năm)")
    if rng.random() < 0.4:
        start, sign_ = rng.choice((0, 1)), rng.choice((1, -1))
        drawn.put(N, *(float(sign_ * (start + at)) for at in range(len(columns))))
    _records(drawn, rng, sheet, columns, repeated=drawn.rows[-1] if depth == 1 and drawn.kinds[-1] is H else None)
    if rng.random() < 0.15:
        _lookups(drawn, rng, len(columns))
    drawn.hidden = {row for row in range(1, len(drawn.rows) + 1) if rng.random() < 0.1}
    keys = {at: column.key for at, column in enumerate(columns) if isinstance(column, Column)}
    return Scene(sheet, drawn, keys)


def _title(drawn: Drawn, rng: random.Random, width: int) -> None:
    text, at = rng.choice(TITLES), rng.choice((0, 0, width // 2))
    merged = rng.random() < 0.5 and width - at > 2
    drawn.put(T, text, at=at, merge=[(at + 1, rng.randint(at + 2, width))] if merged else [])
    if rng.random() < 0.3:
        drawn.blank()


def _named(rng: random.Random, column: Column) -> str:
    """Return a column's header, or one of its other names."""
    aliases = [one.alias for one in ALIASES if (one.sheet, one.key) == (column.sheet, column.key) and ">" not in one.alias and not one.weak]
    return rng.choice(aliases) if aliases and rng.random() < 0.3 else column.header


def _spelt(rng: random.Random, header: str) -> str:
    return header and rng.choice((header, header, header.upper(), header + " *", unicodedata.normalize("NFD", header),
                                 header.replace(" ", "\n", 1), f" {header}  (7)", header.replace("òa", "oà")))


def _header(drawn: Drawn, rng: random.Random, columns: list[Column | str]) -> int:
    """Draw the header in one row, or in two or three with merges downwards and a group over some columns."""
    texts = [_spelt(rng, _named(rng, column) if isinstance(column, Column) else column) for column in columns]
    depth = rng.choice((1, 1, 2, 3))
    if depth == 1:
        drawn.put(H, *texts)
        return depth
    first = rng.randint(2, max(2, len(columns) - 3))
    last = min(len(columns) - 1, first + rng.randint(1, 3))
    grouped = range(first, last + 1) if rng.random() < 0.7 else range(0)
    plain = [at for at in range(len(columns)) if at not in grouped]
    top: list[Cell] = ["" if at in grouped else texts[at] for at in range(len(columns))]
    if grouped:
        top[first] = "Thông tin chung"
    drawn.put(H, *top, merge=[(first + 1, last + 1)] if grouped else [], down=[at + 1 for at in plain], deep=depth)
    if depth == 3:
        drawn.put(H, *["" if at not in grouped else texts[at] for at in range(len(columns))], down=[at + 1 for at in grouped])
        drawn.put(H)
    else:
        drawn.put(H, *["" if at not in grouped else texts[at] for at in range(len(columns))])
    return depth


def _lookups(drawn: Drawn, rng: random.Random, width: int) -> None:
    """Draw a list of codes beside the rows, after an empty column."""
    for at, row in enumerate(drawn.rows):
        if drawn.kinds[at] is D and rng.random() < 0.8:
            row += [""] * (width + 1 - len(row)) + ["Đặc xá", "DX"]


def _records(drawn: Drawn, rng: random.Random, sheet: Sheet, columns: list[Column | str], repeated: list[Cell] | None) -> None:
    count = rng.randint(1, 12)
    people = crowd(count, rng.randint(0, 10**6))
    total: list[Cell] = rng.choice((["", f"Tổng cộng: {count} người"], ["TỔNG CỘNG"], ["Tổng số", f"{count} người"],
                                    ["", "Cộng", float(count)]))
    place = rng.choice(("", "", "first", "last"))
    named = any(isinstance(column, Column) and column.key in ("full_name", "person") for column in columns)
    numbered = rng.random() < 0.8
    if place == "first":
        drawn.put(TOTAL, *total)
    for number, one in enumerate(people):
        if named and rng.random() < 0.12:
            wide = rng.random() < 0.2
            drawn.put(S, *(("Nhóm theo dõi riêng",) if wide else rng.choice(SECTIONS)), merge=[(1, len(columns))] if wide else [])
        if number and repeated and rng.random() < 0.05:
            drawn.put(Kind.REPEATED, *repeated)
        if number and rng.random() < 0.1:
            drawn.blank()
        cells = [_value(rng, sheet, column, one.full_name, number if numbered else None) for column in columns]
        with_serial = any(column == "STT" or (isinstance(column, Column) and column.key == "stt") for column in columns)
        drawn.put(D if numbered or not with_serial else NO_SERIAL, *cells)
    if place == "last":
        drawn.put(TOTAL, *total)
    elif rng.random() < 0.3 and numbered and columns[0] in ("STT", sheet.by_key.get("stt")):
        for number in range(rng.randint(1, 5)):
            drawn.put(PREPARED, float(count + number + 1))
    if rng.random() < 0.5:
        drawn.blank()
        if rng.random() < 0.3:
            drawn.put(FOOTER, f"Ấn định danh sách có {count:02d} người./.")
        sign(drawn, max(len(columns), 6))


def _value(rng: random.Random, sheet: Sheet, column: Column | str, name: str, number: int | None) -> Cell:
    if column == "STT" or (isinstance(column, Column) and column.key == "stt"):
        return "" if number is None else float(number + 1)
    if isinstance(column, str):
        return rng.choice(("", "a", 5.0))
    if column.type == "name":
        return rng.choice((name, name, f" {name} ", name.upper(), unicodedata.normalize("NFD", name)))
    needed = column.required or column.key in ("date", "sessions", "founded_on")
    if not needed and rng.random() < 0.4:
        return ""
    if column.type in ("date", "birth"):
        when = date(2023, 1, 1) + timedelta(days=rng.randint(0, 400))
        return rng.choice((day(when), f"{when:%d/%m/%Y}", f"{when.day}/{when.month}/{when.year}", float(45000 + rng.randint(0, 300))))
    if column.type == "code":
        return rng.choice(FORM.lists[column.list]).label
    if column.type in ("count", "money", "rate"):
        return float(rng.randint(0, 9))
    if column.type == "citizen_id":
        return f"000{rng.randint(10**8, 10**9 - 1)}"
    other = {"tick": rng.choice(("x", "")), "record_id": f"HS-{rng.randint(1, 99)}"}.get(column.type, column.example)
    return {"helper": rng.choice(HELPERS), "note": rng.choice(NOTES)}.get(column.key, other)


__all__ = ["BLANK", "Scene", "perturb"]
